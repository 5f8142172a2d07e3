"""The options of texts with placeholders."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Literal, Self

from django.utils import translation
from django.utils.functional import Promise
from pydantic import Field, StrictBool, model_validator

from learning_credentials.catalogues import has_texts
from learning_credentials.data import AssetKind
from learning_credentials.exceptions import OptionProblem
from learning_credentials.options import StrictOptions
from learning_credentials.pdf.calendars.conversion import GREGORIAN, Calendar
from learning_credentials.pdf.calendars.names import knows_months
from learning_credentials.pdf.calendars.notation import ISO, LONG, Notation
from learning_credentials.pdf.calendars.numerals import LATIN
from learning_credentials.pdf.calendars.patterns import names_month
from learning_credentials.pdf.content.sections import Role
from learning_credentials.pdf.elements.base import Element
from learning_credentials.pdf.elements.option_types import (
    LONGEST_TEXT,
    LONGEST_TEXTS,
    MOST_FONTS,
    CharSpace,
    Colour,
    DateFormat,
    Extent,
    FieldName,
    FontName,
    FontSize,
    LineHeight,
    Link,
    Numerals,
    Place,
    PlaceholderText,
    Rotation,
    TextLanguage,
)
from learning_credentials.pdf.elements.placed_text import Text
from learning_credentials.pdf.fonts.names import BUILTIN_NAMES, STANDARD_FONTS, split_font_name
from learning_credentials.pdf.page.text_style import Room, TextStyle
from learning_credentials.pdf.placeholders import (
    CUSTOM_PREFIX,
    DATE_FIELDS,
    explain_unknown_field,
    find_sole_language,
    is_custom,
    list_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from babel import Locale

    from learning_credentials.pdf.assets.option_checks import OptionChecks
    from learning_credentials.pdf.fonts.classes import GetFonts

_VERIFY_URL = "{verify_url}"
DEFAULT_FONT = "Helvetica"
#: Capitals are about so high, as a part of the font size, in every font.
_CAPITAL_HEIGHT = 0.7
#: Points between bottom and top of a text, so that letters of the least size fit.
_LEAST_ROOM = 8.0


class TextDefaults(StrictOptions):
    """The defaults of all text elements."""

    font: FontName = Field(
        DEFAULT_FONT,
        description="Built-in font or slug of a font asset. Add # and a weight or face to choose one, such as "
        "my-font#Bold.",
    )
    fonts: list[FontName] = Field(
        default_factory=list,
        max_length=MOST_FONTS,
        description="Fonts for characters that `font` does not have, in order. After them the shipped fonts "
        f"and the server's fonts are tried. At most {MOST_FONTS}.",
    )
    color: Colour = Field("#000000", description="Hex colour of 3 or 6 digits. The # is optional.")
    size: FontSize = Field(12, description="Font size in points, from 1 to 2000.")
    char_space: CharSpace = Field(0, description="Extra space between characters in points, from -100 to 100.")
    uppercase: StrictBool = Field(False, description="Whether to print in capitals.")
    line_height: LineHeight = Field(
        1.1, description="Distance between lines as a multiple of the font size, from 0.1 to 10."
    )
    date_format: DateFormat = Field(
        LONG,
        description="How dates are written: short, medium, long, full, numeric (all digits, with the whole year), iso "
        "(2026-11-22), or a pattern such as d MMMM y with the letters d, E, M, L, y and G.",
    )
    calendar: Calendar = Field(
        GREGORIAN,
        description="Calendar of dates. islamic-umalqura is the calendar of Saudi Arabia, from 1924 to 2077. "
        "islamic-civil is the tabular one, which can differ by a day or two.",
    )
    numerals: Numerals = Field(
        LATIN,
        description="Digits of dates and of the grade: latn for 0 to 9, language for the usual digits of the language, "
        "native for the digits of its script, or the name of a system, such as arab, arabext, deva, beng or thai.",
    )

    @property
    def font_names(self) -> list[str]:
        """Return the names of the element's fonts, the preferred one first."""
        return [name for name in (self.font, *self.fonts) if name] or [DEFAULT_FONT]


