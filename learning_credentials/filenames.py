"""Names under which files are saved, in every script."""

from __future__ import annotations

import re
import unicodedata

from django.utils.http import content_disposition_header

#: Bytes of a file's name in UTF-8; file systems take 255, and browsers add to it.
MAX_NAME_BYTES = 180
MAX_EXTENSION = 10
#: Characters of a name made from texts.
MAX_STEM = 100

_FORBIDDEN_IN_FILE_NAMES = frozenset('\\/:*?"<>|%')
_JOINERS = frozenset("\u200c\u200d")


def get_attachment_disposition(filename: str, *, is_inline: bool = False) -> str:
    """Return a Content-Disposition in which a name of any script survives, with a name in ASCII for old clients (RFC 6266).

    Args:
        filename: any text.
        is_inline: for a file that a browser may show in place.
    """
    kind = "inline" if is_inline else "attachment"
    name = clean_file_name(filename)
    header = content_disposition_header(as_attachment=True, filename=name)
    if header is None:
        return kind
    header = kind + header.removeprefix("attachment")
    if name.isascii():
        return header
    stem, dot, extension = name.rpartition(".")
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().strip(" -_.") or "credential"
    ascii_extension = extension.encode("ascii", "ignore").decode()
    return header.replace(f"{kind};", f'{kind}; filename="{ascii_stem}{dot}{ascii_extension}";', 1)


def clean_file_name(filename: str) -> str:
    """Return the name without what a file system or a header could misread, or that shows it in another order than it has."""
    kept = (
        char
        for char in filename
        if char not in _FORBIDDEN_IN_FILE_NAMES and (unicodedata.category(char)[0] != "C" or char in _JOINERS)
    )
    return _shorten("".join(kept).strip(" .")) or "credential"


def _shorten(name: str) -> str:
    """Cut what is too long for a file system from the end of the name, but not its extension."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, _dot, extension = name.rpartition(".")
    suffix = f".{extension}".encode() if stem and len(extension) <= MAX_EXTENSION else b""
    room = MAX_NAME_BYTES - len(suffix)
    kept = name.encode()[: len(name.encode()) - len(suffix)][:room].decode(errors="ignore")
    return _cut(name, len(kept)).rstrip(" .") + suffix.decode()


def make_stem(*texts: str) -> str:
    """Return a file's name without its extension, of words of any script: ``certificate-คณิตศาสตร์``; empty if there is nothing to keep."""
    text = unicodedata.normalize("NFC", " ".join(texts)).lower()
    kept = "".join(char for char in text if _is_kept(char) or char.isspace() or char == "-")
    stem = re.sub(r"[-\s]+", "-", kept).strip("-_")
    return _cut(stem, MAX_STEM).rstrip("-_")


def _is_kept(char: str) -> bool:
    """Whether it is a part of a word: many scripts write vowels as marks, which are no letters, or need joiners."""
    return char == "_" or char in _JOINERS or unicodedata.category(char)[0] in "LMN"


def _cut(text: str, length: int) -> str:
    """Return the beginning of a text; no letter loses a mark that belongs to it."""
    while 0 < length < len(text) and (unicodedata.category(text[length])[0] == "M" or text[length] in _JOINERS):
        length -= 1
    return text[:length]
