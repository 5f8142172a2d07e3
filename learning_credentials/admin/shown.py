"""Remember what an editing page showed, compare it with the stored values, and describe the differences.

The page carries the values as a signed text. Values are kept as texts, and JSON stays JSON. Both sides come from the database, so the order
of keys and fractions of seconds cause no false differences.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from learning_credentials.admin.base import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_SALT = "learning_credentials.admin.shown"
#: Long texts are cut to the part around the first difference.
_MAX_TEXT, _BEFORE_DIFFERENCE = 200, 60
#: For JSON, at most this many differing paths are listed.
_MAX_PATHS = 20

Values = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A change by somebody else. ``name`` is the field, or the prefix of an inline. The other values are for people."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Shown:
    """The values of a row at a certain time. The rows of its inlines are included, by prefix and key."""

    at: datetime
    fields: Values
    inlines: dict[str, dict[str, Values]] = field(default_factory=dict)

    def dump(self) -> str:
        """Return the values as text for a hidden input."""
        return signing.dumps([self.at.isoformat(), self.fields, self.inlines], salt=_SALT, compress=True)

    @classmethod
    def load(cls, text: str) -> Shown | None:
        """Return the values from a text of `dump`. Return None for any other text."""
        try:
            at, values, inlines = signing.loads(text, salt=_SALT)
        except signing.BadSignature:
            return None
        return cls(parse_datetime(at) or timezone.now(), values, inlines)


def read_values(row: models.Model, names: Sequence[str]) -> Values:
    """Return the values of some fields of a row in the form of `Shown`."""
    return {name: _encode(row, _get_field(type(row), name)) for name in names}


def decode(model: type[models.Model], name: str, value: Any) -> Any:
    """Return a kept value in the form of a form field's initial value."""
    found = _get_field(model, name)
    if value is None or isinstance(found, models.JSONField):
        return value
    try:
        return found.to_python(value)
    except ValidationError:
        return value


def list_concrete(model: type[models.Model], names: Sequence[Any]) -> list[str]:
    """Return the names that are columns of the model."""
    concrete = {each.name for each in model._meta.concrete_fields}  # noqa: SLF001
    return [name for name in names if isinstance(name, str) and name in concrete]


def find_field_changes(model: type[models.Model], before: Values, after: Values) -> Iterator[Change]:
    """Yield the differences between two states of a row. Each path in JSON is a separate change."""
    for name, old in before.items():
        new = after.get(name)
        if name in after and old != new:
            found = _get_field(model, name)
            label = capfirst(str(found.verbose_name))
            if isinstance(found, models.JSONField):
                for path, *values in _walk(old, new, [])[:_MAX_PATHS]:
                    yield Change(name, f"{label}: {path}" if path else label, *_shorten(*values))
            else:
                yield Change(name, label, *_shorten(_describe(found, old), _describe(found, new)))


def describe_rows(model: type[models.Model], rows: dict[str, Values]) -> str:
    """Return the rows of an inline in words."""
    lines = [
        ", ".join(_describe(_get_field(model, name), value) for name, value in values.items())
        for values in rows.values()
    ]
    return "; ".join(lines) or NOTHING


def _get_field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)  # noqa: SLF001


def _encode(row: models.Model, found: Any) -> Any:
    value = found.value_from_object(row)
    if value is None or isinstance(found, models.JSONField):
        return value
    return str(found.value_to_string(row))


def _describe(found: Any, value: Any) -> str:
    """Return a kept value for people."""
    if value in (None, ""):
        return NOTHING
    if found.remote_field:
        related = found.remote_field.model._default_manager.filter(pk=value).first()  # noqa: SLF001
        return str(related or _("number %s, deleted since") % value)
    python = decode(found.model, found.name, value)
    if isinstance(python, bool):
        return _("yes") if python else _("no")
    if isinstance(found, models.DateTimeField):
        return formats.localize(timezone.localtime(python), use_l10n=True)
    describe = getattr(python, "describe", None)
    return str(dict(found.flatchoices).get(python) or (describe() if describe else python))


def _walk(old: Any, new: Any, path: list[str]) -> list[tuple[str, str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in dict.fromkeys([*old, *new])
            if old.get(key, ...) != new.get(key, ...)
            for line in _walk(old.get(key, ...), new.get(key, ...), [*path, str(key)])
        ]
    return [(".".join(path), _write(old), _write(new))]


def _write(value: Any) -> str:
    return NOTHING if value is ... else json.dumps(value, ensure_ascii=False)


def _shorten(before: str, after: str) -> tuple[str, str]:
    if max(len(before), len(after)) <= _MAX_TEXT:
        return before, after
    pairs = zip(before, after, strict=False)
    same = next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))
    start = max(0, same - _BEFORE_DIFFERENCE)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    end = start + _MAX_TEXT
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"
