"""Define which page of the template each page of a document shows."""

from __future__ import annotations

from typing import NamedTuple

#: Pages that a template can have.
MOST_PAGES = 8


class Sheet(NamedTuple):
    """A page of a document.

    ``page`` is the index of the page of the template that it has the size of. ``is_blank`` says that nothing of that page is on it.
    ``table`` is the place in the options of the table that goes on here, or empty, and ``part`` counts the pages of that table from 0.
    """

    page: int
    is_blank: bool = False
    table: str = ""
    part: int = 0

    @property
    def is_repeated(self) -> bool:
        """Return whether an earlier page of the document shows the same page of the template."""
        return self.is_blank or self.part > 1
