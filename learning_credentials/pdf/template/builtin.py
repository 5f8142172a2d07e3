"""Draw the built-in template once in each process: an A4 landscape page with a guilloche border and a rosette seal."""

from __future__ import annotations

import hashlib
import io
import math
from functools import lru_cache, partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.pdf.template.colors import GOLD, INK
from learning_credentials.pdf.template.opening import Template, TemplateUse, open_template

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, HEIGHT = landscape(A4)
PAPER = "#fdfcf8"
PALE = "#dccfa8"

_USUAL = TemplateUse()
#: reportlab keeps state while a document is written, so one is written at a time.
_REPORTLAB_LOCK = RLock()
_BAND = 30.0
_SEAL_CENTRE = (95.9, 98.0)


def get_builtin_template(use: TemplateUse = _USUAL, bleed: float = 0) -> Template:
    """Return the template.

    Args:
        use: how documents use it.
        bleed: points of paper around the visible page, which a printer cuts off.
    """
    content, sha256 = _draw_template(bleed)
    return open_template(content, sha256, use)


def get_empty_template(use: TemplateUse, width: float, height: float, bleed: float) -> Template:
    """Return a template with one empty page.

    Args:
        use: how documents use it.
        width: of the visible page, in points.
        height: of the visible page.
        bleed: points of paper around the visible page, which a printer cuts off.
    """
    content, sha256 = _draw_empty(width, height, bleed)
    return open_template(content, sha256, use)


@lru_cache(maxsize=8)
def _draw_template(bleed: float) -> tuple[bytes, str]:
    """Return the PDF and its hash."""
    return _make_page(WIDTH, HEIGHT, bleed, _draw_everything)


@lru_cache(maxsize=32)
def _draw_empty(width: float, height: float, bleed: float) -> tuple[bytes, str]:
    """Return the same for an empty page."""
    return _make_page(width, height, bleed, lambda canvas, bleed: None)  # noqa: ARG005


def _make_page(width: float, height: float, bleed: float, draw: Callable[[Canvas, float], None]) -> tuple[bytes, str]:
    size = width + 2 * bleed, height + 2 * bleed
    visible = (bleed, bleed, bleed + width, bleed + height)
    boxes: dict[str, Any] = {"cropBox": visible, "trimBox": visible, "bleedBox": (0, 0, *size)} if bleed else {}
    with _REPORTLAB_LOCK:
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=size, pageCompression=1, invariant=1, **boxes)
        canvas.translate(bleed, bleed)
        draw(canvas, bleed)
        canvas.showPage()
        canvas.save()
    content = buffer.getvalue()
    return content, hashlib.sha256(content).hexdigest()


def _draw_everything(canvas: Canvas, bleed: float) -> None:
    _draw_paper(canvas, bleed)
    _draw_border(canvas)
    _draw_seal(canvas, *_SEAL_CENTRE, radius=44)
    _draw_flourish(canvas, WIDTH / 2, 465)


def _draw_paper(canvas: Canvas, bleed: float) -> None:
    canvas.setFillColor(PAPER)
    canvas.rect(-bleed, -bleed, WIDTH + 2 * bleed, HEIGHT + 2 * bleed, stroke=0, fill=1)


def _draw_border(canvas: Canvas) -> None:
    """Draw two frames, and waves between them along all four sides."""
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(2.2)
    canvas.rect(16, 16, WIDTH - 32, HEIGHT - 32)
    canvas.setLineWidth(0.7)
    canvas.rect(36, 36, WIDTH - 72, HEIGHT - 72)
    canvas.setStrokeColor(GOLD)
    canvas.rect(20, 20, WIDTH - 40, HEIGHT - 40)
    canvas.rect(32.5, 32.5, WIDTH - 65, HEIGHT - 65)
    canvas.setLineWidth(0.35)
    middle = 26.25
    for phase in range(6):
        canvas.setStrokeColor(GOLD if phase % 2 else PALE)
        for offset in (middle, HEIGHT - middle):
            _draw_wave(canvas, (33, WIDTH - 33), phase, partial(_place_level, offset))
        for offset in (middle, WIDTH - middle):
            _draw_wave(canvas, (33, HEIGHT - 33), phase, partial(_place_upright, offset))
    for x in (middle, WIDTH - middle):
        for y in (middle, HEIGHT - middle):
            _draw_corner(canvas, x, y)


def _place_level(base: float, along: float, across: float) -> tuple[float, float]:
    return along, base + across


def _place_upright(base: float, along: float, across: float) -> tuple[float, float]:
    return base + across, along


