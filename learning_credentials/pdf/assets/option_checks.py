"""Check the templates, images and fonts that options name, and that elements are on the page."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import AssetError, AssetNotFoundError, OptionProblem, TransientError
from learning_credentials.pdf.assets.checking import check, open_checked_template
from learning_credentials.pdf.assets.font_trial import try_font
from learning_credentials.pdf.assets.reading import get_asset, get_named_font
from learning_credentials.pdf.content.images import measure_pixels
from learning_credentials.pdf.fonts.classes import OpenTypeFont
from learning_credentials.pdf.fonts.names import BUILTIN_NAMES, split_font_name
from learning_credentials.pdf.template.builtin import get_builtin_template
from learning_credentials.pdf.template.geometry import Geometry
from learning_credentials.pdf.template.opening import read_untagged_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from learning_credentials.data import AssetReader
    from learning_credentials.pdf.template.form_fields import FormField

#: An asset that cannot be read now is reported like a missing one to the operator who saves options.
_UNUSABLE = (AssetError, TransientError)


class OptionChecks:
    """Checks the assets that options name, and places on the pages that the options draw on, as far as they can be opened.

    Args:
        assets: where assets are looked up.
        fields: names of the type's custom fields.
    """

    def __init__(self, assets: AssetReader, fields: frozenset[str] = frozenset()) -> None:
        self._assets = assets
        self.fields = fields
        #: The pages of each template.
        self._templates: dict[str, Sequence[Geometry]] = {}
        #: The form fields of the templates.
        self.form_fields: list[FormField] = []

    def add_page(self, width: float, height: float) -> None:
        """Check elements against an empty page of a size."""
        self._templates["the background"] = (Geometry(width, height, (1, 0, 0, 1, 0, 0)),)

    def measure_pixels(self, slug: str) -> tuple[int, int] | None:
        """Return the width and height of an image in pixels. If it is a drawing, or cannot be read, return None."""
        try:
            return measure_pixels(get_asset(self._assets, slug, AssetKind.IMAGE))
        except _UNUSABLE:
            return None

    def add_builtin_page(self) -> None:
        """Check elements against the built-in page."""
        self._templates["the built-in template"] = get_builtin_template().geometries

    def list_pages(self, number: int) -> list[Geometry]:
        """Return the pages with a number, from 1, one of each template that has it."""
        return [pages[number - 1] for pages in self._templates.values() if number <= len(pages)]

    def find_page_problems(self, path: str, number: int) -> Iterator[OptionProblem]:
        """Yield a problem for each template that does not have the page that an option names."""
        for name, pages in self._templates.items():
            if number > (count := len(pages)):
                has = "only one page" if count == 1 else f"{count} pages"
                yield OptionProblem(path, f"there is no page {number}. {name} has {has}")

    def find_template_problem(self, path: str, slug: str) -> Iterator[OptionProblem]:
        """Yield the problem of a template. If there is none, check elements against its pages."""
        try:
            asset = get_asset(self._assets, slug, AssetKind.PDF_TEMPLATE)
            template = open_checked_template(asset)
            self._templates[f"the template '{slug}'"] = template.geometries
            self.form_fields += template.fields
        except _UNUSABLE as error:
            yield OptionProblem(path, str(error))

    def read_template_text(self, slug: str) -> str:
        """Return the text of a template that is not tagged. It is empty if the template cannot be read."""
        try:
            return read_untagged_text(get_asset(self._assets, slug, AssetKind.PDF_TEMPLATE).content)
        except Exception:
            return ""

    def read_form_fields(self, slug: str) -> Sequence[FormField]:
        """Return the form fields of a template. If the template cannot be read, return none."""
        try:
            return open_checked_template(get_asset(self._assets, slug, AssetKind.PDF_TEMPLATE)).fields
        except _UNUSABLE:
            return ()

    def find_image_problem(self, path: str, slug: str) -> Iterator[OptionProblem]:
        """Yield the problem of an image."""
        try:
            check(AssetKind.IMAGE, get_asset(self._assets, slug, AssetKind.IMAGE).content)
        except _UNUSABLE as error:
            yield OptionProblem(path, str(error))

    def find_font_problems(self, path: str, font: str, fonts: Sequence[str]) -> Iterator[OptionProblem]:
        """Yield the problems of the options ``font`` and ``fonts`` of the object at ``path``."""
        named = ((f"{path}.font", font), *((f"{path}.fonts.{index}", name) for index, name in enumerate(fonts)))
        for key, name in named:
            yield from self.find_font_problem(key, name)

    def find_font_problem(self, path: str, name: str) -> Iterator[OptionProblem]:
        """Yield the problem of the font that the option at ``path`` names."""
        try:
            found = get_named_font(self._assets, name)
            if isinstance(found, OpenTypeFont) and name not in BUILTIN_NAMES:
                try_font(found)
        except AssetNotFoundError:
            slug, _ = split_font_name(name)
            near = get_close_matches(slug, BUILTIN_NAMES, n=1)
            hint = f". Did you mean '{near[0]}'?" if near else ""
            yield OptionProblem(path, f"'{slug}' is neither a built-in font nor the slug of a font asset{hint}")
        except _UNUSABLE as error:
            yield OptionProblem(path, str(error))
