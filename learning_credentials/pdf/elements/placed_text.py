"""A text with placeholders that is ready to be placed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.functional import Promise

from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.calendars.conversion import DateOutOfRangeError
from learning_credentials.pdf.calendars.notation import PLAIN, Notation
from learning_credentials.pdf.content.sections import Role, Section, find_spoken
from learning_credentials.pdf.elements.base import Item
from learning_credentials.pdf.page.notes import locate, shorten
from learning_credentials.pdf.page.off_page import check_places
from learning_credentials.pdf.page.text_style import DoesNotFitError, TextStyle, make_fit_error
from learning_credentials.pdf.placeholders import (
    NAME_FIELDS,
    OWN_FIELDS,
    TRANSLATED_FIELDS,
    fill,
    is_localised,
    list_fields,
    list_keys,
    parse_text,
)
from learning_credentials.pdf.text.casing import capitalise
from learning_credentials.pdf.text.cleaning import clean
from learning_credentials.pdf.text.clusters import is_ignorable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from babel import Locale

    from learning_credentials.pdf.content.graphics import TextLine
    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.page.page import Page
    from learning_credentials.pdf.page.text_style import Room
    from learning_credentials.pdf.page.values import Values


@dataclass(frozen=True)
class Text(Item):
    """A text that is ready to be placed. ``fonts`` begins with the preferred font."""

    path: str
    text: str | Promise
    style: TextStyle
    fonts: tuple[Font, ...]
    room: Room | None = None
    """What its lines must keep to, if it has its own place on the built-in page."""
    role: Role = Role.PARAGRAPH
    link: str = ""
    """The address that it links to, with placeholders."""
    notation: Notation = PLAIN
    """How its dates and numbers are written."""
    locale: Locale | None = None
    """Its language, if that is not the document's."""
    page: int = 1

    @cached_property
    def language(self) -> str:
        """Return the tag of its language, or an empty text if that is the document's."""
        return "" if self.locale is None else str(self.locale).replace("_", "-")

    @property
    def fields(self) -> Sequence[str]:
        """Return the placeholders in the text and its link."""
        # A built-in text is translated only when the language is known. Its placeholders are those of the original.
        return [*list_fields(str(self.text)), *list_fields(self.link)]

    @cached_property
    def is_own(self) -> bool:
        """Return whether the text prints something about the learner."""
        return not OWN_FIELDS.isdisjoint(self.fields)

    @cached_property
    def has_own_words(self) -> bool:
        """Return whether the operator wrote words, and not only placeholders."""
        text = self.text
        literals = () if isinstance(text, Promise) else (part for part in parse_text(text) if isinstance(part, str))
        return any(character.isalpha() for literal in literals for character in literal)

    @cached_property
    def depends_on_language(self) -> bool:
        """Return whether the text changes with the language of the document."""
        return self.locale is None and self._is_localised

    @cached_property
    def _is_localised(self) -> bool:
        return isinstance(self.text, Promise) or any(map(is_localised, self.fields))

    def place(self, page: Page) -> Iterable[Section]:
        """Return the lines of the text as one section.

        Raises:
            GenerationError: ``name_missing``: the text prints the name, and the learner has none. ``name_off_page``: the name would be
                where nobody sees it. ``text_does_not_fit``: the text is too long for the built-in page. ``date_out_of_range``: see `write`.
        """
        text = self._read_text()
        placeholders = list_fields(text)
        if "name" in placeholders and all(map(is_ignorable, page.values["name"])):
            raise GenerationError("the learner has no name, so no name is printed", code="name_missing")
        if "grade" in placeholders and not page.values["grade"]:
            page.notes.problems.append("the grade is unknown, so no grade is printed")
        if placeholders and not any(page.values[name] for name in placeholders):
            return ()
        values = page.values.adapt(self.locale, self.notation)
        printed = self._fill(text, values)
        language = self._find_language(page, placeholders)
        try:
            lines, missing = page.place_text(self.style, printed, self.fonts, language, self.room)
        except DoesNotFitError:
            raise make_fit_error(self.path, f"'{shorten(printed)}'", self.room) from None
        check_places(lines, page, self.path, printed, has_name="name" in placeholders)
        if missing:
            page.notes.missing += locate(missing, self.path, list_keys(text), values)
        return (self._make_section(page, lines, printed, language),)

    def write(self, values: Values) -> str:
        """Return the text with the values of a credential, in the language of the values unless it has its own.

        Raises:
            GenerationError: ``date_out_of_range``: its calendar does not have a date.
        """
        return self._fill(self._read_text(), values.adapt(self.locale, self.notation))

    def _read_text(self) -> str:
        """Return the text with its placeholders. One of the app's texts is translated into its own language, or the active one."""
        if self.locale is None or not isinstance(self.text, Promise):
            return str(self.text)
        with translation.override(self.language.lower()):
            return str(self.text)

    def _fill(self, text: str, values: Values) -> str:
        try:
            return clean(fill(text, values))
        except DateOutOfRangeError as error:
            msg = f"{self.path}: {error}. Choose another calendar for this element, or change the date"
            raise GenerationError(msg, code="date_out_of_range") from None

    def _make_section(self, page: Page, lines: Sequence[TextLine], printed: str, language: str) -> Section:
        said = capitalise(printed, language) if self.style.uppercase else printed
        x = page.geometry.width / 2 if self.style.x is None else self.style.x
        return Section(
            self.role,
            lines,
            language="" if language == page.languages.document_tag else language,
            spoken=find_spoken(lines, said, is_rtl=page.languages.is_rtl),
            address=iri_to_uri(fill(self.link, page.values)) if self.link else "",
            order=(-self.style.y, x),
        )

    def _find_language(self, page: Page, placeholders: Sequence[str]) -> str:
        """Return the language tag for the letters of the text."""
        if self.locale is not None:
            return self.language
        if self.depends_on_language or self.has_own_words:
            return page.languages.document_tag
        if not NAME_FIELDS.isdisjoint(placeholders):
            return page.languages.learner
        document, translations = page.languages.document_tag, page.credential.translations
        names = [TRANSLATED_FIELDS[name] for name in placeholders if name in TRANSLATED_FIELDS]
        return document if any(translations.find(name, document) for name in names) else page.languages.site
