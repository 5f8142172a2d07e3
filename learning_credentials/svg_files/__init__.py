"""SVG files of operators and strangers: their text, their elements, and limits of what is drawn for them. Nothing here draws."""
