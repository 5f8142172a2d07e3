"""Check the files that operators upload before they are used: templates, images, fonts and badge images."""

from __future__ import annotations

import hashlib
import logging
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache

from learning_credentials import children
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import AssetError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

#: A font of 32 MB for East Asia needs two seconds and 300 MB.
LIMITS = children.Limits(cpu_seconds=10, memory=1024 * 1024 * 1024, seconds=20)
#: Seconds that a request or a worker waits for a turn.
WAITING_TIME = 8
MOST_CHILDREN = 2
_turns = children.Turns(MOST_CHILDREN)
_lock = Lock()
#: Accepted files, so that a process checks nothing twice.
_accepted: LRUCache[tuple[str, ...], bool] = LRUCache(4096)


def check_file(
    question: Path, content: bytes, arguments: Sequence[str], check_here: Callable[[], object], *, sha256: str = ""
) -> None:
    """Check a file in a child process, once for each content.

    Args:
        question: the module whose ``answer`` returns why the file is refused, or an empty text.
        content: the file.
        arguments: passed to the question.
        check_here: does the same check in this process. It is used if no child can be started.
        sha256: the hash of the content, if it is known.

    Raises:
        AssetError: the file cannot be used. The message says why.
        TransientError: the server is too busy to check the file.
    """
    if not get_settings().CHECK_FILES_IN_CHILD:
        check_here()
        return
    key = (question.name, *arguments, sha256 or hashlib.sha256(content).hexdigest())
    with _lock:
        if key in _accepted:
            return
    _turns.acquire(WAITING_TIME)
    try:
        refusal = children.ask(question, content, limits=LIMITS, arguments=arguments)
    except children.NoAnswerError as error:
        _handle(error.reason, check_here)
        refusal = ""
    finally:
        _turns.release()
    if refusal:
        raise AssetError(refusal)
    with _lock:
        _accepted[key] = True


def _handle(reason: children.Reason, check_here: Callable[[], object]) -> None:
    """Raise the error for a child without an answer. If no child can be started, check in this process."""
    if reason is children.Reason.NO_CHILD:
        logger.warning(
            "A file is checked without limits of time and memory, because the process for the check could not "
            "be started"
        )
        check_here()
    elif reason is children.Reason.OVERDUE:
        msg = (
            f"the file could not be checked within {LIMITS.seconds:g} seconds, because the server is busy. "
            "Try again later"
        )
        raise TransientError(msg)
    elif reason is children.Reason.TIME:
        msg = (
            f"the file takes more than {LIMITS.cpu_seconds} seconds to read. Save it with another program, or "
            "simplify it"
        )
        raise AssetError(msg)
    elif reason is children.Reason.MEMORY:
        msg = (
            f"the file takes more than {LIMITS.memory // 2**20} MiB of memory to read. Save it with "
            "another program, or simplify it"
        )
        raise AssetError(msg)
    else:
        raise AssetError("the file is broken: it makes the program crash that reads it")
