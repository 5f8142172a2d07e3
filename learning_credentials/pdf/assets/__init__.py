"""Files that operators upload: checked, and found by the names in the options."""
