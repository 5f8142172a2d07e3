"""Renders credentials: composed, drawn over the template, described, encrypted."""

from __future__ import annotations

import io
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pypdf.constants import UserAccessPermissions
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from learning_credentials.data import Artifact, AssetKind
from learning_credentials.options import parse
from learning_credentials.pdf.assets import get_asset, get_named_font
from learning_credentials.pdf.compose import Composition
from learning_credentials.pdf.default_elements import BUILTIN_LOGO
from learning_credentials.pdf.default_template import get_default_template
from learning_credentials.pdf.draw import draw_overlay
from learning_credentials.pdf.images import check_image_asset
from learning_credentials.pdf.language import choose_locale, to_tag
from learning_credentials.pdf.options import ImageElement, PDFOptions
from learning_credentials.pdf.template import Template, open_template
from learning_credentials.pdf.values import get_values
from learning_credentials.pdf.xmp import make_xmp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale
    from pypdf import PdfWriter

    from learning_credentials.data import AssetReader, CredentialData
    from learning_credentials.pdf.fonts import Font
    from learning_credentials.pdf.options import TextElement

#: Everything but changing the content: printing and accessibility stay. The reserved bits stay set, as ISO 32000 asks.
PERMISSIONS = UserAccessPermissions(0xFFFFFAC4)
MEDIA_TYPE = "application/pdf"
EXTENSION = "pdf"

#: On the built-in template, where the issuer has one.
LOGO = ImageElement(issuer_logo=True, **BUILTIN_LOGO)


class Renderer:
    """Makes the credentials of one configuration; see `learning_credentials.pdf.prepare_renderer`."""

    def __init__(self, options: Mapping[str, Any], assets: AssetReader) -> None:
        self.options = parse(PDFOptions, options)
        self.assets = assets
        self.texts = self.options.list_texts()
        self.fonts = {name: self.get_fonts(element) for name, element in self.texts.items()}
        self.images = self._list_images()
        for image in self.images:
            if image.asset is not None:
                check_image_asset(get_asset(assets, image.asset, AssetKind.IMAGE))
        self.qr = self.options.find_qr()
        self.shows_signatories = self.options.uses_builtin_template and self.options.signatures
        self._template = self._open_template(self.options.template)
        self._multiline = self._open_template(self.options.template_multiline or self.options.template)

    def __call__(self, credential: CredentialData) -> Artifact:
        """Render one credential.

        Raises:
            GenerationError: ``name_missing``: a text prints the name, and the learner has none.
            StorageUnavailableError: an asset could not be read.
        """
        locale = choose_locale(self.options.language or "", credential.language)
        values = get_values(credential, locale)
        template = self._multiline if "\n" in values["context_name"] else self._template
        composition = Composition(self, credential, values, locale, template.geometry)
        writer = template.draw_over(draw_overlay(composition.drawings))
        _describe(writer, values, locale)
        # An empty user password keeps nothing secret: it keeps the permissions with the document.
        writer.encrypt("", secrets.token_urlsafe(32), permissions_flag=PERMISSIONS, algorithm="AES-256")
        buffer = io.BytesIO()
        writer.write(buffer)
        return Artifact(buffer.getvalue(), MEDIA_TYPE, EXTENSION, composition.warnings)

    def get_fonts(self, element: TextElement) -> tuple[Font, ...]:
        """The fonts that an element names, the preferred first."""
        names = [name for name in (element.font, *element.fonts) if name]
        return tuple(get_named_font(self.assets, name) for name in names or ("Helvetica",))

    def _list_images(self) -> tuple[ImageElement, ...]:
        own = tuple(self.options.list_images().values())
        return (LOGO, *own) if self.options.uses_builtin_template else own

    def _open_template(self, slug: str | None) -> Template:
        if slug is None:
            return get_default_template()
        asset = get_asset(self.assets, slug, AssetKind.PDF_TEMPLATE)
        return open_template(asset.content, asset.sha256)


def _describe(writer: PdfWriter, values: Mapping[str, str], locale: Locale) -> None:
    title, subject = _name_document(values)
    now = datetime.now(UTC).strftime("D:%Y%m%d%H%M%SZ")
    writer.metadata = {
        "/Title": title,
        "/Author": values["issuer_name"],
        "/Subject": subject,
        "/Keywords": values["verify_url"],
        "/Creator": "Learning Credentials",
        "/Producer": "Learning Credentials",
        "/CreationDate": now,
        "/ModDate": now,
    }
    catalog = writer.root_object
    catalog[NameObject("/Lang")] = TextStringObject(to_tag(locale))
    preferences = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(value=True)})
    if locale.text_direction == "rtl":
        preferences[NameObject("/Direction")] = NameObject("/R2L")
    catalog[NameObject("/ViewerPreferences")] = preferences
    xmp = StreamObject()
    xmp.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    xmp.set_data(make_xmp(title, values["issuer_name"], subject, to_tag(locale)))
    catalog[NameObject("/Metadata")] = writer._add_object(xmp)  # noqa: SLF001
    # AES-256 with revision 6 belongs to PDF 2.0.
    writer.pdf_header = "%PDF-2.0"


def _name_document(values: Mapping[str, str]) -> tuple[str, str]:
    """Title and subject."""
    context_name = " ".join(values["context_name"].split())
    title = ": ".join(part for part in (values["credential_type"], context_name) if part)
    return title, ", ".join(part for part in (values["name"], context_name) if part)
