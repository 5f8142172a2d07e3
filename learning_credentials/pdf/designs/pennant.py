"""Pennant: a broad frame of colour with a pennant that hangs from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import add_code, add_verification
from learning_credentials.pdf.designs.pen import make_star, make_wave

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_WIDTH, _HEIGHT = 841.89, 595.28
_LEFT, _TEXT = 236.0, 536.0
_PENNANT = 132.0


def draw(pen: Pen, colours: Palette) -> None:
    """Draw the frame and the pennant."""
    pen.fill_page(colours.strong)
    pen.rect(9, 9, _WIDTH - 18, _HEIGHT - 18, stroke="#ffffff", stroke_width=0.7, opacity="0.6")
    pen.rect(24, 24, _WIDTH - 48, _HEIGHT - 48, fill="#ffffff")
    for gap, colour in ((0, colours.deep), (7, colours.strong)):
        left, right, tip = _PENNANT - 56 + gap, _PENNANT + 56 - gap, 318 + gap * 1.5
        pen.polygon(
            ((left, _HEIGHT - 24), (right, _HEIGHT - 24), (right, tip), (_PENNANT, tip + 34), (left, tip)), fill=colour
        )
    for phase in (0.0, 3.14):
        pen.shape((_PENNANT, 470), make_wave(35, 4, 16, phase), stroke="#ffffff", stroke_width=0.6)
    pen.circle((_PENNANT, 470), 27, stroke="#ffffff", stroke_width=1)
    pen.shape((_PENNANT, 470), make_star(5, 18, 0.4), fill="#ffffff")
    for y in (520, 420):
        pen.line((_PENNANT - 30, y), (_PENNANT + 30, y), "#ffffff", 0.8)
    pen.line((_LEFT, 322), (_LEFT + _TEXT, 322), colours.accent, 1.2)


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts beside the pennant."""
    serif, bold, sans = "NotoSerif", "NotoSerif-Bold", "NotoSans"
    layout.logo((_LEFT + _TEXT - 150, 500, 150, 46))
    layout.text(
        "issuer",
        "{issuer_name}",
        (_LEFT, 520),
        11.5,
        (500, 546),
        width=370,
        align="left",
        font=sans,
        color=colours.muted,
        char_space=1.6,
        uppercase=True,
    )
    layout.text(
        "heading",
        "{credential_type}",
        (_LEFT, 450),
        34,
        (428, 492),
        width=_TEXT,
        align="left",
        font=bold,
        color=colours.ink,
        role="title",
    )
    layout.text(
        "intro", words.intro, (_LEFT, 400), 13, (390, 420), width=_TEXT, align="left", font=serif, color=colours.muted
    )
    layout.text(
        "name", "{name}", (_LEFT, 344), 36, (328, 388), width=_TEXT, align="left", font=bold, color=colours.strong
    )
    layout.text(
        "completed",
        words.completed,
        (_LEFT, 294),
        12.5,
        (285, 314),
        width=_TEXT,
        align="left",
        font=serif,
        color=colours.muted,
    )
    layout.text(
        "context",
        "{context_name}",
        (_LEFT, 252),
        23,
        (202, 282),
        width=_TEXT,
        align="left",
        font=serif,
        color=colours.ink,
        role="heading",
    )
    layout.text(
        "date", "{issue_date}", (_LEFT, 180), 11.5, (171, 194), width=_TEXT, align="left", font=serif, color=colours.ink
    )
    layout.signatories((_LEFT, 68, _TEXT, 88), "left", color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (_PENNANT, 118), 92, width=112)
    add_verification(layout, words, colours, (_LEFT, 42), width=_TEXT, align="left")
