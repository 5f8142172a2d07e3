"""Draws what was placed, with reportlab, into an overlay of the visible page's size."""

from __future__ import annotations

import io
from functools import singledispatch
from typing import TYPE_CHECKING

import segno
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.pdf.fonts import REPORTLAB_LOCK
from learning_credentials.pdf.images import read_image
from learning_credentials.pdf.layout import Drawing, Picture, QRCode, Rule, TextLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.pdf.template import Geometry

#: White modules that a QR code needs around it (ISO/IEC 18004).
QUIET_ZONE = 4
_RULE_WIDTH = 0.6


def draw_overlay(drawings: Iterable[Drawing], page: Geometry) -> bytes:
    """Return a one-page PDF with the drawings."""
    drawings = tuple(drawings)
    # reportlab lists the font that a page starts with among its fonts, used or not: let it be one that is used.
    first = next((item.line.runs[0].font.name for item in drawings if isinstance(item, TextLine)), None)
    with REPORTLAB_LOCK:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(page.width, page.height), pageCompression=1, initialFontName=first)  # type: ignore[arg-type]
        for item in drawings:
            _draw(item, canvas)
        canvas.showPage()
        canvas.save()
    return buffer.getvalue()


@singledispatch
def _draw(item: Drawing, canvas: Canvas) -> None:  # noqa: ARG001
    raise TypeError(type(item))


@_draw.register
def _(item: TextLine, canvas: Canvas) -> None:
    text = canvas.beginText(item.x, item.y)
    text.setFillColor(item.color)
    text.setCharSpace(item.char_space)
    for run in item.line.runs:
        text.setFont(run.font.name, item.size)
        text.textOut(run.text)
    text.setCharSpace(0)
    canvas.drawText(text)


@_draw.register
def _(item: Rule, canvas: Canvas) -> None:
    canvas.setStrokeColor(item.color)
    canvas.setLineWidth(_RULE_WIDTH)
    canvas.line(item.x, item.y, item.x + item.width, item.y)


@_draw.register
def _(item: Picture, canvas: Canvas) -> None:
    image = read_image(item.asset, max(item.width, item.height))
    width, height = image.getSize()
    scale = min(side / pixels for side, pixels in ((item.width, width), (item.height, height)) if side)
    drawn_width, drawn_height = width * scale, height * scale
    canvas.drawImage(
        image,
        item.x + ((item.width - drawn_width) / 2 if item.width else 0),
        item.y + ((item.height - drawn_height) / 2 if item.height else 0),
        drawn_width,
        drawn_height,
        mask="auto",
    )


@_draw.register
def _(item: QRCode, canvas: Canvas) -> None:
    """As vectors: one rectangle for each horizontal run of dark modules."""
    matrix = segno.make(item.content, error="m", micro=False, boost_error=False).matrix
    module = item.size / (len(matrix) + 2 * QUIET_ZONE)
    canvas.setFillColor("#ffffff")
    canvas.rect(item.x, item.y, item.size, item.size, stroke=0, fill=1)
    path = canvas.beginPath()
    for row, cells in enumerate(matrix, start=1):
        bottom = item.y + item.size - (row + QUIET_ZONE) * module
        column = 0
        while column < len(cells):
            start = column
            while column < len(cells) and cells[column]:
                column += 1
            if column > start:
                path.rect(item.x + (start + QUIET_ZONE) * module, bottom, (column - start) * module, module)
            column += 1
    canvas.setFillColor(item.color)
    canvas.drawPath(path, stroke=0, fill=1)
