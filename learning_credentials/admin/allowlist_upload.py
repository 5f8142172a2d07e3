"""Add learners from a CSV file to the allowlist, and show the result of each row."""

from __future__ import annotations

import io
from base64 import b64encode
from collections import Counter
from typing import TYPE_CHECKING, Any

from django import forms
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from learning_credentials.admin.base import get_actor, get_url
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.recent_actions import log_act_on_many
from learning_credentials.admin.targets import TargetForm
from learning_credentials.services.staff import RowStatus, import_allowlist, write_allowlist_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from learning_credentials.admin.active_notes import ActiveNotesAdmin
    from learning_credentials.models import AllowlistEntry
    from learning_credentials.services.staff import RowResult

LABELS: dict[RowStatus, _StrPromise] = {
    RowStatus.ADDED: pgettext_lazy("row of a file", "added"),
    RowStatus.ALREADY: gettext_lazy("already on the list"),
    RowStatus.UNKNOWN_USER: gettext_lazy("unknown learner"),
    RowStatus.AMBIGUOUS: gettext_lazy("ambiguous"),
    RowStatus.DUPLICATE: gettext_lazy("twice in the file"),
    RowStatus.INVALIDATED: gettext_lazy("barred"),
    RowStatus.MALFORMED: gettext_lazy("malformed"),
}

#: With it, spreadsheets read the file as UTF-8.
BOM = "\ufeff"


class UploadForm(TargetForm):
    """Ask for the file, and for the context and the credential of its learners."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV in UTF-8 with two columns: user name or e-mail address, and notes. A header is optional."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
        allow_empty_file=True,
    )

    field_order = ("file", "context_key", "configuration")


def upload(model_admin: ActiveNotesAdmin[AllowlistEntry], request: HttpRequest) -> HttpResponse:
    """Ask for the file. Import a valid posted file and show the results."""
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    known = {"context_key": request.GET.get("context_key", "")}
    form = UploadForm(data, files, initial=known, **model_admin.get_form_arguments(request))

    def act(values: dict[str, Any]) -> list[RowResult]:
        configuration = values["configuration"]
        return import_allowlist(
            values["context_key"],
            values["file"],
            configuration_id=configuration.pk if configuration else None,
            actor=get_actor(request),
        )

    if data is not None and (results := submit(form, act)) is not None:
        _log(request, model_admin, form.cleaned_data, results)
        return _show_results(model_admin, request, form.cleaned_data["context_key"], results)
    return render_form(
        model_admin,
        request,
        form,
        title=_("Add from a file"),
        explanation=_(
            "The next page lists the rows that cannot be added, with the reason. All other rows are added. "
            "You can upload the same file again: the entries of learners who are already on the list do not "
            "change."
        ),
        button=_("Upload"),
        cancel_url=get_url("allowlistentry_changelist"),
    )


def _log(
    request: HttpRequest,
    model_admin: ActiveNotesAdmin[AllowlistEntry],
    values: dict[str, Any],
    results: Sequence[RowResult],
) -> None:
    added = sum(result.status is RowStatus.ADDED for result in results)
    text = _("From the file “%(file)s” for %(key)s: %(added)d of %(total)d rows added")
    told = {"file": values["file"].name, "key": values["context_key"], "added": added, "total": len(results)}
    log_act_on_many(request, model_admin.model, added, _("Add from a file"), text % told)


def _show_results(
    model_admin: ActiveNotesAdmin[AllowlistEntry], request: HttpRequest, context_key: str, results: Sequence[RowResult]
) -> HttpResponse:
    counts = Counter(result.status for result in results)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": _("Results of the upload"),
        "context_key": context_key,
        "results": [(result, LABELS[result.status]) for result in results],
        "counts": [(status, LABELS[status], counts[status]) for status in RowStatus if counts[status]],
        "total": len(results),
        "download": _make_download(results),
        "upload_url": get_url("allowlistentry_upload"),
    }
    return TemplateResponse(request, "admin/learning_credentials/allowlistentry/results.html", context)


def _make_download(results: Sequence[RowResult]) -> str:
    """Return the results as a data URL in the page. The server stores no file."""
    stream = io.StringIO()
    write_allowlist_results(results, stream)
    encoded = b64encode((BOM + stream.getvalue()).encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{encoded}"
