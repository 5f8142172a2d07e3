"""Asks child processes about files: only a process of its own can be held to a time and an amount of memory, whatever a file makes it do.

A question is a module with a function ``answer(content, *arguments)``, named by its path, and what it returns is JSON. The child gets
nothing of this process but the file, the arguments and where the libraries are.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, NamedTuple

from learning_credentials.exceptions import TransientError

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("program.py")
#: What the program ends with when memory ran out.
OUT_OF_MEMORY = 3
_ENDED_FOR_TIME = {-getattr(signal, name) for name in ("SIGXCPU", "SIGKILL") if hasattr(signal, name)}


class Limits(NamedTuple):
    """What a child may take: seconds of computing, bytes of memory, seconds on the clock, of which the wait for a turn is no part."""

    cpu_seconds: int
    memory: int
    seconds: float


class Reason(StrEnum):
    """Why there is no answer."""

    TIME = "it takes too long"
    MEMORY = "it takes too much memory"
    OVERDUE = "the server was too busy"
    CRASH = "it makes the reader crash"
    NO_CHILD = "no process could be started"


class NoAnswerError(Exception):
    """A child gave no answer; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Turns:
    """Lets so many children of this process run at the same time."""

    def __init__(self, most: int) -> None:
        self._turns = BoundedSemaphore(most)

    def acquire(self, seconds: float) -> None:
        """Wait for a turn.

        Raises:
            TransientError: there was none in so many seconds.
        """
        if not self._turns.acquire(timeout=seconds):
            raise TransientError("too many files are being looked at just now")

    def release(self) -> None:
        """Give the turn back."""
        self._turns.release()


def ask(question: Path, content: bytes, *, limits: Limits, arguments: Sequence[str] = ()) -> Any:
    """Return what the function ``answer`` of a module says of a file.

    Raises:
        NoAnswerError: there is none.
    """
    python = find_python()
    if not python:
        raise NoAnswerError(Reason.NO_CHILD)
    command = make_command(python, question, limits, arguments)
    try:
        done = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, timeout=limits.seconds, env=_get_environment(), check=False
        )
    except subprocess.TimeoutExpired:
        raise NoAnswerError(Reason.OVERDUE) from None
    except OSError as error:
        logger.exception("No program could be started to read a file")
        raise NoAnswerError(Reason.NO_CHILD) from error
    if done.returncode in _ENDED_FOR_TIME:
        raise NoAnswerError(Reason.TIME)
    if done.returncode == OUT_OF_MEMORY:
        raise NoAnswerError(Reason.MEMORY)
    try:
        return json.loads(done.stdout)
    except ValueError:
        logger.warning("A file could not be read: %s", done.stderr[-1000:].decode("utf-8", "replace"))
        raise NoAnswerError(Reason.CRASH) from None


def make_command(python: str, question: Path, limits: Limits, arguments: Sequence[str] = ()) -> list[str]:
    """Return the command that answers a question about what stands on its standard input."""
    libraries = os.pathsep.join(path for path in sys.path if path)
    bounds = (str(limits.cpu_seconds), str(limits.memory))
    return [python, "-I", "-B", str(PROGRAM), libraries, str(question), *bounds, *arguments]


@lru_cache(maxsize=1)
def find_python() -> str:
    """Return the interpreter, or an empty text if there is none; in some servers ``sys.executable`` is the server."""
    beside = (Path(sys.prefix) / folder / name for folder in ("bin", "Scripts") for name in ("python3", "python.exe"))
    for candidate in (Path(sys.executable or ""), *beside):
        if candidate.name.startswith("python") and candidate.is_file():
            return str(candidate)
    logger.warning("No Python interpreter was found: files are not read by processes of their own")
    return ""


def _get_environment() -> dict[str, str]:
    # Windows starts nothing without it; the others are where a Python finds its shared library.
    names = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in names if name in os.environ}
