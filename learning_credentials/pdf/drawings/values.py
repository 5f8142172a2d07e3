"""Read the values of attributes and styles: numbers, lengths, transforms and colours."""

from __future__ import annotations

import colorsys
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from fontTools.misc.transform import Identity, Transform
from PIL.ImageColor import colormap, getrgb

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER = r"[+-]?(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?\d++)?+"
#: No drawing needs larger numbers. Smaller ones than its inverse are no different from zero.
_MOST = 1e7
_NUMBER = re.compile(NUMBER)
_LENGTH = re.compile(rf"({NUMBER})\s*+([a-zA-Z%]*+)")
_UNITS = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
}
_TRANSFORM = re.compile(r"\s*+([A-Za-z]++)\s*+\(([^()]*+)\)\s*+,?+")
_SEPARATOR = re.compile(r"\s*,\s*|\s+")
_FUNCTION = re.compile(r"(rgba?|hsla?)\(([^()]*+)\)")
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")


class CannotDrawError(Exception):
    """Something in a drawing that would be drawn wrong. The message says what, and what to do."""


class Colour(NamedTuple):
    """Red, green, blue and opacity, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


def quote(value: str) -> str:
    """Return a value for a message."""
    short = " ".join(value.split())
    return f"'{short[:40]}…'" if len(short) > 40 else f"'{short}'"  # noqa: PLR2004


def read_number(text: str) -> float:
    """Return a number."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        msg = f"{quote(text)} is not a number"
        raise CannotDrawError(msg)
    return bound(float(found[0]))


def bound(value: float) -> float:
    """Return a number. Raise CannotDrawError if it is too large."""
    if not -_MOST <= value <= _MOST:
        msg = f"the number {value:g} is too large. Make the drawing smaller"
        raise CannotDrawError(msg)
    return value if abs(value) > 1 / _MOST else 0.0


def read_numbers(text: str) -> list[float]:
    """Return numbers that are separated by spaces or commas."""
    return [read_number(part) for part in _SEPARATOR.split(text.strip()) if part] if text.strip() else []


def read_length(text: str, whole: float) -> float:
    """Return a length in user units. ``whole`` is what 100 % means."""
    found = _LENGTH.fullmatch(text.strip())
    unit = found[2].lower() if found else ""
    if not found or (unit != "%" and unit not in _UNITS):
        msg = f"{quote(text)} is not a length in px, pt, pc, in, cm, mm or %"
        raise CannotDrawError(msg)
    return bound(float(found[1]) * (whole / 100 if unit == "%" else _UNITS[unit]))


def read_share(text: str) -> float:
    """Return an opacity or an offset: a number from 0 to 1, or a percentage. Others are cut."""
    value = text.strip()
    number = read_number(value[:-1]) / 100 if value.endswith("%") else read_number(value)
    return min(max(number, 0.0), 1.0)


def read_transform(text: str) -> Transform:
    """Return the matrix of a list of transforms."""
    matrix = Identity
    place = 0
    text = text.strip()
    if text == "none":
        return matrix
    while place < len(text):
        found = _TRANSFORM.match(text, place)
        if not found:
            msg = f"the transform {quote(text[place:])} is not understood"
            raise CannotDrawError(msg)
        matrix = matrix.transform(_make_matrix(found[1], read_numbers(found[2]), found[0].strip()))
        place = found.end()
    if not all(map(math.isfinite, matrix)):
        raise CannotDrawError("the transforms are too large")
    return matrix


def _make_matrix(name: str, numbers: Sequence[float], written: str) -> Transform:
    match name, list(numbers):
        case "matrix", [a, b, c, d, e, f]:
            found = Transform(a, b, c, d, e, f)
        case ("translate" | "scale") as kind, [x, *rest] if len(rest) < 2:  # noqa: PLR2004
            found = Identity.translate(x, *rest) if kind == "translate" else Identity.scale(x, *(rest or [x]))
        case "rotate", [angle]:
            found = Identity.rotate(math.radians(angle))
        case "rotate", [angle, x, y]:
            found = Identity.translate(x, y).rotate(math.radians(angle)).translate(-x, -y)
        case ("skewX" | "skewY") as kind, [angle]:
            skew = math.radians(angle)
            found = Identity.skew(skew, 0) if kind == "skewX" else Identity.skew(0, skew)
        case _:
            msg = f"the transform {quote(written)} is not understood"
            raise CannotDrawError(msg)
    return found


def read_colour(text: str) -> Colour:
    """Return a colour of CSS: a name, ``#rrggbb``, ``rgb()`` or ``hsl()``."""
    value = text.strip().lower()
    if value == "transparent":
        return Colour(0, 0, 0, 0)
    if _HEX.fullmatch(value):
        digits = value[1:] if len(value) > 5 else "".join(2 * digit for digit in value[1:])  # noqa: PLR2004
        return Colour(*(int(digits[at : at + 2], 16) / 255 for at in range(0, len(digits), 2)))
    if found := _FUNCTION.fullmatch(value):
        return _read_function(found[1], found[2], text)
    if value in colormap:
        red, green, blue, *_ = getrgb(value)
        return Colour(red / 255, green / 255, blue / 255)
    msg = f"{quote(text)} is not a colour that can be drawn. Use a colour such as #1a2b3c"
    raise CannotDrawError(msg)


def _read_function(name: str, written: str, text: str) -> Colour:
    parts = [part for part in re.split(r"[\s,/]+", written) if part]
    if len(parts) not in {3, 4}:
        msg = f"{quote(text)} is not a colour"
        raise CannotDrawError(msg)
    alpha = read_share(parts[3]) if len(parts) == 4 else 1.0  # noqa: PLR2004
    if name.startswith("rgb"):
        red, green, blue = (
            read_share(part) if part.endswith("%") else min(max(read_number(part) / 255, 0.0), 1.0)
            for part in parts[:3]
        )
        return Colour(red, green, blue, alpha)
    hue = read_number(parts[0].removesuffix("deg")) % 360 / 360
    if not (parts[1].endswith("%") and parts[2].endswith("%")):
        msg = f"{quote(text)} is not a colour"
        raise CannotDrawError(msg)
    red, green, blue = colorsys.hls_to_rgb(hue, read_share(parts[2]), read_share(parts[1]))
    return Colour(red, green, blue, alpha)
