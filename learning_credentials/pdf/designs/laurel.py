"""Laurel: a wreath around the name of the credential type, for prizes and honours."""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import add_code, add_verification, draw_flourish
from learning_credentials.pdf.designs.pen import make_leaf, make_star

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_WIDTH, _HEIGHT = 841.89, 595.28
_CENTRE = _WIDTH / 2
_WREATH = (_CENTRE, 455.0)
_RADIUS = 98.0
_LEAVES = 13


def draw(pen: Pen, colours: Palette) -> None:
    """Draw the wreath and the corners of a frame."""
    pen.fill_page(colours.paper)
    _draw_corners(pen, colours)
    for side in (-1, 1):
        stem = []
        for index in range(_LEAVES):
            angle = -pi / 2 + 0.2 + (pi * 0.86) * index / (_LEAVES - 1)
            point = (side * _RADIUS * cos(angle), _RADIUS * sin(angle))
            stem.append(point)
            along = angle + pi / 2
            length = 25 - 9 * index / _LEAVES
            for lean, colour in ((0.62, colours.accent), (-0.5, colours.strong)):
                turn = along + lean
                leaf = make_leaf(length, length * 0.21, turn, (_RADIUS * cos(angle), point[1]))
                pen.shape(_WREATH, [(side * x, y) for x, y in leaf], fill=colour)
        pen.strand(_WREATH, stem, stroke=colours.strong, stroke_width=1.1)
    pen.shape((_WREATH[0], _WREATH[1] + 58), make_star(5, 12, 0.4), fill=colours.accent)
    draw_flourish(pen, colours, (_CENTRE, 247), 250)


def _draw_corners(pen: Pen, colours: Palette) -> None:
    for right in (False, True):
        for upper in (False, True):

            def at(x: float, y: float, *, right: bool = right, upper: bool = upper) -> tuple[float, float]:
                return (_WIDTH - x if right else x), (_HEIGHT - y if upper else y)

            pen.polygon((at(0, 0), at(112, 0), at(0, 112)), fill=colours.strong)
            pen.polygon((at(112, 0), at(124, 0), at(0, 124), at(0, 112)), fill=colours.accent)
            pen.line(at(133, 0), at(0, 133), colours.mid, 1)


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts in the middle of the page."""
    serif, bold, sans = "NotoSerif", "NotoSerif-Bold", "NotoSans"
    layout.text(
        "heading",
        "{credential_type}",
        (_CENTRE, 466),
        19,
        (417, 501),
        width=146,
        fit="wrap",
        font=bold,
        color=colours.ink,
        role="title",
        line_height=1.2,
    )
    layout.text(
        "issuer",
        "{issuer_name}",
        (_CENTRE, 402),
        8.5,
        (385, 413),
        width=118,
        fit="wrap",
        font=sans,
        color=colours.muted,
    )
    layout.text("intro", words.intro, (_CENTRE, 330), 13, (321, 346), width=560, font=serif, color=colours.muted)
    layout.text("name", "{name}", (_CENTRE, 275), 38, (256, 319), width=600, font=bold, color=colours.strong)
    layout.text(
        "completed", words.completed, (_CENTRE, 222), 12, (214, 238), width=560, font=serif, color=colours.muted
    )
    layout.text(
        "context",
        "{context_name}",
        (_CENTRE, 190),
        21,
        (159, 212),
        width=560,
        font=serif,
        color=colours.ink,
        role="heading",
    )
    layout.logo((152, 500, 140, 56))
    layout.text("date", "{issue_date}", (_CENTRE, 145), 11, (137, 157), width=380, font=serif, color=colours.ink)
    layout.signatories((186, 52, 386, 80), color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (637, 98), 72, width=90)
    add_verification(layout, words, colours, (_CENTRE, 30), width=460)
