"""Medal: the name of the credential type on a large medal with ribbons, like a badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import add_code, add_verification
from learning_credentials.pdf.designs.pen import make_star, make_wave

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_CENTRE = (206.0, 334.0)
_LEFT, _WIDTH = 402.0, 384.0


def draw(pen: Pen, colours: Palette) -> None:
    """Draw the medal with its ribbons before a pale disc."""
    pen.fill_page("#ffffff")
    pen.circle(_CENTRE, 268, fill=colours.soft)
    pen.circle(_CENTRE, 208, stroke=colours.pale, stroke_width=0.8)
    for side, colour in ((-1, colours.strong), (1, colours.deep)):
        tail = ((8, -84), (22, -226), (58, -204), (86, -234), (92, -70))
        pen.shape(_CENTRE, [(side * x, y) for x, y in tail], fill=colour)
    pen.shape(_CENTRE, make_wave(139, 4.5, 40), fill=colours.accent)
    pen.circle(_CENTRE, 126, stroke="#ffffff", stroke_width=1.6)
    pen.circle(_CENTRE, 119, fill=colours.strong)
    for phase in (0.0, 2.09, 4.19):
        pen.shape(_CENTRE, make_wave(107, 7, 30, phase), stroke="#ffffff", stroke_width=0.3, opacity="0.7")
    pen.circle(_CENTRE, 96, fill=colours.deep)
    pen.circle(_CENTRE, 92, stroke="#ffffff", stroke_width=0.7)
    x, y = _CENTRE
    for dx, dy, radius in ((0, 62, 11), (-27, 54, 6.5), (27, 54, 6.5)):
        pen.shape((x + dx, y + dy), make_star(5, radius, 0.42), fill="#ffffff")
    pen.rect(_LEFT, 330, 58, 4, fill=colours.accent)


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the names of the type and the issuer on the medal, and the other texts beside it."""
    sans, bold = "NotoSans", "NotoSans-Bold"
    x, y = _CENTRE
    layout.text(
        "heading",
        "{credential_type}",
        (x, y + 14),
        21,
        (y - 34, y + 40),
        width=162,
        fit="wrap",
        font=bold,
        color="#ffffff",
        role="title",
        line_height=1.2,
    )
    layout.text(
        "issuer",
        "{issuer_name}",
        (x, y - 52),
        9,
        (y - 70, y - 40),
        width=118,
        fit="wrap",
        font=sans,
        color="#ffffff",
    )
    layout.logo((_LEFT + _WIDTH - 160, 514, 160, 50))
    layout.text(
        "intro", words.intro, (_LEFT, 428), 12.5, (418, 446), width=_WIDTH, align="left", font=sans, color=colours.muted
    )
    layout.text(
        "name", "{name}", (_LEFT, 366), 34, (344, 414), width=_WIDTH, align="left", font=bold, color=colours.ink
    )
    layout.text(
        "completed",
        words.completed,
        (_LEFT, 302),
        12.5,
        (293, 319),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.muted,
    )
    layout.text(
        "context",
        "{context_name}",
        (_LEFT, 264),
        21,
        (212, 290),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.ink,
        role="heading",
    )
    layout.text(
        "date", "{issue_date}", (_LEFT, 188), 11.5, (179, 201), width=_WIDTH, align="left", font=sans, color=colours.ink
    )
    layout.signatories((_LEFT, 66, 280, 90), "left", font=bold, color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (744, 116), 82, width=84)
    add_verification(layout, words, colours, (_LEFT, 38), width=_WIDTH, align="left")
