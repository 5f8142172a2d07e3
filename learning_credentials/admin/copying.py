"""Copy configurations and types, and explain which fields can no longer change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import BaseModelForm, ModelT, get_url
from learning_credentials.admin.contexts import SuggestionsUrl, get_suggestions_url
from learning_credentials.admin.fields import ContextKeyField, point_picker_at
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.scoping import get_scope_of, is_viewer_limited, name_permissions
from learning_credentials.services import desk
from learning_credentials.services.desk import copy_credential_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib import admin
    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse

    from learning_credentials.models import CredentialConfiguration, CredentialType

CONFIGURATION_IS_FROZEN = gettext_lazy(
    "Credentials were issued, so the context and the type can no longer change. Use “Copy to another "
    "course” for another context. Add a configuration for another type."
)
TYPE_IS_FROZEN = gettext_lazy(
    "Credentials of this type were issued, so its slug and its functions can no longer change. Use “Copy "
    "type” to make a type with other functions."
)


class FreezingForm(BaseModelForm[ModelT]):
    """Base of forms that report a field that was frozen while the form was open. The form no longer contains the field."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a value that would be ignored silently."""
        cleaned = super().clean()
        row: Any = self.instance
        for name in row.FIXED:
            posted = self.data.get(self.add_prefix(name))
            stored = getattr(row, row.get_attname(name))
            if name not in self.fields and posted is not None and posted != str(stored):
                text = _(
                    "A credential was issued at the same time, so “%(field)s” can no longer change. It is "
                    "still “%(value)s”."
                )
                label = row._meta.get_field(name).verbose_name  # noqa: SLF001
                self.add_error(None, text % {"field": label, "value": getattr(row, name)})
        return cleaned


class ContextForm(forms.Form):
    """Ask for the other context."""

    context_key = ContextKeyField(
        label=gettext_lazy("Learning context"),
        help_text=gettext_lazy("Key of a course run or of a learning path."),
    )

    def __init__(self, *args: Any, search_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        point_picker_at(self.fields["context_key"], search_url)


class NameForm(forms.Form):
    """Ask for the name and the slug of the copy."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=255, widget=AdminTextInputWidget)
    slug = forms.SlugField(
        label=gettext_lazy("Slug"),
        max_length=100,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy("The slug becomes part of the achievement’s id in badges."),
    )


def copy_configuration(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, original: CredentialConfiguration
) -> HttpResponse:
    """Ask for a context. Then copy the configuration."""
    data = request.POST if request.method == "POST" else None
    form = ContextForm(
        data, search_url=get_suggestions_url(model_admin, request, name_permissions(model_admin.model, "add"))
    )
    return _copy(
        model_admin,
        request,
        form,
        original,
        lambda values: desk.copy_configuration(original.pk, values["context_key"]),
        title=_("Copy to another course"),
        explanation=_(
            "The copy has the same type, options, values of custom fields, interval and self-generation. It is not "
            "enabled. Check it, then enable it."
        ),
    )


def copy_type(model_admin: admin.ModelAdmin[Any], request: HttpRequest, original: CredentialType) -> HttpResponse:
    """Ask for a name and a slug. Then copy the type."""
    form = NameForm(request.POST if request.method == "POST" else None)
    belongs = original.contexts.exists()
    if is_viewer_limited(request) and not belongs:
        form.fields["context_key"] = field = ContextKeyField(
            label=_("Learning context"), help_text=_("The copy is only for this learning context.")
        )
        suggestions = SuggestionsUrl(get_url("credentialconfiguration_contexts"))
        suggestions.scope = get_scope_of(request, name_permissions(type(original), "add"))
        point_picker_at(field, suggestions)
    return _copy(
        model_admin,
        request,
        form,
        original,
        lambda values: copy_credential_type(
            original.pk,
            name=values["name"],
            slug=values["slug"],
            context_keys=[values["context_key"]] if "context_key" in values else None,
        ),
        title=_("Copy type"),
        explanation=_(
            "The copy has the same functions, options, custom fields, texts, signatories and images. It has no "
            "configurations."
        ),
    )


def _copy(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    form: forms.Form,
    original: Model,
    act: Callable[[dict[str, Any]], Model],
    **texts: Any,
) -> HttpResponse:
    page = f"{model_admin.opts.model_name}_change"
    if request.method == "POST" and (copied := submit(form, act)):
        model_admin.log_addition(request, copied, _("Copied from %(original)s.") % {"original": original})
        messages.success(request, _("%(copy)s was made. Check it on this page.") % {"copy": copied})
        return HttpResponseRedirect(get_url(page, copied.pk))
    own_page = get_url(page, original.pk)
    parent = {"url": own_page, "name": str(original)}
    return render_form(model_admin, request, form, button=_("Copy"), cancel_url=own_page, parent=parent, **texts)
