"""Classic: a frame with notched corners, a fine rosette behind the texts and a seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import CURVE, add_code, add_verification, draw_flourish, draw_seal
from learning_credentials.pdf.designs.pen import make_wave

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_WIDTH, _HEIGHT = 841.89, 595.28
_CENTRE = _WIDTH / 2


def draw(pen: Pen, colours: Palette) -> None:
    """Draw the frame, the rosette and the seal."""
    pen.fill_page(colours.paper)
    for turn, depth in enumerate((34, 26, 18, 10)):
        for phase in (0.0, 3.14):
            pen.shape(
                (_CENTRE, 298),
                make_wave(196 - turn * 26, depth, 20, phase),
                stroke=colours.pale,
                stroke_width=0.35,
                opacity="0.75",
            )
    pen.rect(18, 18, _WIDTH - 36, _HEIGHT - 36, stroke=colours.strong, stroke_width=2.6)
    _draw_notched(pen, 25.5, 28, colours.accent, 0.8)
    _draw_notched(pen, 30, 28, colours.mid, 0.5)
    for x in (36.5, _WIDTH - 36.5):
        for y in (36.5, _HEIGHT - 36.5):
            pen.shape((x, y), ((-6, 0), (0, 6), (6, 0), (0, -6)), fill=colours.accent)
    draw_flourish(pen, colours, (_CENTRE, 392), 220)
    pen.line((_CENTRE - 200, 281), (_CENTRE + 200, 281), colours.accent, 0.8)
    draw_seal(pen, colours, (744, 106), 43)


def _draw_notched(pen: Pen, gap: float, radius: float, colour: str, width: float) -> None:
    """Draw a frame whose corners are cut out by a quarter of a circle."""
    left, bottom, right, top = gap, gap, _WIDTH - gap, _HEIGHT - gap
    handle = radius * CURVE
    pen.curve(
        [
            *("M", (left + radius, bottom), "L", (right - radius, bottom)),
            *("C", (right - radius, bottom + handle), (right - handle, bottom + radius), (right, bottom + radius)),
            *("L", (right, top - radius)),
            *("C", (right - handle, top - radius), (right - radius, top - handle), (right - radius, top)),
            *("L", (left + radius, top)),
            *("C", (left + radius, top - handle), (left + handle, top - radius), (left, top - radius)),
            *("L", (left, bottom + radius)),
            *("C", (left + handle, bottom + radius), (left + radius, bottom + handle), (left + radius, bottom), "Z"),
        ],
        stroke=colour,
        stroke_width=width,
    )


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts in the middle of the page."""
    serif, bold, sans = "NotoSerif", "NotoSerif-Bold", "NotoSans"
    layout.logo((_CENTRE - 100, 503, 200, 42))
    layout.text(
        "issuer",
        "{issuer_name}",
        (_CENTRE, 480),
        12.5,
        (472, 500),
        width=640,
        font=sans,
        color=colours.muted,
        char_space=2.4,
        uppercase=True,
    )
    layout.text(
        "heading",
        "{credential_type}",
        (_CENTRE, 420),
        39,
        (406, 468),
        width=640,
        font=bold,
        color=colours.ink,
        role="title",
    )
    layout.text("intro", words.intro, (_CENTRE, 362), 13, (352, 382), width=600, font=serif, color=colours.muted)
    layout.text("name", "{name}", (_CENTRE, 304), 36, (290, 350), width=620, font=bold, color=colours.strong)
    layout.text(
        "completed", words.completed, (_CENTRE, 257), 12.5, (248, 275), width=600, font=serif, color=colours.muted
    )
    layout.text(
        "context",
        "{context_name}",
        (_CENTRE, 216),
        23,
        (174, 246),
        width=620,
        font=serif,
        color=colours.ink,
        role="heading",
    )
    layout.text("date", "{issue_date}", (_CENTRE, 158), 11, (149, 171), width=380, font=serif, color=colours.ink)
    layout.signatories((215, 64, 412, 82), color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (98, 112), 78)
    add_verification(layout, words, colours, (_CENTRE, 44), width=480)
