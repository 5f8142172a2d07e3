"""Write the structure of a document, which tells screen readers what to read in which order (ISO 32000-2, 14.7 and 14.8).

Each section of a page has a structure element. Nothing in the elements is different for the learners of a cohort, so they are written
once. Each document adds only the links with its own address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.content.sections import Outline, Role
from learning_credentials.pdf.objects.syntax import format_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from learning_credentials.pdf.content.sections import Cell, Link
    from learning_credentials.pdf.objects.writer import ObjectWriter
    from learning_credentials.pdf.template.tag_objects import PageTags, TagObjects

#: Structure types of PDF 2.0 are in this namespace (ISO 32000-2, 14.8.6).
_NAMESPACE = "http://iso.org/pdf2/ssn"
#: Annotations are printed (12.5.3).
_FLAGS = 4


class OpenElement(NamedTuple):
    """A structure element that waits for its content.

    ``number`` is its number, ``entries`` are its first entries, ``reference`` follows the content, and ``page`` is the index of its page.
    """

    number: int
    entries: str
    reference: str = ""
    page: int = 0


class TaggedPage(NamedTuple):
    """A page of the document, as the structure refers to it.

    ``number`` is its number. ``key`` is the place of its content in the parent tree. ``links`` are the numbers of the template's
    annotations on it, and ``first_link`` is the place of the first of them in the parent tree. ``tags`` is the structure of the template's
    page, if it is read.
    """

    number: int
    key: int
    links: tuple[int, ...]
    first_link: int
    tags: PageTags | None = None


class Structure(NamedTuple):
    """The structure of a document.

    ``root`` is the number of the tree's root, and ``page_entries`` are the entries that each page needs for it. ``links`` are the numbers
    that were reserved for the annotations of links, and ``parents`` those for the lists of the elements that the content of each page
    belongs to. ``elements`` has the element of each section.
    """

    root: int
    page_entries: tuple[bytes, ...]
    links: tuple[int, ...]
    parents: tuple[int, ...]
    elements: tuple[OpenElement, ...]


def write_structure(
    writer: ObjectWriter,
    pages: Sequence[TaggedPage],
    outlines: Sequence[Outline],
    first_place: int,
    tags: TagObjects | None,
    *,
    is_rtl: bool,
) -> Structure:
    """Write the tree of the structure elements of a document, apart from the elements that contain content.

    Args:
        writer: of the document.
        pages: the pages.
        outlines: of all sections that are read.
        first_place: the place of the first link in the parent tree that is not one of the template.
        tags: the structure of the template, if it is read.
        is_rtl: whether lines run from right to left, so that what is on the right is read first.
    """
    tree = _Tree(writer, [page.number for page in pages])
    has_title = any(item.role is Role.TITLE for item in outlines) or (tags is not None and tags.has_title)
    links = {index: writer.reserve() for index, item in enumerate(outlines) if item.is_link}
    elements: dict[int, OpenElement] = {}
    owners: dict[int, int] = {}
    places: dict[int, int] = {}
    waiting = list(pages)
    for index in _list_in_order(outlines, is_rtl=is_rtl):
        item = outlines[index]
        while len(pages) - len(waiting) <= item.page:
            places |= tree.add_section(waiting.pop(0).tags)
        # Headings begin at the first level, and a document has one title.
        role = Role.TITLE if item.role is Role.HEADING and not has_title else item.role
        if role is Role.TITLE and tags is not None and tags.has_title:
            role = Role.HEADING
        if item.cell is not None:
            elements[index] = tree.add_cell(item, item.cell)
        elif index in links:
            elements[index], owners[index] = tree.add_link(item, role, links[index])
        else:
            elements[index] = tree.add(item, role)
    for page in waiting:
        places |= tree.add_section(page.tags)
    places |= {place: owners[index] for place, index in enumerate(links, start=first_place)}
    parents: list[int] = []
    entries: list[bytes] = []
    for index, page in enumerate(pages):
        loose = {page.first_link + at: link for at, link in enumerate(page.links)}
        places |= {place: tree.add_reference(link, index) for place, link in loose.items() if place not in places}
        parents.append(writer.reserve())
        places[page.key] = parents[-1]
        annotations = [*page.links, *(number for at, number in links.items() if outlines[at].page == index)]
        listed = b" /Annots [%s]" % b" ".join(b"%d 0 R" % number for number in annotations) if annotations else b""
        entries.append(b"/StructParents %d /Tabs /S%s" % (page.key, listed))
    root = tree.finish(places, tags)
    in_drawing_order = tuple(elements[index] for index in range(len(outlines)))
    return Structure(root, tuple(entries), tuple(links.values()), tuple(parents), in_drawing_order)


def close_elements(
    writer: ObjectWriter,
    elements: Sequence[OpenElement],
    marks: Sequence[Sequence[int]],
    spoken: Sequence[str],
    pages: int,
) -> list[list[str]]:
    """Write the elements of sections. Return, for each page, references to the element of each mark, in the order of the marks.

    Args:
        writer: of the document.
        elements: in drawing order.
        marks: the numbers that mark the content of each section.
        spoken: the text that screen readers read instead of the content of each section (14.9.4), or an empty text.
        pages: how many pages the document has.
    """
    references: list[list[str]] = [[] for _ in range(pages)]
    for element, own, text in zip(elements, marks, spoken, strict=True):
        replaced = f" /ActualText {format_text(text)}" if text else ""
        kids = " ".join(map(str, own))
        writer.add(f"<< {element.entries} /K [{kids}{element.reference}]{replaced} >>".encode("ascii"), element.number)
        references[element.page] += [f"{element.number} 0 R"] * len(own)
    return references


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

    def find_place(index: int) -> tuple[int, float, float]:
        level, across = outlines[index].order
        return outlines[index].page, level, -across if is_rtl else across

    return sorted(range(len(outlines)), key=find_place)


class _Row(NamedTuple):
    """The element of a row, and those of its cells by column."""

    number: int
    cells: dict[int, int]


class _Table(NamedTuple):
    """The element of a table, and its rows by their numbers."""

    number: int
    columns: int
    rows: dict[int, _Row]


class _Tree:
    """The structure elements of a document, below one ``Document``."""

    def __init__(self, writer: ObjectWriter, pages: Sequence[int]) -> None:
        self._writer = writer
        self._pages = pages
        self._root = writer.reserve()
        self._document = writer.reserve()
        self._children: list[int] = []
        self._tables: dict[str, _Table] = {}

    def add(self, item: Outline, role: Role) -> OpenElement:
        """Add an element for a section."""
        element = self._open(role, self._document, _describe(item), item.page)
        self._children.append(element.number)
        return element

    def add_cell(self, item: Outline, cell: Cell) -> OpenElement:
        """Add an element for a cell. The table is read where its first cell is, with all rows, on whatever pages they are."""
        table = self._tables.get(cell.table)
        if table is None:
            table = self._tables[cell.table] = _Table(self._writer.reserve(), cell.columns, {})
            self._children.append(table.number)
        row = table.rows.get(cell.row)
        if row is None:
            row = table.rows[cell.row] = _Row(self._writer.reserve(), {})
        scope = f" /A << /O /Table /Scope /{cell.scope} >>" if cell.scope else ""
        element = self._open(item.role, row.number, _describe(item) + scope, item.page)
        row.cells[cell.column] = element.number
        return element

    def add_link(self, item: Outline, role: Role, annotation: int) -> tuple[OpenElement, int]:
        """Add an element for a section that is a link. Return the element of its content, and the number of the link's element."""
        page = item.page
        reference = self._refer_to(annotation, page)
        outer = self._writer.reserve()
        self._children.append(outer)
        if role is not Role.FIGURE:
            content = self._open("Link", outer, "", page, f" {reference}")
            self._add(role, self._document, f"{content.number} 0 R", _describe(item), outer, page)
            return content, content.number
        link = self._writer.reserve()
        content = self._open(role, link, _describe(item), page)
        kids = f"{content.number} 0 R {reference}"
        self._add("Link", outer, kids, _format_alternative(item.alternative), link, page)
        self._add(Role.PARAGRAPH, self._document, f"{link} 0 R", "", outer, page)
        return content, link

    def add_reference(self, annotation: int, page: int) -> int:
        """Add a link without content of its own. Return the number of its element."""
        outer, link = self._writer.reserve(), self._writer.reserve()
        self._add("Link", outer, self._refer_to(annotation, page), "", link, page)
        self._add(Role.PARAGRAPH, self._document, f"{link} 0 R", "", outer, page)
        self._children.append(outer)
        return link

    def add_section(self, tags: PageTags | None) -> Mapping[int, int]:
        """Add the structure of a page of the template, if there is one. Return what it adds to the parent tree."""
        if tags is None:
            return {}
        if tags.section is not None:
            self._children.append(tags.section)
            entries = f"/Type /StructElem /S /Sect /P {self._document} 0 R{tags.entries}"
            self._writer.add(f"<< {entries} >>".encode("ascii"), tags.section)
        return tags.links

    def finish(self, places: Mapping[int, int], tags: TagObjects | None) -> int:
        """Write the root. Return its number.

        Args:
            places: the parent tree. For a page, the number of the list of the elements that its content belongs to. For an annotation,
                the number of its element.
            tags: the structure of the template, if it is read.
        """
        add = self._writer.add
        for table in self._tables.values():
            self._finish_table(table)
        namespace = add(f"<< /Type /Namespace /NS ({_NAMESPACE}) >>".encode())
        kids = " ".join(f"{number} 0 R" for number in self._children)
        add(
            f"<< /Type /StructElem /S /Document /NS {namespace} 0 R /P {self._root} 0 R /K [{kids}] >>".encode(),
            self._document,
        )
        listed = " ".join(f"{place} {places[place]} 0 R" for place in sorted(places))
        tree = add(f"<< /Nums [{listed}] >>".encode())
        namespaces = " ".join(f"{number} 0 R" for number in (namespace, *(tags.namespaces if tags else ())))
        return add(
            b"<< /Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d /Namespaces [%s] %s >>"
            % (self._document, tree, max(places) + 1, namespaces.encode(), tags.root_entries if tags else b""),
            self._root,
        )

    def _finish_table(self, table: _Table) -> None:
        for row in table.rows.values():
            # Each row has a cell for each column, also for those without a text.
            cells = [row.cells.get(column) or self._add_empty_cell(row.number) for column in range(table.columns)]
            self._add_container("TR", table.number, cells, row.number)
        self._add_container("Table", self._document, [row.number for row in table.rows.values()], table.number)

    def _add_empty_cell(self, row: int) -> int:
        return self._writer.add(f"<< /Type /StructElem /S /{Role.CELL} /P {row} 0 R >>".encode("ascii"))

    def _add_container(self, role: str, parent: int, kids: Sequence[int], number: int) -> None:
        listed = " ".join(f"{kid} 0 R" for kid in kids)
        self._writer.add(f"<< /Type /StructElem /S /{role} /P {parent} 0 R /K [{listed}] >>".encode("ascii"), number)

    def _open(self, role: str, parent: int, entries: str, page: int, reference: str = "") -> OpenElement:
        return OpenElement(self._writer.reserve(), self._begin(role, parent, page) + entries, reference, page)

    def _add(self, role: str, parent: int, kids: str, entries: str, number: int, page: int) -> None:
        self._writer.add(f"<< {self._begin(role, parent, page)}{entries} /K [{kids}] >>".encode("ascii"), number)

    def _begin(self, role: str, parent: int, page: int) -> str:
        return f"/Type /StructElem /S /{role} /P {parent} 0 R /Pg {self._pages[page]} 0 R"

    def _refer_to(self, annotation: int, page: int) -> str:
        return f"<< /Type /OBJR /Pg {self._pages[page]} 0 R /Obj {annotation} 0 R >>"


def _describe(item: Outline) -> str:
    language = f" /Lang {format_text(item.language)}" if item.language else ""
    box = f" /A << /O /Layout /Placement /Block /BBox [{item.box}] >>" if item.box else ""
    return language + _format_alternative(item.alternative) + box


def _format_alternative(text: str) -> str:
    return f" /Alt {format_text(text)}" if text else ""
