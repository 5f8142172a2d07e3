"""Text as Unicode defines it, and lines of it as glyphs."""
