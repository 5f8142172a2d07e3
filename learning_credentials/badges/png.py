"""Check PNG images, and write and read the text of a badge in them (Open Badges 3.0, 5.3.1)."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.badges import polyglots
from learning_credentials.badges.documents import MAX_BYTES as MAX_TEXT_BYTES
from learning_credentials.exceptions import AssetError, MalformedBadgeError, TooManyBadgesError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_SIDE = 4096
_KEYWORD = b"openbadgecredential"
#: After the keyword: its end, "not compressed", the compression method, and neither language nor translated keyword.
_HEADER = _KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0"
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
#: Keywords of texts that are badges: of Open Badges 3.0, and of 2.0.
_KEYWORDS = {_KEYWORD, b"openbadges"}
#: Badges in one image that are read.
MAX_BADGES = 20
#: Parts of pictures that programs write (PNG, third edition, and its registered extensions).
_USUAL = set(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi tEXt zTXt iTXt bKGD hIST pHYs sPLT eXIf tIME "
    b"acTL fcTL fdAT oFFs pCAL sCAL gIFg gIFx gIFt sTER dSIG caBX "
    # Drawing programs and systems write these without a registration.
    b"iDOT iCCN prVW mkBF mkBS mkBT mkTS vpAg orNT caNv npTc npOl npLb tpNG".split()
)
#: Parts that contain words.
_WORDS = {b"tEXt", b"iTXt"}


class _Chunk(NamedTuple):
    kind: bytes
    data: bytes
    end: int


def check(content: bytes) -> None:
    """Raise `AssetError` unless the file is a square PNG that can be drawn."""
    try:
        chunks = list(_read_chunks(content))
    except MalformedBadgeError as error:
        raise AssetError(str(error)) from None
    width, height = (int.from_bytes(chunks[0].data[start : start + 4]) for start in (0, 4))
    if width != height:
        msg = f"the image has {width} x {height} pixels. Use a square image"
        raise AssetError(msg)
    if width > MAX_SIDE:
        msg = f"the image has {width} x {height} pixels. At most {MAX_SIDE} x {MAX_SIDE} are accepted"
        raise AssetError(msg)
    if any(_is_badge(chunk) for chunk in chunks):
        raise AssetError("the image already contains a badge. Use the image from before the badge was added")
    if found := polyglots.find_in_file(content):
        msg = f"the image is also a file of the format {found}. Save it with another program"
        raise AssetError(msg)
    # Only here, so that starting Django stays light.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            image.load()
    except Exception as error:
        msg = f"the image is broken: {error or type(error).__name__}"
        raise AssetError(msg) from error


def bake(content: bytes, text: str) -> bytes:
    """Return a checked image with a text in it, as its first chunk after the header."""
    header = next(_read_chunks(content))
    return content[: header.end] + _write_chunk(b"iTXt", _HEADER + text.encode()) + content[header.end :]


def find_texts(content: bytes) -> list[str]:
    """Return the texts of the badges in an image. This includes Open Badges 2.0, and badges that another program compressed again.

    Raises:
        MalformedBadgeError: the image is broken, or a badge in it is too large or not text.
    """
    found = []
    for chunk in _read_chunks(content):
        if _is_badge(chunk):
            found.append(_read_text(chunk))
            if len(found) > MAX_BADGES:
                raise TooManyBadgesError("the image contains too many badges")
    return found


def find_problem(content: bytes) -> str:
    """Return why a file is more than a PNG with badges in it, or an empty text."""
    try:
        chunks = list(_read_chunks(content))
    except MalformedBadgeError as error:
        return str(error)
    odd = next((chunk.kind for chunk in chunks if chunk.kind not in _USUAL), None)
    if odd is not None:
        return f"the image contains a part of the kind {odd!r}, which images do not have"
    around = b"".join(_get_around(chunk) for chunk in chunks)
    found = polyglots.find_in_file(around) or next(
        (name for chunk in chunks if chunk.kind in _WORDS and (name := polyglots.find_in_text(_get_around(chunk)))), ""
    )
    return f"the image is also a file of the format {found}" if found else ""


def tidy(content: bytes) -> bytes:
    """Return an image without the parts that images do not have."""
    if all(chunk.kind in _USUAL for chunk in _read_chunks(content)):
        return content
    kept = (chunk for chunk in _read_chunks(content) if chunk.kind in _USUAL)
    return SIGNATURE + b"".join(_write_chunk(chunk.kind, chunk.data) for chunk in kept)


def _get_around(chunk: _Chunk) -> bytes:
    """Return what a part contains besides the text of a badge."""
    if not _is_badge(chunk):
        return chunk.kind + chunk.data
    try:
        # If the text is not compressed, it is at the end.
        return chunk.data.removesuffix(_read_text(chunk).encode())
    except MalformedBadgeError:
        return chunk.data


def _read_text(chunk: _Chunk) -> str:
    _, _, rest = chunk.data.partition(b"\0")
    is_packed = chunk.kind == b"zTXt"
    if chunk.kind == b"iTXt":
        is_packed = rest[:1] == b"\1"
        # Two flags, then language and translated keyword, each with its end.
        _, _, rest = rest[2:].partition(b"\0")
        _, _, rest = rest.partition(b"\0")
    elif is_packed:
        rest = rest[1:]
    try:
        return (_unpack(rest) if is_packed else rest).decode()
    except (UnicodeDecodeError, zlib.error):
        raise MalformedBadgeError("the badge in the image is not text in UTF-8") from None


def _unpack(data: bytes) -> bytes:
    unpack = zlib.decompressobj()
    content = unpack.decompress(data, MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES or not unpack.eof:
        raise MalformedBadgeError("the badge in the image is too large or incomplete")
    return content


def _is_badge(chunk: _Chunk) -> bool:
    return chunk.kind in _TEXTS and chunk.data.partition(b"\0")[0] in _KEYWORDS


def _read_chunks(content: bytes) -> Iterator[_Chunk]:
    position = len(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length = int.from_bytes(content[position : position + 4])
        is_first = not kind
        kind = content[position + 4 : position + 8]
        data = content[position + 8 : position + 8 + length]
        end = position + 12 + length
        if end > len(content) or zlib.crc32(kind + data) != int.from_bytes(content[end - 4 : end]):
            raise MalformedBadgeError("the image is broken: a part is missing or was changed")
        if is_first != (kind == b"IHDR") or (is_first and length != 13):  # noqa: PLR2004
            raise MalformedBadgeError("the image is broken: its header is not at the start")
        yield _Chunk(kind, data, end)
        position = end
    if position != len(content):
        raise MalformedBadgeError("the image is broken: there is more data after its end")


def _write_chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