class TextElement(TextDefaults, Element):
    """One text on the page."""

    language: TextLanguage | None = Field(
        None,
        description="Language of this text, if it is not the document's: of its dates, capitals and forms of letters, and "
        "for people who listen to the document. The app's own texts are translated into it.",
    )

    text: PlaceholderText = Field(
        "",
        description=f"The text, with placeholders such as {{name}}. \\n starts a new line. At most "
        f"{LONGEST_TEXT:,} characters, and {LONGEST_TEXTS:,} in all elements together.",
    )
    y: Place = Field(0, description="Baseline of the first line, in points from the bottom edge.")
    field: FieldName | None = Field(
        None,
        description="Name of a form field of the template, in whose place the text is printed. Default: the name of the element.",
    )
    x: Place | None = Field(
        None, description="What the text is aligned to, in points from the left edge. Default: the centre of the page."
    )
    align: Literal["left", "center", "right"] = Field(
        "center", description="Which part of the text is at x: left, center or right."
    )
    max_width: Extent | None = Field(
        None, description="Maximum width in points. Default: the width that is left on the page."
    )
    fit: Literal["shrink", "wrap"] = Field(
        "shrink", description="What happens to a text wider than max_width: shrink the font or wrap the line."
    )
    bottom: Place | None = Field(
        None,
        description="Lowest level of the text, in points from the bottom edge. With bottom and top, a long text is moved, broken "
        "into lines and made smaller until all of it is between them. A text that is too long for that is refused.",
    )
    top: Place | None = Field(None, description="Highest level of the text, in points from the bottom edge.")
    rotation: Rotation = Field(
        0, description="Degrees by which the text is turned to the left around the point x, y, from -360 to 360."
    )
    role: Literal["title", "heading", "paragraph", "decoration"] = Field(
        "paragraph",
        description="What the text is for people who listen to the document. Screen readers go from heading to heading, "
        "and leave out decoration. Have one title.",
    )
    link: Link | None = Field(
        None,
        description="Address that the text links to, with placeholders. Default: a text with {verify_url} links to that "
        "address. Leave it empty for no link.",
    )

    @model_validator(mode="after")
    def _check_levels(self) -> Self:
        if (self.bottom is None) != (self.top is None):
            missing = "bottom" if self.bottom is None else "top"
            msg = f"needs {missing} too: bottom and top belong together"
            raise ValueError(msg)
        if self.bottom is not None and self.top is not None and self.top - self.bottom < _LEAST_ROOM:
            msg = f"has too little space between bottom and top. {_LEAST_ROOM:g} points are the least"
            raise ValueError(msg)
        return self

    @property
    def own_room(self) -> Room | None:
        """Return the space that the options give to the lines, if they do."""
        if self.bottom is None or self.top is None:
            return None
        return Room(self.bottom, self.top, has_own_bounds=True, prefers_lines=True)

    def find_problems(self, path: str, checks: OptionChecks) -> Iterator[OptionProblem]:
        """Yield places that are off the page, and custom fields that the type does not have.

        Mistakes in fonts are found where the options name them, which can be ``defaults``.
        """
        for option, text in (("text", str(self.text)), ("link", self.link or "")):
            for name in filter(is_custom, list_fields(text)):
                if name.removeprefix(CUSTOM_PREFIX) not in checks.fields:
                    yield OptionProblem(f"{path}.{option}", explain_unknown_field(name, checks.fields))
        yield from self._find_language_problems(path)
        for page in checks.list_pages(self.page):
            if not 0 <= self.y <= page.height - self.size * _CAPITAL_HEIGHT:
                yield OptionProblem(
                    f"{path}.y", f"{self.y:g} puts the text off the page, which is {page.height:g} points high"
                )
            if self.x is not None and not 0 <= self.x <= page.width:
                yield OptionProblem(f"{path}.x", f"{self.x:g} is off the page, which is {page.width:g} points wide")
            for option, level in (("bottom", self.bottom), ("top", self.top)):
                if level is not None and not 0 <= level <= page.height:
                    yield OptionProblem(
                        f"{path}.{option}", f"{level:g} is off the page, which is {page.height:g} points high"
                    )
            if self.max_width is not None and self.max_width > page.width:
                yield OptionProblem(
                    f"{path}.max_width",
                    f"{self.max_width:g} is wider than the page, which is {page.width:g} points wide",
                )

    def _find_language_problems(self, path: str) -> Iterator[OptionProblem]:
        if self.date_format == ISO and self.calendar != GREGORIAN:
            yield OptionProblem(
                f"{path}.date_format",
                f"iso is a format of the Gregorian calendar only. For the calendar {self.calendar}, use another format",
            )
        if self.language and isinstance(self.text, Promise):
            with translation.override(None):
                written = str(self.text)
            if not has_texts(self.language, (written,)):
                yield OptionProblem(
                    f"{path}.language",
                    f"the app has no translation of '{written}' into '{self.language}'. Enter the text of the element too",
                )

    def list_language_advice(self, path: str, language: str) -> Iterator[OptionProblem]:
        """Yield names of months that are not known in the language of the text.

        Args:
            path: the element's place in the options.
            language: of the document, or empty for the site's.
        """
        from learning_credentials.pdf.locales import LATIN as LATIN_SCRIPT
        from learning_credentials.pdf.locales import choose_locale, find_script

        locale = choose_locale(self.language or language)
        if (
            names_month(self.date_format)
            and not DATE_FIELDS.isdisjoint(list_fields(str(self.text)))
            and find_script(locale) != LATIN_SCRIPT
            and not knows_months(self.calendar, locale)
        ):
            yield OptionProblem(
                f"{path}.calendar",
                f"the names of months of the calendar {self.calendar} are not known in the language '{locale}', and are printed "
                "in Latin letters. To print no names, use the date_format numeric",
            )

    def list_assets(self) -> Iterator[tuple[str, AssetKind]]:
        """Yield the fonts that are assets."""
        return list_font_assets(self.font_names)

    def prepare(self, path: str, get_fonts: GetFonts, room: Room | None) -> Text:
        """Return the text with its fonts."""
        style = TextStyle(**{item.name: getattr(self, item.name) for item in fields(TextStyle)})
        link = self.link
        if link is None:
            link = _VERIFY_URL if _VERIFY_URL in str(self.text) else ""
        fonts = get_fonts(self.font_names)
        return Text(
            path,
            self.text,
            style,
            fonts,
            room,
            Role[self.role.upper()],
            link,
            Notation(self.date_format, self.calendar, self.numerals),
            _find_locale(self.language or find_sole_language(str(self.text))),
            self.page,
        )


def list_font_assets(names: Iterable[str]) -> Iterator[tuple[str, AssetKind]]:
    """Yield those of the fonts that are assets."""
    for name in names:
        slug, _ = split_font_name(name)
        if slug and slug not in BUILTIN_NAMES:
            yield slug, AssetKind.FONT


def list_fonts_of_readers(names: Iterable[str]) -> list[str]:
    """Return those of the fonts that are not embedded, because every PDF reader has them."""
    return [name for name in names if name in STANDARD_FONTS]


def _find_locale(language: str | None) -> Locale | None:
    # Imported here to keep the engine out of Django's start-up.
    from learning_credentials.pdf.locales import parse_language

    return parse_language(language) if language else None
