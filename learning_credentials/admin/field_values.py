"""Let operators enter the values of custom fields: one input for each field of the type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from learning_credentials.admin.fields import OptionsField, OptionsWidget
from learning_credentials.custom_fields import (
    ChoiceDefinition,
    DateDefinition,
    NumberDefinition,
    TextDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.utils.safestring import SafeString

    from learning_credentials.custom_fields import Definition

#: Between the names of the whole and of one field, in the names of the inputs.
_DOT = "."


@dataclass(frozen=True)
class _Row:
    """One input, as the template shows it."""

    name: str
    label: str
    input: SafeString
    id: str
    help: list[str] = field(default_factory=list)


class FieldValuesWidget(forms.Widget):
    """An input for each custom field of a type. ``definitions`` is None if the type is not known yet: then there is one input for JSON.

    Scripts can also send the values as one JSON object, under the name of the whole.
    """

    def __init__(self) -> None:
        super().__init__()
        self.definitions: Sequence[Definition] | None = None

    def id_for_label(self, id_: str) -> str:  # noqa: ARG002
        """Return nothing: each input has its own label."""
        return ""

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        """Return whether the form was sent without values."""
        return name not in data and not any(key.startswith(name + _DOT) for key in data)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:  # noqa: ARG002
        """Return the JSON text, or what was typed for each field."""
        if name in data:
            return data[name]
        prefix = name + _DOT
        return {key.removeprefix(prefix): data[key] for key in data if key.startswith(prefix)}

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the inputs."""
        if self.definitions is None or isinstance(value, str):
            return OptionsWidget().render(name, value, attrs, renderer)
        rows = list(self._list_rows(name, value or {}, (attrs or {}).get("id", f"id_{name}"), renderer))
        return render_to_string("admin/learning_credentials/field_values.html", {"rows": rows})

    def _list_rows(self, name: str, values: Mapping[str, Any], prefix: str, renderer: Any) -> Iterator[_Row]:
        known = {definition.name: definition for definition in self.definitions or ()}
        for key in [*known, *(key for key in values if key not in known)]:
            definition = known.get(key)
            row_id = f"{prefix}_{key}"
            widget = _make_input(definition)
            attrs = {"id": row_id, "aria-describedby": f"{row_id}_help"}
            rendered = widget.render(name + _DOT + key, values.get(key), attrs, renderer)
            yield _Row(key, definition.label if definition else key, rendered, row_id, _explain(definition))


class FieldValuesField(OptionsField):
    """A field for the values of a configuration by the name of the custom field."""

    widget = FieldValuesWidget

    def prepare_value(self, value: Any) -> Any:
        """Return the values for the inputs. For the input for JSON, return text."""
        if isinstance(value, dict) and self._definitions is not None:
            return value
        return super().prepare_value(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed."""
        return data if isinstance(data, dict) else super().bound_data(data, initial)

    def to_python(self, value: Any) -> Any:
        """Return the values as JSON. Empty inputs are left out.

        Raises:
            ValidationError: a JSON text is not valid.
        """
        if not isinstance(value, dict):
            return super().to_python(value)
        known = {definition.name: definition for definition in self._definitions or ()}
        typed = {key: text.strip() if isinstance(text, str) else text for key, text in value.items()}
        return {key: _read(known.get(key), text) for key, text in typed.items() if text not in ("", None)}

    @property
    def _definitions(self) -> Sequence[Definition] | None:
        widget = self.widget
        return widget.definitions if isinstance(widget, FieldValuesWidget) else None


def _make_input(definition: Definition | None) -> forms.Widget:
    if isinstance(definition, ChoiceDefinition):
        choices = [(choice.value, choice.label) for choice in definition.choices]
        return forms.Select(choices=[("", "---------"), *choices])
    if isinstance(definition, NumberDefinition):
        bounds = {"min": definition.limits.min, "max": definition.limits.max}
        step = f"{10**-definition.limits.decimals:.{definition.limits.decimals}f}"
        attrs = {key: f"{value:g}" for key, value in bounds.items() if value is not None}
        return forms.NumberInput(attrs={"step": step, **attrs})
    if isinstance(definition, DateDefinition):
        # The browser's own calendar. Django's writes dates in the format of the operator's language, and the value is in ISO 8601.
        limits = {"min": definition.limits.min, "max": definition.limits.max}
        attrs = {key: value for key, value in limits.items() if value is not None}
        return forms.DateInput(attrs={"type": "date", **attrs}, format="%Y-%m-%d")
    attrs = {"class": "vTextField", "autocomplete": "off"}
    if isinstance(definition, TextDefinition):
        attrs["maxlength"] = str(definition.limits.max_length)
    return forms.TextInput(attrs=attrs)


def _explain(definition: Definition | None) -> list[str]:
    """Return what people should know about an input, in short sentences."""
    if definition is None:
        return [_("The type has no such custom field. Delete the value.")]
    sentences = []
    if definition.required:
        sentences.append(_("Required: learners without a value receive no credential."))
    if not isinstance(definition, ChoiceDefinition):
        sentences.append(_("For example %s.") % definition.sample)
    limits = getattr(definition, "limits", None)
    for name, sentence in (("min", _("At least %s.")), ("max", _("At most %s."))):
        limit = getattr(limits, name, None)
        if limit is not None:
            sentences.append(sentence % (f"{limit:g}" if isinstance(limit, float) else limit))
    return sentences


def _read(definition: Definition | None, text: Any) -> Any:
    """Return what was typed as JSON. A text that is no number stays a text, which the model refuses with its path."""
    if not isinstance(definition, NumberDefinition) or not isinstance(text, str):
        return text
    for kind in (int, float):
        try:
            number: int | float = kind(text)
        except ValueError:
            continue
        return number
    return text
