"""Form fields: functions found by discovery, options as JSON, the key of a learning context."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.contexts import list_suggestions, look_up
from learning_credentials.admin.options_help import list_choices
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.folding import compose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.utils.safestring import SafeString

    from learning_credentials.discovery import Plugin

MINIMUM_ROWS, MAXIMUM_ROWS = 8, 40

#: What JSON can write and databases do not take: NUL, and halves of characters.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

UNKNOWN_CONTEXT = gettext_lazy("The LMS knows no learning context with this key.")


def set_function_choices(field: forms.Field, list_plugins: Callable[[], Mapping[str, Plugin]], stored: str) -> None:
    """Fill a select with what discovery finds now; a stored path that it no longer finds stays chosen and is flagged."""
    if not isinstance(field, forms.ChoiceField):
        return
    try:
        choices = list_choices(list_plugins)
    except ConfigurationError:
        choices = []  # the page says so once, see the admin class
    if stored and stored not in dict(choices):
        choices = [(stored, _("%(path)s (not found)") % {"path": stored}), *choices]
        field.help_text = _(
            "“%(path)s” is stored, and no such function is found now. Nothing can be issued with it."
        ) % {"path": stored}
    field.choices = [("", "---------"), *choices]


class OptionsWidget(forms.Textarea):
    """A text area for JSON, as tall as its content."""

    def __init__(self) -> None:
        super().__init__(
            attrs={"class": "vLargeTextField lcred-json", "spellcheck": "false", "autocomplete": "off", "cols": 80}
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Set the height."""
        context = super().get_context(name, value, attrs)
        rows = str(value or "").count("\n") + 2
        context["widget"]["attrs"]["rows"] = min(max(rows, MINIMUM_ROWS), MAXIMUM_ROWS)
        return context


class OptionsField(forms.JSONField):
    """JSON for people: printed with indents, and a mistake is named with its line and column."""

    widget = OptionsWidget

    def __init__(self, **kwargs: Any) -> None:
        # No options are an empty object: Django's own "null" is no options at all, and refused.
        super().__init__(initial=dict, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Print with indents; what could not be parsed is shown as it was typed."""
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return dump(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show what was typed."""
        return forms.fields.InvalidJSONInput(data) if data is not None else initial

    def to_python(self, value: Any) -> Any:
        """Parse; empty means no options.

        Raises:
            ValidationError: with line and column of the mistake.
        """
        if self.disabled:
            return value
        if not isinstance(value, str):
            return {} if value is None else value
        if not value.strip():
            return {}
        try:
            parsed = json.loads(
                value, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant, parse_float=_parse_float
            )
        except json.JSONDecodeError as error:
            raise ValidationError(
                gettext_lazy("This is not valid JSON: line %(line)d, column %(column)d: %(message)s"),
                code="invalid",
                params={"line": error.lineno, "column": error.colno, "message": error.msg},
            ) from error
        except RecursionError as error:
            raise ValidationError(gettext_lazy("This is nested too deeply."), code="invalid") from error
        except ValueError as error:
            raise ValidationError(gettext_lazy("A number has too many digits."), code="invalid") from error
        _check_texts(parsed)
        return parsed

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare values, not texts."""
        if self.disabled:
            return False
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


def _check_texts(parsed: Any) -> None:
    waiting = [parsed]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and _UNSTORABLE.search(item):
            raise ValidationError(
                gettext_lazy("“%(text)s” has a character that cannot be stored."),
                code="invalid",
                params={"text": _UNSTORABLE.sub("\ufffd", item[:100])},
            )


def dump(value: Any) -> str:
    """JSON to read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The standard parser keeps the last of two equal keys, so that one of them would be lost without a word."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValidationError(
                gettext_lazy("The key “%(key)s” stands twice in one object."), code="invalid", params={"key": key}
            )
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise ValidationError(gettext_lazy("%(name)s is not valid JSON."), code="invalid", params={"name": name})


def _parse_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValidationError(
            gettext_lazy("The number %(number)s is too large."), code="invalid", params={"number": text}
        )
    return number


class ContextKeyWidget(AdminTextInputWidget):
    """A text input with suggestions from the LMS; typing asks for more at ``search_url``."""

    class Media:
        js = ("learning_credentials/admin/contexts.js",)

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "maxlength": 255})
        self.search_url = ""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Add the list of suggestions to the input.

        The LMS is asked here and not by the form: responses are rendered after the transaction of the save.
        """
        list_id = f"{name}-suggestions"
        attrs = {**(attrs or {}), "list": list_id, "data-search-url": self.search_url}
        items = format_html_join(
            "", '<option value="{}">{}</option>', ((each.key, each.name) for each in list_suggestions())
        )
        return format_html(
            '{}<datalist id="{}">{}</datalist>', super().render(name, value, attrs, renderer), list_id, items
        )


class ContextKeyField(forms.CharField):
    """The key of a learning context that the LMS knows; an LMS that is down is not held against the key."""

    widget = ContextKeyWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)

    def clean(self, value: Any) -> Any:
        """Ask the LMS; to be called outside a transaction.

        Raises:
            ValidationError: the LMS does not know it.
        """
        key = compose(super().clean(value))
        lookup = look_up(key)
        if lookup is not None and lookup.is_unknown:
            raise ValidationError(UNKNOWN_CONTEXT, code="unknown_context")
        return key


def point_picker_at(field: forms.Field, search_url: str) -> None:
    """Say where a field's context picker asks for suggestions."""
    if isinstance(field.widget, ContextKeyWidget):
        field.widget.search_url = search_url
