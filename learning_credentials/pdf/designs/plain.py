"""Plain: black on white with a little colour, for little ink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import add_code, add_verification

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_LEFT, _RIGHT = 64.0, 778.0
_WIDTH = _RIGHT - _LEFT


def draw(pen: Pen, colours: Palette) -> None:
    """Draw a bar at the top and a thin rule above the signatories."""
    pen.fill_page("#ffffff")
    pen.rect(_LEFT, 552, 54, 5, fill=colours.accent)
    pen.line((_LEFT, 170), (_RIGHT, 170), colours.mid, 0.6)


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts at the left margin, and facts and signatories in a row at the bottom."""
    sans, bold = "NotoSans", "NotoSans-Bold"
    layout.logo((_RIGHT - 160, 508, 160, 50))
    layout.text(
        "issuer",
        "{issuer_name}",
        (_LEFT, 522),
        13,
        (512, 544),
        width=520,
        align="left",
        font=bold,
        color=colours.ink,
    )
    layout.text(
        "heading",
        "{credential_type}",
        (_LEFT, 444),
        24,
        (424, 484),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.strong,
        role="title",
    )
    layout.text(
        "intro", words.intro, (_LEFT, 398), 12.5, (388, 414), width=_WIDTH, align="left", font=sans, color=colours.muted
    )
    layout.text(
        "name", "{name}", (_LEFT, 332), 46, (306, 384), width=_WIDTH, align="left", font=bold, color=colours.ink
    )
    layout.text(
        "completed",
        words.completed,
        (_LEFT, 282),
        12.5,
        (272, 298),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.muted,
    )
    layout.text(
        "context",
        "{context_name}",
        (_LEFT, 238),
        26,
        (184, 268),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.ink,
        role="heading",
    )
    layout.text(
        "date_label", words.date, (_LEFT, 146), 8.5, (137, 157), width=140, align="left", font=sans, color=colours.muted
    )
    layout.text(
        "date",
        "{issue_date}",
        (_LEFT, 126),
        12,
        (100, 137),
        width=140,
        align="left",
        font=sans,
        color=colours.ink,
    )
    layout.signatories((224, 72, 440, 84), "left", font=bold, color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (738, 112), 80, width=80)
    add_verification(layout, words, colours, (_LEFT, 40), width=_WIDTH, align="left")
