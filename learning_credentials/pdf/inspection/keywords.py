"""The keywords of PDFs that strangers sent, which in ours hold the address of the credential.

They are read by another process: only that can be held to a time and an amount of memory, whatever the file makes the reader do.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from learning_credentials import children
from learning_credentials.exceptions import TransientError

logger = logging.getLogger(__name__)

QUESTION = Path(__file__).with_name("keywords_child.py")
#: Seconds of waiting for a turn, in which the thread serves nobody.
WAITING_TIME = 3
LIMITS = children.Limits(cpu_seconds=3, memory=768 * 1024 * 1024, seconds=5)
#: How many files this process has read at the same time.
MAX_READERS = 2
MAX_LENGTH = 1_000
#: Objects of a file that is read; a certificate has some hundreds at most.
MAX_OBJECTS = 50_000
_readers = children.Turns(MAX_READERS)
#: As it stands in metadata that is neither packed nor encrypted; found also where the rest of the file is broken.
_PLAIN = re.compile(rb"<pdf:Keywords>([^<]{1,1000})</pdf:Keywords>")


def read_keywords(content: bytes) -> list[str]:
    """Return what a PDF has for keywords; nothing where it has none, is broken, or takes too much to read.

    Raises:
        TransientError: too many files are being read just now, or the server is too busy to read this one.
    """
    found = [match[1].decode("utf-8", "replace") for match in _PLAIN.finditer(content)][:2]
    if not 0 < content.count(b"endobj") <= MAX_OBJECTS:
        return found
    _readers.acquire(WAITING_TIME)
    try:
        return found + _ask(content)
    except TransientError:
        if found:
            return found
        raise
    finally:
        _readers.release()


def _ask(content: bytes) -> list[str]:
    try:
        answer = children.ask(QUESTION, content, limits=LIMITS)
    except children.NoAnswerError as error:
        logger.warning("The keywords of a PDF of %d bytes were not read: %s", len(content), error)
        if error.reason is children.Reason.OVERDUE:
            # The server is the reason, not the file: "unknown" would be wrong for a certificate of ours.
            raise TransientError("the server is too busy to read the file") from error
        return []
    texts = answer if isinstance(answer, list) else []
    return [text[:MAX_LENGTH] for text in texts if isinstance(text, str)]
