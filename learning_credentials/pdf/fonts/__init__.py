"""Fonts: the names of the built-in ones, opening and checking files, and fallbacks for characters that other fonts lack."""
