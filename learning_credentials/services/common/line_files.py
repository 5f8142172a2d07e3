"""Appends lines to files that several processes write at once, and reads them."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # Windows has no such locks. There another process can write into the middle of a line
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Append lines and wait until they are on the disk. If the file is new, only its owner can read it.

    If the last line of the file is incomplete, the first new line still begins on its own line. If writing fails, the part of the new lines
    that was written is removed, if the file allows that.

    Raises:
        OSError: the file cannot be written, or the disk is full.
    """
    content = "".join(f"{line}\n" for line in lines).encode()
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
        size = os.fstat(file).st_size
        if size and _read_last_byte(file, size) != b"\n":
            content = b"\n" + content
        try:
            _write(file, content)
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
    finally:
        os.close(file)


def read_lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Yield each line that is not blank: its number from 1, its bytes, and whether it ends with a line break.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line.strip(), line.endswith(b"\n")


def _read_last_byte(file: int, size: int) -> bytes:
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1)


def _write(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
