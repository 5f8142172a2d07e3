"""Parse and check the custom fields that a type defines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from learning_credentials.custom_fields.kinds import (
    ChoiceDefinition,
    DateDefinition,
    DurationDefinition,
    NumberDefinition,
    TextDefinition,
)
from learning_credentials.data import FieldData, FieldKind
from learning_credentials.exceptions import OptionProblem, OptionsError
from learning_credentials.options import describe_problem, find_size_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Definition = TextDefinition | NumberDefinition | DateDefinition | DurationDefinition | ChoiceDefinition

#: The name of the column, with which the path of a mistake begins.
COLUMN = "custom_fields"
MAX_DEFINITIONS = 50
_KINDS = "text, number, date, duration or choice"
_ADAPTER: TypeAdapter[list[Definition]] = TypeAdapter(list[Annotated[Definition, Field(discriminator="kind")]])
#: What pydantic says if the kind, which decides about everything else, is missing or wrong.
_TAG_ERRORS = {"union_tag_not_found", "union_tag_invalid"}


@lru_cache(maxsize=1)
def get_definitions_schema() -> Mapping[str, Any]:
    """Return the JSON schema of the definitions of a type."""
    return _ADAPTER.json_schema()


def make_placeholder(name: str) -> str:
    """Return the name of a field's placeholder."""
    return f"field.{name}"


def make_sample(definition: Definition) -> FieldData:
    """Return a field with the definition's sample."""
    value = definition.read(definition.sample)
    kind = FieldKind(definition.kind)
    return FieldData(definition.name, definition.label, kind, value, definition.get_choice(value))


def parse_definitions(value: object) -> tuple[Definition, ...]:
    """Return the definitions that a type stores.

    Raises:
        OptionsError: the definitions have mistakes. The error lists each with its path.
    """
    if not value:
        return ()
    definitions, problems = _parse(value)
    if problems:
        raise OptionsError(problems)
    return tuple(definitions)


def find_definition_problems(value: object) -> list[OptionProblem]:
    """Return every mistake in definitions, with paths such as ``custom_fields.2.limits.max``."""
    return _parse(value)[1]


def _parse(value: object) -> tuple[list[Definition], list[OptionProblem]]:
    if not isinstance(value, list):
        return [], [OptionProblem(COLUMN, "must be a JSON list of objects")]
    if problem := find_size_problem(value):
        path = f"{COLUMN}.{problem.path}" if problem.path else COLUMN
        return [], [OptionProblem(path, problem.message)]
    if len(value) > MAX_DEFINITIONS:
        return [], [OptionProblem(COLUMN, f"has {len(value)} fields. At most {MAX_DEFINITIONS} are accepted")]
    try:
        definitions = _ADAPTER.validate_python(value)
    except ValidationError as error:
        return [], [
            _as_problem(item) for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
    return definitions, list(_find_repeated(definitions))


def _as_problem(item: Any) -> OptionProblem:
    # The second part of the path is the kind, which is no key of the definition.
    index, *rest = item["loc"]
    if item["type"] in _TAG_ERRORS:
        return OptionProblem(f"{COLUMN}.{index}.kind", f"must be {_KINDS}")
    path = ".".join([COLUMN, str(index), *map(str, rest[1:])])
    return OptionProblem(path, describe_problem(item["type"], item["msg"]))


def _find_repeated(definitions: list[Definition]) -> Iterator[OptionProblem]:
    """Yield names that occur twice, and properties of the badge that two fields want. There can be many results."""
    names: set[str] = set()
    properties: set[str] = set()
    for index, definition in enumerate(definitions):
        if definition.name in names:
            yield OptionProblem(f"{COLUMN}.{index}.name", f"another field is called '{definition.name}' already")
        if definition.badge in properties:
            yield OptionProblem(f"{COLUMN}.{index}.badge", f"another field fills '{definition.badge}' already")
        names.add(definition.name)
        properties |= {definition.badge} - {"", "result"}
