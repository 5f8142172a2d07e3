"""What staff can do to rows after saying why: one description an operation, one page that asks, for one row and for many."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import model_ngettext
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import (
    ActingAdmin,
    ModelT,
    ReadOnlyAdmin,
    describe_error,
    get_actor,
    get_object_or_404,
    get_url,
    report_refusals,
)
from learning_credentials.admin.form_pages import render_form
from learning_credentials.exceptions import ChangedMeanwhileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

logger = logging.getLogger(__name__)

#: How many rows one request works on; the commands have no limit.
MAX_AT_ONCE = 500

#: How many rows the page that asks lists by name.
MAX_LISTED = 20


class ReasonForm(forms.Form):
    """Why. Text of spaces is no reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "class": "vLargeTextField", "autofocus": True}),
        error_messages={"required": gettext_lazy("Give a reason. It becomes part of the credential’s history.")},
    )


class NotesForm(forms.Form):
    """Why, for staff to read later. Text of spaces says nothing."""

    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Say why. The notes become part of the history.")},
    )


@dataclass
class Outcome:
    """What became of the rows of one request: finished, left to the sweep because something outside failed for now, refused."""

    done: int = 0
    unfinished: int = 0
    refusals: list[tuple[object, Exception]] = field(default_factory=list)

    def find_conflict(self) -> Exception | None:
        """Return a refusal because somebody else changed the row meanwhile."""
        return next((error for _row, error in self.refusals if isinstance(error, ChangedMeanwhileError)), None)


def _never(_result: Any) -> bool:
    return False


def _nothing(_rows: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Operation(Generic[ModelT]):
    """One thing that can be done to rows of a model.

    ``apply`` takes the row, the form's values and the actor; ``report`` takes how many succeeded. ``is_unfinished`` says of what
    ``apply`` returned whether it waits for something outside; ``get_initial`` gives the form's values to begin with.
    """

    name: str
    title: _StrPromise
    explanation: _StrPromise
    button: _StrPromise
    form_class: type[forms.Form]
    apply: Callable[[ModelT, dict[str, Any], AbstractBaseUser], object]
    report: Callable[[int], str]
    is_dangerous: bool = False
    is_unfinished: Callable[[Any], bool] = _never
    get_initial: Callable[[Sequence[ModelT]], dict[str, Any]] = _nothing

    def apply_to_all(self, rows: Iterable[ModelT], values: dict[str, Any], actor: AbstractBaseUser) -> Outcome:
        """Apply to each on its own."""
        outcome = Outcome()
        for row in rows:
            try:
                result = self.apply(row, values, actor)
            except Exception as error:
                # The rest must go on whatever happened to this one, and its own call left nothing half done.
                logger.warning("%s of %s was refused", self.name, row.pk, exc_info=True)
                outcome.refusals.append((row, error))
            else:
                is_unfinished = self.is_unfinished(result)
                outcome.unfinished += is_unfinished
                outcome.done += not is_unfinished
        return outcome


class OperatingAdmin(ActingAdmin[ModelT], ReadOnlyAdmin[ModelT]):
    """Read-only pages with operations that ask first."""

    #: What to do about more rows than one request can work on.
    advice_for_many: _StrPromise | str = ""

    def ask_about_one(self, request: HttpRequest, operation: Operation[ModelT], object_id: object) -> HttpResponse:
        """Ask, act and return to the row's page. Who may do it is for the caller to check."""
        row = get_object_or_404(self, request, object_id)
        own_page = get_url(f"{self.opts.model_name}_change", row.pk)
        return self._ask(request, operation, [row], {"cancel_url": own_page}) or HttpResponseRedirect(own_page)

    def ask_about_many(
        self, request: HttpRequest, operation: Operation[ModelT], queryset: QuerySet[ModelT]
    ) -> HttpResponse | None:
        """The same for what is selected in the list, as an action; None leads back to the list."""
        if self.refuse_too_many(request, queryset):
            return None
        hidden = [
            ("action", request.POST["action"]),
            ("select_across", request.POST.get("select_across", "0")),
            *((helpers.ACTION_CHECKBOX_NAME, key) for key in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)),
        ]
        return self._ask(request, operation, list(queryset), {"hidden": hidden, "cancel_url": request.get_full_path()})

    def refuse_too_many(self, request: HttpRequest, queryset: QuerySet[ModelT]) -> bool:
        """Say that more is selected than one request can do, if so."""
        number = queryset.count()
        if number <= MAX_AT_ONCE:
            return False
        text = _("%(number)d %(rows)s are selected; at most %(limit)d can be worked on at once here.")
        values = {"number": number, "rows": model_ngettext(self.opts, number), "limit": MAX_AT_ONCE}
        messages.error(request, f"{text % values} {self.advice_for_many}".strip())
        return True

    def _ask(
        self, request: HttpRequest, operation: Operation[ModelT], rows: list[ModelT], context: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Show the form; with a valid one posted, act, report and return None."""
        is_answered = request.method == "POST" and "confirm" in request.POST
        form = operation.form_class(request.POST if is_answered else None, initial=operation.get_initial(rows))
        if is_answered and form.is_valid():
            outcome = operation.apply_to_all(rows, form.cleaned_data, get_actor(request))
            if len(rows) == 1 and (conflict := outcome.find_conflict()):
                return self._ask_again(request, operation, rows, context, form, conflict)
            if outcome.done:
                messages.success(request, operation.report(outcome.done))
            if outcome.unfinished:
                messages.warning(request, _report_unfinished(outcome.unfinished))
            report_refusals(request, outcome.refusals)
            return None
        return self._show(request, operation, rows, context, form)

    def _ask_again(
        self,
        request: HttpRequest,
        operation: Operation[ModelT],
        rows: list[ModelT],
        context: Mapping[str, Any],
        form: forms.Form,
        conflict: Exception,
    ) -> HttpResponse:
        """Show what was entered once more, over what somebody else stored meanwhile."""
        for row in rows:
            row.refresh_from_db()
        form.add_error(None, "; ".join(describe_error(conflict)))
        hidden = {field.name for field in form.hidden_fields()}
        fresh = {name: value for name, value in operation.get_initial(rows).items() if name in hidden}
        form.data = {**form.data.dict(), **fresh}  # type: ignore[attr-defined]
        return self._show(request, operation, rows, context, form)

    def _show(
        self,
        request: HttpRequest,
        operation: Operation[ModelT],
        rows: list[ModelT],
        context: Mapping[str, Any],
        form: forms.Form,
    ) -> HttpResponse:
        return render_form(
            self,
            request,
            form,
            template="operation.html",
            title=operation.title,
            explanation=operation.explanation,
            button=operation.button,
            is_dangerous=operation.is_dangerous,
            listed=rows[:MAX_LISTED],
            heading=f"{len(rows)} {model_ngettext(self.opts, len(rows))}",
            rest=max(0, len(rows) - MAX_LISTED),
            **context,
        )


def _report_unfinished(number: int) -> str:
    return (
        ngettext(
            "%d credential is still being made: something outside failed for now, and it is tried again later.",
            "%d credentials are still being made: something outside failed for now, and they are tried again later.",
            number,
        )
        % number
    )
