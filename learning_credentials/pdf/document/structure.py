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
    """A structure element that waits for its text: its number, and all entries before the text."""

    number: int
    entries: str


class Structure(NamedTuple):
    """The numbers of the tree's root and of the links' annotations, the open elements, and the entries that the page needs."""

    root: int
    links: tuple[int, ...]
    open_elements: tuple[OpenElement, ...]
    page_entries: bytes


def write_structure(
    writer: ObjectWriter, page: int, outlines: Sequence[Outline], template_links: Sequence[int], *, is_rtl: bool
) -> Structure:
    """Write the structure elements of a page. The annotations of its links are reserved only, and so are elements with a spoken text.

    Args:
        writer: of the document.
        page: number of the page.
        outlines: of all sections that are read. Their indexes are the numbers with which their content is marked.
        template_links: numbers of the annotations of the template.
        is_rtl: whether lines run from right to left, so that what is on the right is read first.
    """
    tree = _Tree(writer, page)
    in_order = _list_in_order(outlines, is_rtl=is_rtl)
    has_title = any(item.role is Role.TITLE for item in outlines)
    marked: dict[int, int] = {}
    links = {index: writer.reserve() for index, item in enumerate(outlines) if item.is_link}
    owners: dict[int, int] = {}
    for index in in_order:
        item = outlines[index]
        # Headings begin at the first level.
        role = Role.TITLE if item.role is Role.HEADING and not has_title else item.role
        if index in links:
            marked[index], owners[index] = tree.add_link(item, role, index, links[index])
        else:
            marked[index] = tree.add(item, role, index)
    annotations = [*((number, tree.add_reference(number)) for number in template_links)]
    annotations += [(number, owners[index]) for index, number in links.items()]
    root = tree.finish([marked[index] for index in range(len(outlines))], [owner for _, owner in annotations])
    listed = b" ".join(b"%d 0 R" % number for number, _ in annotations)
    entries = b"/StructParents 0 /Tabs /S" + (b" /Annots [%s]" % listed if annotations else b"")
    open_elements = tuple(tree.open_elements[index] for index in sorted(tree.open_elements))
    return Structure(root, tuple(links.values()), open_elements, entries)


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


def close_element(writer: ObjectWriter, element: OpenElement, text: str) -> None:
    """Write a structure element with the text that screen readers read instead of its content (14.9.4)."""
    writer.add(f"<< {element.entries} /ActualText {format_text(text)} >>".encode("ascii"), element.number)


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
        self.open_elements: dict[int, OpenElement] = {}

    def add(self, item: Outline, role: Role, mark: int) -> int:
        """Add an element for the content with a mark. Return its number."""
        number = self._add_element(
            role, self._document, str(mark), _describe(item), spoken=mark if item.is_spoken else None
        )
        self._children.append(number)
        return number

    def add_link(self, item: Outline, role: Role, mark: int, annotation: int) -> tuple[int, int]:
        """Add an element whose content is a link. Return the numbers of the element with the content and of the link's element."""
        writer = self._writer
        outer, link = writer.reserve(), writer.reserve()
        target = f"<< /Type /OBJR /Pg {self._page} 0 R /Obj {annotation} 0 R >>"
        if role is Role.FIGURE:
            inner = self._add_element(role, link, str(mark), _describe(item))
            self._add_element("Link", outer, f"[{inner} 0 R {target}]", _format_alternative(item.alternative), link)
            self._add_element(Role.PARAGRAPH, self._document, f"[{link} 0 R]", number=outer)
        else:
            inner = link
            self._add_element("Link", outer, f"[{mark} {target}]", number=link, spoken=mark if item.is_spoken else None)
            self._add_element(role, self._document, f"[{link} 0 R]", _describe(item), outer)
        self._children.append(outer)
        return inner, link

    def add_reference(self, annotation: int) -> int:
        """Add a link without content of its own. Return the number of its element."""
        outer = self._writer.reserve()
        target = f"<< /Type /OBJR /Pg {self._page} 0 R /Obj {annotation} 0 R >>"
        link = self._add_element("Link", outer, target)
        self._add_element(Role.PARAGRAPH, self._document, f"[{link} 0 R]", number=outer)
        self._children.append(outer)
        return link

    def finish(self, marked: Sequence[int], annotations: Sequence[int]) -> int:
        """Write the root. Return its number.

        Args:
            marked: the element of each mark on the page.
            annotations: the element of each annotation.
        """
        add = self._writer.add
        namespace = add(f"<< /Type /Namespace /NS ({_NAMESPACE}) >>".encode())
        kids = _list_references(self._children)
        add(
            f"<< /Type /StructElem /S /Document /NS {namespace} 0 R /P {self._root} 0 R /K [{kids}] >>".encode(),
            self._document,
        )
        on_page = add(f"[{_list_references(marked)}]".encode())
        places = "".join(f" {place} {number} 0 R" for place, number in enumerate(annotations, start=1))
        parents = add(f"<< /Nums [0 {on_page} 0 R{places}] >>".encode())
        return add(
            (
                f"<< /Type /StructTreeRoot /K [{self._document} 0 R] /ParentTree {parents} 0 R "
                f"/ParentTreeNextKey {len(annotations) + 1} /Namespaces [{namespace} 0 R] >>"
            ).encode(),
            self._root,
        )

    def _add_element(
        self,
        role: str,
        parent: int,
        kids: str,
        entries: str = "",
        number: int | None = None,
        *,
        spoken: int | None = None,
    ) -> int:
        """Add an element. If ``spoken`` is its mark, it stays open."""
        number = self._writer.reserve() if number is None else number
        body = f"/Type /StructElem /S /{role} /P {parent} 0 R /Pg {self._page} 0 R /K {kids}{entries}"
        if spoken is None:
            self._writer.add(f"<< {body} >>".encode("ascii"), number)
        else:
            self.open_elements[spoken] = OpenElement(number, body)
        return number


def _describe(item: Outline) -> str:
    language = f" /Lang {format_text(item.language)}" if item.language else ""
    box = f" /A << /O /Layout /Placement /Block /BBox [{item.box}] >>" if item.box else ""
    return language + _format_alternative(item.alternative) + box


def _format_alternative(text: str) -> str:
    return f" /Alt {format_text(text)}" if text else ""


def _list_references(numbers: Sequence[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)
