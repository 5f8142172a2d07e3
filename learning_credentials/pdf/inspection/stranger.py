"""Read the PDFs of strangers. The PDFs of the app have the address of the credential in their keywords, and can have a badge attached.

A child process reads them, because only a process can have limits of time and memory, whatever the file does to the reader.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, NamedTuple

from learning_credentials import children
from learning_credentials.exceptions import TransientError

logger = logging.getLogger(__name__)

QUESTION = Path(__file__).with_name("stranger_child.py")
#: Seconds that a thread waits for a turn.
WAITING_TIME = 3
LIMITS = children.Limits(cpu_seconds=3, memory=768 * 1024 * 1024, seconds=5)
#: This process reads at most this many files at the same time.
MAX_READERS = 2
MAX_LENGTH = 1_000
#: Characters of an attached badge. A badge with an image in it has some tens of thousands.
MAX_ATTACHED = 1024 * 1024
#: Files with more objects are not read. A certificate has some hundreds at most.
MAX_OBJECTS = 50_000
_readers = children.Turns(MAX_READERS)
#: Keywords in metadata that is neither compressed nor encrypted. They are found even if the rest of the file is broken.
_PLAIN = re.compile(rb"<pdf:Keywords>([^<]{1,1000})</pdf:Keywords>")


class StrangerPDF(NamedTuple):
    """The keywords of a PDF, and the texts of the files that are attached to it as badges."""

    keywords: list[str]
    attached: list[str]


def read_stranger(content: bytes) -> StrangerPDF:
    """Read a PDF. The lists are empty if it has nothing of the kind, is broken, or takes too much to read.

    Raises:
        TransientError: too many files are being read now, or the server is too busy to read this one.
    """
    plain = [match[1].decode("utf-8", "replace") for match in _PLAIN.finditer(content)][:2]
    if not 0 < content.count(b"endobj") <= MAX_OBJECTS:
        return StrangerPDF(plain, [])
    _readers.acquire(WAITING_TIME)
    try:
        keywords, attached = _ask(content)
        return StrangerPDF(plain + keywords, attached)
    except TransientError:
        if plain:
            return StrangerPDF(plain, [])
        raise
    finally:
        _readers.release()


def _ask(content: bytes) -> tuple[list[str], list[str]]:
    try:
        answer = children.ask(QUESTION, content, limits=LIMITS)
    except children.NoAnswerError as error:
        logger.warning("A PDF of %d bytes could not be read: %s", len(content), error)
        if error.reason is children.Reason.OVERDUE:
            # The server is the reason, not the file: "unknown" would be wrong for a certificate of ours.
            raise TransientError("the server is too busy to read the file. Try again later") from error
        return [], []
    found = answer if isinstance(answer, dict) else {}
    return _list_texts(found.get("keywords"), MAX_LENGTH), _list_texts(found.get("attached"), MAX_ATTACHED)


def _list_texts(value: Any, most: int) -> list[str]:
    texts = value if isinstance(value, list) else []
    return [text[:most] for text in texts if isinstance(text, str)]
