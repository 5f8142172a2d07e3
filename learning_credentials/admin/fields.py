"""Define form fields for discovered functions, options as JSON and keys of learning contexts."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.contexts import EVERYTHING, list_suggestions, look_up
from learning_credentials.admin.options_help import list_choices
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.folding import compose
from learning_credentials.lms import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.utils.safestring import SafeString

    from learning_credentials.discovery import Plugin

MINIMUM_ROWS, MAXIMUM_ROWS = 8, 40

#: Characters that JSON can contain and databases refuse: NUL and lone surrogates.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

NOT_YOURS = gettext_lazy("You may not do this in this learning context.")
UNKNOWN_CONTEXT = gettext_lazy("The LMS does not know this learning context. Check the key.")


def set_function_choices(field: forms.Field, list_plugins: Callable[[], Mapping[str, Plugin]], stored: str) -> None:
    """Fill a select with the functions that discovery finds now.

    If discovery no longer finds the stored path, it stays selected and is marked.
    """
    if not isinstance(field, forms.ChoiceField):
        return
    try:
        choices = list_choices(list_plugins)
    except ConfigurationError:
        choices = []  # the admin class reports it once
    if stored and stored not in dict(choices):
        choices = [(stored, _("%(path)s (not found)") % {"path": stored}), *choices]
        field.help_text = _(
            "The stored function “%(path)s” is not found now. Until you choose another one, nothing can be issued."
        ) % {"path": stored}
    field.choices = [("", "---------"), *choices]


class FunctionSelect(forms.Select):
    """A select of functions by what they do. The dotted path of the chosen one is below, in small print; a script keeps it in step."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the select with the path."""
        select = super().render(name, value, attrs, renderer)
        return format_html('<div>{}<div class="lcred-path quiet"><code>{}</code></div></div>', select, value or "")


class OptionsWidget(forms.Textarea):
    """A text area for JSON that is as high as its content."""

    def __init__(self) -> None:
        super().__init__(
            attrs={"class": "vLargeTextField lcred-json", "spellcheck": "false", "autocomplete": "off", "cols": 80}
        )

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return the context with the height."""
        context = super().get_context(name, value, attrs)
        rows = str(value or "").count("\n") + 2
        context["widget"]["attrs"]["rows"] = min(max(rows, MINIMUM_ROWS), MAXIMUM_ROWS)
        return context


class OptionsField(forms.JSONField):
    """A field for JSON. It shows values indented, and it names the line and column of a mistake."""

    widget: type[forms.Widget] = OptionsWidget

    #: Makes the value of an empty text.
    empty: Callable[[], Any] = dict

    def __init__(self, **kwargs: Any) -> None:
        # Options default to an empty object. Django's default is "null", which is not a valid options object.
        super().__init__(initial=self.empty, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the value indented. Return text that could not be parsed as it was typed."""
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return dump(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the typed text."""
        return forms.fields.InvalidJSONInput(data) if data is not None else initial

    def to_python(self, value: Any) -> Any:
        """Return the parsed value. Empty text means no options.

        Raises:
            ValidationError: the text is not valid. The message names the line and column of the mistake.
        """
        if self.disabled:
            return value
        if not isinstance(value, str):
            return self.empty() if value is None else value
        if not value.strip():
            return self.empty()
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
            raise ValidationError(gettext_lazy("The options are nested too deeply."), code="invalid") from error
        except ValueError as error:
            raise ValidationError(gettext_lazy("A number has too many digits."), code="invalid") from error
        _check_texts(parsed)
        return parsed

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the values differ. Differences in formatting do not count."""
        if self.disabled:
            return False
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ListField(OptionsField):
    """A field for a JSON list."""

    empty = list


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
                gettext_lazy("“%(text)s” contains a character that cannot be stored."),
                code="invalid",
                params={"text": _UNSTORABLE.sub("\ufffd", item[:100])},
            )


def dump(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse equal keys in one object. The standard parser would keep only the last one without a message."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValidationError(
                gettext_lazy("The key “%(key)s” is used twice in one object."), code="invalid", params={"key": key}
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


class MomentWidget(AdminSplitDateTime):
    """The two inputs of a date and a time, each with a name that screen readers say. Django before 6.0 gives them none."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, (gettext_lazy("Date"), gettext_lazy("Time")), strict=True):
            widget.attrs["aria-label"] = name


class ContextKeyWidget(AdminTextInputWidget):
    """A text input with suggestions from the LMS. While the user types, it loads more from ``search_url``."""

    class Media:
        js = ("learning_credentials/admin/contexts.js",)

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "maxlength": 255})
        self.search_url = ""
        self.scope = EVERYTHING

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Add the list of suggestions to the input.

        The widget asks the LMS and not the form, because responses are rendered after the transaction of the save.
        """
        list_id = f"{name}-suggestions"
        attrs = {**(attrs or {}), "list": list_id, "data-search-url": self.search_url}
        items = format_html_join(
            "", '<option value="{}">{}</option>', ((each.key, each.name) for each in list_suggestions(scope=self.scope))
        )
        return format_html(
            '{}<datalist id="{}">{}</datalist>', super().render(name, value, attrs, renderer), list_id, items
        )


class ContextKeyField(forms.CharField):
    """A field for the key of a learning context that the LMS knows. If the LMS does not answer, the key is accepted."""

    widget = ContextKeyWidget
    scope = EVERYTHING

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the key if the LMS knows it. Call this outside a transaction.

        Raises:
            ValidationError: the LMS does not know the key.
        """
        key = compose(super().clean(value))
        if key and not self.scope.covers(key):  # the LMS is not asked: nobody learns here what there is elsewhere
            raise ValidationError(NOT_YOURS, code="out_of_scope")
        lookup = look_up(key)
        if lookup is not None and lookup.is_unknown:
            raise ValidationError(UNKNOWN_CONTEXT, code="unknown_context")
        return key


def point_picker_at(field: forms.Field, search_url: str) -> None:
    """Set the address from which a field's context picker loads suggestions, and the contexts that the field accepts."""
    scope = getattr(search_url, "scope", Scope())
    if isinstance(field.widget, ContextKeyWidget):
        field.widget.search_url, field.widget.scope = search_url, scope
    if isinstance(field, ContextKeyField):
        field.scope = scope
