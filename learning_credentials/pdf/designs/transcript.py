"""Transcript and report: an upright page with a table of results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.pdf.designs.common import add_code, add_verification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.pen import Pen
    from learning_credentials.pdf.designs.sheet import Layout
    from learning_credentials.pdf.designs.words import Words

_WIDTH, _HEIGHT = 595.28, 841.89
_LEFT, _RIGHT = 54.0, 541.0
_TEXT = _RIGHT - _LEFT


def draw(pen: Pen, colours: Palette) -> None:
    """Draw strips at the edges and a panel for the facts."""
    pen.fill_page("#ffffff")
    pen.rect(0, _HEIGHT - 13, _WIDTH, 13, fill=colours.strong)
    pen.rect(0, _HEIGHT - 18, _WIDTH, 5, fill=colours.accent)
    pen.rect(_LEFT - 14, 598, _TEXT + 28, 126, rx="5", fill=colours.soft)
    pen.rect(_LEFT - 14, 598, 4, 126, fill=colours.accent)
    pen.line((_LEFT, 196), (_RIGHT, 196), colours.pale, 0.8)
    pen.rect(0, 0, _WIDTH, 7, fill=colours.strong)


def arrange_transcript(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts, and the table of the course runs of a learning path."""
    _arrange(
        layout,
        colours,
        words,
        "steps",
        [
            {"heading": words.number, "value": "number", "share": 1, "align": "end"},
            {"heading": words.course, "value": "name", "share": 9},
            {"heading": words.grade, "value": "grade", "share": 2, "align": "end"},
        ],
    )


def arrange_report(layout: Layout, colours: Palette, words: Words) -> None:
    """Place the texts, and the table of the assignment categories of a course."""
    _arrange(
        layout,
        colours,
        words,
        "grades",
        [
            {"heading": words.assignments, "value": "name", "share": 8},
            {"heading": words.weight, "value": "weight", "share": 2, "align": "end"},
            {"heading": words.grade, "value": "grade", "share": 2, "align": "end"},
        ],
    )


def _arrange(layout: Layout, colours: Palette, words: Words, rows: str, columns: Sequence[dict[str, Any]]) -> None:
    sans, bold, serif = "NotoSans", "NotoSans-Bold", "NotoSerif-Bold"
    layout.logo((_LEFT, 748, 130, 52))
    layout.text(
        "heading",
        "{credential_type}",
        (_RIGHT, 770),
        23,
        (762, 804),
        width=330,
        align="right",
        font=serif,
        color=colours.strong,
        role="title",
    )
    layout.text(
        "issuer",
        "{issuer_name}",
        (_RIGHT, 748),
        10,
        (734, 759),
        width=330,
        align="right",
        font=sans,
        color=colours.muted,
    )
    layout.text("name", "{name}", (_LEFT, 694), 21, (676, 719), width=_TEXT, align="left", font=bold, color=colours.ink)
    layout.text(
        "context",
        "{context_name}",
        (_LEFT, 661),
        13.5,
        (627, 675),
        width=_TEXT,
        align="left",
        font=sans,
        color=colours.ink,
        role="heading",
    )
    layout.text(
        "date_label", words.date, (_LEFT, 610), 9, (602, 622), width=150, align="left", font=sans, color=colours.muted
    )
    layout.text(
        "date",
        "{issue_date}",
        (_RIGHT, 610),
        10.5,
        (601, 624),
        width=300,
        align="right",
        font=sans,
        color=colours.ink,
    )
    layout.table(
        "results",
        (_LEFT, 208, _TEXT, 376),
        columns,
        rows=rows,
        total=words.final_grade,
        font=sans,
        heading_font=bold,
        heading_color=colours.strong,
        color=colours.ink,
        line_color=colours.mid,
        size=10,
        padding=4.5,
    )
    layout.signatories((_LEFT, 78, 380, 92), "left", font=bold, color=colours.ink, line_color=colours.muted)
    add_code(layout, colours, (501, 136), 80, width=84)
    add_verification(layout, words, colours, (_LEFT, 38), width=_TEXT, align="left")