def _draw_wave(
    canvas: Canvas, span: tuple[float, float], phase: int, place: Callable[[float, float], tuple[float, float]]
) -> None:
    """Draw a sine wave as Bézier curves, one for each quarter period."""
    start, end = span
    count = round((end - start) / 24) * 4
    step = (end - start) / count
    turn = math.pi / 2

    def at(index: float) -> tuple[float, float, float]:
        angle = index * turn + phase * math.pi / 6
        return start + index * step, 5.0 * math.sin(angle), 5.0 * math.cos(angle) * turn / step

    path = canvas.beginPath()
    along, across, slope = at(0)
    path.moveTo(*place(along, across))
    for index in range(1, count + 1):
        next_along, next_across, next_slope = at(index)
        path.curveTo(
            *place(along + step / 3, across + slope * step / 3),
            *place(next_along - step / 3, next_across - next_slope * step / 3),
            *place(next_along, next_across),
        )
        along, across, slope = next_along, next_across, next_slope
    canvas.drawPath(path)


def _draw_corner(canvas: Canvas, x: float, y: float) -> None:
    canvas.setFillColor(PAPER)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.1)
    canvas.rect(x - 10.25, y - 10.25, 20.5, 20.5, fill=1)
    canvas.setLineWidth(0.4)
    canvas.setStrokeColor(GOLD)
    _draw_rose(canvas, x, y, 5.0, 3.4, 8)


def _draw_rose(canvas: Canvas, x: float, y: float, radius: float, depth: float, petals: int) -> None:
    """Draw two closed curves that swing by ``depth`` about a circle, ``petals`` times each, in opposite directions."""
    steps = petals * 8
    for sign in (1, -1):
        path = canvas.beginPath()
        for step in range(steps + 1):
            angle = 2 * math.pi * step / steps
            reach = radius + sign * depth * math.sin(petals * angle)
            point = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            (path.lineTo if step else path.moveTo)(*point)
        path.close()
        canvas.drawPath(path)


def _draw_seal(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """Draw a rosette with a toothed rim, guilloche rings and a star, on two ribbons."""
    canvas.saveState()
    canvas.setFillColor(INK)
    for lean in (-1, 1):
        ribbon = canvas.beginPath()
        foot = y - radius * 1.0
        ribbon.moveTo(x + lean * 4, y)
        ribbon.lineTo(x + lean * radius * 0.30, foot - 4)
        ribbon.lineTo(x + lean * radius * 0.47, foot + 4)
        ribbon.lineTo(x + lean * radius * 0.66, foot + 1)
        ribbon.lineTo(x + lean * radius * 0.55, y)
        ribbon.close()
        canvas.drawPath(ribbon, stroke=0, fill=1)
    y += radius * 0.12
    rim = canvas.beginPath()
    teeth = 40
    for tooth in range(teeth * 2):
        angle = math.pi * tooth / teeth
        reach = radius * (0.88 if tooth % 2 else 0.83)
        (rim.lineTo if tooth else rim.moveTo)(x + reach * math.cos(angle), y + reach * math.sin(angle))
    rim.close()
    canvas.setFillColor(GOLD)
    canvas.drawPath(rim, stroke=0, fill=1)
    canvas.setStrokeColor(PAPER)
    canvas.setLineWidth(0.8)
    canvas.circle(x, y, radius * 0.76)
    canvas.setLineWidth(0.35)
    for depth in (0.10, 0.07, 0.04):
        _draw_rose(canvas, x, y, radius * 0.62, radius * depth, 24)
    canvas.setFillColor(INK)
    canvas.circle(x, y, radius * 0.47, stroke=1, fill=1)
    canvas.setFillColor(GOLD)
    _draw_star(canvas, x, y, radius * 0.33)
    canvas.restoreState()


def _draw_star(canvas: Canvas, x: float, y: float, radius: float) -> None:
    path = canvas.beginPath()
    for corner in range(10):
        angle = math.pi / 2 + math.pi * corner / 5
        reach = radius * (0.42 if corner % 2 else 1)
        (path.lineTo if corner else path.moveTo)(x + reach * math.cos(angle), y + reach * math.sin(angle))
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_flourish(canvas: Canvas, x: float, y: float) -> None:
    canvas.saveState()
    canvas.setStrokeColor(GOLD)
    canvas.setFillColor(GOLD)
    canvas.setLineWidth(0.8)
    for side in (-1, 1):
        canvas.line(x + side * 12, y, x + side * 120, y)
        canvas.circle(x + side * 120, y, 1.3, stroke=0, fill=1)
    _draw_star(canvas, x, y, 6)
    canvas.restoreState()
