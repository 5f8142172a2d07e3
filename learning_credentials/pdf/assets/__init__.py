"""Files that operators upload: their checks, and the look-up by the names in options."""
