"""Start a credential type from a design that ships with the app: choose it from pictures, then fill in the rest of the form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from learning_credentials.admin.base import get_url, has_model_permission, require
from learning_credentials.admin.form_pages import submit
from learning_credentials.catalogues import has_texts
from learning_credentials.models import CredentialAsset
from learning_credentials.pdf import DESIGN_COLOUR, DESIGN_NAMES, DESIGN_PAPERS, make_design
from learning_credentials.services.desk import StartedDesign, preview_design, start_design
from learning_credentials.services.public import can_draw_pdf, draw_first_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib import admin
    from django.http import HttpRequest
    from django.urls import URLPattern

NAME = "learning_credentials_credentialtype_designs"
GENERATOR = "learning_credentials.generators.generate_pdf_credential"
#: Pixels of the longer side of a picture.
LONG_SIDE = 640
_HEX = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_ENGLISH = "en"
_KEPT_SECONDS = 3600

TEXTS = {
    "classic": (gettext_lazy("Classic"), gettext_lazy("A frame with a fine rosette and a seal.")),
    "modern": (gettext_lazy("Modern"), gettext_lazy("A panel of coloured facets and large letters.")),
    "plain": (gettext_lazy("Plain"), gettext_lazy("Black on white with a little colour. It needs little ink.")),
    "portrait": (gettext_lazy("Portrait"), gettext_lazy("An upright page with a curved band.")),
    "medal": (gettext_lazy("Medal"), gettext_lazy("The type’s name on a large medal, like a badge.")),
    "laurel": (gettext_lazy("Laurel"), gettext_lazy("A wreath around the type’s name, for prizes and honours.")),
    "pennant": (gettext_lazy("Pennant"), gettext_lazy("A broad frame with a hanging pennant.")),
    "transcript": (
        gettext_lazy("Transcript"),
        gettext_lazy("A table of the course runs of a learning path, with grades."),
    ),
    "report": (
        gettext_lazy("Report of results"),
        gettext_lazy("A table of the assignment categories of a course, with grades."),
    ),
}


def list_languages() -> list[tuple[str, str]]:
    """Return the languages of the words of designs, the site's first."""
    # Variants such as pt-br have the words of their language.
    names = {code: str(name) for code, name in settings.LANGUAGES if "-" not in code and _is_translated(code)}
    names.setdefault(_ENGLISH, "English")
    site = settings.LANGUAGE_CODE.partition("-")[0]
    return sorted(names.items(), key=lambda item: (item[0] != site, item[0] != _ENGLISH, item[1]))


def _is_translated(code: str) -> bool:
    return has_texts(code, ("This is to certify that", "has successfully completed"))


class DesignForm(forms.Form):
    """Choose a design, its colour, the paper and the language of its words."""

    colour = forms.RegexField(
        _HEX,
        label=gettext_lazy("Colour"),
        initial=DESIGN_COLOUR,
        widget=forms.TextInput(attrs={"type": "color"}),
        error_messages={"invalid": gettext_lazy("Enter a colour as # and six digits, such as #1f4e79.")},
        help_text=gettext_lazy(
            "The main colour, such as that of your logo. Texts get a shade of it that is easy to read."
        ),
    )
    paper = forms.ChoiceField(label=gettext_lazy("Paper"), choices=[(name, name) for name in DESIGN_PAPERS])
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the words"),
        help_text=gettext_lazy("For other languages, choose one and replace the words later."),
    )
    design = forms.ChoiceField(
        label=gettext_lazy("Design"),
        choices=[(name, name) for name in DESIGN_NAMES],
        error_messages={"required": gettext_lazy("Choose a design.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = cast("forms.ChoiceField", self.fields["language"])
        languages.choices = list_languages()
        languages.initial = next(iter(languages.choices))[0]


def make_urls(model_admin: admin.ModelAdmin[Any]) -> list[URLPattern]:
    """Return the addresses of the page with the designs and of its pictures."""
    wrap = model_admin.admin_site.admin_view

    # A design is stored outside of a transaction, so that a note on its file is committed first.
    @transaction.non_atomic_requests
    def choose(request: HttpRequest) -> HttpResponse:
        return choose_design(model_admin, request)

    @require_safe
    def show(request: HttpRequest) -> HttpResponse:
        return show_picture(model_admin, request)

    return [
        path("designs/", wrap(choose), name=NAME),
        path("designs/picture/", wrap(show), name=f"{NAME}_picture"),
    ]


def choose_design(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Show the designs. Store the drawing of the chosen one as an asset, and go on to the form for a new type."""
    require(model_admin.has_add_permission(request) and has_model_permission(request, "add", CredentialAsset))
    form = DesignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (started := submit(form, _start)):
        if started.is_new:
            admin_of_assets = model_admin.admin_site._registry[CredentialAsset]  # noqa: SLF001
            admin_of_assets.log_addition(request, started.asset, _("Drawing of a design."))
        messages.info(request, _("The options below are those of the design. Enter a name, and save."))
        query = {**form.cleaned_data, "asset": started.asset.slug}
        return HttpResponseRedirect(f"{get_url('credentialtype_add')}?{urlencode(query)}")
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Start from a design"),
        "form": form,
        "designs": [
            {
                "name": name,
                "label": label,
                "text": text,
                "picture": static(f"learning_credentials/admin/designs/{name}.webp"),
                "is_chosen": form["design"].value() == name,
            }
            for name, (label, text) in TEXTS.items()
        ],
        "is_usual": not form.is_bound and form["language"].initial == _ENGLISH,
        "picture_url": get_url("credentialtype_designs_picture") if can_draw_pdf() else "",
        "cancel_url": get_url("credentialtype_add"),
        "media": model_admin.media + form.media,
    }
    return TemplateResponse(request, "admin/learning_credentials/credentialtype/designs.html", context)


def _start(values: Mapping[str, Any]) -> StartedDesign:
    return start_design(values["design"], **_list_looks(values))


def _list_looks(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(values[name]) for name in ("colour", "paper", "language")}


def show_picture(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """Draw a design for a made-up learner."""
    require(model_admin.has_add_permission(request))
    form = DesignForm(request.GET)
    if not can_draw_pdf() or not form.is_valid():
        raise Http404
    values = form.cleaned_data
    picture = draw_first_page(preview_design(values["design"], **_list_looks(values)), LONG_SIDE)
    response = HttpResponse(picture, content_type="image/jpeg")
    response["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    return response


def get_initial(request: HttpRequest) -> dict[str, Any]:
    """Return what a chosen design fills into the form for a new type, or nothing if none was chosen."""
    form = DesignForm(request.GET)
    if "design" not in request.GET or not form.is_valid():
        return {}
    values = form.cleaned_data
    made = make_design(values["design"], **_list_looks(values))
    asset = CredentialAsset.objects.filter(slug=request.GET.get("asset", ""), kind=CredentialAsset.Kind.IMAGE).first()
    if asset is None:
        return {}
    options = {**made.options, "background": {**made.options["background"], "asset": asset.slug}}
    return {"custom_options": options, "generation_func": GENERATOR}
