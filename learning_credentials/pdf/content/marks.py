"""Mark content with numbers, by which structure elements refer to it (ISO 32000-2, 14.6 and 14.7.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_REPLACING = "/ActualText"


class Marks:
    """Opens and closes the marked-content sequences of one section.

    Sequences are never nested, because some programs lose the content after an inner one.

    Args:
        tag: the structure type of the section. If it is None, the section is decoration and its content gets no numbers.
        numbers: yields the numbers.
    """

    def __init__(self, tag: str | None, numbers: Iterator[int]) -> None:
        self.used: list[int] = []
        self._tag = tag
        self._numbers = numbers
        self._open: str | None = None

    def switch(self, entries: str = "") -> list[str]:
        """Return the operators that begin the next sequence, if it is another one than now.

        Args:
            entries: its properties, such as ``/Lang (ar)``. Each text that replaces content begins a new sequence.
        """
        if self._open == entries and _REPLACING not in entries:
            return []
        operators = self.close()
        if self._tag is not None:
            number = next(self._numbers)
            self.used.append(number)
            operators.append(f"/{'Span' if entries else self._tag} <</MCID {number}{entries}>> BDC")
            self._open = entries
        elif entries:
            operators.append(f"/Span <<{entries}>> BDC")
            self._open = entries
        return operators

    def close(self) -> list[str]:
        """Return the operator that ends the sequence that is open, if any."""
        if self._open is None:
            return []
        self._open = None
        return ["EMC"]
