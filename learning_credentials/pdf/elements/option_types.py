"""Define the types of values in the options of the PDF generator. Each has limits."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictInt, StrictStr

from learning_credentials.pdf.calendars.numerals import NUMERALS
from learning_credentials.pdf.calendars.patterns import LONGEST_PATTERN, check_date_format
from learning_credentials.pdf.placeholders import parse_text
from learning_credentials.pdf.template.sheets import MOST_PAGES

#: A page has sides of at most 14,400 points.
FARTHEST = 20_000
MOST_ELEMENTS = 100
MOST_TABLES = 8
MOST_FONTS = 10
LONGEST_NAME = 100
LONGEST_LANGUAGE = 35
LONGEST_ALTERNATIVE = 1000
LONGEST_LINK = 2000
LONGEST_TEXT = 10_000
#: Characters in all texts of a document together.
LONGEST_TEXTS = 20_000

_ADDRESS = re.compile(r"(https?://|mailto:)[^\s/]")
_HEX_COLOUR = re.compile(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def parse_colour(value: str) -> str:
    """Return a hex colour as ``#rrggbb``.

    Raises:
        ValueError: it is not a hex colour.
    """
    if not _HEX_COLOUR.fullmatch(value):
        msg = f"'{value[:50]}' is not a colour. Use a hex value such as #1a2b3c"
        raise ValueError(msg)
    digits = value.removeprefix("#").lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))  # noqa: PLR2004


def _check_text(value: str) -> str:
    # Longer texts are refused for their length. They are not parsed.
    if len(value) <= LONGEST_TEXT:
        parse_text(value)
    return value


def _check_link(value: str) -> str:
    if len(value) <= LONGEST_LINK:
        parse_text(value)
    if value and value != "{verify_url}" and not _ADDRESS.match(value):
        msg = f"'{value[:50]}' is not an address. Start it with https://, http:// or mailto:, or write {{verify_url}}"
        raise ValueError(msg)
    return value


def _check_language(value: str) -> str:
    from learning_credentials.pdf.locales import parse_language

    if len(value) <= LONGEST_LANGUAGE:
        parse_language(value)
    return value


def _check_text_language(value: str) -> str:
    from learning_credentials.pdf.locales import parse_text_language

    if len(value) <= LONGEST_LANGUAGE:
        parse_text_language(value)
    return value


def _check_date_format(value: str) -> str:
    if len(value) <= LONGEST_PATTERN:
        check_date_format(value)
    return value


def _check_numerals(value: str) -> str:
    if value not in NUMERALS:
        msg = f"'{value[:50]}' is not a known system of digits. Use one of {', '.join(NUMERALS)}"
        raise ValueError(msg)
    return value


Place = Annotated[float, Field(strict=True, ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)]
Extent = Annotated[float, Field(strict=True, ge=1, le=FARTHEST, allow_inf_nan=False)]
PageNumber = Annotated[StrictInt, Field(ge=1, le=MOST_PAGES)]
FontSize = Annotated[float, Field(strict=True, ge=1, le=2000, allow_inf_nan=False)]
Bleed = Annotated[float, Field(strict=True, ge=0, le=72, allow_inf_nan=False)]
Rotation = Annotated[float, Field(strict=True, ge=-360, le=360, allow_inf_nan=False)]
CharSpace = Annotated[float, Field(strict=True, ge=-100, le=100, allow_inf_nan=False)]
LineHeight = Annotated[float, Field(strict=True, ge=0.1, le=10, allow_inf_nan=False)]
#: The slug of an asset. After the slug of a font there can be a # and a weight or face.
Slug = Annotated[StrictStr, Field(max_length=LONGEST_NAME)]
FontName = Annotated[StrictStr, Field(max_length=2 * LONGEST_NAME)]
ElementName = Annotated[StrictStr, Field(max_length=LONGEST_NAME)]
FieldName = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_NAME)]
Colour = Annotated[
    StrictStr,
    Field(max_length=7),
    BeforeValidator(lambda value: parse_colour(value) if isinstance(value, str) else value),
]
PlaceholderText = Annotated[
    StrictStr,
    Field(max_length=LONGEST_TEXT),
    BeforeValidator(lambda value: _check_text(value) if isinstance(value, str) else value),
]
AlternativeText = Annotated[StrictStr, Field(max_length=LONGEST_ALTERNATIVE)]
Link = Annotated[
    StrictStr,
    Field(max_length=LONGEST_LINK),
    BeforeValidator(lambda value: _check_link(value) if isinstance(value, str) else value),
]
Language = Annotated[
    StrictStr,
    Field(max_length=LONGEST_LANGUAGE),
    BeforeValidator(lambda value: _check_language(value) if isinstance(value, str) else value),
]
TextLanguage = Annotated[
    StrictStr,
    Field(max_length=LONGEST_LANGUAGE),
    BeforeValidator(lambda value: _check_text_language(value) if isinstance(value, str) else value),
]
DateFormat = Annotated[
    StrictStr,
    Field(max_length=LONGEST_PATTERN),
    BeforeValidator(lambda value: _check_date_format(value) if isinstance(value, str) else value),
]
Numerals = Annotated[
    StrictStr, BeforeValidator(lambda value: _check_numerals(value) if isinstance(value, str) else value)
]
