"""Say what makes a character hard to print, so that the hardest names of a cohort can be found without shaping each."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from fontTools.unicodedata import script

from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.text.bidi import find_base_level
from learning_credentials.pdf.text.clusters import is_ignorable
from learning_credentials.pdf.text.lines import make_line

_NO_SCRIPT = frozenset(("Zyyy", "Zinh", "Zzzz"))
#: Scripts that one name has together.
_EAST_ASIAN = frozenset(("Hani", "Hira", "Kana", "Hang", "Bopo"))


class CharacterFacts(NamedTuple):
    """What is known of a character in a name.

    ``width`` is about how wide it is, in thousandths of the font size. ``script`` is empty for what belongs to every script.
    """

    width: float
    script: str
    is_rtl: bool
    is_mark: bool
    is_drawable: bool


@lru_cache(maxsize=20_000)
def get_character_facts(character: str) -> CharacterFacts:
    """Return the facts of a character. Marks count as drawable, because that depends on their letters."""
    category = unicodedata.category(character)
    tag = str(script(character))
    if category.startswith("M") or is_ignorable(character):
        return CharacterFacts(0, "", is_rtl=False, is_mark=category.startswith("M"), is_drawable=True)
    line, missing = make_line(character, (get_builtin_font("NotoSans"),))
    known = "" if tag in _NO_SCRIPT else "Hani" if tag in _EAST_ASIAN else tag
    return CharacterFacts(
        line.advance, known, is_rtl=find_base_level(character) == 1, is_mark=False, is_drawable=not missing
    )
