"""Name the built-in fonts, open and check font files, and find fallbacks for characters that other fonts do not have."""
