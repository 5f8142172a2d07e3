"""Form XObjects: a drawing as operators, with the resources that they name (ISO 32000-2, 8.10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from learning_credentials.exceptions import AssetError

if TYPE_CHECKING:
    from collections.abc import Iterable

    #: The text of an object, in which forms stand for references to them.
    Parts = tuple["str | Form", ...]

#: The longer side of a drawing has so many units in its form.
SIDE = 1000.0
#: Characters of operators. A logo has a few thousand.
_MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form XObject that covers the unit square, or one inside it that is ``width`` units wide and ``height`` high."""

    content: bytes = field(repr=False)
    width: float
    height: float
    resources: dict[str, dict[str, Parts]] = field(repr=False)
    """The entries of its resource dictionary, by category and name."""
    is_outermost: bool = False
    group: str = ""
    """The colour space of a transparency group (11.6.6), or an empty text if it is none."""

    @property
    def size(self) -> int:
        """Return about how many bytes it keeps in memory."""
        inner = [part for entries in self.resources.values() for parts in entries.values() for part in parts]
        return len(self.content) + sum(part.size if isinstance(part, Form) else len(part) for part in inner)


@dataclass(slots=True)
class Budget:
    """Counts the characters of all operators of a drawing."""

    used: int = 0

    def spend(self, characters: int) -> None:
        """Raise AssetError if there are too many."""
        self.used += characters
        if self.used > _MOST_CHARACTERS:
            raise AssetError("the image has too many details to be a part of each certificate. Simplify its paths")


class Canvas:
    """Collects the operators of one form. All forms of a drawing have the same coordinates."""

    def __init__(self, width: float, height: float, budget: Budget) -> None:
        self.width = width
        self.height = height
        self._budget = budget
        self._operators: list[str] = []
        self._resources: dict[str, dict[str, Parts]] = {}

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is drawn."""
        return not self._operators

    def open(self) -> Canvas:
        """Return a canvas for a form inside this one."""
        return Canvas(self.width, self.height, self._budget)

    def write(self, *operators: str) -> None:
        """Add operators."""
        self._budget.spend(sum(map(len, operators)))
        self._operators += operators

    def add(self, category: str, *parts: str | Form) -> str:
        """Add a resource. Return its name with a slash."""
        entries = self._resources.setdefault(category, {})
        for name, known in entries.items() if all(isinstance(part, str) for part in parts) else ():
            if known == parts:
                return f"/{name}"
        name = f"{category[0]}{len(entries)}"
        entries[name] = parts
        self._budget.spend(sum(len(part) for part in parts if isinstance(part, str)))
        return f"/{name}"

    def finish(self, *, is_outermost: bool = False, group: str = "") -> Form:
        """Return the form."""
        content = "\n".join(self._operators).encode("ascii")
        return Form(content, self.width, self.height, self._resources, is_outermost, group)


def write_number(value: float) -> str:
    """Return a number with seven significant digits. Coordinates of drawings can be tiny or large."""
    return format(Decimal(f"{value:.7g}"), "f") if value else "0"


def write_numbers(values: Iterable[float]) -> str:
    """Return numbers separated by spaces."""
    return " ".join(map(write_number, values))
