"""Show operators the criteria that credentials will say, before they save."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import get_url, require
from learning_credentials.admin.fields import NOT_YOURS, OptionsField
from learning_credentials.admin.scoping import limit_to_viewer, may_in, name_permissions
from learning_credentials.exceptions import CredentialsError
from learning_credentials.folding import compose
from learning_credentials.models import CredentialConfiguration, CredentialType
from learning_credentials.services.credentials import describe_criteria, get_context

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

logger = logging.getLogger(__name__)

_ENGLISH = "en"
_LONGEST_KEY = 255


def render_preview(configuration: CredentialConfiguration, url: str) -> SafeString:
    """Return the preview for a form. A script reads it again from ``url`` while the operator types."""
    return format_html('<div class="lcred-criteria" data-url="{}">{}</div>', url, show_criteria(configuration))


def show_criteria(configuration: CredentialConfiguration) -> SafeString:
    """Return the criteria that a credential of the configuration would say, in English and in the site's language.

    Args:
        configuration: with its type. Both need not be saved. A configuration without a key stands for the type alone.
    """
    credential_type = configuration.credential_type
    if configuration.criteria:
        return _show(configuration.criteria, _("This is the text above. Enter it in other languages below."))
    if credential_type.criteria:
        note = (
            _("This is the type’s text. The options here do not change it.")
            if configuration.learning_context_key
            else _("This is the text above. Enter it in other languages below.")
        )
        return _show(credential_type.criteria, note)
    try:
        texts = _write_all(configuration)
    except CredentialsError as error:
        return _show("", _("No text can be written yet: %s") % error)
    except Exception as error:
        # The writer is the host's code, and the form must work without it.
        logger.exception("The criteria of %s cannot be previewed", credential_type.retrieval_func)
        return _show("", _("No text can be written: %s") % f"{type(error).__name__}: {error}")
    if not texts:
        return _show(
            "",
            _(
                "The function under “Who gets it” writes no criteria. Enter a text, or credentials say nothing about them."
            ),
        )
    shown = format_html_join(
        "", '<dt>{}</dt><dd lang="{}" dir="auto">{}</dd>', ((_name(tag), tag, text) for tag, text in texts.items())
    )
    note = _("Written from the options. Readers see it in their language.")
    return format_html('<dl>{}</dl><span class="quiet">{}</span>', shown, note)


def _write_all(configuration: CredentialConfiguration) -> dict[str, str]:
    """Return the texts by language, without those that are not translated."""
    key = configuration.learning_context_key
    context = get_context(key) if key else None
    texts: dict[str, str] = {}
    for tag in dict.fromkeys((_ENGLISH, settings.LANGUAGE_CODE)):
        text = describe_criteria(configuration, tag, context=context)
        if text and text not in texts.values():
            texts[tag] = text
    return texts


def _show(text: str, note: str) -> SafeString:
    shown = format_html('<p dir="auto">{}</p>', text) if text else SafeString("")
    return format_html('{}<span class="quiet">{}</span>', shown, note)


def _name(tag: str) -> str:
    try:
        return str(get_language_info(tag)["name_translated"])
    except KeyError:
        return tag


def get_preview_url(model_admin: admin.ModelAdmin[Any], object_id: int | None) -> str:
    """Return the address of the preview for the form of an object, or for the form of a new one."""
    url = get_url(f"{model_admin.opts.model_name}_criteria")
    return f"{url}?object={object_id}" if object_id else url


def make_preview_url(model_admin: admin.ModelAdmin[Any]) -> URLPattern:
    """Return the URL of the page that previews what the operator has entered, and saves nothing."""

    def preview(request: HttpRequest) -> HttpResponse:
        require(model_admin.has_view_permission(request) or model_admin.has_add_permission(request))
        saved = _find_saved(model_admin, request)
        try:
            configuration = _read(request, saved)
        except ValidationError as error:
            shown = _show("", " ".join(error.messages))
        else:
            shown = show_criteria(configuration) if configuration else _show("", _("Choose a type first."))
        return JsonResponse({"html": shown})

    name = f"learning_credentials_{model_admin.opts.model_name}_criteria"
    return path("criteria/", model_admin.admin_site.admin_view(require_POST(preview)), name=name)


def _find_saved(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> Any:
    object_id = request.GET.get("object", "")
    return model_admin.get_object(request, object_id) if object_id.isdecimal() else None


def _read(request: HttpRequest, saved: Any) -> CredentialConfiguration | None:
    """Return what the form says. A form has no inputs for values that can no longer change, so these are the saved ones."""
    data = request.POST
    options = OptionsField(required=False).clean(data.get("custom_options", ""))
    if not isinstance(options, dict):
        raise ValidationError(_("The options must be a JSON object."))
    own = data.get("criteria", "").strip()
    if "credential_type" not in data and not isinstance(saved, CredentialConfiguration):
        function = data.get("retrieval_func") or (saved.retrieval_func if saved else "")
        entered = CredentialType(retrieval_func=function, criteria=own, custom_options=options)
        return CredentialConfiguration(credential_type=entered)
    used: CredentialType | None = saved.credential_type if saved else None
    if (chosen := data.get("credential_type", "")).isdecimal():
        used = limit_to_viewer(request, CredentialType.objects.filter(pk=chosen)).first()
    if used is None:
        return None
    key = compose(data.get("learning_context_key", "").strip()) or (saved.learning_context_key if saved else "")
    if key and not may_in(request, name_permissions(CredentialConfiguration, "view", "add", "change"), key):
        raise ValidationError(NOT_YOURS)
    return CredentialConfiguration(
        credential_type=used, learning_context_key=key[:_LONGEST_KEY], custom_options=options, criteria=own
    )
