"""Merge, validate and describe the options of processors and generators.

A function names the model of its options in a decorator, such as ``@processor(options=MyOptions)``. ``MyOptions`` is a subclass of
`Options` (a pydantic model). Both functions of a type read the same ``custom_options`` object. Each model reads the keys that it declares.
A top-level key that neither model declares is a mistake. A function without a model accepts every key.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from learning_credentials.data import AssetReader, StaticAssets
from learning_credentials.exceptions import OptionProblem, OptionsError
from learning_credentials.option_names import list_names, suggest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: Limits of a whole options object: levels of nested objects, values, and characters of keys and texts.
MAX_DEPTH = 16
MAX_VALUES = 10_000
MAX_CHARACTERS = 200_000


@dataclass(frozen=True)
class OptionsContext:
    """What validation needs besides the options. ``assets`` finds assets by slug. ``fields`` are the names of the type's custom fields."""

    assets: AssetReader = field(default_factory=StaticAssets)
    fields: frozenset[str] = frozenset()


class Options(BaseModel):
    """Base of option models. Derive nested models from `StrictOptions`."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=False)

    def find_problems(self, context: OptionsContext) -> Iterable[OptionProblem]:  # noqa: ARG002
        """Yield mistakes that the options alone do not show, such as a missing asset."""
        return ()

    def list_advice(self, context: OptionsContext) -> Iterable[OptionProblem]:  # noqa: ARG002
        """Yield what could be better, such as an image that screen readers leave out. It does not keep anyone from saving."""
        return ()


class StrictOptions(BaseModel):
    """Base of models nested in options. An unknown key is a mistake."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


OptionsT = TypeVar("OptionsT", bound=Options)


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Merge JSON objects in depth. Later layers win. Lists and scalars are replaced as a whole.

    Objects nested more deeply than `MAX_DEPTH` are also replaced as a whole: `parse` and `find_problems` refuse them.
    """
    return _merge(layers, MAX_DEPTH)


def _merge(layers: Sequence[Mapping[str, Any]], depth: int) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            old = merged.get(key)
            if not isinstance(value, Mapping) or not depth:
                merged[key] = value
            else:
                merged[key] = _merge([old, value] if isinstance(old, Mapping) else [value], depth - 1)
    return merged


def find_size_problem(options: object) -> OptionProblem | None:
    """Return the first limit that the options exceed, with the path of the place, or None.

    The limits are the depth, the number of values and the number of characters.
    """
    values = characters = 0
    waiting: list[tuple[object, tuple[str, ...]]] = [(options, ())]
    while waiting:
        value, path = waiting.pop()
        values += 1
        if isinstance(value, str):
            characters += len(value)
        elif isinstance(value, Mapping):
            characters += sum(len(key) for key in value if isinstance(key, str))
            waiting += [(item, (*path, str(key)[:100])) for key, item in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [(item, (*path, str(index))) for index, item in enumerate(value)]
        if len(path) > MAX_DEPTH:
            return OptionProblem(path[0], f"is nested too deeply. At most {MAX_DEPTH} levels are accepted")
        if values + len(waiting) > MAX_VALUES:
            return OptionProblem("", f"the options have too many values. At most {MAX_VALUES:,} are accepted")
        if characters > MAX_CHARACTERS:
            return OptionProblem("", f"the options are too long. At most {MAX_CHARACTERS:,} characters are accepted")
    return None


def parse(model: type[OptionsT], options: Mapping[str, Any]) -> OptionsT:
    """Return options parsed into a model.

    Raises:
        OptionsError: the options have mistakes. The error lists each with its path.
    """
    if problem := find_size_problem(options):
        raise OptionsError([problem])
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        raise OptionsError(_problems(error, model)) from None


def find_problems(
    options: object,
    models: Sequence[type[Options] | None],
    context: OptionsContext,
    *,
    is_partial: bool = False,
) -> list[OptionProblem]:
    """Return every mistake in ``options`` for the functions of the models.

    Args:
        options: the JSON value to check.
        models: one model for each function. None stands for a function that accepts every key.
        context: finds the assets.
        is_partial: whether another layer completes these options. Missing required keys at the top level are then no mistake.
    """
    if not isinstance(options, Mapping):
        return [OptionProblem("", "must be a JSON object")]
    if problem := find_size_problem(options):
        return [problem]
    problems: list[OptionProblem] = []
    if all(model is not None for model in models):
        known = {name for model in models if model for name in _key_names(model)}
        problems += [OptionProblem(str(key), _describe_unknown(str(key), known)) for key in options if key not in known]
    for model in models:
        if model is None:
            continue
        try:
            parsed = model.model_validate(dict(options))
        except ValidationError as error:
            problems += _problems(error, model, is_partial=is_partial)
        else:
            problems += parsed.find_problems(context)
    return list(dict.fromkeys(problems))


def list_advice(
    options: Mapping[str, Any], models: Sequence[type[Options] | None], context: OptionsContext
) -> list[OptionProblem]:
    """Return what could be better in options without mistakes. The arguments are those of `find_problems`."""
    found = [advice for model in models if model for advice in parse(model, options).list_advice(context)]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class OptionDescription:
    """The documentation of one option, for the admin's help and the docs."""

    name: str
    type: str
    default: str
    is_required: bool
    help: str


