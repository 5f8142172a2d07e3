"""Read the QR codes in photos and scans from strangers: JPEG, PNG and WebP pictures, and PDFs of scanned pages.

A child process reads them, because only a process can have limits of time and memory, whatever the file does to the reader. Nothing in the
file is stored or logged, and no address in a code is requested.
"""

from __future__ import annotations

import logging
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from learning_credentials import children
from learning_credentials.exceptions import TransientError

logger = logging.getLogger(__name__)

QUESTION = Path(__file__).with_name("reading_child.py")
#: Seconds that a thread waits for a turn.
WAITING_TIME = 3
#: A photo of 12 megapixels takes half a second and 150 MB, and one that has no code two seconds.
LIMITS = children.Limits(cpu_seconds=8, memory=1024 * 1024 * 1024, seconds=15)
#: This process reads at most this many files at the same time.
MAX_READERS = 2
MAX_CODES = 20
MAX_LENGTH = 2_000
_readers = children.Turns(MAX_READERS)


class Medium(StrEnum):
    """What a file is read as."""

    PICTURE = "picture"
    PDF = "pdf"


class Obstacle(StrEnum):
    """Why no code could be read."""

    #: The picture has more pixels than the child decodes, or the file takes too much time or memory.
    TOO_LARGE = "too_large"
    #: The file is broken, or no picture.
    UNREADABLE = "unreadable"
    #: The extra that draws PDFs is not installed.
    NO_PDF = "no_pdf"


class Scan(NamedTuple):
    """The texts of the QR codes in a file, or why there are none. Without codes and without an obstacle, none was found.

    ``is_typeset`` says whether a PDF has visible text beside a code, so that it is no scan but a document.
    """

    texts: tuple[str, ...] = ()
    obstacle: Obstacle | None = None
    is_typeset: bool = False


def can_read_pdfs() -> bool:
    """Return whether the library that draws PDFs is installed."""
    return find_spec("pypdfium2") is not None


def read_codes(content: bytes, medium: Medium) -> Scan:
    """Return the texts of the QR codes in a picture, or on the first pages of a PDF.

    Raises:
        TransientError: too many files are being read now, or the server is too busy to read this one.
    """
    if medium is Medium.PDF and not can_read_pdfs():
        return Scan(obstacle=Obstacle.NO_PDF)
    _readers.acquire(WAITING_TIME)
    try:
        answer = children.ask(QUESTION, content, limits=LIMITS, arguments=(medium.value, str(MAX_CODES)))
    except children.NoAnswerError as error:
        return _explain(error, len(content))
    finally:
        _readers.release()
    return _read_answer(answer)


def _explain(error: children.NoAnswerError, size: int) -> Scan:
    logger.warning("The QR codes in a file of %d bytes could not be read: %s", size, error)
    if error.reason in {children.Reason.OVERDUE, children.Reason.NO_CHILD}:
        # The server is the reason, not the file.
        raise TransientError("the server cannot read the file at the moment. Try again later") from error
    is_large = error.reason in {children.Reason.TIME, children.Reason.MEMORY}
    return Scan(obstacle=Obstacle.TOO_LARGE if is_large else Obstacle.UNREADABLE)


def _read_answer(answer: object) -> Scan:
    """Return the child's answer. A hostile file may have taken the child over, so nothing about its form is certain."""
    if not isinstance(answer, dict):
        return Scan(obstacle=Obstacle.UNREADABLE)
    texts = answer.get("texts")
    kept = [text[:MAX_LENGTH] for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
    obstacle = answer.get("obstacle")
    known = Obstacle(obstacle) if obstacle in list(Obstacle) else None
    return Scan(tuple(dict.fromkeys(kept))[:MAX_CODES], None if kept else known, bool(answer.get("is_typeset")))
