"""Say what fills the form fields of a template."""

from __future__ import annotations

from learning_credentials.data import Asset, AssetKind
from learning_credentials.pdf.assets.checking import open_checked_template
from learning_credentials.pdf.elements.form_places import describe
from learning_credentials.pdf.options import PDFOptions


def describe_form_fields(content: bytes) -> dict[str, str]:
    """Return what fills each form field of a template without further options, in words. It is empty if nothing does.

    Raises:
        AssetError: the template cannot be used.
        TransientError: the server is too busy to check it now.
    """
    asset = Asset.of("", AssetKind.PDF_TEMPLATE, content)
    options = PDFOptions(template="template")
    fillings = options.find_fillings(open_checked_template(asset).fields)
    return {filling.field.name: describe(filling) for filling in fillings}
