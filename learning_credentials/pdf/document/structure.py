"""Write the structure of a document, which tells screen readers what to read in which order (ISO 32000-2, 14.7 and 14.8).

Each section of the page has a structure element. Nothing in the elements is different for the learners of a cohort, so they are written
once. Each document adds only the links with its own address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.content.sections import Outline, Role
from learning_credentials.pdf.objects.syntax import format_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.pdf.content.sections import Link
    from learning_credentials.pdf.objects.writer import ObjectWriter

#: Structure types of PDF 2.0 are in this namespace (ISO 32000-2, 14.8.6).
_NAMESPACE = "http://iso.org/pdf2/ssn"
#: Annotations are printed (12.5.3).
_FLAGS = 4


class OpenElement(NamedTuple):
    """A structure element that waits for its content: its number, its first entries, and a reference that follows the content."""

    number: int
    entries: str
    reference: str = ""


class Structure(NamedTuple):
    """The structure of a page.

    ``root`` is the number of the tree's root, and ``page_entries`` are the entries that the page needs for it. ``links`` are the numbers
    that were reserved for the annotations of links, and ``parents`` the one for the list of the elements that content belongs to.
    ``elements`` has the element of each section.
    """

    root: int
    page_entries: bytes
    links: tuple[int, ...]
    parents: int
    elements: tuple[OpenElement, ...]


def write_structure(
    writer: ObjectWriter, page: int, outlines: Sequence[Outline], template_links: Sequence[int], *, is_rtl: bool
) -> Structure:
    """Write the tree of the structure elements of a page, apart from the elements that contain content.

    Args:
        writer: of the document.
        page: number of the page.
        outlines: of all sections that are read.
        template_links: numbers of the annotations of the template.
        is_rtl: whether lines run from right to left, so that what is on the right is read first.
    """
    tree = _Tree(writer, page)
    has_title = any(item.role is Role.TITLE for item in outlines)
    links = {index: writer.reserve() for index, item in enumerate(outlines) if item.is_link}
    elements: dict[int, OpenElement] = {}
    owners: dict[int, int] = {}
    for index in _list_in_order(outlines, is_rtl=is_rtl):
        item = outlines[index]
        # Headings begin at the first level.
        role = Role.TITLE if item.role is Role.HEADING and not has_title else item.role
        if index in links:
            elements[index], owners[index] = tree.add_link(item, role, links[index])
        else:
            elements[index] = tree.add(item, role)
    annotations = [(number, tree.add_reference(number)) for number in template_links]
    annotations += [(number, owners[index]) for index, number in links.items()]
    parents = writer.reserve()
    root = tree.finish(parents, [owner for _, owner in annotations])
    listed = b" ".join(b"%d 0 R" % number for number, _ in annotations)
    entries = b"/StructParents 0 /Tabs /S" + (b" /Annots [%s]" % listed if annotations else b"")
    in_drawing_order = tuple(elements[index] for index in range(len(outlines)))
    return Structure(root, entries, tuple(links.values()), parents, in_drawing_order)


def close_elements(
    writer: ObjectWriter, elements: Sequence[OpenElement], marks: Sequence[Sequence[int]], spoken: Sequence[str]
) -> str:
    """Write the elements of sections. Return references to the element of each mark, in the order of the marks.

    Args:
        writer: of the document.
        elements: in drawing order.
        marks: the numbers that mark the content of each section.
        spoken: the text that screen readers read instead of the content of each section (14.9.4), or an empty text.
    """
    references: list[str] = []
    for element, own, text in zip(elements, marks, spoken, strict=True):
        replaced = f" /ActualText {format_text(text)}" if text else ""
        kids = " ".join(map(str, own))
        writer.add(f"<< {element.entries} /K [{kids}{element.reference}]{replaced} >>".encode("ascii"), element.number)
        references += [f"{element.number} 0 R"] * len(own)
    return " ".join(references)


def add_link(writer: ObjectWriter, link: Link, page: int, number: int, place: int) -> None:
    """Add the annotation of a link.

    Args:
        writer: of the document.
        link: what it leads to.
        page: number of the page.
        number: that was reserved for the annotation.
        place: of the annotation in the parent tree.
    """
    writer.add(
        (
            f"<< /Type /Annot /Subtype /Link /P {page} 0 R /Rect [{link.box}] /Border [0 0 0] /F {_FLAGS} "
            f"/StructParent {place} /Contents {format_text(link.description)} "
            f"/A << /Type /Action /S /URI /URI {format_text(link.address)} >> >>"
        ).encode("ascii"),
        number,
    )


def _list_in_order(outlines: Sequence[Outline], *, is_rtl: bool) -> list[int]:
    """Return the indexes of outlines in reading order."""

    def find_place(index: int) -> tuple[float, float]:
        level, across = outlines[index].order
        return level, -across if is_rtl else across

    return sorted(range(len(outlines)), key=find_place)


class _Tree:
    """The structure elements of a document, below one ``Document``."""

    def __init__(self, writer: ObjectWriter, page: int) -> None:
        self._writer = writer
        self._page = page
        self._root = writer.reserve()
        self._document = writer.reserve()
        self._children: list[int] = []

    def add(self, item: Outline, role: Role) -> OpenElement:
        """Add an element for a section."""
        element = self._open(role, self._document, _describe(item))
        self._children.append(element.number)
        return element

    def add_link(self, item: Outline, role: Role, annotation: int) -> tuple[OpenElement, int]:
        """Add an element for a section that is a link. Return the element of its content, and the number of the link's element."""
        reference = self._refer_to(annotation)
        outer = self._writer.reserve()
        self._children.append(outer)
        if role is not Role.FIGURE:
            content = self._open("Link", outer, "", f" {reference}")
            self._add(role, self._document, f"{content.number} 0 R", _describe(item), outer)
            return content, content.number
        link = self._writer.reserve()
        content = self._open(role, link, _describe(item))
        kids = f"{content.number} 0 R {reference}"
        self._add("Link", outer, kids, _format_alternative(item.alternative), link)
        self._add(Role.PARAGRAPH, self._document, f"{link} 0 R", "", outer)
        return content, link

    def add_reference(self, annotation: int) -> int:
        """Add a link without content of its own. Return the number of its element."""
        outer, link = self._writer.reserve(), self._writer.reserve()
        self._add("Link", outer, self._refer_to(annotation), "", link)
        self._add(Role.PARAGRAPH, self._document, f"{link} 0 R", "", outer)
        self._children.append(outer)
        return link

    def finish(self, parents: int, annotations: Sequence[int]) -> int:
        """Write the root. Return its number.

        Args:
            parents: number of the list of the elements that content belongs to.
            annotations: the element of each annotation.
        """
        add = self._writer.add
        namespace = add(f"<< /Type /Namespace /NS ({_NAMESPACE}) >>".encode())
        kids = " ".join(f"{number} 0 R" for number in self._children)
        add(
            f"<< /Type /StructElem /S /Document /NS {namespace} 0 R /P {self._root} 0 R /K [{kids}] >>".encode(),
            self._document,
        )
        places = "".join(f" {place} {number} 0 R" for place, number in enumerate(annotations, start=1))
        tree = add(f"<< /Nums [0 {parents} 0 R{places}] >>".encode())
        return add(
            (
                f"<< /Type /StructTreeRoot /K [{self._document} 0 R] /ParentTree {tree} 0 R "
                f"/ParentTreeNextKey {len(annotations) + 1} /Namespaces [{namespace} 0 R] >>"
            ).encode(),
            self._root,
        )

    def _open(self, role: str, parent: int, entries: str, reference: str = "") -> OpenElement:
        return OpenElement(self._writer.reserve(), self._begin(role, parent) + entries, reference)

    def _add(self, role: str, parent: int, kids: str, entries: str, number: int) -> None:
        self._writer.add(f"<< {self._begin(role, parent)}{entries} /K [{kids}] >>".encode("ascii"), number)

    def _begin(self, role: str, parent: int) -> str:
        return f"/Type /StructElem /S /{role} /P {parent} 0 R /Pg {self._page} 0 R"

    def _refer_to(self, annotation: int) -> str:
        return f"<< /Type /OBJR /Pg {self._page} 0 R /Obj {annotation} 0 R >>"


def _describe(item: Outline) -> str:
    language = f" /Lang {format_text(item.language)}" if item.language else ""
    box = f" /A << /O /Layout /Placement /Block /BBox [{item.box}] >>" if item.box else ""
    return language + _format_alternative(item.alternative) + box


def _format_alternative(text: str) -> str:
    return f" /Alt {format_text(text)}" if text else ""
