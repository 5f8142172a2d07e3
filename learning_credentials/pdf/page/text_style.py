"""How a text is to be placed, and the error if there is no room for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from learning_credentials.exceptions import GenerationError

#: Letters on the built-in page have at least this size, in points.
LEAST_SIZE = 6.0


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text is to be placed: the options of the same names, all settled."""

    y: float = 0
    x: float | None = None
    size: float = 12
    color: str = "#000000"
    char_space: float = 0
    uppercase: bool = False
    line_height: float = 1.1
    align: Literal["left", "center", "right"] = "center"
    max_width: float | None = None
    fit: Literal["shrink", "wrap"] = "shrink"


class Room(NamedTuple):
    """Where on the page the lines of a text may be: no part of them is below ``bottom`` or above ``top``."""

    bottom: float
    top: float
    is_above_signatories: bool = False
    """Whether the signatories stand below and take of its height what they need."""


class DoesNotFitError(Exception):
    """A text does not fit into its room at the least size."""


def make_fit_error(where: str, what: str) -> GenerationError:
    """Return the error for a text that does not fit.

    Args:
        where: the place in the options, or the part of the page.
        what: what does not fit, in words.
    """
    msg = (
        f"{where}: {what} cannot be printed on the built-in page without touching other texts, even in letters of "
        f"{LEAST_SIZE:g} points. Shorten the text, or use a template of your own"
    )
    return GenerationError(msg, code="text_does_not_fit")
