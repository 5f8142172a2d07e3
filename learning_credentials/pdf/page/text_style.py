"""Define the style of a text, its limits on the page, and the error if it does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from learning_credentials.exceptions import GenerationError

#: Letters on the built-in page have at least this size, in points.
LEAST_SIZE = 6.0


@dataclass(frozen=True, slots=True)
class TextStyle:
    """The options of a text that decide its place and look, with all defaults applied."""

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
    rotation: float = 0


class Room(NamedTuple):
    """The part of the page for the lines of a text. No line is below ``bottom`` or above ``top``."""

    bottom: float
    top: float
    is_above_signatories: bool = False
    """Whether the signatories are below it. They take a part of its height if they need it."""
    least_size: float = LEAST_SIZE
    """The smallest size of its letters."""
    field: str = ""
    """The name of the form field that it is, if any."""
    is_centred: bool = False
    """Whether its lines are in the middle of its height."""
    prefers_lines: bool = False
    """Whether several lines are better than one line in much smaller letters."""
    has_own_bounds: bool = False
    """Whether the options of the text give its levels, and not the built-in page."""


class DoesNotFitError(Exception):
    """A text does not fit into its space even at the smallest size."""


def make_fit_error(where: str, what: str, room: Room | None = None) -> GenerationError:
    """Return the error for a text that does not fit.

    Args:
        where: the place in the options, or the part of the page.
        what: the text that does not fit, in words.
        room: for which the text is too long, if it is not one of the built-in page.
    """
    if room is not None and room.field:
        msg = (
            f"{where}: {what} does not fit into the form field '{room.field}' of the template, even with letters of "
            f"{room.least_size:g} points. Make the field larger, or shorten the text"
        )
        return GenerationError(msg, code="text_does_not_fit")
    if room is not None and room.has_own_bounds:
        msg = (
            f"{where}: {what} does not fit between the levels {room.bottom:g} and {room.top:g}, even with letters of "
            f"{room.least_size:g} points. Give it more space, or shorten the text"
        )
        return GenerationError(msg, code="text_does_not_fit")
    msg = (
        f"{where}: {what} cannot be printed on the built-in page without touching other texts, even with letters of "
        f"{LEAST_SIZE:g} points. Shorten the texts, or use your own template"
    )
    return GenerationError(msg, code="text_does_not_fit")
