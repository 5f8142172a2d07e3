"""Make a readable style sheet from a type's accent colour. It has enough contrast by WCAG 2 in light and in dark mode."""

from __future__ import annotations

import re

#: The lowest allowed contrast of text (WCAG 2.2, success criterion 1.4.3).
LEAST_CONTRAST = 4.5
#: Backgrounds of links in ``credentials.css``. For each mode this is the one with the lowest contrast.
LIGHT_SURFACE = (0xF3, 0xF4, 0xF6)
DARK_SURFACE = (0x1A, 0x21, 0x2B)
_HEX = re.compile(r"[0-9a-f]{6}")
_STEPS = 20
#: Below this value sRGB is linear.
_SRGB_KNEE = 0.04045
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)

Colour = tuple[int, int, int]


def make_theme(accent: str) -> str:
    """Return the style sheet for an accent colour.

    Args:
        accent: the colour as six lower-case hex digits.

    Raises:
        ValueError: the text is not such a colour.
    """
    if not _HEX.fullmatch(accent):
        msg = f"{accent!r} is not a colour of six hex digits"
        raise ValueError(msg)
    colour = (int(accent[:2], 16), int(accent[2:4], 16), int(accent[4:], 16))
    light, dark = make_readable(colour, LIGHT_SURFACE), make_readable(colour, DARK_SURFACE)
    return (
        f":root {{ --accent: #{accent}; --link: {_to_hex(light)}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --link: {_to_hex(dark)}; }} }}\n"
    )


def make_readable(colour: Colour, surface: Colour) -> Colour:
    """Return the most similar shade of a colour that is readable on a surface."""
    towards = _BLACK if get_contrast(_BLACK, surface) > get_contrast(_WHITE, surface) else _WHITE
    shades = (_mix(colour, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if get_contrast(shade, surface) >= LEAST_CONTRAST)


def get_contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_get_luminance(one), _get_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _get_luminance(colour: Colour) -> float:
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= _SRGB_KNEE else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(colour: Colour, towards: Colour, share: float) -> Colour:
    red, green, blue = (round(part + (goal - part) * share) for part, goal in zip(colour, towards, strict=True))
    return red, green, blue


def _to_hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
