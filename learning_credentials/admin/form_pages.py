"""Show the app's own forms on admin pages, for operations that a service performs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.template.response import TemplateResponse

from learning_credentials.admin.base import describe_error
from learning_credentials.exceptions import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse

R = TypeVar("R")


def render_form(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    form: forms.Form,
    *,
    template: str = "form_page.html",
    **context: Any,
) -> HttpResponse:
    """Show a form.

    The template needs ``title``, ``button`` and ``cancel_url``. Optional values are ``explanation``, ``is_dangerous``, ``hidden`` (inputs
    as pairs) and ``parent`` (a page for the breadcrumbs, with ``url`` and ``name``).
    """
    _focus(form)
    page = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "form": form,
        "media": model_admin.media + form.media,
        **context,
    }
    return TemplateResponse(request, f"admin/learning_credentials/{template}", page)


def _focus(form: forms.Form) -> None:
    """Focus the first field with an error, or else the first field.

    The button never gets the focus, because Enter would submit the form.
    """
    fields = form.visible_fields()
    for each in fields:
        each.field.widget.attrs.pop("autofocus", None)
    first = next((each for each in fields if each.errors), fields[0] if fields else None)
    if first is not None:
        widget = first.field.widget
        widget = widget.widgets[0] if isinstance(widget, forms.MultiWidget) else widget
        widget.attrs["autofocus"] = True


def submit(form: forms.Form, act: Callable[[dict[str, Any]], R]) -> R | None:
    """Call ``act`` with the values of a valid form. A refusal by the service becomes an error of the form.

    Return None if the user has to correct something.
    """
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except CredentialsError as error:
        for line in describe_error(error):
            form.add_error(None, line)
        return None
