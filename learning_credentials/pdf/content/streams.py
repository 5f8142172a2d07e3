"""Make the content streams of a page from graphics objects, and collect the fonts and images that they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.content.images import read_image
from learning_credentials.pdf.content.page_content import PageContent
from learning_credentials.pdf.content.text_operators import TextWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from learning_credentials.data import Asset
    from learning_credentials.pdf.content.graphics import Graphic
    from learning_credentials.pdf.content.page_content import ImageResource


def make_page_content(groups: Sequence[Sequence[Graphic]], prefix: str) -> PageContent:
    """Return the page content with one stream for each group of graphics objects. Names of fonts begin with ``prefix``."""
    resources = _Resources([item for group in groups for item in group if isinstance(item, TextLine)], prefix)
    streams = tuple(_make_stream(group, resources) for group in groups)
    return PageContent(streams, tuple(resources.text_writer.list_fonts()), tuple(resources.images.values()))


class _Resources:
    """The resources of one page content."""

    def __init__(self, lines: Sequence[TextLine], prefix: str) -> None:
        self.text_writer = TextWriter(lines, prefix)
        self.images: dict[int, ImageResource] = {}

    def write_text(self, item: TextLine) -> Iterable[str]:
        return self.text_writer.write(item)

    def add_image(self, asset: Asset, longer_side: float) -> ImageResource:
        image = read_image(asset, longer_side)
        self.images[id(image)] = image
        return image


def _make_stream(group: Sequence[Graphic], resources: _Resources) -> bytes:
    operators: list[str] = []
    for item in group:
        operators.append("q")
        operators += item.draw(resources)
        operators.append("Q")
    return "\n".join(operators).encode("ascii")
