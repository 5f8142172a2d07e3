"""Render credentials. What a cohort shares is made once, and each document adds one learner's own part to it."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from cachetools import LRUCache
from django.conf import settings

from learning_credentials.custom_fields import make_placeholder
from learning_credentials.data import Artifact, Asset, AssetKind, StaticAssets
from learning_credentials.exceptions import AssetError, GenerationError
from learning_credentials.options import parse
from learning_credentials.pdf.assets.checking import open_checked_template
from learning_credentials.pdf.assets.reading import get_asset, get_named_font
from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.content.images import check_image_asset
from learning_credentials.pdf.content.sections import list_links, list_spoken, outline
from learning_credentials.pdf.content.streams import make_page_content
from learning_credentials.pdf.document.metadata import Metadata
from learning_credentials.pdf.document.shared_objects import write_shared_objects
from learning_credentials.pdf.elements.groups import ItemGroup, divide, place, place_translated
from learning_credentials.pdf.elements.placed_table import Table, flow
from learning_credentials.pdf.elements.placed_text import Text
from learning_credentials.pdf.fonts.classes import BrokenFontError
from learning_credentials.pdf.fonts.server import refresh
from learning_credentials.pdf.language_choice import LanguageChooser
from learning_credentials.pdf.options import PDFOptions
from learning_credentials.pdf.page.notes import Notes
from learning_credentials.pdf.page.page import Page
from learning_credentials.pdf.page.values import Values
from learning_credentials.pdf.placeholders import is_custom
from learning_credentials.pdf.template.builtin import get_builtin_template, get_empty_template
from learning_credentials.pdf.template.opening import TemplateUse
from learning_credentials.pdf.template.sheets import Sheet
from learning_credentials.pdf.undrawable import UNDRAWABLE, explain

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from learning_credentials.data import AssetReader, CredentialData
    from learning_credentials.pdf.content.graphics import Graphic
    from learning_credentials.pdf.content.sections import Outline
    from learning_credentials.pdf.document.attached_file import AttachedFile
    from learning_credentials.pdf.document.shared_objects import SharedObjects
    from learning_credentials.pdf.elements.base import Item, ListedElement
    from learning_credentials.pdf.elements.groups import ItemGroups
    from learning_credentials.pdf.fonts.classes import Font
    from learning_credentials.pdf.template.geometry import Geometry
    from learning_credentials.pdf.template.opening import Template

    Sheets = tuple[Sheet, ...]

MEDIA_TYPE = "application/pdf"
EXTENSION = "pdf"

#: A process keeps so many renderers, and each of them the shared objects of so many cohorts.
_MOST_RENDERERS = 32
_MOST_COHORTS = 16
#: What names of resources in a learner's own content begin with.
_OWN_PREFIX = "LC"

_renderers: LRUCache[Hashable, Renderer] = LRUCache(_MOST_RENDERERS)
_LOCK = RLock()


def get_renderer(options: Mapping[str, Any], assets: AssetReader) -> Renderer:
    """Return a renderer for some options. See `learning_credentials.pdf.prepare_renderer`.

    Renderers are cached under the options and the hashes of the assets that they name, so an edited asset is read again.
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


class PlacedElement(NamedTuple):
    """What an element draws on one page of a document. ``page`` is the index of the page."""

    listed: ListedElement
    page: int
    graphics: list[Graphic]


