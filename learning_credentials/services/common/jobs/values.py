"""Defines what comes of the rows of a job."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row.

    ``message`` says why it was refused, or what was made. ``is_transient``: something outside failed, and the row is tried again later.
    """

    is_done: bool
    code: str = ""
    message: str = ""
    is_transient: bool = False


@dataclass(frozen=True, slots=True)
class JobFile:
    """The file that a job made: its name in the private storage, the name to save it under, and its size in bytes."""

    name: str
    label: str
    size: int
