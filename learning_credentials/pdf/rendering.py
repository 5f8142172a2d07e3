"""Renders credentials: what a cohort shares is prepared once, each learner's own part is printed on it."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from cachetools import LRUCache
from django.conf import settings

from learning_credentials.data import Artifact, Asset, AssetKind, StaticAssets
from learning_credentials.exceptions import AssetError, GenerationError
from learning_credentials.options import parse
from learning_credentials.pdf.assets.checking import open_checked_template
from learning_credentials.pdf.assets.reading import get_asset, get_named_font
from learning_credentials.pdf.compose import Composer, Notes, find_image, list_warnings
from learning_credentials.pdf.content.graphics import Rule
from learning_credentials.pdf.content.images import check_image_asset
from learning_credentials.pdf.content.streams import make_page_content
from learning_credentials.pdf.default_elements import BUILTIN_LOGO, BUILTIN_ROOMS, BUILTIN_RULES
from learning_credentials.pdf.document.metadata import Metadata
from learning_credentials.pdf.document.shared_objects import SharedObjects, write_shared_objects
from learning_credentials.pdf.fonts.classes import BrokenFontError
from learning_credentials.pdf.fonts.faces import split_font_name
from learning_credentials.pdf.fonts.names import BUILTIN_NAMES
from learning_credentials.pdf.fonts.server import refresh
from learning_credentials.pdf.language_choice import LanguageChooser
from learning_credentials.pdf.layout import Room
from learning_credentials.pdf.locales import to_tag
from learning_credentials.pdf.options import ImageElement, PDFOptions
from learning_credentials.pdf.plan import Block, Plan, Text
from learning_credentials.pdf.template.builtin import get_default_template
from learning_credentials.pdf.undrawable import UNDRAWABLE, explain
from learning_credentials.pdf.values import Values

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from typing import Any

    from babel import Locale

    from learning_credentials.data import AssetReader, CredentialData
    from learning_credentials.pdf.content.graphics import Graphic
    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.options import TextElement
    from learning_credentials.pdf.plan import Item
    from learning_credentials.pdf.template.opening import Template

MEDIA_TYPE = "application/pdf"
EXTENSION = "pdf"

#: On the built-in template, where the issuer has one.
LOGO = ImageElement(issuer_logo=True, **BUILTIN_LOGO)

#: Renderers that a process keeps, and the cohorts for which each of them keeps what was prepared.
_MOST_RENDERERS = 32
_MOST_COHORTS = 16

_renderers: LRUCache[Hashable, Renderer] = LRUCache(_MOST_RENDERERS)
_LOCK = RLock()


def get_renderer(options: Mapping[str, Any], assets: AssetReader) -> Renderer:
    """Return what renders with some options; see `learning_credentials.pdf.prepare_renderer`.

    It is kept for the next time, under the options and the hashes of the assets that they name: one that was edited is read anew.
    """
    parsed = parse(PDFOptions, options)
    found = {slug: get_asset(assets, slug, kind) for slug, kind in _list_assets(parsed)}
    key = (
        parsed.model_dump_json(exclude_unset=True),
        tuple((slug, asset.sha256) for slug, asset in found.items()),
        refresh(),
        settings.LANGUAGE_CODE,
        tuple(settings.LOCALE_PATHS),
    )
    with _LOCK:
        if key not in _renderers:
            _renderers[key] = Renderer(parsed, found)
        return _renderers[key]


class Renderer:
    """Makes the credentials of one configuration, from any thread."""

    def __init__(self, options: PDFOptions, assets: Mapping[str, Asset]) -> None:
        self._options = options
        self._assets = assets
        self._font_names: dict[Font, str] = {}
        for asset in assets.values():
            if asset.kind is AssetKind.IMAGE:
                check_image_asset(asset)
        items = tuple(self._list_items())
        self._plan = Plan.of(items)
        self._languages = LanguageChooser(options, [item for item in items if isinstance(item, Text)])
        self._template = self._open_template(options.template)
        self._multiline = self._open_template(options.template_multiline or options.template)
        self._prepared: LRUCache[Hashable, tuple[SharedObjects, Notes]] = LRUCache(_MOST_COHORTS)
        self._lock = RLock()

    def __call__(self, credential: CredentialData) -> Artifact:
        """Render one credential.

        Raises:
            GenerationError: ``name_missing``: a text prints the name, and the learner has none. ``undrawable_text``: no font can
                draw some of the text, and the options do not ask to print it all the same.
            GenerationError: ``name_off_page``, ``text_does_not_fit``: see `Composer.compose`.
            AssetError: a font cannot be drawn with; the message names it.
            StorageUnavailableError: an asset could not be read.
        """
        try:
            return self._render(credential)
        except BrokenFontError as error:
            raise BrokenFontError(error.font, error.error, self._font_names.get(error.font, "")) from error

    def lay_out(self, credential: CredentialData) -> list[Graphic]:
        """Return all that is drawn on a credential's page, each with its ``box``; raises as a call."""
        composer, _, _ = self._start(credential)
        groups = composer.compose_translated(self._plan.shared) + composer.compose(self._plan.own)
        return [drawing for group in groups for drawing in group]

    def _render(self, credential: CredentialData) -> Artifact:
        composer, values, template = self._start(credential)
        locale = composer.languages.document
        objects, shared = self._prepare(credential, values, locale, template, composer)
        segments = composer.compose(self._plan.own)
        missing = (*shared.missing, *composer.notes.missing)
        if missing and self._options.undrawable_text == "refuse":
            raise GenerationError(explain(missing), code=UNDRAWABLE)
        content = objects.make_document(make_page_content(segments, "LC"), _describe(values, locale))
        return Artifact(content, MEDIA_TYPE, EXTENSION, list_warnings((shared, composer.notes)))

    def _start(self, credential: CredentialData) -> tuple[Composer, Values, Template]:
        languages = self._languages.choose(credential)
        values = Values(credential, languages.document)
        template = self._multiline if "\n" in values["context_name"] else self._template
        composer = Composer(
            credential,
            values,
            languages,
            template.geometry,
            lambda slug: self._read(slug, credential),
            self._get_fonts,
            shows_signatories=self._shows_signatories,
        )
        if languages.problem:
            composer.notes.problems.append(languages.problem)
        return composer, values, template

    def _prepare(
        self, credential: CredentialData, values: Values, locale: Locale, template: Template, composer: Composer
    ) -> tuple[SharedObjects, Notes]:
        """What credentials with the same texts and pictures share."""
        key = (
            template is self._multiline,
            to_tag(locale),
            tuple(values[name] for name in self._plan.shared_fields),
            credential.signatories if self._shows_signatories else (),
            tuple(self._identify_images(credential)),
        )
        with self._lock:
            found = self._prepared.get(key)
        if found is None:
            content = make_page_content(composer.compose_translated(self._plan.shared), "LS")
            found = write_shared_objects(template, locale, content, self._plan.slots), composer.notes
            composer.notes = Notes()
            with self._lock:
                self._prepared[key] = found
        return found

    @property
    def _shows_signatories(self) -> bool:
        return self._options.uses_builtin_template and self._options.signatures

    def _list_items(self) -> Iterator[Item]:
        texts = self._options.list_texts()
        is_builtin = self._options.uses_builtin_template
        if is_builtin:
            yield LOGO
        yield from self._options.list_images().values()
        if is_builtin:
            yield from (Rule(*rule) for name, rule in BUILTIN_RULES.items() if name in texts)
        if self._shows_signatories:
            yield Block.SIGNATORIES
        for name, element in texts.items():
            said = self._options.text_elements.get(name)
            # With another place an element is on its own.
            is_moved = said is not None and "y" in said.model_fields_set
            room = BUILTIN_ROOMS.get(name) if is_builtin and not is_moved else None
            yield Text(name, element, self._get_fonts(element), Room(*room) if room else None)
        if qr := self._options.find_qr():
            yield qr

    def _get_fonts(self, element: TextElement) -> tuple[Font, ...]:
        names = [name for name in (element.font, *element.fonts) if name]
        return tuple(self._get_font(name) for name in names or ("Helvetica",))

    def _get_font(self, name: str) -> Font:
        try:
            font = get_named_font(StaticAssets(self._assets), name)
        except AssetError as error:
            msg = f"the font '{name}' cannot be used: {error}"
            raise AssetError(msg) from error
        self._font_names[font] = name
        return font

    def _open_template(self, slug: str | None) -> Template:
        if slug is None:
            return get_default_template()
        return open_checked_template(self._assets[slug])

    def _identify_images(self, credential: CredentialData) -> Iterator[str]:
        """The hashes of images that a credential names in its snapshot, or why they are left out."""
        elements = (item for group in self._plan.shared for item in group if isinstance(item, ImageElement))
        slugs = [find_image(element, credential)[0] for element in elements if element.asset is None]
        if self._shows_signatories:
            slugs += [person.signature for person in credential.signatories]
        for slug in slugs:
            found = self._read(slug, credential) if slug else ""
            yield found.sha256 if isinstance(found, Asset) else found

    def _read(self, slug: str, credential: CredentialData) -> Asset | str:
        """An image. One that a credential names in its snapshot may be gone by now, which spoils no credential."""
        if slug in self._assets:
            return self._assets[slug]
        try:
            asset = get_asset(credential.assets, slug, AssetKind.IMAGE)
            check_image_asset(asset)
        except AssetError as error:
            return str(error)
        return asset


def _list_assets(options: PDFOptions) -> Iterator[tuple[str, AssetKind]]:
    for template in (options.template, options.template_multiline):
        if template is not None:
            yield template, AssetKind.PDF_TEMPLATE
    for image in options.list_images().values():
        if image.asset is not None:
            yield image.asset, AssetKind.IMAGE
    for element in options.list_texts().values():
        for name in (element.font, *element.fonts):
            slug, _fragment = split_font_name(name)
            if slug and slug not in BUILTIN_NAMES:
                yield slug, AssetKind.FONT


def _describe(values: Mapping[str, str], locale: Locale) -> Metadata:
    context_name = " ".join(values["context_name"].split())
    return Metadata(
        title=": ".join(part for part in (values["credential_type"], context_name) if part),
        author=values["issuer_name"],
        subject=", ".join(part for part in (values["name"], context_name) if part),
        keywords=values["verify_url"],
        language=to_tag(locale),
    )
