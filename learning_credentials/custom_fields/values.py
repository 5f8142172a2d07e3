"""Read the values of custom fields by their definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from learning_credentials.data import FieldData, FieldKind
from learning_credentials.exceptions import OptionProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from learning_credentials.custom_fields.definitions import Definition

#: The name of the column of a configuration, with which the path of a mistake begins.
COLUMN = "field_values"


def read_values(
    definitions: Sequence[Definition], values: object
) -> tuple[dict[str, str | int | float], list[OptionProblem]]:
    """Return the values by field, in the order of the definitions, and every mistake. Null and empty texts are left out.

    Args:
        definitions: of the type.
        values: by name: JSON, or Python's dates, numbers and durations.
    """
    if not isinstance(values, Mapping):
        return {}, [OptionProblem("", "must be a JSON object")]
    known = {definition.name for definition in definitions}
    problems = [
        OptionProblem(
            str(name)[:100], f"unknown field. The fields of the type are {', '.join(sorted(known)) or 'none'}"
        )
        for name in values
        if name not in known
    ]
    found: dict[str, str | int | float] = {}
    for definition in definitions:
        value = values.get(definition.name)
        if value is None:
            continue
        try:
            read = definition.read(value)
        except ValueError as error:
            problems.append(OptionProblem(definition.name, str(error)))
            continue
        if read != "":
            found[definition.name] = read
    return found, problems


def find_value_problems(definitions: Sequence[Definition], values: object) -> list[OptionProblem]:
    """Return every mistake in the values of a configuration, with paths such as ``field_values.hours``."""
    _, problems = read_values(definitions, values)
    return [OptionProblem(f"{COLUMN}.{path}" if path else COLUMN, message) for path, message in problems]


def load_fields(stored: object) -> tuple[FieldData, ...]:
    """Return the fields that a credential stores. What cannot be read is left out: a page must not fail because of it."""
    return tuple(_iter_fields(stored)) if isinstance(stored, list) else ()


def _iter_fields(stored: Iterable[Any]) -> Iterator[FieldData]:
    for item in stored:
        try:
            yield FieldData(**{**item, "kind": FieldKind(item["kind"])})
        except (TypeError, ValueError, KeyError):
            continue
