"""Define the value of a custom field, as a credential stores it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """The kinds of custom fields."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DURATION = "duration"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class FieldData:
    """A custom field of one credential, with its value at the time of issue.

    ``value`` is JSON: a number for a number, a text for all other kinds. A date is written as in ISO 8601, a duration too (``P2W``).
    ``choice`` is the label of a choice. ``is_own`` says whether the value is the learner's, and not that of the whole configuration.
    ``badge`` names the property of the badge that contains the value, or is empty.
    """

    name: str
    label: str
    kind: FieldKind
    value: str | int | float
    choice: str = ""
    is_own: bool = False
    on_page: bool = False
    badge: str = ""
