"""Write numbers with the digits of a numbering system, by the names of Unicode's CLDR."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale

LATIN = "latn"
#: The language decides: the digits that it usually has, or those of its own script.
OF_LANGUAGE = "language"
NATIVE = "native"
_DIGITS = 10
#: The digit zero of systems whose digits follow each other in Unicode.
_ZEROS = {
    "adlm": "\U0001e950",
    "arab": "\u0660",
    "arabext": "\u06f0",
    "bali": "\u1b50",
    "beng": "\u09e6",
    "cakm": "\U00011136",
    "deva": "\u0966",
    "fullwide": "\uff10",
    "gujr": "\u0ae6",
    "guru": "\u0a66",
    "java": "\ua9d0",
    "khmr": "\u17e0",
    "knda": "\u0ce6",
    "laoo": "\u0ed0",
    "latn": "0",
    "mlym": "\u0d66",
    "mtei": "\uabf0",
    "mymr": "\u1040",
    "nkoo": "\u07c0",
    "olck": "\u1c50",
    "orya": "\u0b66",
    "tamldec": "\u0be6",
    "telu": "\u0c66",
    "thai": "\u0e50",
    "tibt": "\u0f20",
}
_TABLES: Mapping[str, Mapping[int, str]] = {
    **{
        name: {ord("0") + value: chr(ord(zero) + value) for value in range(_DIGITS)}
        for name, zero in sorted(_ZEROS.items())
    },
    "hanidec": dict(zip(range(ord("0"), ord("9") + 1), "〇一二三四五六七八九", strict=True)),
}
#: What an operator can ask for.
NUMERALS = (OF_LANGUAGE, NATIVE, *sorted(_TABLES))


@lru_cache(maxsize=256)
def find_system(numerals: str, locale: Locale) -> str:
    """Return the numbering system that an option asks for. A language without digits of its own has Latin ones."""
    if numerals not in {OF_LANGUAGE, NATIVE}:
        return numerals
    usual = locale.default_numbering_system
    wanted = usual if numerals == OF_LANGUAGE else locale.other_numbering_systems.get("native", usual)
    return wanted if wanted in _TABLES else LATIN


def find_symbols(system: str, locale: Locale) -> str:
    """Return the numbering system for signs such as the decimal separator: the given one if the language has signs for it."""
    return system if system in locale.number_symbols else LATIN


def replace_digits(text: str, system: str) -> str:
    """Return a text with the digits of a numbering system in place of the digits 0 to 9."""
    return text if system == LATIN else text.translate(_TABLES[system])
