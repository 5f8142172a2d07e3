"""Make the content of a page: graphics objects, the operators that draw them, and the fonts and images that the operators use."""
