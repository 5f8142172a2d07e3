"""Show operators the page that they design: the addresses that the designer in the browser asks, and the form that it works on."""

from __future__ import annotations

import base64
import logging
import math
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import Script
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from learning_credentials import discovery
from learning_credentials.admin.base import can_look_at, get_url, require
from learning_credentials.admin.desk.design_fields import describe_fields, list_fonts
from learning_credentials.admin.fields import ListField, OptionsField
from learning_credentials.admin.options_help import list_design_placeholders
from learning_credentials.admin.scoping import is_viewer_limited
from learning_credentials.exceptions import ConfigurationError, CredentialsError, OptionsError
from learning_credentials.folding import compose
from learning_credentials.models import (
    Credential,
    CredentialAsset,
    CredentialConfiguration,
    CredentialType,
    Issuer,
)
from learning_credentials.services.desk import draw_design, draw_font, find_sample, search_learners, uses_design

if TYPE_CHECKING:
    from django.contrib import admin
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict
    from django.urls import URLPattern

    from learning_credentials.exceptions import OptionProblem
    from learning_credentials.services.desk import Drawing

logger = logging.getLogger(__name__)

#: What the page of a form loads.
DESIGNER_SCRIPT = Script("learning_credentials/admin/designer/main.js", type="module")
DESIGNER_CSS = {"all": ("learning_credentials/admin/designer/designer.css",)}

_LONGEST_KEY = 255
_LARGEST_SCALE = 4.0
_FONT_SECONDS = 3600


def offer_designer(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    form: Any,
    obj: CredentialType | CredentialConfiguration | None,
) -> None:
    """Tell the scripts of a form where to ask. A form that the user cannot save has no designer."""
    field = form.fields.get("custom_options")
    if field is None:
        return
    query = f"?object={obj.pk}" if obj and obj.pk else ""
    name = model_admin.opts.model_name
    field.widget.attrs |= {
        "data-design-url": f"{get_url(f'{name}_design')}{query}",
        "data-design-panel-url": f"{get_url(f'{name}_design_panel')}{query}",
        "data-design-font-url": get_url(f"{name}_design_font"),
        "data-design-functions": " ".join(_list_design_functions()),
    }
    if _may_see_learners(request, _get_context_key(obj)):
        field.widget.attrs["data-design-learners-url"] = f"{get_url(f'{name}_design_learners')}{query}"


def make_design_urls(model_admin: admin.ModelAdmin[Any]) -> list[URLPattern]:
    """Return the URLs that the designer asks. None of them changes anything."""
    name = f"learning_credentials_{model_admin.opts.model_name}_design"
    views = DesignViews(model_admin)
    wrap = model_admin.admin_site.admin_view
    return [
        path("design/", wrap(require_POST(views.draw)), name=name),
        path("design/panel/", wrap(require_POST(views.describe)), name=f"{name}_panel"),
        path("design/font/", wrap(require_GET(views.show_font)), name=f"{name}_font"),
        path("design/learners/", wrap(require_GET(views.search)), name=f"{name}_learners"),
    ]


