"""Portrait: an upright page with a curved band of colour at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import add_code, add_verification, draw_flourish

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_WIDTH, _HEIGHT = 595.28, 841.89
_CENTRE = _WIDTH / 2


def draw(pen: Pen, colours: Palette) -> None:
    """Draw the band, its shadows, and a strip at the bottom."""
    pen.fill_page("#ffffff")
    for depth, colour in ((38, colours.pale), (19, colours.mid), (0, colours.strong)):
        edge = 706 - depth
        pen.curve(
            [
                *("M", (0, _HEIGHT), "L", (_WIDTH, _HEIGHT), "L", (_WIDTH, edge + 26)),
                *("C", (_WIDTH * 0.74, edge - 44), (_WIDTH * 0.3, edge + 62), (0, edge - 18), "Z"),
            ],
            fill=colour,
        )
    draw_flourish(pen, colours, (_CENTRE, 449), 250)
    pen.curve(
        ["M", (0, 0), "L", (_WIDTH, 0), "L", (_WIDTH, 9), "C", (_WIDTH * 0.7, 24), (_WIDTH * 0.3, 4), (0, 20), "Z"],
        fill=colours.strong,
    )


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts in the middle of the page."""
    serif, bold, sans = "NotoSerif", "NotoSerif-Bold", "NotoSans"
    layout.text(
        "issuer",
        "{issuer_name}",
        (_CENTRE, 802),
        11.5,
        (793, 822),
        width=480,
        font=sans,
        color="#ffffff",
        char_space=2.2,
        uppercase=True,
    )
    layout.text(
        "heading",
        "{credential_type}",
        (_CENTRE, 750),
        32,
        (730, 788),
        width=490,
        font=bold,
        color="#ffffff",
        role="title",
    )
    layout.logo((_CENTRE - 90, 594, 180, 54))
    layout.text("intro", words.intro, (_CENTRE, 554), 13, (544, 574), width=480, font=serif, color=colours.muted)
    layout.text("name", "{name}", (_CENTRE, 490), 36, (464, 540), width=490, font=bold, color=colours.strong)
    layout.text(
        "completed", words.completed, (_CENTRE, 418), 12.5, (409, 437), width=480, font=serif, color=colours.muted
    )
    layout.text(
        "context",
        "{context_name}",
        (_CENTRE, 374),
        23,
        (316, 406),
        width=490,
        font=serif,
        color=colours.ink,
        role="heading",
    )
    layout.text("date", "{issue_date}", (_CENTRE, 292), 11.5, (282, 306), width=480, font=serif, color=colours.ink)
    layout.signatories((62, 172, 471, 88), color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (_CENTRE, 112), 76)
    add_verification(layout, words, colours, (_CENTRE, 38), width=480)
