"""Reads a PDF on standard input and writes its keywords as a list in JSON. Started by `keywords`, with the libraries' folders as argument.

A program of its own: it imports nothing of the app, limits itself before it looks at the file, and ends without a word if that is too much.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import sys
from typing import Any

#: Seconds of computing, and bytes of memory.
CPU_SECONDS = 3
MEMORY = 768 * 1024 * 1024
MAX_LENGTH = 1_000
MAX_PACKET = 1024 * 1024
_XMP = re.compile(r"<pdf:Keywords>([^<]{1,1000})</pdf:Keywords>|\spdf:Keywords=[\"']([^\"']{1,1000})[\"']")


def main() -> None:
    """Read, look, write."""
    sys.path[:] = sys.argv[1].split(os.pathsep)
    logging.disable(logging.CRITICAL)
    limit()
    content = sys.stdin.buffer.read()
    found: list[str] = []
    # Whatever goes wrong, a file that cannot be read says nothing.
    with contextlib.suppress(Exception, RecursionError, MemoryError):
        collect(content, found)
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()


def limit() -> None:
    """Bound what this process may take, where the system can do that."""
    try:
        import resource
    except ImportError:
        return
    bounds = {
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def collect(content: bytes, found: list[str]) -> None:
    """Add the keywords of the information dictionary, and those of the XMP packet."""
    from pypdf import PdfReader

    # With the empty password it is opened by itself, if that opens it.
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


if __name__ == "__main__":
    main()
