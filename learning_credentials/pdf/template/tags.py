"""Read the structure elements of a tagged template (ISO 32000-2, 14.7): what its content is, and in which order it is read.

Only what describes the content is read. Files, scripts and references to other parts of the document are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    ContentStream,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypdf import PageObject, PdfReader
    from pypdf.generic import PdfObject

#: A template with more elements, or with deeper ones, counts as not tagged.
_MOST_ELEMENTS = 5000
_DEEPEST = 64
_TEXTS = ("/Alt", "/ActualText", "/E", "/Lang", "/T", "/ID")
_OWNERS = frozenset(("/Layout", "/List", "/Table", "/PrintField"))
_PLAIN = (NameObject, NumberObject, FloatObject, BooleanObject, TextStringObject, ByteStringObject)
_DEEPEST_VALUE = 4
_SHOWING = frozenset((b"Tj", b"TJ", b"'", b'"'))
_CLOSING = {b"Q": b"q", b"ET": b"BT"}
_MOST_MARKS = 20_000
#: Bytes of content in all pages. More than this takes seconds to read.
_MOST_BYTES = 1_000_000
#: How names of resources begin that would have another meaning on the app's pages: its own, and colour spaces for everything.
_OWN_NAMES = ("/LC", "/LS", "/DefaultGray", "/DefaultRGB", "/DefaultCMYK")


class Mark(NamedTuple):
    """Marked content: its number, and the index of its page."""

    page: int
    number: int


class LinkPlace(NamedTuple):
    """A link of the template: the index of its page, and its place among the links of the page."""

    page: int
    place: int


@dataclass
class Element:
    """A structure element with plain entries. ``namespace`` is the address of its namespace, or empty."""

    role: str
    entries: dict[str, PdfObject]
    namespace: str
    kids: list[Element | Mark | LinkPlace] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """Yield the element and all in it."""
        yield self
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.walk()

    def find_page(self) -> int | None:
        """Return the index of the page that its content begins on, or None if it has none."""
        for kid in self.kids:
            page = kid.find_page() if isinstance(kid, Element) else kid.page
            if page is not None:
                return page
        return None


@dataclass
class Content:
    """The content of a page, as its operators show it.

    ``marks`` is one more than the greatest number of a mark. ``has_loose_text`` is whether text is neither marked nor an artifact.
    ``is_closed`` is whether everything that begins also ends.
    """

    marks: int = 0
    has_loose_text: bool = False
    is_closed: bool = True


@dataclass
class Tags:
    """The structure of a template: elements for each page, the meanings of their roles, and the attributes of classes."""

    pages: list[list[Element]]
    language: str
    roles: dict[str, str]
    classes: dict[str, PdfObject]
    namespaces: dict[str, dict[str, tuple[str, str]]]
    """The roles of each namespace, with their meaning: another role and its namespace."""
    contents: list[Content] = field(default_factory=list)
    """The content of each page."""

    def walk(self) -> Iterator[Element]:
        """Yield all elements."""
        return (item for elements in self.pages for element in elements for item in element.walk())


def read_tags(reader: PdfReader, pages: Sequence[PageObject]) -> Tags | None:
    """Return the structure of a template. If it has none that can be used, return None."""
    try:
        catalog = _get(reader.trailer["/Root"])
        root = _get(catalog.get("/StructTreeRoot"))
        if not isinstance(root, DictionaryObject):
            return None
        tags = _Reader(pages, catalog, root).read()
        if tags is None or _count_bytes(pages) > _MOST_BYTES:
            return None
        contents = list(map(read_content, pages))
    except Exception:
        # Content that cannot be read is decoration, like content without tags.
        return None
    tags.contents = contents
    return tags if all(map(can_be_embedded, pages, contents)) else None


def _count_bytes(pages: Sequence[PageObject]) -> int:
    return sum(len(contents.get_data()) for page in pages if (contents := page.get_contents()) is not None)


class _Reader:
    def __init__(self, pages: Sequence[PageObject], catalog: DictionaryObject, root: DictionaryObject) -> None:
        self._root = root
        self._language = str(_get(catalog.get("/Lang", "")))
        self._pages = {
            page.indirect_reference.idnum: index for index, page in enumerate(pages) if page.indirect_reference
        }
        self._links = {
            number: LinkPlace(index, place)
            for index, page in enumerate(pages)
            for place, number in enumerate(_list_links(page))
        }
        self._seen: set[int] = set()
        self._count = 0
        self._namespaces: dict[str, dict[str, tuple[str, str]]] = {}

    def read(self) -> Tags | None:
        found = self._read_kids(self._root.get("/K"), None, 0)
        elements = [item for item in found if isinstance(item, Element)]
        while len(elements) == 1 and elements[0].role == "Document":
            # The document has an element of its own.
            self._language = str(elements[0].entries.get("/Lang", self._language))
            elements = [item for item in elements[0].kids if isinstance(item, Element)]
        pages: list[list[Element]] = [[] for _ in self._pages]
        for element in elements:
            page = element.find_page()
            if page is not None:
                pages[page].append(element)
        if not any(pages):
            return None
        roles = _get(self._root.get("/RoleMap"))
        classes = _get(self._root.get("/ClassMap"))
        return Tags(
            pages,
            self._language,
            {str(name)[1:]: str(_get(role))[1:] for name, role in roles.items()}
            if isinstance(roles, DictionaryObject)
            else {},
            {
                str(name): value
                for name, found in classes.items()
                if (value := _copy_attributes(_get(found))) is not None
            }
            if isinstance(classes, DictionaryObject)
            else {},
            self._namespaces,
        )

    def _read_kids(self, value: Any, page: int | None, depth: int) -> list[Element | Mark | LinkPlace]:
        if depth > _DEEPEST:
            raise ValueError("the elements are nested too deeply")
        resolved = _get(value)
        listed = resolved if isinstance(resolved, ArrayObject) else [value]
        found = (self._read_kid(kid, page, depth) for kid in listed)
        return [kid for kid in found if kid is not None]

    def _read_kid(self, value: Any, page: int | None, depth: int) -> Element | Mark | LinkPlace | None:
        kid = _get(value)
        if isinstance(kid, NumberObject):
            return Mark(page, int(kid)) if page is not None and kid >= 0 else None
        if not isinstance(kid, DictionaryObject):
            return None
        page = self._find_page(kid, page)
        if kid.get("/Type") == "/MCR":
            # Marks in forms inside of the page are left out.
            return Mark(page, int(_get(kid["/MCID"]))) if page is not None and "/Stm" not in kid else None
        if kid.get("/Type") == "/OBJR":
            target = kid.raw_get("/Obj")
            return self._links.get(target.idnum) if isinstance(target, IndirectObject) else None
        return self._read_element(value, kid, page, depth)

    def _read_element(self, value: Any, kid: DictionaryObject, page: int | None, depth: int) -> Element | None:
        if isinstance(value, IndirectObject):
            if value.idnum in self._seen:
                return None
            self._seen.add(value.idnum)
        self._count += 1
        if self._count > _MOST_ELEMENTS:
            raise ValueError("there are too many elements")
        entries: dict[str, PdfObject] = {}
        for name in _TEXTS:
            text = _get(kid.get(name))
            if isinstance(text, (TextStringObject, ByteStringObject)):
                entries[name] = text
        if (attributes := _copy_attributes(_get(kid.get("/A")))) is not None:
            entries["/A"] = attributes
        classes = _copy_plain(kid.get("/C"), 0)
        if classes is not None:
            entries["/C"] = classes
        element = Element(str(_get(kid["/S"]))[1:], entries, self._read_namespace(_get(kid.get("/NS"))))
        element.kids = self._read_kids(kid.get("/K"), page, depth + 1) if "/K" in kid else []
        return element

    def _find_page(self, kid: DictionaryObject, page: int | None) -> int | None:
        reference = kid.raw_get("/Pg") if "/Pg" in kid else None
        return self._pages.get(reference.idnum) if isinstance(reference, IndirectObject) else page

    def _read_namespace(self, value: Any) -> str:
        """Return the address of a namespace, and read what its roles mean."""
        if not isinstance(value, DictionaryObject):
            return ""
        address = str(_get(value.get("/NS", "")))
        if address and address not in self._namespaces:
            self._namespaces[address] = {}
            roles = _get(value.get("/RoleMapNS"))
            for name, target in roles.items() if isinstance(roles, DictionaryObject) else ():
                meant = _get(target)
                if isinstance(meant, ArrayObject):
                    self._namespaces[address][str(name)[1:]] = (
                        str(_get(meant[0]))[1:],
                        self._read_namespace(_get(meant[1])),
                    )
                else:
                    self._namespaces[address][str(name)[1:]] = (str(meant)[1:], "")
        return address


def read_content(page: PageObject) -> Content:
    """Read the operators of a page."""
    found = Content()
    contents = page.get_contents()
    if contents is None:
        return found
    stream = contents if isinstance(contents, ContentStream) else ContentStream(contents, page.pdf)
    depth = {b"q": 0, b"BT": 0}
    marked: list[bool] = []
    for operands, operator in stream.operations:
        if operator in {b"BDC", b"BMC"}:
            number = _find_number(page, operands)
            found.marks = max(found.marks, number + 1)
            marked.append(number >= 0 or bool(operands and operands[0] == "/Artifact"))
        elif operator == b"EMC":
            found.is_closed &= bool(marked)
            marked = marked[:-1]
        elif operator in depth:
            depth[operator] += 1
        elif operator in _CLOSING:
            depth[_CLOSING[operator]] -= 1
            found.is_closed &= depth[_CLOSING[operator]] >= 0
        elif operator in _SHOWING and not any(marked):
            found.has_loose_text = True
    found.is_closed &= not any(depth.values()) and not marked
    return found


def can_be_embedded(page: PageObject, content: Content) -> bool:
    """Return whether the content can be a part of another page: it is complete, and names no resources as the app does."""
    resources = _get(page.get("/Resources"))
    if not content.is_closed or content.marks > _MOST_MARKS or not isinstance(resources, DictionaryObject):
        return False
    listed = [_get(entries) for entries in resources.values()]
    names = [str(name) for entries in listed if isinstance(entries, DictionaryObject) for name in entries]
    return not any(name.startswith(_OWN_NAMES) for name in names)


def _find_number(page: PageObject, operands: Sequence[Any]) -> int:
    """Return the number of a mark, or -1 if it has none."""
    properties = _get(operands[1]) if len(operands) > 1 else None
    if isinstance(properties, NameObject):
        properties = _find_properties(page, properties)
    number = _get(properties.get("/MCID")) if isinstance(properties, DictionaryObject) else None
    return int(number) if isinstance(number, NumberObject) and number >= 0 else -1


def _find_properties(page: PageObject, name: NameObject) -> Any:
    resources = _get(page.get("/Resources"))
    listed = _get(resources.get("/Properties")) if isinstance(resources, DictionaryObject) else None
    return _get(listed.get(name)) if isinstance(listed, DictionaryObject) else None


def _list_links(page: PageObject) -> Iterator[int]:
    """Yield the numbers of the link annotations on a page. Those without one get a number that no reference has."""
    for entry in _get(page.get("/Annots")) or ():
        annotation = _get(entry)
        if isinstance(annotation, DictionaryObject) and annotation.get("/Subtype") == "/Link":
            yield entry.idnum if isinstance(entry, IndirectObject) else -1


def _copy_attributes(value: Any) -> PdfObject | None:
    """Return attributes of known owners, which say how tables and lists are made, and where something is."""
    if isinstance(value, ArrayObject):
        found = [copied for item in value if (copied := _copy_attributes(_get(item))) is not None]
        return ArrayObject(found) if found else None
    if isinstance(value, DictionaryObject) and _get(value.get("/O")) in _OWNERS:
        return _copy_plain(value, 0)
    return None


def _copy_plain(value: Any, depth: int) -> PdfObject | None:
    """Return a value without references, or None if it is not plain."""
    value = _get(value)
    if isinstance(value, StreamObject) or depth > _DEEPEST_VALUE:
        return None
    if isinstance(value, DictionaryObject):
        parts = {name: _copy_plain(part, depth + 1) for name, part in value.items()}
        return DictionaryObject({name: part for name, part in parts.items() if part is not None})
    if isinstance(value, ArrayObject):
        items = [_copy_plain(part, depth + 1) for part in value]
        return ArrayObject(item for item in items if item is not None)
    return value if isinstance(value, _PLAIN) else None


def _get(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value
