"""Make names for downloaded files. The names can be in every script and are valid in every file system."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

#: The longest file name, in UTF-8 bytes. File systems allow 255, and some that encrypt names allow 143 characters. Browsers make names
#: longer.
MAX_NAME_BYTES = 180
MAX_EXTENSION = 10
#: The longest file name made from texts, in UTF-8 bytes without the extension.
MAX_STEM_BYTES = MAX_NAME_BYTES - MAX_EXTENSION - 1

SEPARATOR = " - "
#: The file name if the texts are empty.
DEFAULT_STEM = "credential"

# These signs separate directories, drives and streams. With white space beside them they separate parts of a title.
_PATH_SIGN = re.compile(r"(\s*)[/\\:|]+(\s*)")
_FORBIDDEN = {ord(char): None for char in "*?<>"} | {ord('"'): "'"}
_JOINERS = frozenset("\u200c\u200d")
#: Windows opens a device under these names, with any extension.
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])[ ]*(\.|$)", re.IGNORECASE)
#: ASCII replacements for letters and signs that Unicode cannot decompose.
_IN_ASCII = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc", "'"),
        **dict.fromkeys("%;\\", " "),
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    }
)  # fmt: skip


def get_attachment_disposition(filename: str, *, is_inline: bool = False) -> str:
    """Return a Content-Disposition header that keeps a name in any script.

    The header also has a name in ASCII for old clients (RFC 6266).

    Args:
        filename: any text.
        is_inline: whether a browser may show the file instead of saving it.
    """
    kind = "inline" if is_inline else "attachment"
    name = clean_file_name(filename)
    fallback = _make_ascii(name)
    header = f'{kind}; filename="{fallback}"'
    return header if name == fallback else f"{header}; filename*=utf-8''{quote(name, safe='')}"


def clean_file_name(filename: str) -> str:
    """Return the name without characters that some file system refuses or that change the visible order of the name."""
    return _avoid_device(_shorten(_clean(filename)) or DEFAULT_STEM)


def make_file_name(*texts: str, extension: str) -> str:
    """Return a file name made from texts: ``Certificate of Completion - คณิตศาสตร์.pdf``.

    If the texts are too long for a file system, the longest ones are cut.
    """
    parts = [part for text in texts if (part := _clean(text))]
    room = MAX_STEM_BYTES - len(SEPARATOR) * (len(parts) - 1)
    kept: dict[int, str] = {}
    by_length = sorted(range(len(parts)), key=lambda index: len(parts[index].encode()))
    for done, index in enumerate(by_length):
        kept[index] = _cut_bytes(parts[index], room // (len(parts) - done)).strip(" .")
        room -= len(kept[index].encode())
    stem = SEPARATOR.join(kept[index] for index in range(len(parts)) if kept[index])
    return _avoid_device(f"{stem or DEFAULT_STEM}.{_clean(extension)[:MAX_EXTENSION]}".rstrip("."))


def _clean(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(char for char in text if unicodedata.category(char)[0] != "C" or char in _JOINERS)
    parted = _PATH_SIGN.sub(lambda found: SEPARATOR if found[1] or found[2] else "-", kept)
    return " ".join(parted.translate(_FORBIDDEN).split()).strip(" .")


def _avoid_device(name: str) -> str:
    return f"_{name}" if _DEVICE.match(name) else name


def _make_ascii(name: str) -> str:
    """Return the most similar name in ASCII, without signs that clients interpret differently."""
    stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    texts = [
        " ".join(unicodedata.normalize("NFKD", text.translate(_IN_ASCII)).encode("ascii", "ignore").decode().split())
        for text in (stem, extension)
    ]
    return f"{texts[0].strip(' -_.') or DEFAULT_STEM}{dot}{texts[1]}"


def _shorten(name: str) -> str:
    """Return the name cut to the allowed length. Keep its extension."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > MAX_EXTENSION:
        stem, dot, extension = name, "", ""
    suffix = f"{dot}{extension}"
    return _cut_bytes(stem, MAX_NAME_BYTES - len(suffix.encode())).rstrip(" .") + suffix


def _cut_bytes(text: str, size: int) -> str:
    """Return the beginning of a text, with at most ``size`` bytes in UTF-8.

    A letter is never separated from its combining marks.
    """
    length = len(text.encode()[:size].decode(errors="ignore"))
    while 0 < length < len(text) and (unicodedata.category(text[length])[0] == "M" or text[length] in _JOINERS):
        length -= 1
    return text[:length]
