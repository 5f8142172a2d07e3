"""Show rows before an action changes them, and show the results afterwards."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, Protocol

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import model_ngettext
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin import selections
from learning_credentials.admin.base import MAX_MESSAGES, ModelT
from learning_credentials.admin.form_pages import render_form
from learning_credentials.services.common import iter_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib import admin
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

#: How many rows the page that asks lists by name.
MAX_LISTED = 20
#: How many rows that were left out the result page lists. Its file lists all.
MAX_LEFT_OUT = 100
#: How many rows an action without a reason can change at once. It needs few statements for any number of rows.
MAX_AT_ONCE = 10_000

NOT_CONFIRMED = gettext_lazy(
    "Nothing was done yet. This page shows the rows that are selected now. Check them and confirm."
)


class _Result(Protocol):
    done: int
    unfinished: int
    left_out: list[tuple[object, str]]


def list_hidden(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the hidden inputs that repeat an action on a list."""
    keys = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
    return [
        ("action", request.POST["action"]),
        ("select_across", request.POST.get("select_across", "0")),
        *((helpers.ACTION_CHECKBOX_NAME, key) for key in keys),
    ]


def show_rows(
    model_admin: admin.ModelAdmin[ModelT],
    request: HttpRequest,
    form: forms.Form,
    rows: Sequence[ModelT],
    token: str,
    *,
    hidden: Sequence[tuple[str, str]] = (),
    **context: Any,
) -> HttpResponse:
    """Show the rows that an action will change, with the form.

    ``token`` comes from `selections.sign`.
    """
    return render_form(
        model_admin,
        request,
        form,
        template="operation.html",
        hidden=[*hidden, (selections.INPUT, token)],
        listed=rows[:MAX_LISTED],
        heading=f"{len(rows)} {model_ngettext(model_admin.opts, len(rows))}",
        rest=max(0, len(rows) - MAX_LISTED),
        **context,
    )


def confirm_all(
    model_admin: admin.ModelAdmin[ModelT],
    request: HttpRequest,
    queryset: QuerySet[ModelT],
    *,
    title: str,
    compared: Sequence[str] = (),
) -> list[ModelT] | HttpResponse | None:
    """Return the rows for an action without a form. If all pages of a list were selected, ask first.

    The operator has seen rows that were ticked one by one. Rows on other pages were not seen, so the page first shows their number. Only
    the rows that the page counted are returned.

    Returns:
        The rows, or a page that asks for confirmation. None if there is nothing to do: the next page then says why.
    """
    if request.POST.get("select_across") != "1":
        return list(queryset)
    act = request.POST["action"]
    if "confirm" in request.POST:
        selection = selections.read(model_admin, request, act)
        if selection is not None:
            for subject, reason in selection.left_out[:MAX_MESSAGES]:
                messages.warning(request, f"{subject}: {reason}")
            if (rest := len(selection.left_out) - MAX_MESSAGES) > 0:
                messages.warning(request, _("%d more were left out.") % rest)
            return selection.rows
        messages.error(request, NOT_CONFIRMED)
    if selections.refuse_too_many(model_admin, request, queryset, MAX_AT_ONCE):
        return None
    rows = list(queryset)
    return show_rows(
        model_admin,
        request,
        forms.Form(),
        rows,
        selections.sign(request, act, rows, compared),
        hidden=list_hidden(request),
        title=title,
        button=title,
        cancel_url=request.get_full_path(),
    )


def show_results(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, title: _StrPromise | str, result: _Result
) -> HttpResponse:
    """Show how many rows were changed, and which were left out and why.

    The page lists the first of them and contains a file with all.
    """
    header = (str(model_admin.opts.verbose_name), "id", "reason")
    lines = iter_csv(header, ((str(row), str(getattr(row, "pk", "")), reason) for row, reason in result.left_out))
    encoded = b64encode("".join(lines).encode()).decode()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "title": title,
        "done": result.done,
        "unfinished": result.unfinished,
        "number": len(result.left_out),
        "left_out": result.left_out[:MAX_LEFT_OUT],
        "rest": max(0, len(result.left_out) - MAX_LEFT_OUT),
        # The server stores no file.
        "download": f"data:text/csv;charset=utf-8;base64,{encoded}",
        "list_url": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/learning_credentials/operation_results.html", context)
