"""Find texts that are off the page, so that nobody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import GenerationError
from learning_credentials.pdf.page.notes import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.pdf.content.graphics import Box, TextLine
    from learning_credentials.pdf.page.page import Page
    from learning_credentials.pdf.template.geometry import Geometry

#: A text can pass the edge of the page by so many points without a warning.
_ROUNDING = 0.5
#: Characters of a text in a note.
_MOST_QUOTED = 60


def check_places(lines: Sequence[TextLine], page: Page, path: str, text: str, *, has_name: bool) -> None:
    """Note lines off the page. If the learner's name is one of them, raise an error: the certificate would be without it.

    Args:
        lines: the lines of a text, as they are placed.
        page: the page. The notes are added to its notes.
        path: of the text in the options.
        text: as it is printed.
        has_name: whether the text has the learner's name.

    Raises:
        GenerationError: ``name_off_page``.
    """
    geometry = page.geometry
    edges = [_find_edges(line) for line in lines]
    if all(_is_inside(box, geometry) for box in edges):
        return
    if lines and all(_is_unseen(line, box, geometry) for line, box in zip(lines, edges, strict=True)):
        problem = f"{path}: '{shorten(text)}' is off the page, so nobody sees it"
        if has_name:
            raise GenerationError(problem, code="name_off_page")
        page.notes.problems.append(problem)
    elif any(line.y < 0 for line in lines if line.turn is None):
        page.notes.problems.append(f"'{text[:_MOST_QUOTED]}' does not fit on the page: its end is below the page")
    else:
        page.notes.problems.append(f"'{shorten(text)}' does not fit on the page")


def _find_edges(line: TextLine) -> Box:
    """Return what must be on the page. For a line that is not turned, this is its baseline."""
    if line.turn is not None:
        return line.box
    return line.x, line.y, line.x + line.line.measure(line.size, line.char_space), line.y


def _is_inside(box: Box, page: Geometry) -> bool:
    left, bottom, right, top = box
    return left > -_ROUNDING and bottom >= 0 and top < page.height and right < page.width + _ROUNDING


def _is_unseen(line: TextLine, box: Box, page: Geometry) -> bool:
    left, bottom, right, _ = box
    return left > page.width - _ROUNDING or right < _ROUNDING or bottom >= page.height or line.box[3] <= 0
