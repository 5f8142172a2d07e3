"""Make the colours of a design from one colour. Whatever it is, texts stay readable."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from typing import NamedTuple

Rgb = tuple[float, float, float]

WHITE: Rgb = (1.0, 1.0, 1.0)
_BLACKISH: Rgb = (0.086, 0.094, 0.114)
#: Contrast with white: WCAG 2.2 asks for 4.5 (AA), and some texts are on tinted paper. Darker shades have more.
_READABLE, _MUTED, _DEEP = 5.4, 5.5, 11.0
_STEP = 0.01
#: Below it, parts of sRGB grow with the light.
_DARKEST = 0.04045


class Palette(NamedTuple):
    """The colours of a design, as hex values.

    ``accent`` is the operator's own colour, for decoration. ``strong`` is the same colour, dark enough for texts on white and for white
    texts on it. ``deep`` and ``ink`` are darker. ``mid``, ``pale`` and ``soft`` are tints. ``muted`` is for small texts.
    """

    accent: str
    strong: str
    deep: str
    ink: str
    muted: str
    mid: str
    pale: str
    soft: str
    paper: str


def make_palette(colour: str) -> Palette:
    """Return the colours of a design.

    Args:
        colour: a hex colour of six digits, with ``#``.
    """
    accent = read_hex(colour)
    return Palette(
        accent=_write_hex(accent),
        strong=_write_hex(_darken(accent, _READABLE)),
        deep=_write_hex(_darken(accent, _DEEP)),
        ink=_write_hex(_darken(_mix(accent, _BLACKISH, 0.82), _DEEP)),
        muted=_write_hex(_darken(_mix(_mix(accent, _BLACKISH, 0.7), WHITE, 0.32), _MUTED)),
        mid=_write_hex(_mix(accent, WHITE, 0.45)),
        pale=_write_hex(_mix(accent, WHITE, 0.78)),
        soft=_write_hex(_mix(accent, WHITE, 0.92)),
        paper=_write_hex(_mix(accent, WHITE, 0.975)),
    )


def read_hex(colour: str) -> Rgb:
    """Return red, green and blue of a hex colour, from 0 to 1."""
    digits = colour.removeprefix("#")
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def find_contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    darker, lighter = sorted((_find_luminance(one), _find_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _write_hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Return a mixture. ``share`` is the part of the other colour."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _darken(colour: Rgb, contrast: float) -> Rgb:
    """Return the colour, as dark as its contrast with white needs."""
    hue, light, saturation = rgb_to_hls(*colour)
    # Compared as it is written, because rounding can make it lighter.
    while light > 0 and find_contrast(read_hex(_write_hex(colour)), WHITE) < contrast:
        light = max(light - _STEP, 0.0)
        colour = hls_to_rgb(hue, light, saturation)
    return colour


def _find_luminance(colour: Rgb) -> float:
    red, green, blue = (part / 12.92 if part <= _DARKEST else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
