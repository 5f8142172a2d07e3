"""Find files that are two things: an image or a text that another program would open as a document, an archive or a page.

A badge proves nothing about the file around it. So a file that contains more than an image or a list of badges is never called unchanged.
"""

from __future__ import annotations

import re

#: Bytes that other programs look for anywhere in a file. They are long enough not to appear in compressed pixels by chance.
_MARKS = {
    b"%PDF-": "PDF",
    b"PK\x05\x06\0\0\0\0": "ZIP",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"%!PS-Adobe": "PostScript",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "Office",
}
#: Marks at a fixed place.
_PLACED = {(257, b"ustar"): "tar", (32_769, b"CD001"): "ISO"}
_PAGE = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|frameset|object|embed|form)[\s>/]", re.IGNORECASE
)
_ANY_TAG = re.compile(rb"<(?:!--|/?[a-z][a-z0-9-]*(?:[\s/>]|$))", re.IGNORECASE)


def find_in_file(content: bytes) -> str:
    """Return the name of another format that an image also has, or an empty text. The caller has removed the badges."""
    for mark, name in _MARKS.items():
        if mark in content:
            return name
    for (place, mark), name in _PLACED.items():
        if content.startswith(mark, place):
            return name
    return "HTML" if _PAGE.search(content) else ""


def find_in_text(text: str | bytes) -> str:
    """Return the name of another format that a text without markup also has, such as JSON or the texts of a PNG."""
    content = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return find_in_file(content) or ("HTML" if _ANY_TAG.search(content) else "")
