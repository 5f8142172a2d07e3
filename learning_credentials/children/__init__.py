"""Read files in child processes. Only a separate process can be limited in time and memory, whatever a file causes.

A question is the path of a module with a function ``answer(content, *arguments)`` that returns JSON data. The child gets only the file, the
arguments and the paths of the libraries from this process.
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
#: The program's exit status when memory ran out.
OUT_OF_MEMORY = 3
_ENDED_FOR_TIME = {-getattr(signal, name) for name in ("SIGXCPU", "SIGKILL") if hasattr(signal, name)}


class Limits(NamedTuple):
    """Limits of a child: seconds of computing, bytes of memory, and seconds on the clock. Waiting for a turn does not count."""

    cpu_seconds: int
    memory: int
    seconds: float


class Reason(StrEnum):
    """The reason why a child gave no answer."""

    TIME = "the file takes too long to read"
    MEMORY = "the file takes too much memory to read"
    OVERDUE = "the server was too busy"
    CRASH = "the file makes the program crash that reads it"
    NO_CHILD = "no process could be started"


class NoAnswerError(Exception):
    """A child gave no answer. ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Turns:
    """Limit how many children of this process run at the same time."""

    def __init__(self, most: int) -> None:
        self._turns = BoundedSemaphore(most)

    def acquire(self, seconds: float) -> None:
        """Wait for a turn.

        Raises:
            TransientError: no turn was free within ``seconds``.
        """
        if not self._turns.acquire(timeout=seconds):
            raise TransientError("the server is reading too many files at the moment")

    def release(self) -> None:
        """Return the turn."""
        self._turns.release()


def ask(question: Path, content: bytes, *, limits: Limits, arguments: Sequence[str] = ()) -> Any:
    """Return the answer of the module's function ``answer`` about a file.

    Raises:
        NoAnswerError: the child gave no answer.
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
        logger.exception("The process that reads a file could not be started")
        raise NoAnswerError(Reason.NO_CHILD) from error
    if done.returncode in _ENDED_FOR_TIME:
        raise NoAnswerError(Reason.TIME)
    if done.returncode == OUT_OF_MEMORY:
        raise NoAnswerError(Reason.MEMORY)
    try:
        return json.loads(done.stdout)
    except ValueError:
        logger.warning(
            "The process that reads files could not read one: %s", done.stderr[-1000:].decode("utf-8", "replace")
        )
        raise NoAnswerError(Reason.CRASH) from None


def make_command(python: str, question: Path, limits: Limits, arguments: Sequence[str] = ()) -> list[str]:
    """Return the command that answers a question about the file on its standard input."""
    libraries = os.pathsep.join(path for path in sys.path if path)
    bounds = (str(limits.cpu_seconds), str(limits.memory))
    return [python, "-I", "-B", str(PROGRAM), libraries, str(question), *bounds, *arguments]


@lru_cache(maxsize=1)
def find_python() -> str:
    """Return the path of the Python interpreter, or an empty text if there is none.

    In some servers ``sys.executable`` is the server.
    """
    beside = (Path(sys.prefix) / folder / name for folder in ("bin", "Scripts") for name in ("python3", "python.exe"))
    for candidate in (Path(sys.executable or ""), *beside):
        if candidate.name.startswith("python") and candidate.is_file():
            return str(candidate)
    logger.warning("No Python interpreter was found, so files are read without a separate process")
    return ""


def _get_environment() -> dict[str, str]:
    # Windows starts nothing without the first. A Python finds its shared library by the others.
    names = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in names if name in os.environ}
