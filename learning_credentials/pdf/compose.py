"""Composes documents: values put into the elements, the elements placed on the page.

What a whole cohort shares is composed once; a learner's own elements are those that show something of the learner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import translation

from learning_credentials.data import Asset
from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.content.graphics import Graphic, Picture, QRCode, Rule, TextLine
from learning_credentials.pdf.layout import LEAST_SIZE, DoesNotFitError, Room, place_image, place_text
from learning_credentials.pdf.locales import to_tag
from learning_credentials.pdf.options import ImageElement, QRElement, TextElement
from learning_credentials.pdf.placeholders import MAX_SIGNATORIES, fill, list_fields
from learning_credentials.pdf.plan import Text
from learning_credentials.pdf.signatures import SignatoryBlock, place_signatories
from learning_credentials.pdf.text.cleaning import clean
from learning_credentials.pdf.text.clusters import is_ignorable
from learning_credentials.pdf.undrawable import Missing, explain, locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.language_choice import Languages
    from learning_credentials.pdf.plan import Group, Item
    from learning_credentials.pdf.template.geometry import Geometry

_MOST_QUOTED = 60
#: Points by which a text may pass the edge of the page unsaid.
_ROUNDING = 0.5
#: Points between the signatories and the text above them.
_GAP = 2


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
        shows_signatories: whether the signatories have places of their own, which the text above them leaves free.
    """

    def __init__(
        self,
        credential: CredentialData,
        values: Mapping[str, str],
        languages: Languages,
        page: Geometry,
        images: Callable[[str], Asset | str],
        get_fonts: Callable[[TextElement], Sequence[Font]],
        *,
        shows_signatories: bool = False,
    ) -> None:
        self._credential = credential
        self._values = values
        self.languages = languages
        self._page = page
        self._images = images
        self._get_fonts = get_fonts
        self._shows_signatories = shows_signatories
        self.notes = Notes()

    def compose(self, groups: Sequence[Group]) -> list[list[Graphic]]:
        """Place what the groups hold.

        Raises:
            GenerationError: ``name_missing``: a text prints the name, and the learner has none. ``name_off_page``: it prints the name
                where nobody sees it. ``text_does_not_fit``: a text of the built-in page is too long for it.
        """
        return [[drawing for item in group for drawing in self._draw(item)] for group in groups]

    def compose_translated(self, groups: Sequence[Group]) -> list[list[Graphic]]:
        """Do the same where texts of the app may be among the elements: they appear in the document's language."""
        with translation.override(to_tag(self.languages.document).lower()):
            return self.compose(groups)

    def _draw(self, item: Item) -> Iterator[Graphic]:
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

    def _draw_element(self, item: Text) -> Iterator[Graphic]:
        text = str(item.element.text)
        fields = list_fields(text)
        if "name" in fields and all(map(is_ignorable, self._values["name"])):
            raise GenerationError("the learner has no name to print", code="name_missing")
        if "grade" in fields and not self._values["grade"]:
            self.notes.problems.append("the grade is not known, so it is not printed")
        if fields and not any(self._values[field] for field in fields):
            return
        said = clean(fill(text, self._values))
        try:
            lines, missing = place_text(
                item.element, said, item.fonts, self._page, self._find_language(item, fields), self._find_room(item)
            )
        except DoesNotFitError:
            raise _make_error("text_elements." + item.name, f"'{_shorten(said)}'") from None
        self._check_places(lines, said, item.name, has_name="name" in fields)
        yield from lines
        if missing:
            self.notes.missing += locate(missing, item.name, fields, self._values)

    def _find_room(self, item: Text) -> Room | None:
        if item.room is None or item.name != "context" or not self._shows_signatories:
            return item.room
        return Room(max(item.room.bottom, self._signatories.top + _GAP), item.room.top)

    def _check_places(self, lines: Sequence[TextLine], text: str, name: str, *, has_name: bool) -> None:
        """Note lines off the page; what leaves a certificate without its learner's name is an error."""
        width, height = self._page.width, self._page.height
        ends = [line.x + line.line.measure(line.size, line.char_space) for line in lines]
        if all(
            line.x > -_ROUNDING and 0 <= line.y < height and end < width + _ROUNDING
            for line, end in zip(lines, ends, strict=True)
        ):
            return
        unseen = sum(
            line.x >= width or end <= 0 or line.y >= height or line.box[3] <= 0
            for line, end in zip(lines, ends, strict=True)
        )
        if lines and unseen == len(lines):
            problem = f"text_elements.{name}: '{_shorten(text)}' is off the page, where nobody sees it"
            if has_name:
                raise GenerationError(problem, code="name_off_page")
            self.notes.problems.append(problem)
        elif any(line.y < 0 for line in lines):
            self.notes.problems.append(f"'{text[:60]}' runs off the page at the bottom")
        else:
            self.notes.problems.append(f"'{_shorten(text)}' runs off the page")

    def _find_language(self, item: Text, fields: Sequence[str]) -> str:
        """The tag of the language in which an element's letters are written."""
        if item.depends_on_language or item.has_own_words:
            return to_tag(self.languages.document)
        return self.languages.learner if "name" in fields else self.languages.site

    def _draw_image(self, element: ImageElement) -> Iterator[Graphic]:
        slug, owner = find_image(element, self._credential)
        if asset := self._find_image(slug, owner):
            yield place_image(element, asset)

    def _draw_signatories(self) -> Iterator[Graphic]:
        people = self._credential.signatories
        if len(people) > MAX_SIGNATORIES:
            self.notes.problems.append(
                f"there are {len(people)} signatories, and the page has room for {MAX_SIGNATORIES}: the others are left out"
            )
        for number, place in enumerate(self._signatories.places, start=1):
            yield place.rule
            person = place.signatory
            if asset := self._find_image(person.signature, f"the signature of {person.name}"):
                yield Picture(asset, place.rule.x, place.rule.y + 1, place.rule.width, place.image_height)
            yield from place.lines
            self.notes.missing += [Missing(f"the texts of signatory {number}", cluster) for cluster in place.missing]

    @cached_property
    def _signatories(self) -> SignatoryBlock:
        people = self._credential.signatories[:MAX_SIGNATORIES]
        try:
            return place_signatories(people, self._get_fonts, self._page, self.languages.site)
        except DoesNotFitError:
            raise _make_error("the signatories", "their names, titles and organisations") from None

    def _find_image(self, slug: str, owner: str) -> Asset | None:
        if not slug:
            return None
        found = self._images(slug)
        if isinstance(found, Asset):
            return found
        self.notes.problems.append(f"{owner} is left out: {found}")
        return None


def _make_error(where: str, what: str) -> GenerationError:
    msg = (
        f"{where}: {what} cannot be printed on the built-in page without touching other texts, even in letters of "
        f"{LEAST_SIZE:g} points. Shorten the text, or use a template of your own"
    )
    return GenerationError(msg, code="text_does_not_fit")


def _shorten(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"


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
