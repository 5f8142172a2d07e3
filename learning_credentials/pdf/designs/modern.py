"""Modern: a panel of coloured facets at the side, and large texts without serifs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.designs.common import add_code, add_verification

if TYPE_CHECKING:
    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_HEIGHT = 595.28
_PANEL = 228.0
_LEFT, _WIDTH = 280.0, 506.0


def draw(pen: Pen, colours: Palette) -> None:
    """Draw the panel, the card for the code and a short bar."""
    pen.fill_page("#ffffff")
    pen.rect(0, 0, _PANEL, _HEIGHT, fill=colours.deep)
    pen.polygon(((0, 0), (_PANEL, 0), (_PANEL, 262), (0, 402)), fill=colours.strong)
    pen.polygon(((0, 402), (0, 214), (_PANEL, 40), (_PANEL, 262)), fill=colours.accent, opacity="0.45")
    pen.polygon(((0, 0), (_PANEL, 0), (_PANEL, 40), (0, 214)), fill=colours.deep, opacity="0.55")
    pen.polygon(((0, 402), (_PANEL, 262), (_PANEL, 318), (0, 372)), fill="#ffffff", opacity="0.12")
    pen.rect(52, 40, 124, 146, rx="7", fill="#ffffff")
    pen.rect(_LEFT, 311, 62, 4, fill=colours.accent)


def arrange(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts beside the panel."""
    sans, bold = "NotoSans", "NotoSans-Bold"
    layout.logo((_LEFT + _WIDTH - 160, 514, 160, 50))
    layout.text(
        "issuer",
        "{issuer_name}",
        (_PANEL / 2, 530),
        16,
        (424, 556),
        width=176,
        fit="wrap",
        font=bold,
        color="#ffffff",
        line_height=1.25,
    )
    layout.text(
        "heading",
        "{credential_type}",
        (_LEFT, 466),
        29,
        (444, 506),
        width=_WIDTH,
        align="left",
        font=bold,
        color=colours.strong,
        role="title",
    )
    layout.text(
        "intro", words.intro, (_LEFT, 408), 12.5, (398, 428), width=_WIDTH, align="left", font=sans, color=colours.muted
    )
    layout.text(
        "name", "{name}", (_LEFT, 345), 38, (324, 394), width=_WIDTH, align="left", font=bold, color=colours.ink
    )
    layout.text(
        "completed",
        words.completed,
        (_LEFT, 282),
        12.5,
        (273, 301),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.muted,
    )
    layout.text(
        "context",
        "{context_name}",
        (_LEFT, 242),
        22,
        (194, 270),
        width=_WIDTH,
        align="left",
        font=sans,
        color=colours.ink,
        role="heading",
    )
    layout.text(
        "date_label",
        words.date,
        (_LEFT, 174),
        8.5,
        (165, 185),
        width=240,
        align="left",
        font=sans,
        color=colours.muted,
    )
    layout.text(
        "date", "{issue_date}", (_LEFT, 154), 12, (146, 164), width=240, align="left", font=sans, color=colours.ink
    )
    layout.signatories(
        (_LEFT, 54, _WIDTH, 80), "left", font="NotoSans-Bold", color=colours.ink, line_color=colours.muted
    )
    add_code(layout, colours, (114, 120), 108)
    add_verification(layout, words, colours, (_LEFT, 30), width=_WIDTH, align="left")
