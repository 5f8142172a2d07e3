"""Parts that several designs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.pen import make_star, make_wave

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Align, Layout, Point
    from learning_credentials.pdf.designs.words import Words

#: How many degrees of a quarter circle the handles of its curve span, as a part of the radius.
CURVE = 0.5523


def add_verification(
    layout: Layout, words: Words, colours: Palette, place: Point, *, width: float, align: Align = "center"
) -> None:
    """Add the label and the address of the verification. ``place`` is the baseline of the address."""
    x, y = place
    layout.text(
        "verification_label",
        words.verify,
        (x, y + 9.5),
        7,
        (y + 7.6, y + 18),
        width=width,
        align=align,
        font="NotoSans",
        color=colours.muted,
    )
    layout.text(
        "verification",
        "{verify_url}",
        (x, y),
        7,
        (y - 9, y + 7),
        width=width,
        align=align,
        font="NotoSans",
        color=colours.muted,
    )


def add_code(layout: Layout, colours: Palette, centre: Point, size: float, width: float = 110) -> None:
    """Add the QR code, with the short code below it."""
    x, y = centre
    layout.code(centre, size, colours.deep)
    baseline = y - size / 2 - 8
    layout.text(
        "verification_code",
        "{verify_code}",
        (x, baseline),
        8.5,
        (baseline - 4, baseline + 8.6),
        width=width,
        font="NotoSans",
        color=colours.ink,
        char_space=0.4,
    )


def draw_seal(pen: Pen, colours: Palette, centre: Point, radius: float) -> None:
    """Draw a seal: a toothed rim, fine rings and a star."""
    pen.shape(centre, make_star(44, radius, 0.94), fill=colours.accent)
    pen.circle(centre, radius * 0.86, stroke=colours.paper, stroke_width=0.9)
    for phase in (0.0, 1.57, 3.14, 4.71):
        pen.shape(centre, make_wave(radius * 0.68, radius * 0.11, 18, phase), stroke=colours.paper, stroke_width=0.35)
    pen.circle(centre, radius * 0.5, fill=colours.strong)
    pen.circle(centre, radius * 0.44, stroke=colours.paper, stroke_width=0.5)
    pen.shape(centre, make_star(5, radius * 0.32, 0.4), fill=colours.paper)


def draw_flourish(pen: Pen, colours: Palette, centre: Point, width: float) -> None:
    """Draw two lines with a diamond between them."""
    x, y = centre
    for side in (-1, 1):
        pen.line((x + side * 11, y), (x + side * width / 2, y), colours.accent, 0.8)
        pen.circle((x + side * width / 2, y), 1.3, fill=colours.accent)
    pen.shape(centre, ((-5, 0), (0, 5), (5, 0), (0, -5)), fill=colours.accent)
