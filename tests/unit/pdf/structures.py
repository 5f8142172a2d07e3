"""Read the structure of a PDF as pdfium hands it to screen readers."""

import ctypes
from dataclasses import dataclass, field

import pypdfium2 as pdfium
from pypdfium2 import raw


@dataclass
class Element:
    """A structure element: its type, what it says itself, its own content with the marks of it, and the elements in it."""

    role: str
    alternative: str = ""
    spoken: str = ""
    language: str = ""
    text: str = ""
    marks: list[int] = field(default_factory=list)
    children: list["Element"] = field(default_factory=list)

    @property
    def said(self):
        """What a screen reader says for the element and everything in it."""
        inner = "".join(child.said for child in self.children)
        return self.alternative or self.spoken or self.text + inner

    def list_roles(self):
        """The types of the element and of the first element in each element, from the outside to the inside."""
        return [self.role, *(self.children[0].list_roles() if self.children else [])]

    def walk(self):
        """The element and all elements in it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_structure(content):
    """Return the ``Document`` element of a document with one page."""
    document = pdfium.PdfDocument(content)
    page = document[0]
    texts = _read_marked_texts(page)
    tree = raw.FPDF_StructTree_GetForPage(page)
    try:
        assert raw.FPDF_StructTree_CountChildren(tree) == 1
        return _read_element(raw.FPDF_StructTree_GetChildAtIndex(tree, 0), texts)
    finally:
        raw.FPDF_StructTree_Close(tree)
        page.close()
        document.close()


def list_marks(content):
    """Return how the objects of a page are marked, in drawing order: a number, ``Artifact``, or None for an object without a mark."""
    document = pdfium.PdfDocument(content)
    page = document[0]
    found = [_find_mark(raw.FPDFPage_GetObject(page, index)) for index in range(raw.FPDFPage_CountObjects(page))]
    page.close()
    document.close()
    return found


def _read_marked_texts(page):
    text_page = page.get_textpage()
    texts = {}
    for index in range(raw.FPDFPage_CountObjects(page)):
        item = raw.FPDFPage_GetObject(page, index)
        mark = _find_mark(item)
        if raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT and isinstance(mark, int):
            said = _read_string(raw.FPDFTextObj_GetText, item, text_page, cast=raw.FPDF_WCHAR)
            texts[mark] = texts.get(mark, "") + said
    text_page.close()
    return texts


def _find_mark(item):
    for index in range(raw.FPDFPageObj_CountMarks(item)):
        mark = raw.FPDFPageObj_GetMark(item, index)
        value = ctypes.c_int()
        if raw.FPDFPageObjMark_GetParamIntValue(mark, b"MCID", value):
            return value.value
        length = ctypes.c_ulong()
        buffer = (ctypes.c_ushort * 32)()
        raw.FPDFPageObjMark_GetName(mark, buffer, 64, length)
        if bytes(buffer).decode("utf-16-le").startswith("Artifact"):
            return "Artifact"
    return None


def _read_element(handle, texts):
    count = raw.FPDF_StructElement_GetMarkedContentIdCount(handle)
    marks = [raw.FPDF_StructElement_GetMarkedContentIdAtIndex(handle, index) for index in range(max(count, 0))]
    children = [
        _read_element(child, texts)
        for index in range(raw.FPDF_StructElement_CountChildren(handle))
        if (child := raw.FPDF_StructElement_GetChildAtIndex(handle, index))
    ]
    return Element(
        _read_string(raw.FPDF_StructElement_GetType, handle),
        _read_string(raw.FPDF_StructElement_GetAltText, handle),
        _read_string(raw.FPDF_StructElement_GetActualText, handle),
        _read_string(raw.FPDF_StructElement_GetLang, handle),
        "".join(texts.get(mark, "") for mark in marks),
        [mark for mark in marks if mark >= 0],
        children,
    )


def _read_string(function, *arguments, cast=None):
    size = function(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    function(*arguments, ctypes.cast(buffer, ctypes.POINTER(cast)) if cast else buffer, size)
    return buffer.raw[:size].decode("utf-16-le").rstrip("\0")
