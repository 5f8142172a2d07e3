"""PNG images: checked, and with the text of a badge in them (Open Badges 3.0, 5.3.1)."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.exceptions import AssetError, MalformedBadgeError

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_SIDE = 4096
_KEYWORD = b"openbadgecredential"
#: After the keyword: its end, "not compressed", the compression method, and neither language nor translated keyword.
_HEADER = _KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0"
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}


class _Chunk(NamedTuple):
    kind: bytes
    data: bytes
    end: int


def check(content: bytes) -> None:
    """Raise `AssetError` unless it is a square PNG that can be drawn."""
    try:
        chunks = list(_read_chunks(content))
    except MalformedBadgeError as error:
        raise AssetError(str(error)) from None
    width, height = (int.from_bytes(chunks[0].data[start : start + 4]) for start in (0, 4))
    if width != height:
        msg = f"the image has {width} x {height} pixels; a badge must be square"
        raise AssetError(msg)
    if width > MAX_SIDE:
        msg = f"the image has {width} x {height} pixels; at most {MAX_SIDE} x {MAX_SIDE} are accepted"
        raise AssetError(msg)
    if any(_is_badge(chunk) for chunk in chunks):
        raise AssetError("the image has a badge in it already")
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


def unbake(content: bytes) -> str:
    """Return the text of the badge in an image.

    Raises:
        MalformedBadgeError: the image is broken, or has none or more than one.
    """
    found = [chunk for chunk in _read_chunks(content) if _is_badge(chunk)]
    if len(found) != 1:
        raise MalformedBadgeError(
            "the image has no badge in it" if not found else "the image has more than one badge in it"
        )
    kind, data, _ = found[0]
    # The standard allows no compression here; unpacking what a stranger packed is not begun.
    if kind != b"iTXt" or not data.startswith(_KEYWORD + b"\0\0"):
        raise MalformedBadgeError("the badge in the image is not written as the standard says")
    # The compression method, then language and translated keyword, each with its end.
    _, _, rest = data[len(_KEYWORD) + 3 :].partition(b"\0")
    _, _, text = rest.partition(b"\0")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise MalformedBadgeError("the badge in the image is no text in UTF-8") from None


def _is_badge(chunk: _Chunk) -> bool:
    return chunk.kind in _TEXTS and chunk.data.startswith(_KEYWORD + b"\0")


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
            raise MalformedBadgeError("the image is broken: a part of it is missing or changed")
        if is_first != (kind == b"IHDR") or (is_first and length != 13):  # noqa: PLR2004
            raise MalformedBadgeError("the image is broken: its header is not where it must be")
        yield _Chunk(kind, data, end)
        position = end
    if position != len(content):
        raise MalformedBadgeError("the image is broken: something follows its end")


def _write_chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
