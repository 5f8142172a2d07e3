"""Check the files that operators upload, and find them by the names in options."""