class DesignViews:
    """The pages of the designer of one model."""

    def __init__(self, model_admin: admin.ModelAdmin[Any]) -> None:
        self._admin = model_admin

    def draw(self, request: HttpRequest) -> HttpResponse:
        """Return the picture of a page for the entered options, with the boxes of its elements and the mistakes."""
        saved = self._find_saved(request)
        try:
            configuration, problems = self._read(request, saved)
        except (ValidationError, OptionsError, ConfigurationError) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            return JsonResponse({"applies": True, "problems": [{"path": "", "message": text} for text in messages]})
        if configuration is None or not uses_design(configuration.credential_type.generation_func):
            return JsonResponse({"applies": False})
        key = _get_context_key(saved)
        try:
            profile = find_sample(request.POST.get("sample", ""), key, with_learners=_may_see_learners(request, key))
            drawing = draw_design(
                configuration,
                profile,
                problems,
                page=_read_number(request.POST.get("page"), 0, 1000),
                scale=_read_number(request.POST.get("scale"), 100, int(_LARGEST_SCALE * 100)) / 100,
            )
        except CredentialsError as error:
            return JsonResponse({"applies": True, "problems": [*_list(problems), {"path": "", "message": str(error)}]})
        except Exception as error:
            # The criteria of a host's processor, or a host's storage, can raise any error.
            logger.exception("A design cannot be drawn")
            message = f"{type(error).__name__}: {error}"
            return JsonResponse({"applies": True, "problems": [*_list(problems), {"path": "", "message": message}]})
        is_configuration = "credential_type" in request.POST or isinstance(saved, CredentialConfiguration)
        inherited = configuration.credential_type.custom_options if is_configuration else {}
        return JsonResponse(_describe(drawing, inherited))

    def describe(self, request: HttpRequest) -> HttpResponse:
        """Return what the panel offers: fields, fonts, images, templates and placeholders."""
        saved = self._find_saved(request)
        used = saved.credential_type if isinstance(saved, CredentialConfiguration) else saved
        fields: Any = used.custom_fields if used else []
        if "custom_fields" in request.POST:
            try:
                fields = ListField(required=False).clean(request.POST["custom_fields"])
            except ValidationError:
                fields = []
        assets = list(CredentialAsset.objects.order_by("slug").values_list("kind", "slug", "description"))
        kinds = CredentialAsset.Kind
        slugs: dict[str, list[str]] = {
            kind: [slug for each, slug, _ in assets if each == kind] for kind in kinds.values
        }
        return JsonResponse(
            {
                "fields": describe_fields(),
                "fonts": list_fonts(slugs[kinds.FONT]),
                "images": [{"name": slug, "label": text} for kind, slug, text in assets if kind == kinds.IMAGE],
                "templates": [
                    {"name": slug, "label": text} for kind, slug, text in assets if kind == kinds.PDF_TEMPLATE
                ],
                "placeholders": [
                    {"name": each.name, "label": str(each.label), "sample": each.sample}
                    for each in list_design_placeholders(fields)
                ],
                "samples": _list_samples(has_learners=_may_see_learners(request, _get_context_key(saved))),
            }
        )

    def show_font(self, request: HttpRequest) -> HttpResponse:
        """Return a picture of some letters of a font."""
        self._require_view(request)
        try:
            content = draw_font(request.GET.get("name", ""))
        except CredentialsError as error:
            return HttpResponse(str(error), status=404, content_type="text/plain; charset=utf-8")
        response = HttpResponse(content, content_type="image/png")
        response["Cache-Control"] = f"private, max-age={_FONT_SECONDS}"
        return response

    def search(self, request: HttpRequest) -> HttpResponse:
        """Return learners of the configuration's course, to draw their names."""
        saved = self._find_saved(request)
        key = _get_context_key(saved)
        require(_may_see_learners(request, key))
        try:
            found = search_learners(request.GET.get("q", ""), key)
        except CredentialsError as error:
            return JsonResponse({"learners": [], "problem": str(error)})
        return JsonResponse(
            {"learners": [{"id": each.user_id, "name": each.name, "username": each.username} for each in found]}
        )

    def _find_saved(self, request: HttpRequest) -> Any:
        """Return the row whose form is open, or None for a new one."""
        object_id = request.GET.get("object", "")
        saved = self._admin.get_object(request, object_id) if object_id.isdecimal() else None
        self._require_view(request, saved)
        return saved

    def _read(self, request: HttpRequest, saved: Any) -> tuple[CredentialConfiguration | None, list[OptionProblem]]:
        """Return what the form says, and the mistakes in its options. Neither says anything of what this person does not see."""
        types = self._admin.admin_site.get_model_admin(CredentialType).get_queryset(request)
        configuration, problems = _read(request.POST, saved, types, with_others=not is_viewer_limited(request))
        if configuration and (key := configuration.learning_context_key) != _get_context_key(saved):
            is_seen = can_look_at(request, CredentialConfiguration, context_key=key)
            configuration.learning_context_key = key if is_seen else ""
        return configuration, problems

    def _require_view(self, request: HttpRequest, saved: Any = None) -> None:
        require(self._admin.has_view_permission(request, saved) or self._admin.has_add_permission(request))


def _list_design_functions() -> list[str]:
    try:
        return [function for function in discovery.list_generators() if uses_design(function)]
    except ConfigurationError:  # the page reports it
        return []


def _get_context_key(saved: Any) -> str:
    return saved.learning_context_key if isinstance(saved, CredentialConfiguration) else ""


def _may_see_learners(request: HttpRequest, key: str) -> bool:
    """Return whether the user may see who is in the course of a saved configuration."""
    return bool(key) and can_look_at(request, Credential, context_key=key)


