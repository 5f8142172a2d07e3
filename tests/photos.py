"""Photographs of pages: seen at an angle, not quite sharp, unevenly lit and noisy, and compressed as a phone does it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdfium2
from PIL import Image, ImageChops, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]


def draw_page(content: bytes, scale: float = 3) -> Image.Image:
    """Return the first page of a PDF as it is printed: at 216 dots per inch."""
    document = pypdfium2.PdfDocument(content)
    try:
        return document[0].render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()


def take_photo(
    page: Image.Image,
    *,
    size: tuple[int, int] = (2400, 1800),
    tilt: float = 0.2,
    blur: float = 1.2,
    noise: float = 18,
    turn: float = 0,
) -> Image.Image:
    """Return a photograph of a page on a table. ``tilt`` is how much shorter the far sides are, and ``turn`` degrees."""
    width, height = size
    margin = 0.06
    seen = [
        (width * (margin + tilt * 0.6), height * (margin + tilt * 0.3)),
        (width * (1 - margin), height * margin),
        (width * (1 - margin - tilt * 0.25), height * (1 - margin)),
        (width * margin, height * (1 - margin - tilt * 0.45)),
    ]
    corners = [(0, 0), (page.width, 0), page.size, (0, page.height)]
    picture = page.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _solve_perspective(corners, seen),
        Image.Resampling.BICUBIC,
        fillcolor=(92, 74, 60),
    ).filter(ImageFilter.GaussianBlur(blur))
    light = Image.linear_gradient("L").resize(size).point(lambda level: 120 + level // 2)
    lit = ImageChops.multiply(picture, Image.merge("RGB", [light] * 3))
    grain = Image.merge("RGB", [Image.effect_noise(size, noise)] * 3)
    return ImageChops.add(lit, grain, offset=-128).rotate(turn, expand=True, fillcolor=(92, 74, 60))


def save(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return a picture as a file. A JPEG has the low quality that messengers use."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **({"quality": 40} if kind == "JPEG" else {}) | options)
    return buffer.getvalue()


def _solve_perspective(corners: Sequence[Point], seen: Sequence[Point]) -> list[float]:
    """Return Pillow's eight numbers of the perspective that shows the corners of a page at the points where they are seen."""
    rows = []
    for (x, y), (u, v) in zip(seen, corners, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):  # Gauss
        best = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[best] = rows[best], rows[column]
        for row in range(column + 1, 8):
            factor = rows[row][column] / rows[column][column]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column], strict=True)]
    found = [0.0] * 8
    for row in reversed(range(8)):
        known = sum(rows[row][column] * found[column] for column in range(row + 1, 8))
        found[row] = (rows[row][8] - known) / rows[row][row]
    return found
