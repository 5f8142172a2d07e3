"""Handle text: what Unicode says about it, the fonts that draw it, and lines of glyphs."""