def _read_number(text: str | None, default: int, most: int) -> int:
    try:
        number = float(text or "")
    except ValueError:
        return default
    return max(0, min(int(number), most)) if math.isfinite(number) else default


def _read(
    data: QueryDict, saved: Any, types: QuerySet[CredentialType], *, with_others: bool
) -> tuple[CredentialConfiguration | None, list[OptionProblem]]:
    """Return what the form says, and the mistakes in its options that saving would report.

    A form has no inputs for values that can no longer change, so these are the saved ones.

    Args:
        data: of the form.
        saved: the row whose form it is.
        types: those that the person sees.
        with_others: whether mistakes that the options of a type make in its configurations are wanted.
    """
    options = OptionsField(required=False).clean(data.get("custom_options", ""))
    if not isinstance(options, dict):
        raise ValidationError(_("The options must be a JSON object."))
    if "credential_type" in data or isinstance(saved, CredentialConfiguration):
        return _read_configuration(data, saved, options, types)
    used = _read_type(data, saved, options)
    if not used.retrieval_func:
        # The options cannot be checked before the function is chosen. Any function will do to draw them.
        used.retrieval_func = next(iter(discovery.list_processors()), "")
        return CredentialConfiguration(credential_type=used), []
    return CredentialConfiguration(credential_type=used), used.find_own_option_problems(with_configurations=with_others)


def _read_type(data: QueryDict, saved: CredentialType | None, options: dict[str, Any]) -> CredentialType:
    used = CredentialType() if saved is None else saved
    used.custom_options = options
    used.name = data.get("name", used.name)[:_LONGEST_KEY]
    used.retrieval_func = data.get("retrieval_func", used.retrieval_func)
    used.generation_func = data.get("generation_func", used.generation_func)
    if "custom_fields" in data:
        used.custom_fields = ListField(required=False).clean(data["custom_fields"])
    issuer = data.get("issuer", "")
    if issuer.isdecimal():
        used.issuer = Issuer.objects.select_related("logo").filter(pk=issuer).first()
    return used


def _read_configuration(
    data: QueryDict,
    saved: CredentialConfiguration | None,
    options: dict[str, Any],
    types: QuerySet[CredentialType],
) -> tuple[CredentialConfiguration | None, list[OptionProblem]]:
    used: CredentialType | None = saved.credential_type if saved else None
    if (chosen := data.get("credential_type", "")).isdecimal() and (used is None or int(chosen) != used.pk):
        used = types.select_related("issuer__logo").filter(pk=chosen).first()
    if used is None:
        return None, []
    key = compose(data.get("learning_context_key", "").strip()) or _get_context_key(saved)
    configuration = CredentialConfiguration(
        credential_type=used,
        learning_context_key=key[:_LONGEST_KEY],
        custom_options=options,
        field_values=saved.field_values if saved else {},
    )
    return configuration, used.find_option_problems(options)


def _describe(drawing: Drawing, inherited: dict[str, Any]) -> dict[str, Any]:
    layout = drawing.layout
    answer: dict[str, Any] = {
        "applies": True,
        "inherited": inherited,
        "problems": _list(drawing.problems),
        "notes": _list(drawing.notes),
    }
    if layout is None:
        return answer
    return {
        **answer,
        "page": drawing.page,
        "pages": layout.pages,
        "hidden": layout.hidden,
        "elements": [
            {
                "path": each.path,
                "kind": each.kind,
                "values": each.values,
                "base": each.base,
                "page": each.page,
                "boxes": [{"page": page, "box": box} for page, box in each.boxes],
                "anchor": each.anchor,
                "field": each.field,
                "empty": each.is_empty,
            }
            for each in layout.elements
        ],
        "picture": base64.b64encode(drawing.picture).decode(),
    }


def _list(problems: list[OptionProblem]) -> list[dict[str, str]]:
    return [{"path": each.path, "message": each.message, "text": str(each)} for each in problems]


def _list_samples(*, has_learners: bool) -> list[dict[str, str]]:
    labels = {
        "usual": _("Usual name"),
        "arabic": _("Arabic"),
        "chinese": _("Chinese"),
        "hindi": _("Hindi"),
        "long": _("200 characters"),
    }
    if has_learners:
        labels["longest"] = _("Longest name of the course")
    return [{"name": name, "label": label} for name, label in labels.items()]