class Renderer:
    """Makes the credentials of one configuration, in any thread."""

    def __init__(self, options: PDFOptions, assets: Mapping[str, Asset]) -> None:
        self._options = options
        self._assets = assets
        self._font_names: dict[Font, str] = {}
        for asset in assets.values():
            if asset.kind is AssetKind.IMAGE:
                check_image_asset(asset)
        self._template = self._open_template(options.template)
        self._multiline = self._open_template(options.template_multiline or options.template)
        self._listed = self._multiline_listed = listed = self._prepare(self._template)
        if self._multiline.fields != self._template.fields:
            self._multiline_listed = self._prepare(self._multiline)
            listed = [*listed, *self._multiline_listed]
        items = [item for _, item in listed]
        self._custom = frozenset(name for item in items for name in item.fields if is_custom(name))
        self._divisions: LRUCache[tuple[frozenset[str], Sheets, bool], ItemGroups] = LRUCache(_MOST_COHORTS)
        self._languages = LanguageChooser(options, [item for item in items if isinstance(item, Text)])
        self._sheets = _list_sheets(self._template)
        self._multiline_sheets = _list_sheets(self._multiline)
        self._alternatives = (options.template_alternative_text, *options.page_alternative_texts)
        most = min(len(self._sheets), len(self._multiline_sheets))
        self._tables = tuple(item for item in items if isinstance(item, Table))
        self._far = tuple((element.path, item) for element, item in listed if item.page > most)
        self._shared: LRUCache[Hashable, tuple[SharedObjects, Notes]] = LRUCache(_MOST_COHORTS)
        self._lock = RLock()

    def __call__(self, credential: CredentialData, file: AttachedFile | None = None) -> Artifact:
        """Render one credential, and attach a file if there is one.

        Raises:
            GenerationError: ``name_missing``: a text prints the name, and the learner has none. ``undrawable_text``: no font can
                draw some of the text, and the options do not ask to print it anyway.
            GenerationError: ``name_off_page``, ``text_does_not_fit``: see `Text.place`.
            AssetError: a font cannot be drawn with; the message names it.
            StorageUnavailableError: an asset could not be read.
        """
        try:
            return self._render(credential, file)
        except BrokenFontError as error:
            raise BrokenFontError(error.font, error.error, self._font_names.get(error.font, "")) from error

    def lay_out(self, credential: CredentialData) -> tuple[list[Geometry], list[PlacedElement]]:
        """Return the pages of a credential, and what each element draws on each page. Raises the errors of a call."""
        page, template, sheets = self._start(credential)
        listed = self._multiline_listed if template is self._multiline else self._listed
        placed: list[PlacedElement] = []
        for index, sheet in enumerate(sheets):
            page.turn_to(index)
            shown = [(element, item) for element, item in listed if item.is_on(sheet)]
            groups = [ItemGroup((item,), index) for _, item in shown]
            placed += [
                PlacedElement(element, index, [graphic for section in group.sections for graphic in section.graphics])
                for (element, _), group in zip(shown, place_translated(groups, page), strict=True)
            ]
        return list(page.geometries), placed

    def find_name_size(self, credential: CredentialData) -> float | None:
        """Return the size of the smallest letters in which the learner's name is printed, or None if no text prints it.

        Raises the errors of a call.
        """
        page, template, sheets = self._start(credential)
        sizes = []
        for index, sheet in enumerate(sheets):
            page.turn_to(index)
            for _element, item in self._multiline_listed if template is self._multiline else self._listed:
                if isinstance(item, Text) and item.is_on(sheet) and "name" in item.fields:
                    graphics = [graphic for section in item.place(page) for graphic in section.graphics]
                    sizes += [graphic.size for graphic in graphics if isinstance(graphic, TextLine)]
        return min(sizes, default=None)

    def _render(self, credential: CredentialData, file: AttachedFile | None) -> Artifact:
        page, template, sheets = self._start(credential)
        groups = self._divide(credential, template, sheets)
        own = place(groups.own, page)
        notes, page.notes = page.notes, Notes()
        file_name = file.name if file else ""
        shared, shared_notes = self._get_shared(
            page, template, sheets, groups, outline(own, page.geometries), file_name
        )
        missing = (*shared_notes.missing, *notes.missing)
        if missing and self._options.undrawable_text == "refuse":
            raise GenerationError(explain(missing), code=UNDRAWABLE)
        content = make_page_content(own, _OWN_PREFIX, shared.first_marks)
        links = list_links(own, page.geometries)
        metadata = _describe(page, claims_pdf_ua=self._options.claims_pdf_ua)
        document = shared.make_document(content, metadata, links, list_spoken(own), file)
        return Artifact(document, MEDIA_TYPE, EXTENSION, _list_warnings((shared_notes, notes)), len(sheets))

    def _start(self, credential: CredentialData) -> tuple[Page, Template, Sheets]:
        languages = self._languages.choose(credential)
        values = Values(credential, languages.document)
        is_multiline = "\n" in values["context_name"]
        template = self._multiline if is_multiline else self._template
        sheets = self._multiline_sheets if is_multiline else self._sheets
        page = Page(
            credential,
            values,
            languages,
            template.geometries,
            sheets,
            lambda slug: self._read_image(slug, credential),
            self._get_fonts,
            shows_signatories=self._options.uses_builtin_template and self._options.signatures,
        )
        if languages.problem:
            page.notes.problems.append(languages.problem)
        if self._far:
            _note_far(self._far, template, page)
        if self._tables:
            sheets = flow(self._tables, page, len(template.geometries))
        return page, template, sheets

    def _divide(self, credential: CredentialData, template: Template, sheets: Sheets) -> ItemGroups:
        """Return the items that a cohort shares, and those that are the credential's own."""
        own = frozenset(make_placeholder(field.name) for field in credential.custom_fields if field.is_own)
        own &= self._custom
        with self._lock:
            is_multiline = template is self._multiline
            found = self._divisions.get((own, sheets, is_multiline))
            if found is None:
                listed = self._multiline_listed if is_multiline else self._listed
                found = self._divisions[own, sheets, is_multiline] = divide([item for _, item in listed], sheets, own)
        return found

    def _get_shared(
        self,
        page: Page,
        template: Template,
        sheets: Sheets,
        groups: ItemGroups,
        own: tuple[Outline, ...],
        file_name: str,
    ) -> tuple[SharedObjects, Notes]:
        """Return what credentials with the same shared texts and images, and the same structure, share, and the notes on it."""
        credential = page.credential
        key = (
            template is self._multiline,
            sheets,
            page.languages.document_tag,
            tuple(page.values[name] for name in groups.shared_fields),
            tuple(item.identify(credential) for item in groups.iter_shared()),
            tuple(self._identify_images(credential, groups)),
            groups.slots,
            groups.shared_fields,
            own,
            file_name,
        )
        with self._lock:
            found = self._shared.get(key)
        if found is None:
            objects = write_shared_objects(
                template,
                sheets,
                page.languages,
                place_translated(groups.shared, page),
                own,
                groups.slots,
                self._alternatives,
                file_name,
            )
            found = objects, page.notes
            with self._lock:
                self._shared[key] = found
        return found

    def _prepare(self, template: Template) -> list[tuple[ListedElement, Item]]:
        """Return the elements of the pages, each with its item."""
        return [
            (listed, listed.element.prepare(listed.path, self._get_fonts, listed.room))
            for listed in self._options.list_elements(template.fields)
        ]

    def _get_fonts(self, names: Sequence[str]) -> tuple[Font, ...]:
        return tuple(map(self._get_font, names))

    def _get_font(self, name: str) -> Font:
        try:
            font = get_named_font(StaticAssets(self._assets), name)
        except AssetError as error:
            msg = f"the font '{name}' cannot be used: {error}"
            raise AssetError(msg) from error
        self._font_names[font] = name
        return font

    def _open_template(self, slug: str | None) -> Template:
        options = self._options
        is_read = not any((options.template_alternative_text, *options.page_alternative_texts))
        use = TemplateUse(options.protection != "none", options.print_template, is_read)
        if options.background:
            return get_empty_template(use, options.background.width, options.background.height, options.bleed)
        if slug is None:
            return get_builtin_template(use, options.bleed)
        return open_checked_template(self._assets[slug], use)

    def _identify_images(self, credential: CredentialData, groups: ItemGroups) -> Iterator[str]:
        """Yield the hashes of images that a credential names, or the reasons why they are left out."""
        for item in groups.iter_shared():
            for slug in item.list_images(credential):
                found = self._read_image(slug, credential)
                yield found.sha256 if isinstance(found, Asset) else found

    def _read_image(self, slug: str, credential: CredentialData) -> Asset | str:
        """Return an image, or the reason why there is none. A missing image that a credential names does not fail the credential."""
        if slug in self._assets:
            return self._assets[slug]
        try:
            asset = get_asset(credential.assets, slug, AssetKind.IMAGE)
            check_image_asset(asset)
        except AssetError as error:
            return str(error)
        return asset


