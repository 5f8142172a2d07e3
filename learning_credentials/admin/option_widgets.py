"""Provide the editor of options: a text area with JSON, which scripts show in tabs with other views of the same JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.forms import Script
from django.http import JsonResponse
from django.urls import path
from django.utils.html import format_html, json_script
from django.utils.translation import gettext as _

from learning_credentials.admin.base import get_url, require
from learning_credentials.admin.fields import ListField, OptionsField, OptionsWidget
from learning_credentials.admin.option_fields import describe_functions
from learning_credentials.models import CredentialType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django import forms
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString


class OptionsEditorWidget(OptionsWidget):
    """A text area for JSON with tabs around it. Without scripts it is the text area alone.

    ``about`` contains what the scripts need: ``functions`` are the dotted paths of the chosen functions, ``inherited`` are the options that
    these override, and ``type_url`` is the address that knows both for another type.
    """

    class Media:
        js = (
            Script("learning_credentials/admin/options_tabs.js", type="module"),
            Script("learning_credentials/admin/options/form_view.js", type="module"),
        )

    def __init__(self) -> None:
        super().__init__()
        self.about: dict[str, Any] = {}

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the text area with the values for the scripts."""
        described = {} if {"fields", "list"} & self.about.keys() else {"descriptions": describe_functions()}
        about = {"field": name, "title": _("Ways to edit the options"), **described, **self.about}
        return format_html(
            '<div class="lcred-options">{}{}</div>', super().render(name, value, attrs, renderer), json_script(about)
        )


class EditedOptionsField(OptionsField):
    """A field for options that are edited in tabs."""

    widget = OptionsEditorWidget


class EditedListField(ListField):
    """A field for a JSON list that is edited in tabs."""

    widget = OptionsEditorWidget


def describe_editor(field: forms.Field | None, **about: Any) -> None:
    """Tell the scripts of an editor about the functions and the inherited options. Do nothing for a form without the field."""
    if field is not None and isinstance(field.widget, OptionsEditorWidget):
        field.widget.about = {**field.widget.about, **about}


def describe_type(used: CredentialType | None) -> dict[str, Any]:
    """Return the functions of a type, and the options that its configurations inherit."""
    if used is None:
        return {"functions": {}, "inherited": {}}
    inherited: Mapping[str, Any] = used.custom_options if isinstance(used.custom_options, dict) else {}
    return {
        "functions": {"retrieval_func": used.retrieval_func, "generation_func": used.generation_func},
        "inherited": inherited,
    }


def make_type_url(model_admin: admin.ModelAdmin[Any]) -> URLPattern:
    """Return the URL of a page that describes, as JSON, the type with the id ``type``. See `get_type_url`."""

    def describe(request: HttpRequest) -> HttpResponse:
        require(model_admin.has_view_permission(request) or model_admin.has_add_permission(request))
        chosen = request.GET.get("type", "")
        # The admin of types decides which of them this person sees.
        types = model_admin.admin_site.get_model_admin(CredentialType).get_queryset(request)
        used = types.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdecimal() else None
        return JsonResponse(describe_type(used), status=200 if used else 404)

    name = f"learning_credentials_{model_admin.opts.model_name}_type_options"
    return path("type-options/", model_admin.admin_site.admin_view(describe), name=name)


def get_type_url(model_admin: admin.ModelAdmin[Any]) -> str:
    """Return the address from which the editor of a model's forms reads the options of types."""
    return get_url(f"{model_admin.opts.model_name}_type_options")
