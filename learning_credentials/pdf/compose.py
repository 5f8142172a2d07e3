"""Composes documents: values put into the elements, the elements placed on the page.

What a whole cohort shares is composed once; a learner's own elements are those that show something of the learner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.functional import Promise

from learning_credentials.data import Asset
from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.clusters import is_ignorable
from learning_credentials.pdf.language import to_tag
from learning_credentials.pdf.layout import Drawing, Picture, QRCode, Rule, place_image, place_text
from learning_credentials.pdf.options import ImageElement, QRElement, TextElement
from learning_credentials.pdf.placeholders import fill, list_fields, parse_text
from learning_credentials.pdf.signatures import place_signatories
from learning_credentials.pdf.text import clean
from learning_credentials.pdf.undrawable import Missing, explain, locate
from learning_credentials.pdf.values import LOCALISED_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.fonts import Font
    from learning_credentials.pdf.languages import Languages
    from learning_credentials.pdf.template import Geometry

#: Placeholders that stand for something else in each learner's document.
OWN_FIELDS = frozenset(("name", "verify_uuid", "verify_url", "grade"))


class Block(Enum):
    """Parts of the built-in page that are no elements of the options."""

    SIGNATORIES = "signatories"


@dataclass(frozen=True)
class Text:
    """A text element with its name in the options and its fonts, the preferred first."""

    name: str
    element: TextElement
    fonts: tuple[Font, ...]

    @property
    def fields(self) -> list[str]:
        """The placeholders in it."""
        # A built-in text is translated only where the language is known; its placeholders are those of the original.
        return list_fields(str(self.element.text))

    @cached_property
    def has_own_words(self) -> bool:
        """Whether the operator wrote words, and not only placeholders."""
        text = self.element.text
        literals = () if isinstance(text, Promise) else (part for part in parse_text(text) if isinstance(part, str))
        return any(character.isalpha() for literal in literals for character in literal)

    @cached_property
    def depends_on_language(self) -> bool:
        """Whether it reads differently in another language of the document."""
        return isinstance(self.element.text, Promise) or not LOCALISED_FIELDS.isdisjoint(self.fields)


Item = Text | ImageElement | Rule | QRElement | Block
Group = tuple[Item, ...]


@dataclass(frozen=True)
class Plan:
    """What is drawn, in order, cut where a learner's own elements begin and end.

    ``slots`` says before which of the shared groups each of the own ones comes. ``shared_fields`` are placeholders in shared elements.
    """

    shared: tuple[Group, ...]
    own: tuple[Group, ...]
    slots: tuple[int, ...]
    shared_fields: tuple[str, ...]

    @classmethod
    def of(cls, items: Iterable[Item]) -> Plan:
        """Divide the elements."""
        shared: list[Group] = []
        own: list[Group] = []
        slots: list[int] = []
        for is_own, group in groupby(items, key=_is_own):
            if is_own:
                own.append(tuple(group))
                slots.append(len(shared))
            else:
                shared.append(tuple(group))
        fields = {name for group in shared for item in group if isinstance(item, Text) for name in item.fields}
        return cls(tuple(shared), tuple(own), tuple(slots), tuple(sorted(fields)))


def _is_own(item: Item) -> bool:
    return isinstance(item, QRElement) or (isinstance(item, Text) and not OWN_FIELDS.isdisjoint(item.fields))


@dataclass
class Notes:
    """What came up while drawing. The order of clusters that no font has is that of the page."""

    problems: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


class Composer:
    """Composes for one credential.

    Args:
        credential: what is certified.
        values: of its placeholders.
        languages: of the document and of the names in it.
        page: what is drawn on.
        images: gives the image of a slug, or why there is none.
        get_fonts: gives the fonts of an element that is not in the plan.
    """

    def __init__(
        self,
        credential: CredentialData,
        values: Mapping[str, str],
        languages: Languages,
        page: Geometry,
        images: Callable[[str], Asset | str],
        get_fonts: Callable[[TextElement], Sequence[Font]],
    ) -> None:
        self._credential = credential
        self._values = values
        self._languages = languages
        self._page = page
        self._images = images
        self._get_fonts = get_fonts
        self.notes = Notes()

    def compose(self, groups: Sequence[Group]) -> list[list[Drawing]]:
        """Place what the groups hold.

        Raises:
            GenerationError: ``name_missing``: a text prints the name, and the learner has none.
        """
        return [[drawing for item in group for drawing in self._draw(item)] for group in groups]

    def compose_translated(self, groups: Sequence[Group]) -> list[list[Drawing]]:
        """Do the same where texts of the app may be among the elements: they appear in the document's language."""
        with translation.override(to_tag(self._languages.document).lower()):
            return self.compose(groups)

    def _draw(self, item: Item) -> Iterator[Drawing]:
        if isinstance(item, Text):
            yield from self._draw_element(item)
        elif isinstance(item, ImageElement):
            yield from self._draw_image(item)
        elif isinstance(item, QRElement):
            yield QRCode(self._credential.verify_url, item.x, item.y, item.size, item.color)
        elif isinstance(item, Rule):
            yield item
        else:
            yield from self._draw_signatories()

    def _draw_element(self, item: Text) -> Iterator[Drawing]:
        text = str(item.element.text)
        fields = list_fields(text)
        if "name" in fields and all(map(is_ignorable, self._values["name"])):
            raise GenerationError("the learner has no name to print", code="name_missing")
        if "grade" in fields and not self._values["grade"]:
            self.notes.problems.append("the grade is not known, so it is not printed")
        if fields and not any(self._values[field] for field in fields):
            return
        missing = yield from self._draw_text(
            item.element, clean(fill(text, self._values)), item.fonts, self._find_language(item, fields)
        )
        if missing:
            self.notes.missing += locate(missing, item.name, fields, self._values)

    def _find_language(self, item: Text, fields: Sequence[str]) -> str:
        """The tag of the language in which an element's letters are written."""
        if item.depends_on_language or item.has_own_words:
            return to_tag(self._languages.document)
        return self._languages.learner if "name" in fields else self._languages.site

    def _draw_text(
        self, element: TextElement, text: str, fonts: Sequence[Font], language: str
    ) -> Generator[Drawing, None, Sequence[str]]:
        """Place a text; return what no font has."""
        lines, missing = place_text(element, text, fonts, self._page, language)
        if any(line.y < 0 for line in lines):
            self.notes.problems.append(f"'{text[:60]}' runs off the page at the bottom")
        yield from lines
        return missing

    def _draw_image(self, element: ImageElement) -> Iterator[Drawing]:
        slug, owner = find_image(element, self._credential)
        if asset := self._find_image(slug, owner):
            yield place_image(element, asset)

    def _draw_signatories(self) -> Iterator[Drawing]:
        for number, (rule, box, texts) in enumerate(place_signatories(self._credential.signatories), start=1):
            yield rule
            if asset := self._find_image(box.signatory.signature, f"the signature of {box.signatory.name}"):
                yield Picture(asset, box.x, box.y, box.width, box.height)
            for element, text in texts:
                missing = yield from self._draw_text(element, text, self._get_fonts(element), self._languages.site)
                self.notes.missing += [Missing(f"the texts of signatory {number}", cluster) for cluster in missing]

    def _find_image(self, slug: str, owner: str) -> Asset | None:
        if not slug:
            return None
        found = self._images(slug)
        if isinstance(found, Asset):
            return found
        self.notes.problems.append(f"{owner} is left out: {found}")
        return None


def find_image(element: ImageElement, credential: CredentialData) -> tuple[str, str]:
    """The slug of what an image element shows on a credential, empty where there is nothing, and what to call it."""
    if element.asset is not None:
        return element.asset, f"the image {element.asset}"
    if element.signatory is None:
        return credential.issuer.logo, "the issuer's logo"
    people = credential.signatories
    if element.signatory > len(people):
        return "", ""
    signatory = people[element.signatory - 1]
    return signatory.signature, f"the signature of {signatory.name}"


def list_warnings(notes: Iterable[Notes]) -> tuple[str, ...]:
    """What is not as it should be, each said once."""
    notes = tuple(notes)
    found = list(dict.fromkeys(problem for note in notes for problem in note.problems))
    if missing := [item for note in notes for item in note.missing]:
        found.append(explain(missing))
    return tuple(found)
