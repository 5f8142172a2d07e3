"""Read the rows of a table from the evidence of a credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel.numbers import format_decimal

from learning_credentials.grades import find_grade
from learning_credentials.pdf.calendars.numerals import find_system, replace_digits
from learning_credentials.pdf.page.values import write_grade
from learning_credentials.pdf.text.cleaning import clean_line

if TYPE_CHECKING:
    from babel import Locale

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.calendars.notation import Notation

    Row = Mapping[str, Any]

GRADES = "grades"
STEPS = "steps"
#: The prefix of the name of a list in the evidence.
EVIDENCE_PREFIX = "evidence."
#: The values of the rows that are the same for every processor.
VALUES: Mapping[str, Sequence[str]] = {
    GRADES: ("number", "name", "course", "grade", "weight", "required_grade"),
    STEPS: (
        "number",
        "name",
        "key",
        "grade",
        "letter_grade",
        "required_grade",
        "completion",
        "required_completion",
    ),
}
#: The values that are fractions, and are printed in per cent by default.
FRACTIONS = frozenset({"grade", "weight", "required_grade", "completion", "required_completion"})
_TOTAL = "total"
#: Rows in a preview, and the grade in each.
_SAMPLES = 5
_SAMPLE_FRACTION = 0.92


def list_rows(source: str, credential: CredentialData) -> list[Row]:
    """Return the rows of a table, each with its values by name. ``number`` counts them from 1.

    Args:
        source: ``grades``, ``steps``, or ``evidence.`` and the name of a list in the evidence.
        credential: whose evidence has the rows. What has another form than expected is left out.
    """
    evidence = _as_mapping(credential.evidence)
    if source == GRADES:
        rows = _list_grades(evidence, credential.learning_context_name)
    elif source == STEPS:
        rows = _list_steps(evidence)
    else:
        rows = _list_entries(evidence.get(source.removeprefix(EVIDENCE_PREFIX)))
    return [{"number": number, **row} for number, row in enumerate(rows, start=1)]


def make_samples(headings: Mapping[str, str]) -> list[Row]:
    """Return rows for a preview.

    Args:
        headings: of the columns, by the names of their values.
    """
    return [
        {
            name: number
            if name == "number"
            else _SAMPLE_FRACTION
            if name in FRACTIONS
            else f"{heading or name} {number}"
            for name, heading in headings.items()
        }
        for number in range(1, _SAMPLES + 1)
    ]


def find_total(credential: CredentialData) -> object:
    """Return the grade over all rows, or None."""
    return find_grade(_as_mapping(credential.evidence))


def write_cell(value: object, locale: Locale, notation: Notation, decimals: int, *, is_fraction: bool) -> str:
    """Return a value as it is printed in a cell.

    Args:
        value: from a row. Only texts and numbers are printed.
        locale: the language of numbers.
        notation: how they are written.
        decimals: of numbers in per cent.
        is_fraction: whether a number from 0 to 2 is a fraction, to be printed in per cent.
    """
    if isinstance(value, str):
        return clean_line(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if is_fraction:
        return clean_line(write_grade(value, locale, notation, decimals))
    written = str(format_decimal(value, locale=locale, numbering_system="latn"))
    return replace_digits(written, find_system(notation.numerals, locale))


def _list_grades(evidence: Row, context_name: str) -> list[Row]:
    """Return the categories of a course run, or those of every course run of a learning path."""
    found = evidence.get("steps")
    if not isinstance(found, Mapping):
        return _list_categories(evidence, context_name)
    return [
        row
        for step in _list_steps(evidence)
        for row in _list_categories(_as_mapping(found.get(step["key"])), step["name"])
    ]


def _list_categories(evidence: Row, course: str) -> list[Row]:
    required = _as_mapping(evidence.get("required_grades"))
    recorded = _list_entries(evidence.get("categories"))
    if not recorded:
        grades = _as_mapping(evidence.get("current_grades"))
        recorded = [{"name": name, "grade": grade} for name, grade in grades.items()]
    folded = {str(name).casefold(): value for name, value in required.items()}
    return [
        {"course": course, "required_grade": folded.get(str(row.get("name")).casefold()), **row}
        for row in recorded
        if str(row.get("name")).casefold() != _TOTAL
    ]


def _list_steps(evidence: Row) -> list[Row]:
    """Return the course runs of a learning path. Evidence of other processors can have only their keys."""
    steps = evidence.get("steps")
    if isinstance(steps, Mapping):
        return [
            {
                "key": str(key),
                "name": step.get("name") or str(key),
                "grade": find_grade(step),
                "letter_grade": step.get("letter_grade"),
                "required_grade": find_grade({"current_grades": step.get("required_grades")}),
                "completion": step.get("current_completion"),
                "required_completion": step.get("required_completion"),
            }
            for key, step in steps.items()
            if isinstance(step, Mapping)
        ]
    runs = evidence.get("constituent_runs")
    return [{"key": key, "name": key} for key in runs if isinstance(key, str)] if isinstance(runs, list) else []


def _list_entries(value: object) -> list[Row]:
    """Return the objects in a list, or in an object, whose keys then are their names."""
    if isinstance(value, Mapping):
        return [{"name": str(name), **row} for name, row in value.items() if isinstance(row, Mapping)]
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _as_mapping(value: object) -> Row:
    return value if isinstance(value, Mapping) else {}
