"""Let operators enter texts in other languages: a group of inputs for each language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from learning_credentials.admin.fields import OptionsField
from learning_credentials.data import normalise_tag
from learning_credentials.translations import LONGEST_NAME, LONGEST_TEXT, MOST_LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.utils.safestring import SafeString

#: Between the name of the whole, the number of a group and the name of a text, in the names of the inputs.
_DOT = "."
_LANGUAGE = "language"
_LABELS = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "criteria": gettext_lazy("Criteria"),
}

#: The typed values of one group, by the name of the input: the language and the texts.
_Row = dict[str, str]


class TranslationsWidget(forms.Widget):
    """A group of inputs for each language, and an empty one for the next. A script adds more.

    Scripts can also send the texts as one JSON object by language, under the name of the whole.

    Args:
        texts: the names of the texts that can be translated.
    """

    class Media:
        js = ("learning_credentials/admin/translations.js",)

    def __init__(self, texts: Sequence[str] = ()) -> None:
        super().__init__()
        self.texts = tuple(texts)

    def id_for_label(self, id_: str) -> str:  # noqa: ARG002
        """Return nothing: each input has its own label."""
        return ""

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        """Return whether the form was sent without these inputs."""
        return name not in data and f"{name}{_DOT}0{_DOT}{_LANGUAGE}" not in data

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:  # noqa: ARG002
        """Return the JSON text, or the groups as they were typed."""
        if name in data:
            return data[name]
        rows: list[_Row] = []
        # One group more than can be saved, so that the error tells about it.
        for number in range(MOST_LANGUAGES + 2):
            prefix = f"{name}{_DOT}{number}{_DOT}"
            if prefix + _LANGUAGE not in data:
                break
            rows.append({key: str(data.get(prefix + key, "")) for key in (_LANGUAGE, *self.texts)})
        return rows

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the groups."""
        rows: list[_Row] = value if isinstance(value, list) else []
        prefix = (attrs or {}).get("id", f"id_{name}")
        groups = [
            {
                "title": _name_language(row.get(_LANGUAGE, "")),
                "inputs": list(self._list_inputs(name, prefix, number, row, renderer)),
            }
            for number, row in enumerate([*rows, {}])
        ]
        return render_to_string("admin/learning_credentials/translations.html", {"groups": groups, "name": name})

    def _list_inputs(self, name: str, prefix: str, number: int, row: _Row, renderer: Any) -> Iterator[dict[str, Any]]:
        for key in (_LANGUAGE, *self.texts):
            id_ = f"{prefix}_{number}_{key}"
            widget = _make_input(key, row.get(key, ""))
            rendered = widget.render(_DOT.join((name, str(number), key)), row.get(key, ""), {"id": id_}, renderer)
            yield {"id": id_, "label": _("Language") if key == _LANGUAGE else _LABELS[key], "input": rendered}


class TranslationsField(OptionsField):
    """A field for texts by language, as a JSON object."""

    def __init__(self, texts: Sequence[str], **kwargs: Any) -> None:
        self._texts = tuple(texts)
        super().__init__(widget=TranslationsWidget(texts), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Return the groups for the inputs, in the order of the codes. Databases keep no order of their own."""
        if isinstance(value, dict):
            return [
                {_LANGUAGE: tag, **{key: str(texts.get(key) or "") for key in self._texts}}
                for tag, texts in sorted(value.items())
                if isinstance(texts, dict)
            ]
        return value if isinstance(value, list) else super().prepare_value(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, without the empty group at the end."""
        if not isinstance(data, list):
            return super().bound_data(data, initial)
        return [row for row in data if any(text.strip() for text in row.values())]

    def to_python(self, value: Any) -> Any:
        """Return the texts by language. Empty inputs and empty groups are left out.

        Raises:
            ValidationError: a group has texts and no language, or two groups have the same one.
        """
        if not isinstance(value, list):
            return super().to_python(value)
        found: dict[str, _Row] = {}
        for row in value:
            texts = {key: text.replace("\r\n", "\n").strip() for key, text in row.items() if key != _LANGUAGE}
            texts = {key: text for key, text in texts.items() if text}
            tag = row.get(_LANGUAGE, "").strip()
            if not tag and texts:
                raise ValidationError(_("Choose the language of “%s”.") % next(iter(texts.values()))[:50])
            if tag in found:
                raise ValidationError(_("There are two groups for the language “%s”.") % _name_language(tag))
            if texts:
                found[tag] = texts
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the texts are others now."""
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


def _make_input(key: str, value: str) -> forms.Widget:
    if key == _LANGUAGE:
        known = {normalise_tag(tag): _name_language(tag) for tag, _name in settings.LANGUAGES}
        if value:
            known.setdefault(value, value)
        return forms.Select(choices=[("", "---------"), *sorted(known.items(), key=lambda item: item[1])])
    if key == "name":
        return forms.TextInput(attrs={"class": "vTextField", "maxlength": LONGEST_NAME, "dir": "auto"})
    return forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField", "maxlength": LONGEST_TEXT, "dir": "auto"})


def _name_language(tag: str) -> str:
    """Return the name of a language with its code. Return the code alone if the site does not have the language."""
    names = {normalise_tag(code): name for code, name in settings.LANGUAGES}
    if tag not in names:
        return tag
    with override(None):
        return f"{names[tag]} ({tag})"