def describe(model: type[Options]) -> list[OptionDescription]:
    """Return a model's top-level options with their types, defaults (as JSON) and descriptions."""
    schema = get_schema(model)
    return describe_schema(schema, schema.get("$defs", {}))


@lru_cache(maxsize=64)
def get_schema(model: type[Options]) -> Mapping[str, Any]:
    """Return a model's JSON schema.

    Making a schema takes milliseconds, and an admin page with help on options needs a dozen. So the schemas are cached.
    """
    return model.model_json_schema()


def describe_schema(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[OptionDescription]:
    """Return the descriptions of the properties of one JSON schema object: a model's schema, or one of its ``$defs``."""
    required = set(schema.get("required", ()))
    return [
        OptionDescription(
            name=name,
            type=_type_name(spec),
            default=json.dumps(spec["default"], ensure_ascii=False) if "default" in spec else "",
            is_required=name in required,
            help=spec.get("description") or _describe_reference(spec, definitions),
        )
        for name, spec in schema.get("properties", {}).items()
    ]


def _describe_reference(spec: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return the summary of the nested object, for an option without its own description."""
    target = definitions.get(spec.get("$ref", "").rpartition("/")[2], {})
    return str(target.get("description", "")).partition("\n")[0]


def _key_names(model: type[Options]) -> Iterable[str]:
    for name, info in model.model_fields.items():
        yield info.alias or name


def _type_name(spec: Mapping[str, Any]) -> str:
    if "anyOf" in spec:
        return " or ".join(dict.fromkeys(_type_name(option) for option in spec["anyOf"]))
    return str(spec.get("type") or ("object" if "$ref" in spec else "any"))


def _problems(error: ValidationError, model: type[Options], *, is_partial: bool = False) -> list[OptionProblem]:
    return [
        OptionProblem(".".join(str(part) for part in item["loc"]), _describe_item(item, model))
        for item in error.errors(include_url=False, include_context=False)
        if not (is_partial and item["type"] == "missing" and len(item["loc"]) == 1)
    ]


def _describe_item(item: ErrorDetails, model: type[Options]) -> str:
    message = describe_problem(item["type"], item["msg"])
    if item["type"] != "extra_forbidden":
        return message
    *parents, name = item["loc"]
    return _join(message, suggest(str(name), list_names(get_schema(model), parents), parents))


def _describe_unknown(name: str, known: Collection[str]) -> str:
    """Return the message about an unknown top-level option."""
    listed = f"The known options are {', '.join(sorted(known)) or 'none'}"
    return _join("unknown option", suggest(name, known), listed)


def _join(message: str, *sentences: str) -> str:
    return ". ".join(part for part in (message, *sentences) if part).replace("?. ", "? ")


def describe_problem(kind: str, message: str) -> str:
    """Return the message of a mistake that pydantic found. ``kind`` is pydantic's type of the mistake."""
    if kind == "extra_forbidden":
        return "unknown option"
    if kind == "missing":
        return "a value is required"
    return message.removeprefix("Value error, ")
