"""Draw SVG images as operators of PDF (SVG 1.1 and what programs use of SVG 2).

What is drawn: paths, basic shapes, groups, copies (``use``), transforms, fills and strokes, linear and radial gradients, opacity, clip
paths and masks. Anything else that would change the picture is refused, so an image is never drawn wrong.
"""
