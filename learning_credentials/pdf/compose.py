"""Composes one credential: its values put into the elements, the elements placed on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

from learning_credentials.data import AssetKind, SignatoryData
from learning_credentials.exceptions import AssetError, GenerationError
from learning_credentials.pdf.assets import get_asset
from learning_credentials.pdf.default_elements import BUILTIN_RULES
from learning_credentials.pdf.images import check_image_asset
from learning_credentials.pdf.language import to_tag
from learning_credentials.pdf.layout import Drawing, Picture, QRCode, Rule, place_image, place_text
from learning_credentials.pdf.placeholders import fill, list_fields
from learning_credentials.pdf.server_fonts import explain_missing
from learning_credentials.pdf.signatures import place_signatories
from learning_credentials.pdf.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from babel import Locale

    from learning_credentials.data import Asset, CredentialData
    from learning_credentials.pdf.fonts import Font
    from learning_credentials.pdf.options import ImageElement, TextElement
    from learning_credentials.pdf.render import Renderer
    from learning_credentials.pdf.template import Geometry


class Composition:
    """What is drawn for one credential, and the warnings that came up on the way."""

    def __init__(
        self, renderer: Renderer, credential: CredentialData, values: Mapping[str, str], locale: Locale, page: Geometry
    ) -> None:
        self._renderer = renderer
        self._credential = credential
        self._values = values
        self._language = to_tag(locale)
        self._page = page
        self._missing: list[str] = []
        self._problems: list[str] = []
        with translation.override(to_tag(locale).lower()):
            self.drawings: Sequence[Drawing] = tuple(self._compose())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is not as it should be, each said once."""
        found = list(dict.fromkeys(self._problems))
        if self._missing:
            found.append(explain_missing(self._missing))
        return tuple(found)

    def _compose(self) -> Iterator[Drawing]:
        for image in self._renderer.images:
            yield from self._draw_image(image)
        if self._renderer.options.uses_builtin_template:
            yield from (Rule(*rule) for name, rule in BUILTIN_RULES.items() if name in self._renderer.texts)
        if self._renderer.shows_signatories:
            yield from self._draw_signatories()
        for name, element in self._renderer.texts.items():
            yield from self._draw_element(name, element)
        if qr := self._renderer.qr:
            yield QRCode(self._credential.verify_url, qr.x, qr.y, qr.size, qr.color)

    def _draw_element(self, name: str, element: TextElement) -> Iterator[Drawing]:
        # A built-in text is translated only here, where the language is known.
        text = str(element.text)
        fields = list_fields(text)
        if "name" in fields and not self._values["name"]:
            raise GenerationError("the learner has no name to print", code="name_missing")
        if "grade" in fields and not self._values["grade"]:
            self._problems.append("the grade is not known, so it is not printed")
        if fields and not any(self._values[field] for field in fields):
            return
        yield from self._draw_text(element, clean(fill(text, self._values)), self._renderer.fonts[name])

    def _draw_text(self, element: TextElement, text: str, fonts: Sequence[Font]) -> Iterator[Drawing]:
        lines, missing = place_text(element, text, fonts, self._page, self._language)
        self._missing += missing
        yield from lines

    def _draw_image(self, element: ImageElement) -> Iterator[Drawing]:
        if element.asset is not None:
            yield place_image(element, get_asset(self._renderer.assets, element.asset, AssetKind.IMAGE))
            return
        slug = self._credential.issuer.logo
        owner = "the issuer's logo"
        if element.signatory is not None:
            people = self._credential.signatories
            signatory = people[element.signatory - 1] if element.signatory <= len(people) else SignatoryData(name="")
            slug, owner = signatory.signature, f"the signature of {signatory.name}"
        if asset := self._find_image(slug, owner):
            yield place_image(element, asset)

    def _draw_signatories(self) -> Iterator[Drawing]:
        for rule, box, texts in place_signatories(self._credential.signatories):
            yield rule
            if asset := self._find_image(box.signatory.signature, f"the signature of {box.signatory.name}"):
                yield Picture(asset, box.x, box.y, box.width, box.height)
            for element, text in texts:
                yield from self._draw_text(element, text, self._renderer.get_fonts(element))

    def _find_image(self, slug: str, owner: str) -> Asset | None:
        """An image that a credential names in its snapshot: it may be gone by now, which spoils no credential."""
        if not slug:
            return None
        try:
            asset = get_asset(self._renderer.assets, slug, AssetKind.IMAGE)
            check_image_asset(asset)
        except AssetError as error:
            self._problems.append(f"{owner} is left out: {error}")
            return None
        return asset
