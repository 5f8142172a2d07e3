"""Make the content streams of a document from its sections, and collect the fonts and images that they use."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.content.images import measure_image, read_image
from learning_credentials.pdf.content.marks import Marks
from learning_credentials.pdf.content.page_content import PageContent
from learning_credentials.pdf.content.sections import Role
from learning_credentials.pdf.content.text_operators import TextWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning_credentials.data import Asset
    from learning_credentials.pdf.content.page_content import DrawingResource, ImageResource
    from learning_credentials.pdf.content.sections import Group, Section


def make_page_content(groups: Sequence[Group], prefix: str, first: Sequence[int]) -> PageContent:
    """Return the content of a document's pages with one stream for each group of sections.

    Args:
        groups: the sections in drawing order.
        prefix: what names of fonts begin with.
        first: for each page, the number that marks the first content that is read. Other content of the page is marked with the numbers
            after it.
    """
    graphics = [item for sections, _ in groups for section in sections for item in section.graphics]
    resources = _Resources([item for item in graphics if isinstance(item, TextLine)], prefix)
    numbers = [count(number) for number in first]
    used: list[Sequence[int]] = []
    streams = tuple(_make_stream(sections, resources, numbers[page], used) for sections, page in groups)
    return PageContent(
        streams, tuple(resources.text_writer.list_fonts()), tuple(resources.images.values()), tuple(used)
    )


class _Resources:
    """The resources of the content. All pages name them in the same way."""

    def __init__(self, lines: Sequence[TextLine], prefix: str) -> None:
        self.text_writer = TextWriter(lines, prefix)
        self.images: dict[int, ImageResource | DrawingResource] = {}
        self.marks = Marks(None, iter(()))

    def write_text(self, item: TextLine) -> Iterable[str]:
        return self.text_writer.write(item, self.marks)

    def measure_image(self, asset: Asset) -> tuple[float, float]:
        return measure_image(asset)

    def add_image(self, asset: Asset, longer_side: float) -> ImageResource | DrawingResource:
        image = read_image(asset, longer_side)
        self.images[id(image)] = image
        return image


def _make_stream(
    sections: Sequence[Section], resources: _Resources, numbers: Iterator[int], used: list[Sequence[int]]
) -> bytes:
    operators: list[str] = []
    for section in sections:
        if not section.graphics:
            continue
        marks = resources.marks = Marks(section.role if section.is_read else None, numbers)
        if section.role is Role.DECORATION:
            operators.append("/Artifact BMC")
        elif section.role is Role.FIGURE:
            operators += marks.switch()
        for item in section.graphics:
            operators.append("q")
            operators += item.draw(resources)
            operators.append("Q")
        if section.role is Role.DECORATION:
            operators.append("EMC")
        else:
            operators += marks.close()
            used.append(marks.used)
    return "\n".join(operators).encode("ascii")
