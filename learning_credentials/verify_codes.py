"""The short codes that people type to verify a credential: nine random characters and a check character, such as ``7K3QF-9XW2M``.

The characters are the digits of Crockford's Base32 (https://www.crockford.com/base32.html), which has no I, L, O and U. Crockford's own
check digit needs five characters more, such as ``*`` and ``~``, so these codes have another one. It is a linear check over GF(32), the
field with 32 elements: each character has its own factor, a power of a primitive element, and the sum of the products is zero. A wrong
character changes the sum. So does an exchange of two different characters, because their factors differ. (H. P. Gumm, "A new class of
check-digit methods for arbitrary number systems", IEEE Transactions on Information Theory 31, 1985. H. M. Damm, "Total anti-symmetrische
Quasigruppen", 2004, shows the same construction step by step.)

A code is stored in capitals without a hyphen.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from enum import StrEnum
from typing import NamedTuple

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
#: Random bits of a code.
BITS = 45
_GROUP = 5
_BITS_EACH = 5
#: x⁵ + x² + 1 is primitive over GF(2), so its root x generates all 31 elements besides zero.
_POLYNOMIAL = 0b100101
_TIMES_X = tuple(value << 1 ^ (_POLYNOMIAL if value & 0b10000 else 0) for value in range(32))
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
#: Characters that people read instead of digits.
_MISREAD = str.maketrans("OIL", "011")
#: People type these between the characters and around them. Spaces and punctuation mean nothing in a code.
_SEPARATORS = re.compile(r"[\s\-_.,;:'\"()\[\]{}<>/|*`´‘’“”«»‹›•·]+")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−⁃﹣－"), "-")
#: A text of other lengths is no attempt to type a code.
_LENGTHS = range(LENGTH - 2, LENGTH + 3)
_MAX_TEXT = 80


class Problem(StrEnum):
    """What is wrong with a typed code."""

    LENGTH = "length"
    CHARACTER = "character"
    CHECK = "check"


class TypedCode(NamedTuple):
    """A code that somebody typed, in the stored form, and what is wrong with it. Without a problem, it can be looked up."""

    code: str
    problem: Problem | None


def make_code() -> str:
    """Return a new random code."""
    number = secrets.randbits(BITS)
    chars = [ALPHABET[number >> shift & 31] for shift in range(0, BITS, _BITS_EACH)]
    payload = "".join(chars)
    return payload + ALPHABET[_sum_up(payload)]


def format_code(code: str | None) -> str:
    """Return a stored code as it is printed: in two groups. If there is no code, return an empty text."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}" if code else ""


def read_code(text: str) -> TypedCode | None:
    """Return the code that somebody typed, or None if the text is no attempt to type a code.

    Case, spaces, hyphens, other punctuation and the width of characters do not matter. O is read as 0, and I and L are read as 1.
    """
    if len(text) > _MAX_TEXT:
        return None
    typed = _SEPARATORS.sub("", clean_typed(text)).upper().translate(_MISREAD)
    if len(typed) not in _LENGTHS or not typed.isascii() or not typed.isalnum():
        return None
    if len(typed) != LENGTH:
        return TypedCode(typed, Problem.LENGTH)
    if not all(char in _VALUES for char in typed):
        return TypedCode(typed, Problem.CHARACTER)
    return TypedCode(typed, None if _sum_up(typed[:-1]) == _VALUES[typed[-1]] else Problem.CHECK)


def clean_typed(text: str) -> str:
    """Return a typed or pasted text with plain letters, digits and hyphens, and without invisible characters."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    shown = "".join(char for char in plain if unicodedata.category(char) not in {"Cf", "Mn"})
    return "".join(_read_digit(char) for char in shown)


def _read_digit(char: str) -> str:
    """Return a digit of another script, such as an Arabic one, as ASCII. Return any other character unchanged."""
    return char if char.isascii() or not char.isdecimal() else str(unicodedata.decimal(char))


def _sum_up(payload: str) -> int:
    """Return the value of the check character of a code's other characters."""
    total = 0
    for char in payload:
        total = _TIMES_X[total ^ _VALUES[char]]
    return total
