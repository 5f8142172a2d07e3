"""Start acts on many credentials: from a list that an operator pastes or uploads, or from a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from learning_credentials.admin.base import describe_error, get_actor, get_url, require
from learning_credentials.admin.bulk_forms import EXPLANATIONS, TITLES, make_list_form, open_list, read_parameters
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.exceptions import CredentialsError
from learning_credentials.services.common import limit_rows
from learning_credentials.services.desk import BulkAct, draft_from_credentials, draft_from_list, is_permitted

if TYPE_CHECKING:
    from django.contrib import admin
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from learning_credentials.models import Credential

#: The acts that a list can be given for, in the order of the page.
LISTED = (
    BulkAct.ISSUE,
    BulkAct.INVALIDATE,
    BulkAct.REISSUE,
    BulkAct.RENDER_AGAIN,
    BulkAct.CHANGE_EXPIRY,
    BulkAct.CHANGE_NAME,
)


def list_acts(request: HttpRequest) -> list[BulkAct]:
    """Return the acts that the user may do with a list."""
    return [act for act in LISTED if is_permitted(request.user, act)]


def choose_act(model_admin: admin.ModelAdmin[Credential], request: HttpRequest) -> HttpResponse:
    """Show the acts that can be done with a list."""
    acts = list_acts(request)
    require(bool(acts))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": _("Work on a list"),
        "acts": [(TITLES[act], EXPLANATIONS[act], get_url("credential_list_act", act.value)) for act in acts],
    }
    return TemplateResponse(request, "admin/learning_credentials/credential/acts.html", context)


def ask_for_list(model_admin: admin.ModelAdmin[Credential], request: HttpRequest, name: str) -> HttpResponse:
    """Ask for the list and for what the act needs. Then show what would happen to each row."""
    if name not in {act.value for act in LISTED}:
        raise Http404
    act = BulkAct(name)
    require(is_permitted(request.user, act))
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = make_list_form(act)(data, files, initial={"configuration": request.GET.get("configuration")})
    limit_configurations(request, form, act)

    def read(values: dict[str, Any]) -> Any:
        source = values["file"].name if values["file"] else _("pasted list")
        return draft_from_list(act, open_list(values), read_parameters(values), source=source, actor=get_actor(request))

    if data is not None and (draft := submit(form, read)) is not None:
        if draft.ignored:
            text = _("These columns were ignored: %(columns)s. These were read: %(read)s.")
            told = {"columns": ", ".join(draft.ignored)[:300], "read": ", ".join(draft.read)[:300]}
            messages.warning(request, text % told)
        return HttpResponseRedirect(get_url("job_change", draft.job.pk))
    return render_form(
        model_admin,
        request,
        form,
        title=TITLES[act],
        explanation=f"{EXPLANATIONS[act]} {_('The next page shows what will happen to each row. Nothing is done before you confirm it.')}",
        list_help=getattr(form, "list_help", ""),
        button=_("Continue"),
        parent={"url": get_url("credential_list"), "name": _("Work on a list")},
        cancel_url=get_url("credential_list"),
    )


def limit_configurations(request: HttpRequest, form: forms.Form, act: BulkAct) -> None:
    """Offer only configurations of contexts in which the account may do the act."""
    field = form.fields.get("configuration")
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        field.queryset = limit_rows(field.queryset, request.user, act.needed)


def start_with_selection(request: HttpRequest, act: BulkAct, credentials: QuerySet[Credential]) -> HttpResponse | None:
    """Store selected credentials as a draft and show its page. Return None if there are too many: the next page says so."""
    require(is_permitted(request.user, act))
    try:
        job = draft_from_credentials(act, credentials, source=_("selection in the list"), actor=get_actor(request))
    except CredentialsError as error:
        messages.error(request, "; ".join(describe_error(error)))
        return None
    return HttpResponseRedirect(get_url("job_change" if act.makes_file else "job_options", job.pk))
