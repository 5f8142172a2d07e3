"""Make the content streams of a page from its sections, and collect the fonts and images that they use."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.content.images import read_image
from learning_credentials.pdf.content.page_content import PageContent
from learning_credentials.pdf.content.text_operators import TextWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning_credentials.data import Asset
    from learning_credentials.pdf.content.page_content import ImageResource
    from learning_credentials.pdf.content.sections import Section


def make_page_content(groups: Sequence[Sequence[Section]], prefix: str, first: int = 0) -> PageContent:
    """Return the page content with one stream for each group of sections.

    Args:
        groups: the sections in drawing order.
        prefix: what names of fonts begin with.
        first: the number that marks the first section that is read. The others are marked with the numbers after it.
    """
    graphics = [item for group in groups for section in group for item in section.graphics]
    resources = _Resources([item for item in graphics if isinstance(item, TextLine)], prefix)
    numbers = count(first)
    streams = tuple(_make_stream(group, resources, numbers) for group in groups)
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


def _make_stream(group: Sequence[Section], resources: _Resources, numbers: Iterator[int]) -> bytes:
    operators: list[str] = []
    for section in group:
        if not section.graphics:
            continue
        mark = f"/{section.role} <</MCID {next(numbers)}>> BDC" if section.is_read else "/Artifact BMC"
        operators.append(mark)
        for item in section.graphics:
            operators.append("q")
            operators += item.draw(resources)
            operators.append("Q")
        operators.append("EMC")
    return "\n".join(operators).encode("ascii")
