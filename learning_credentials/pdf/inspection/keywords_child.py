"""Read the keywords of a PDF. A child process runs this module. See `learning_credentials.children`.

It imports nothing of the app, so that the process starts quickly.
"""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

MAX_LENGTH = 1_000
MAX_PACKET = 1024 * 1024
_XMP = re.compile(r"<pdf:Keywords>([^<]{1,1000})</pdf:Keywords>|\spdf:Keywords=[\"']([^\"']{1,1000})[\"']")


def answer(content: bytes) -> list[str]:
    """Return the keywords of a PDF. Return none if it cannot be read."""
    found: list[str] = []
    with contextlib.suppress(Exception, RecursionError, MemoryError):
        collect(content, found)
    return found


def collect(content: bytes, found: list[str]) -> None:
    """Add the keywords of the information dictionary, and those of the XMP packet."""
    from pypdf import PdfReader

    # pypdf tries the empty password by itself.
    reader = PdfReader(io.BytesIO(content), strict=False)
    with contextlib.suppress(Exception):
        add(found, reader.metadata.keywords if reader.metadata else "")
    packet = reader.trailer["/Root"]["/Metadata"].get_object()  # type: ignore[index]
    text = packet.get_data()[:MAX_PACKET].decode("utf-8", "replace")
    for match in _XMP.finditer(text):
        add(found, match[1] or match[2])
        break


def add(found: list[str], value: Any) -> None:
    """Add a text."""
    if value:
        found.append(str(value)[:MAX_LENGTH])