def _list_sheets(template: Template) -> Sheets:
    return tuple(map(Sheet, range(len(template.geometries))))


def _note_far(far: Iterable[tuple[str, Item]], template: Template, page: Page) -> None:
    """Note items on pages that the template does not have. If the learner's name is one of them, raise an error.

    It happens if the template was replaced by one with fewer pages.
    """
    count = len(template.geometries)
    for path, item in far:
        if item.page > count:
            problem = f"{path}: the template has no page {item.page}, so nobody sees this element"
            if "name" in item.fields:
                raise GenerationError(problem, code="name_off_page")
            page.notes.problems.append(problem)


def _list_assets(options: PDFOptions) -> Iterator[tuple[str, AssetKind]]:
    for slug in options.list_templates().values():
        yield slug, AssetKind.PDF_TEMPLATE
    for _, element, _ in options.list_elements():
        yield from element.list_assets()
    if options.template:
        yield from options.make_field_text().list_assets()


def _list_warnings(notes: Iterable[Notes]) -> tuple[str, ...]:
    """Return the warnings about the page, each problem once."""
    notes = tuple(notes)
    found = list(dict.fromkeys(problem for note in notes for problem in note.problems))
    if missing := [item for note in notes for item in note.missing]:
        found.append(explain(missing))
    return tuple(found)


def _describe(page: Page, *, claims_pdf_ua: bool) -> Metadata:
    values = page.values
    context_name = " ".join(values["context_name"].split())
    return Metadata(
        title=": ".join(part for part in (values["credential_type"], context_name) if part),
        author=values["issuer_name"],
        subject=", ".join(part for part in (values["name"], context_name) if part),
        keywords=values["verify_url"],
        language=page.languages.document_tag,
        claims_pdf_ua=claims_pdf_ua,
    )
