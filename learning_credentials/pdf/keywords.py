"""The keywords of PDFs that strangers sent, which in ours hold the address of the credential.

They are read by another process: only that can be held to a time and an amount of memory, whatever the file makes the reader do.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore

from learning_credentials.exceptions import TransientError

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("keywords_program.py")
#: Seconds for one file: of waiting for a turn, in which the thread serves nobody, and of reading.
WAITING_TIME = 3
READING_TIME = 5
#: How many files this process has read at the same time.
MAX_READERS = 2
MAX_LENGTH = 1_000
#: Objects of a file that is read; a certificate has some hundreds at most.
MAX_OBJECTS = 50_000
_readers = BoundedSemaphore(MAX_READERS)
#: As it stands in metadata that is neither packed nor encrypted; found also where the rest of the file is broken.
_PLAIN = re.compile(rb"<pdf:Keywords>([^<]{1,1000})</pdf:Keywords>")


def read_keywords(content: bytes) -> list[str]:
    """Return what a PDF has for keywords; nothing where it has none, is broken, or takes too much to read.

    Raises:
        TransientError: too many files are being read just now.
    """
    found = [match[1].decode("utf-8", "replace") for match in _PLAIN.finditer(content)][:2]
    if not 0 < content.count(b"endobj") <= MAX_OBJECTS:
        return found
    if not _readers.acquire(timeout=WAITING_TIME):
        raise TransientError("too many files are being looked at just now")
    try:
        return found + _ask(content)
    finally:
        _readers.release()


def _ask(content: bytes) -> list[str]:
    python = _find_python()
    if not python:
        return []
    # Of this process's surroundings it gets nothing but where the libraries are.
    command = [python, "-I", "-B", str(PROGRAM), os.pathsep.join(path for path in sys.path if path)]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, timeout=READING_TIME, env=_get_environment(), check=False
        )
    except subprocess.TimeoutExpired:
        logger.warning("A PDF of %d bytes took longer to read than %d seconds", len(content), READING_TIME)
        return []
    except OSError:
        logger.exception("No program could be started to read a PDF")
        return []
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return []
    texts = answer if isinstance(answer, list) else []
    return [text[:MAX_LENGTH] for text in texts if isinstance(text, str)]


@lru_cache(maxsize=1)
def _find_python() -> str:
    """The interpreter; in some servers ``sys.executable`` is the server."""
    beside = (Path(sys.prefix) / folder / name for folder in ("bin", "Scripts") for name in ("python3", "python.exe"))
    for candidate in (Path(sys.executable or ""), *beside):
        if candidate.name.startswith("python") and candidate.is_file():
            return str(candidate)
    logger.warning("No Python interpreter was found: changed PDFs are not recognised")
    return ""


def _get_environment() -> dict[str, str]:
    # Windows starts nothing without it; the others are where a Python finds its shared library.
    names = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in names if name in os.environ}
