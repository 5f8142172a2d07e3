"""Mistakes in the options that only the assets show."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import AssetError, AssetNotFoundError, OptionProblem, TransientError
from learning_credentials.pdf.assets.checking import check, open_checked_template
from learning_credentials.pdf.assets.font_trial import try_font
from learning_credentials.pdf.assets.reading import get_asset, get_named_font
from learning_credentials.pdf.fonts.classes import OpenTypeFont
from learning_credentials.pdf.fonts.faces import split_font_name
from learning_credentials.pdf.fonts.names import BUILTIN_NAMES
from learning_credentials.pdf.template.builtin import get_default_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from learning_credentials.data import AssetReader
    from learning_credentials.pdf.options import ImageElement, PDFOptions, QRElement, TextElement
    from learning_credentials.pdf.template.geometry import Geometry

#: An asset that cannot be read now is as good as missing to whoever saves options that name it.
_UNUSABLE = (AssetError, TransientError)

#: Height of capitals as a part of the font size, near enough for every font.
_CAPITAL_HEIGHT = 0.7


def find_problems(options: PDFOptions, assets: AssetReader) -> Iterator[OptionProblem]:
    """Yield missing assets, assets of the wrong kind or broken, unknown fonts, and elements off the page."""
    pages: list[Geometry] = []
    for path, slug in (("template", options.template), ("template_multiline", options.template_multiline)):
        if slug is not None:
            yield from _find_template_problem(path, slug, assets, pages)
    if options.uses_builtin_template:
        pages.append(get_default_template().geometry)
    yield from _find_font_problems("defaults", options.defaults.font, options.defaults.fonts, assets)
    for name, said in options.text_elements.items():
        if said is not None:
            yield from _find_font_problems(f"text_elements.{name}", said.font, said.fonts, assets)
    for path, image in options.list_images().items():
        if image.asset is not None:
            yield from _find_image_problem(f"{path}.asset", image.asset, assets)
    for page in pages:
        yield from _find_places_off_page(options, page)


def _find_template_problem(path: str, slug: str, assets: AssetReader, pages: list[Geometry]) -> Iterator[OptionProblem]:
    try:
        asset = get_asset(assets, slug, AssetKind.PDF_TEMPLATE)
        pages.append(open_checked_template(asset).geometry)
    except _UNUSABLE as error:
        yield OptionProblem(path, str(error))


def _find_image_problem(path: str, slug: str, assets: AssetReader) -> Iterator[OptionProblem]:
    try:
        check(AssetKind.IMAGE, get_asset(assets, slug, AssetKind.IMAGE).content)
    except _UNUSABLE as error:
        yield OptionProblem(path, str(error))


def _find_font_problems(path: str, font: str, fonts: list[str], assets: AssetReader) -> Iterator[OptionProblem]:
    for key, name in ((f"{path}.font", font), *((f"{path}.fonts.{index}", name) for index, name in enumerate(fonts))):
        try:
            found = get_named_font(assets, name)
            if isinstance(found, OpenTypeFont) and name not in BUILTIN_NAMES:
                try_font(found)
        except AssetNotFoundError:
            slug, _ = split_font_name(name)
            near = get_close_matches(slug, BUILTIN_NAMES, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield OptionProblem(key, f"'{slug}' is neither a built-in font nor the slug of a font asset{hint}")
        except _UNUSABLE as error:
            yield OptionProblem(key, str(error))


def _find_places_off_page(options: PDFOptions, page: Geometry) -> Iterator[OptionProblem]:
    for name, element in options.list_texts().items():
        yield from _find_text_off_page(f"text_elements.{name}", element, page)
    if qr := options.find_qr():
        yield from _find_box_off_page("qr", qr, qr.size, qr.size, page)
    for path, image in options.list_images().items():
        yield from _find_box_off_page(path, image, image.width or 0, image.height or 0, page)


def _find_text_off_page(path: str, element: TextElement, page: Geometry) -> Iterator[OptionProblem]:
    if not 0 <= element.y <= page.height - element.size * _CAPITAL_HEIGHT:
        yield OptionProblem(
            f"{path}.y", f"{element.y:g} puts the text off the page, which is {page.height:g} points high"
        )
    if element.x is not None and not 0 <= element.x <= page.width:
        yield OptionProblem(f"{path}.x", f"{element.x:g} is off the page, which is {page.width:g} points wide")
    if element.max_width is not None and element.max_width > page.width:
        yield OptionProblem(f"{path}.max_width", f"{element.max_width:g} is more than the page's {page.width:g} points")


def _find_box_off_page(
    path: str, box: QRElement | ImageElement, width: float, height: float, page: Geometry
) -> Iterator[OptionProblem]:
    if not 0 <= box.x <= page.width - width:
        yield OptionProblem(f"{path}.x", f"{box.x:g} puts it off the page, which is {page.width:g} points wide")
    if not 0 <= box.y <= page.height - height:
        yield OptionProblem(f"{path}.y", f"{box.y:g} puts it off the page, which is {page.height:g} points high")
