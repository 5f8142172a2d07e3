"""Read the structure of a PDF as pdfium hands it to screen readers."""

import ctypes
import io
from dataclasses import dataclass, field

import pikepdf
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


def read_structure(content, page=1):
    """Return the ``Document`` element of a document, with what is on one of its pages."""
    document = pdfium.PdfDocument(content)
    page = document[page - 1]
    texts = _read_marked_texts(page)
    tree = raw.FPDF_StructTree_GetForPage(page)
    try:
        assert raw.FPDF_StructTree_CountChildren(tree) == 1
        return _read_element(raw.FPDF_StructTree_GetChildAtIndex(tree, 0), texts)
    finally:
        raw.FPDF_StructTree_Close(tree)
        page.close()
        document.close()


def check_parent_tree(content):
    """Check that the tree of elements and the parent tree agree on every mark and every annotation of a document.

    Returns:
        The types of the elements with content, and the index of the page of each, in reading order.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        root = pdf.Root.StructTreeRoot
        flat = list(root.ParentTree.Nums)
        keys = [int(key) for key in flat[::2]]
        assert keys == sorted(set(keys))
        assert root.ParentTreeNextKey > keys[-1]
        places = dict(zip(keys, flat[1::2], strict=True))
        pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
        found = []
        marks, annotations = {}, {}

        def walk(element, parent):
            assert element.P.objgen == parent.objgen
            for kid in element.get("/K", []):
                if isinstance(kid, int):
                    page = pages[element.Pg.objgen]
                    assert marks.setdefault((page, kid), element.objgen) == element.objgen
                    place = str(element.S).lstrip("/"), page
                    if place not in found[-1:]:
                        found.append(place)
                elif kid.get("/Type") == "/OBJR":
                    annotations[kid.Obj.objgen] = element.objgen
                    assert kid.Obj.objgen in {note.objgen for note in pdf.pages[pages[kid.Pg.objgen]].obj.Annots}
                else:
                    walk(kid, element)

        walk(root.K[0], root)
        for index, page in enumerate(pdf.pages):
            parents = places[int(page.obj.StructParents)]
            listed = {(index, number): parent.objgen for number, parent in enumerate(parents)}
            assert listed == {key: parent for key, parent in marks.items() if key[0] == index}
            for note in page.obj.get("/Annots", []):
                assert places[int(note.StructParent)].objgen == annotations[note.objgen]
        return found


def list_marks(content, page=1):
    """Return how the objects of a page are marked, in drawing order: a number, ``Artifact``, or None for an object without a mark."""
    document = pdfium.PdfDocument(content)
    page = document[page - 1]
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
