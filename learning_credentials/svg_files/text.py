"""Read the text of an SVG file: its encoding, and everything before its root element. Nothing is parsed as XML yet.

Drawing programs write encodings, document types and processing instructions that a badge does not need. They are recognised and removed
here, so that a baked image begins with its root element. Declarations of entities are never read.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from learning_credentials.exceptions import MalformedBadgeError

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: How a file in UTF-16 without a byte order mark begins.
_BARE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*['\"]([A-Za-z0-9._:-]{1,40})['\"]")
#: Encodings of one byte a character that programs still write, by what the declaration calls them.
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8"} | {
    name: name for name in ("iso-8859-1", "latin1", "iso-8859-15", "windows-1252")
}
#: Where the root element begins, in bytes.
_HEAD = 65536
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,50}:)?svg[\s/>]")
_SPACE = re.compile(r"\s*+")
_INSTRUCTION = re.compile(r"<\?([A-Za-z_:][A-Za-z0-9._:-]{0,100})")
_DOCUMENT_TYPE = re.compile(
    r"<!DOCTYPE\s++(?:[A-Za-z_][\w.-]{0,50}:)?svg\s*+"
    r"(?:PUBLIC\s++(?P<q>['\"])-//W3C//DTD SVG [\w .:-]{1,60}//EN(?P=q)"
    r"\s*+(?P<r>['\"])https?://www\.w3\.org/(?:Graphics/SVG|TR)/[\w./-]{1,100}\.dtd(?P=r)\s*+)?>"
)
#: Possessive, so that a text without an end is given up at once.
_START_TAG = re.compile(r"<[A-Za-z_][^\s/>]*+(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
#: Instructions that a browser or a server would follow.
_FOLLOWED = {"xml-stylesheet", "php"}


class SvgText(NamedTuple):
    """A file as text.

    ``start`` and ``end`` are those of the root's start tag. ``is_tidy`` is True if nothing before it has to be removed.
    """

    text: str
    start: int
    end: int
    is_tidy: bool

    @property
    def root(self) -> str:
        """Return the text from the root element on."""
        return self.text[self.start :]

    @property
    def lines_before(self) -> int:
        """Return the number of lines before the root element."""
        return self.text.count("\n", 0, self.start)


def looks_like_svg(content: bytes) -> bool:
    """Return whether a file can be an SVG, by how it begins. It can begin with comments, a declaration and a document type."""
    head = content[:_HEAD].replace(b"\0", b"")
    for mark, _ in _BOMS:
        head = head.removeprefix(mark)
    return head.lstrip().startswith(b"<") and _ROOT.search(head) is not None


def read(content: bytes) -> SvgText:
    """Decode a file and find its root element.

    Raises:
        MalformedBadgeError: the encoding is not supported, the document type is unknown or has its own declarations, there are
            instructions for programs, or there is no root element.
    """
    encoding, skip = _find_encoding(content)
    try:
        text = content[skip:].decode(encoding)
    except UnicodeDecodeError:
        msg = f"the image is not text in {encoding.upper()}. Save it in UTF-8"
        raise MalformedBadgeError(msg) from None
    start, is_tidy = _read_prolog(text)
    tag = _START_TAG.match(text, start)
    if tag is None or tag[0].endswith("/>"):
        raise MalformedBadgeError("the file is not an SVG image in UTF-8, or is empty")
    return SvgText(text, *tag.span(), is_tidy and encoding == "utf-8")


def refuse_instruction(target: str) -> None:
    """Raise `MalformedBadgeError` if programs would follow an instruction (``<?target …?>``)."""
    if target.lower() in _FOLLOWED:
        msg = f"the image contains an instruction for other programs. Remove <?{target} …?>"
        raise MalformedBadgeError(msg)


def _find_encoding(content: bytes) -> tuple[str, int]:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding, len(mark)
    for beginning, encoding in _BARE:
        if content.startswith(beginning):
            return encoding, 0
    declared = _DECLARED.match(content)
    name = declared[1].decode().lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        msg = f"the image claims the encoding {name}, which is wrong or not supported. Save it in UTF-8"
        raise MalformedBadgeError(msg)
    return _ENCODINGS[name], 0


def _read_prolog(text: str) -> tuple[int, bool]:
    """Return where the root element can begin, and whether nothing before it has to be removed."""
    place, is_tidy, has_type = 0, True, False
    while True:
        place = _SPACE.match(text, place).end()  # type: ignore[union-attr]  # it matches nothing at all too
        if text.startswith("<!--", place):
            end = text.find("-->", place + len("<!--"))
            after = end + len("-->")
        elif instruction := _INSTRUCTION.match(text, place):
            end = text.find("?>", place)
            after = end + len("?>")
            refuse_instruction(instruction[1])
            is_tidy = (
                is_tidy
                and instruction[1] == "xml"
                and "encoding"
                not in text[place:end].lower().replace('encoding="utf-8"', "").replace("encoding='utf-8'", "")
            )
        elif text.startswith("<!DOCTYPE", place) and not has_type:
            has_type, is_tidy = True, False
            end = after = _read_document_type(text, place)
        else:
            return place, is_tidy
        if end < 0:
            return place, is_tidy
        place = after


def _read_document_type(text: str, place: int) -> int:
    found = _DOCUMENT_TYPE.match(text, place)
    if found:
        return found.end()
    if "[" in text[place : place + 1000].partition(">")[0]:
        raise MalformedBadgeError(
            "the image has a document type with its own declarations (entities), which are not accepted. Save "
            "it as plain SVG. In Illustrator, turn off 'Preserve Illustrator Editing Capabilities'"
        )
    raise MalformedBadgeError(
        "the image has a document type that is not the public one of SVG 1.0 or 1.1. Remove the line <!DOCTYPE …>"
    )
