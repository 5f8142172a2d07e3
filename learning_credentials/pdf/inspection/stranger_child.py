"""Read the keywords of a PDF and the badges that are attached to it. A child process runs this module. See `learning_credentials.children`.

It imports nothing of the app, so that the process starts quickly.
"""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

MAX_LENGTH = 1_000
MEDIA_TYPES = ("application/vc+ld+json", "application/vc", "application/ld+json", "application/json")
#: How many badges are read, of how many bytes, and from how many entries.
MAX_FILES = 3
MAX_ATTACHED = 1024 * 1024
MAX_NODES = 50
MAX_PACKET = 1024 * 1024
_XMP = re.compile(r"<pdf:Keywords>([^<]{1,1000})</pdf:Keywords>|\spdf:Keywords=[\"']([^\"']{1,1000})[\"']")


def answer(content: bytes) -> dict[str, list[str]]:
    """Return the keywords of a PDF and the texts of attached badges. Return none if it cannot be read."""
    keywords: list[str] = []
    attached: list[str] = []
    with contextlib.suppress(Exception, RecursionError, MemoryError):
        from pypdf import PdfReader

        # pypdf tries the empty password by itself.
        reader = PdfReader(io.BytesIO(content), strict=False)
        with contextlib.suppress(Exception, RecursionError, MemoryError):
            collect_attached(reader, attached)
        collect_keywords(reader, keywords)
    return {"keywords": keywords, "attached": attached}


def collect_attached(reader: Any, found: list[str]) -> None:
    """Add the texts of files with the media type of a badge, wherever the document lists them (ISO 32000-2, 7.7.4 and 14.13)."""
    catalog = reader.trailer["/Root"]
    seen: set[Any] = set()
    names = catalog.get("/Names", {}).get("/EmbeddedFiles")
    for specification in (*list_items(catalog.get("/AF")), *list_leaves(names, MAX_NODES)):
        stream = specification.get_object().get("/EF", {}).get("/F")
        place = getattr(stream, "idnum", None)
        if stream is None or place in seen:
            continue
        seen.add(place)
        file = stream.get_object()
        if str(file.get("/Subtype", ""))[1:] not in MEDIA_TYPES:
            continue
        text = file.get_data()
        if len(text) <= MAX_ATTACHED:
            found.append(text.decode("utf-8", "replace"))
        if len(found) == MAX_FILES or len(seen) == MAX_NODES:
            return


def list_items(value: Any) -> list[Any]:
    """Return the items of an array, or the only item."""
    value = value.get_object() if hasattr(value, "get_object") else value
    return list(value) if isinstance(value, list) else [value] if value is not None else []


def list_leaves(node: Any, most: int) -> list[Any]:
    """Return the values of a name tree (7.9.6), as far as it has at most ``most`` nodes."""
    found: list[Any] = []
    waiting = [node] if node is not None else []
    while waiting and most:
        most -= 1
        item = waiting.pop().get_object()
        found += list_items(item.get("/Names"))[1::2]
        waiting += list_items(item.get("/Kids"))
    return found


def collect_keywords(reader: Any, found: list[str]) -> None:
    """Add the keywords of the information dictionary, and those of the XMP packet."""
    with contextlib.suppress(Exception):
        add(found, reader.metadata.keywords if reader.metadata else "")
    packet = reader.trailer["/Root"]["/Metadata"].get_object()
    text = packet.get_data()[:MAX_PACKET].decode("utf-8", "replace")
    for match in _XMP.finditer(text):
        add(found, match[1] or match[2])
        break


def add(found: list[str], value: Any) -> None:
    """Add a text."""
    if value:
        found.append(str(value)[:MAX_LENGTH])
