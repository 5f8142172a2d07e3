"""Write the structure elements of a tagged template, once for all documents that use it.

Each page of the template has a section. A document puts the sections into its own tree, if it shows the pages as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pypdf.generic import ByteStringObject

from learning_credentials.pdf.objects.syntax import format_text
from learning_credentials.pdf.template.tags import Element, LinkPlace, Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pypdf.generic import PdfObject

    from learning_credentials.pdf.objects.writer import ObjectWriter
    from learning_credentials.pdf.template.tags import Tags

#: Roles that the app's own elements have. A template must not give them another meaning.
_OWN_ROLES = frozenset(
    ("Document", "Sect", "H1", "H2", "P", "Figure", "Link", "Span", "Table", "TR", "TH", "TD", "Caption")
)


@dataclass(frozen=True, slots=True)
class PageTags:
    """The structure of one page of a template.

    ``section`` is the number that is reserved for the element around its elements, and ``entries`` are those of that element. If it is
    None, all content belongs to elements that begin on another page. ``parents`` are references to the element of each mark on the page.
    ``links`` has the elements of links by their places in the parent tree.
    """

    section: int | None
    entries: str
    parents: tuple[str, ...]
    links: dict[int, int]


@dataclass(frozen=True, slots=True)
class TagObjects:
    """The structure of a template. ``has_title`` is whether it has a heading of the first level."""

    pages: tuple[PageTags, ...]
    has_title: bool
    root_entries: bytes
    namespaces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """A page of a template: its number, those of its links, the place of the first link in the parent tree, and how many marks it has."""

    number: int
    links: tuple[int, ...]
    first_link: int
    marks: int


def write_tags(
    writer: ObjectWriter, tags: Tags, pages: Sequence[NumberedPage], write: Callable[[PdfObject], bytes]
) -> TagObjects:
    """Write the elements of a template.

    Args:
        writer: of the template's objects.
        tags: the structure that was read.
        pages: of the template.
        write: returns a plain object as PDF writes it.
    """
    return _TagWriter(writer, tags, pages, write).write()


class _TagWriter:
    def __init__(
        self, writer: ObjectWriter, tags: Tags, pages: Sequence[NumberedPage], write: Callable[[PdfObject], bytes]
    ) -> None:
        self._writer = writer
        self._tags = tags
        self._pages = pages
        self._write = write
        self._marks: list[dict[int, int]] = [{} for _ in pages]
        self._links: list[dict[int, int]] = [{} for _ in pages]
        self._ids: dict[bytes, int] = {}
        self._namespaces = {address: writer.reserve() for address in tags.namespaces}

    def write(self) -> TagObjects:
        sections: list[tuple[int | None, str]] = []
        language = f" /Lang {format_text(self._tags.language)}" if self._tags.language else ""
        for elements in self._tags.pages:
            if not elements:
                sections.append((None, ""))
                continue
            section = self._writer.reserve()
            kids = " ".join(f"{self._add(element, section)} 0 R" for element in elements)
            sections.append((section, f"{language} /K [{kids}]"))
        pages = tuple(self._make_page(index, *found) for index, found in enumerate(sections))
        for address, number in self._namespaces.items():
            self._writer.add(b"<< %s >>" % self._write_namespace(address), number)
        has_title = any("H1" in {item.role, self._tags.roles.get(item.role)} for item in self._tags.walk())
        return TagObjects(pages, has_title, b" ".join(self._write_root()), tuple(self._namespaces.values()))

    def _make_page(self, index: int, section: int | None, entries: str) -> PageTags:
        page, marks = self._pages[index], self._marks[index]
        parents = tuple(f"{marks[number]} 0 R" if number in marks else "null" for number in range(page.marks))
        links = {page.first_link + place: number for place, number in self._links[index].items()}
        return PageTags(section, entries, parents, links)

    def _add(self, element: Element, parent: int) -> int:
        number = self._writer.reserve()
        page = next((kid.page for kid in element.kids if isinstance(kid, Mark)), None)
        kids = [text for kid in element.kids if (text := self._write_kid(kid, number, page))]
        entries = [f"/Type /StructElem /S {_write_name(element.role)} /P {parent} 0 R".encode()]
        if page is not None:
            entries.append(b"/Pg %d 0 R" % self._pages[page].number)
        for name, value in element.entries.items():
            entries.append(name.encode() + b" " + self._write(value))
        if isinstance(identifier := element.entries.get("/ID"), ByteStringObject):
            self._ids.setdefault(bytes(identifier), number)
        elif identifier is not None:
            self._ids.setdefault(str(identifier).encode("latin-1", "replace"), number)
        if element.namespace:
            entries.append(b"/NS %d 0 R" % self._namespaces[element.namespace])
        if kids:
            entries.append(f"/K [{' '.join(kids)}]".encode())
        self._writer.add(b"<< %s >>" % b" ".join(entries), number)
        return number

    def _write_kid(self, kid: Element | Mark | LinkPlace, parent: int, page: int | None) -> str:
        """Return a kid as an element lists it, or an empty text if another element has it already."""
        if isinstance(kid, Element):
            return f"{self._add(kid, parent)} 0 R"
        owner = self._pages[kid.page]
        if isinstance(kid, Mark):
            if kid.number >= owner.marks or self._marks[kid.page].setdefault(kid.number, parent) != parent:
                return ""
            return (
                str(kid.number) if kid.page == page else f"<< /Type /MCR /Pg {owner.number} 0 R /MCID {kid.number} >>"
            )
        if self._links[kid.page].setdefault(kid.place, parent) != parent:
            return ""
        return f"<< /Type /OBJR /Pg {owner.number} 0 R /Obj {owner.links[kid.place]} 0 R >>"

    def _write_root(self) -> Iterator[bytes]:
        roles = {name: role for name, role in self._tags.roles.items() if name not in _OWN_ROLES}
        if roles:
            listed = " ".join(f"{_write_name(name)} {_write_name(role)}" for name, role in roles.items())
            yield f"/RoleMap << {listed} >>".encode()
        if self._tags.classes:
            yield b"/ClassMap << %s >>" % b" ".join(
                name.encode() + b" " + self._write(value) for name, value in self._tags.classes.items()
            )
        if self._ids:
            names = b" ".join(b"<%s> %d 0 R" % (key.hex().encode(), self._ids[key]) for key in sorted(self._ids))
            first, last = min(self._ids).hex().encode(), max(self._ids).hex().encode()
            yield b"/IDTree << /Kids [%d 0 R] >>" % self._writer.add(
                b"<< /Limits [<%s> <%s>] /Names [%s] >>" % (first, last, names)
            )

    def _write_namespace(self, address: str) -> bytes:
        roles: Mapping[str, tuple[str, str]] = self._tags.namespaces[address]
        listed = " ".join(
            f"{_write_name(name)} "
            + (
                f"[{_write_name(role)} {self._namespaces[other]} 0 R]"
                if other in self._namespaces
                else _write_name(role)
            )
            for name, (role, other) in roles.items()
        )
        meaning = f" /RoleMapNS << {listed} >>" if listed else ""
        return f"/Type /Namespace /NS {format_text(address)}{meaning}".encode()


def _write_name(name: str) -> str:
    """Return a name with the characters escaped that end names (7.3.5)."""
    escaped = (
        chr(byte) if 33 <= byte <= 126 and chr(byte) not in "#()<>[]{}/%" else f"#{byte:02X}"  # noqa: PLR2004
        for byte in name.encode("utf-8", "surrogatepass")
    )
    return "/" + "".join(escaped)
