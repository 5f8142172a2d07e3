"""Fonts: which there are, opening and checking their files, and which one can draw what others cannot."""
