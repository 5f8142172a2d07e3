"""Format numbers, colours and strings as PDF writes them (ISO 32000-2, 7.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ESCAPED = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})


@lru_cache(maxsize=8192)
def format_number(value: float) -> str:
    """Return a number, rounded to a thousandth."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"


def format_numbers(values: Iterable[float]) -> str:
    """Return numbers separated by spaces."""
    return " ".join(map(format_number, values))


@lru_cache(maxsize=256)
def format_colour(color: str) -> str:
    """Return the red, green and blue of a ``#rrggbb``, each from 0 to 1."""
    return format_numbers(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))


@lru_cache(maxsize=1024)
def format_text(text: str) -> str:
    """Return a text string: a literal string for printable ASCII, else UTF-16 in hexadecimal."""
    if text.isascii() and text.isprintable():
        return f"({text.translate(_ESCAPED)})"
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


@lru_cache(maxsize=4096)
def encode_hex(text: str) -> str:
    """Return a text in UTF-16, as hexadecimal digits."""
    return text.encode("utf-16-be").hex().upper()
