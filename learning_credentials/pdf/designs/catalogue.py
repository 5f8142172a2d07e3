"""List the designs, and make the options and the drawing of one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from learning_credentials.pdf.designs import classic, laurel, medal, modern, pennant, plain, portrait, transcript
from learning_credentials.pdf.designs.palette import make_palette
from learning_credentials.pdf.designs.pen import Pen
from learning_credentials.pdf.designs.sheet import PAPERS, Layout, get_sheet
from learning_credentials.pdf.designs.words import translate_words
from learning_credentials.pdf.locales import choose_locale

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning_credentials.pdf.designs.palette import Palette
    from learning_credentials.pdf.designs.words import Words

_HASH_LENGTH = 10


class _Design(NamedTuple):
    draw: Callable[[Pen, Palette], None]
    arrange: Callable[[Layout, Palette, Words], None]
    is_landscape: bool = True


_DESIGNS = {
    "classic": _Design(classic.draw, classic.arrange),
    "modern": _Design(modern.draw, modern.arrange),
    "plain": _Design(plain.draw, plain.arrange),
    "portrait": _Design(portrait.draw, portrait.arrange, is_landscape=False),
    "medal": _Design(medal.draw, medal.arrange),
    "laurel": _Design(laurel.draw, laurel.arrange),
    "pennant": _Design(pennant.draw, pennant.arrange),
    "transcript": _Design(transcript.draw, transcript.arrange_transcript, is_landscape=False),
    "report": _Design(transcript.draw, transcript.arrange_report, is_landscape=False),
}

#: The names of the designs, in the order in which they are offered.
DESIGN_NAMES = tuple(_DESIGNS)
#: The names of the papers.
DESIGN_PAPERS = tuple(PAPERS)
#: The colour of the designs on the pictures that ship with the app.
DESIGN_COLOUR = "#1f4e79"


class MadeDesign(NamedTuple):
    """A design in a colour: the slug and the content of its drawing, and the options, which name that slug."""

    slug: str
    drawing: bytes
    options: dict[str, Any]


def make_design(name: str, *, colour: str, paper: str = "A4", language: str = "en") -> MadeDesign:
    """Make a design.

    Args:
        name: one of `DESIGN_NAMES`.
        colour: a hex colour of six digits, with ``#``.
        paper: one of `DESIGN_PAPERS`.
        language: of its words.
    """
    design = _DESIGNS[name]
    colours = make_palette(colour)
    sheet = get_sheet(paper, is_landscape=design.is_landscape, is_rtl=choose_locale(language).text_direction == "rtl")
    pen, layout = Pen(sheet), Layout(sheet)
    design.draw(pen, colours)
    design.arrange(layout, colours, translate_words(language))
    drawing = pen.make()
    slug = f"design-{name}-{hashlib.sha256(drawing).hexdigest()[:_HASH_LENGTH]}"
    background = {
        "asset": slug,
        "fit": "stretch",
        "width": sheet.width,
        "height": sheet.height,
        "alternative_text": "",
    }
    return MadeDesign(slug, drawing, {"language": language, "background": background, **layout.options})
