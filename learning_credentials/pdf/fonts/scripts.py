"""Find the scripts that no shipped font has. The module does not load the engine, because system checks call it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

from learning_credentials.pdf.fonts.names import find_script_font, is_east_asian

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The package that the extra ``cjk`` installs.
EXTRA_PACKAGE = "noto_cjk_sans_otc"
#: Learners have names in these scripts, whatever the languages of the site are.
_EAST_ASIAN = "漢かカ한"
#: The last code point of Latin, Greek and Cyrillic, which shipped fonts have.
_LAST_EUROPEAN = 0x052F
#: Later blocks of Latin, Greek and Cyrillic, and punctuation.
_EUROPEAN_ADDITIONS = (
    (0x1C80, 0x1C8F),
    (0x1D00, 0x20CF),
    (0x2C60, 0x2C7F),
    (0x2DE0, 0x2DFF),
    (0xA640, 0xA69F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
)


def has_extra() -> bool:
    """Return whether the font of the extra ``cjk`` is installed."""
    return find_spec(EXTRA_PACKAGE) is not None


def find_unshipped_scripts(languages: Iterable[str]) -> dict[str, str]:
    """Find the scripts that no shipped font has: those of East Asia, and those of some languages.

    Returns:
        Each script's name in English with one of its characters.
    """
    from fontTools.unicodedata import script, script_name

    found: dict[str, str] = {}
    for character in [*_EAST_ASIAN, *(letter for language in languages for letter in _get_sample(language))]:
        if character.isalpha() and not _is_shipped(character):
            found.setdefault(str(script_name(script(character))).replace("_", " "), character)
    return found


def _get_sample(language: str) -> str:
    """Return a language's own name and its names of months. Return an empty text for an unknown language."""
    try:
        locale = Locale.parse(language.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return ""
    return "".join([locale.get_display_name(locale) or "", *map(str, locale.months["format"]["wide"].values())])


def _is_shipped(character: str) -> bool:
    if is_east_asian(character):
        return False
    point = ord(character)
    is_european = point <= _LAST_EUROPEAN or any(first <= point <= last for first, last in _EUROPEAN_ADDITIONS)
    return is_european or find_script_font(character) is not None
