"""Define operations that need a reason from staff: one description of each operation, and one page that asks about one or many rows."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin import selections
from learning_credentials.admin.base import (
    ActingAdmin,
    ModelT,
    ReadOnlyAdmin,
    describe_error,
    get_actor,
    get_object_or_404,
    get_url,
)
from learning_credentials.admin.confirmations import NOT_CONFIRMED, list_hidden, show_results, show_rows
from learning_credentials.admin.consequences import Told, tell
from learning_credentials.admin.recent_actions import log_act, log_act_on_many
from learning_credentials.admin.selections import Selection
from learning_credentials.exceptions import ChangedMeanwhileError, TransientError
from learning_credentials.services.credentials import MailHolds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from learning_credentials.models import MailHold
    from learning_credentials.services.desk import Consequences

logger = logging.getLogger(__name__)

#: How many rows one request can process. The commands have no limit.
MAX_AT_ONCE = 500


class ReasonForm(forms.Form):
    """Ask for a reason. A text of spaces is refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Give a reason. The history keeps it.")},
    )


class NotesForm(forms.Form):
    """Ask for notes that staff can read later. A text of spaces is refused."""

    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80, "class": "vLargeTextField"}),
        help_text=gettext_lazy("For staff only. The history keeps the notes."),
        error_messages={"required": gettext_lazy("Write why you do this. The history keeps the notes.")},
    )


@dataclass
class ActResults:
    """The results of one request.

    Rows are done, unfinished because something outside failed (the sweep continues them), or left out with the reason.
    """

    done: int = 0
    unfinished: int = 0
    left_out: list[tuple[object, str]] = field(default_factory=list)
    #: The error if somebody else changed the row meanwhile.
    conflict: Exception | None = None


def _never(_result: Any) -> bool:
    return False


def _nothing(_rows: Any) -> dict[str, Any]:
    return {}


def _find_nothing(_rows: Any) -> None:
    return None


def _foresee_nothing(_rows: Any) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Operation(Generic[ModelT]):
    """An operation on rows of a model.

    ``explanation`` gets the number of rows and says what will happen to them. ``compared`` names the fields that the page shows and the
    operation depends on. A row is left out if somebody else changed one of them. ``apply`` gets the row, the form's values and the actor.
    ``report`` gets the number of successes. ``is_unfinished`` gets the result of ``apply`` and returns whether it waits for something
    outside. ``get_initial`` returns the form's initial values.
    """

    name: str
    title: _StrPromise
    explanation: Callable[[int], str]
    button: _StrPromise
    form_class: type[forms.Form]
    apply: Callable[[ModelT, dict[str, Any], AbstractBaseUser], object]
    report: Callable[[int], str]
    #: Title and button if there are several rows, in case they differ.
    title_of_many: _StrPromise | None = None
    compared: tuple[str, ...] = ()
    is_dangerous: bool = False
    is_unfinished: Callable[[Any], bool] = _never
    #: The act whose e-mails wait together, if the operation causes e-mails. ``apply`` gets its holds in ``mail_holds``.
    mail_act: MailHold.Act | None = None
    #: Returns sentences that say what the operation would do to these rows.
    foresee: Callable[[Sequence[ModelT]], Sequence[str]] = _foresee_nothing
    #: Returns the consequences for these rows, or None.
    find_consequences: Callable[[Sequence[ModelT]], Consequences | None] = _find_nothing
    get_initial: Callable[[Sequence[ModelT]], dict[str, Any]] = _nothing

    def apply_to_all(self, selection: Selection[ModelT], values: dict[str, Any], actor: AbstractBaseUser) -> ActResults:
        """Apply the operation to each row that is as the page showed it.

        Each change is separate. If one is refused, the others still happen.
        """
        outcome = ActResults(left_out=list(selection.left_out))
        if self.mail_act is not None and selection.rows:
            values = {**values, "mail_holds": MailHolds(self.mail_act, actor)}
        for row in selection.rows:
            try:
                result = self.apply(row, values, actor)
            except Exception as error:
                # The other rows must continue after any error, and the failed call has left nothing unfinished.
                logger.warning("The operation %s was refused for %s", self.name, row.pk, exc_info=True)
                outcome.left_out.append((row, "; ".join(describe_error(error))))
                if isinstance(error, ChangedMeanwhileError):
                    outcome.conflict = error
            else:
                is_unfinished = self.is_unfinished(result)
                outcome.unfinished += is_unfinished
                outcome.done += not is_unfinished
        return outcome


class OperatingAdmin(ActingAdmin[ModelT], ReadOnlyAdmin[ModelT]):
    """Base of read-only pages with operations that ask first."""

    #: What to do if more rows are selected than one request can process.
    advice_for_many: _StrPromise | str = ""

    def ask_about_one(self, request: HttpRequest, operation: Operation[ModelT], object_id: object) -> HttpResponse:
        """Ask, act and return to the row's page. The caller checks the permission."""
        row = get_object_or_404(self, request, object_id)
        own_page = get_url(f"{self.opts.model_name}_change", row.pk)
        page = _Page(operation, {"cancel_url": own_page})
        outcome = self._ask(request, page, Selection([row], stored=[row]))
        if not isinstance(outcome, ActResults):
            return outcome
        for subject, reason in outcome.left_out:
            messages.error(request, f"{subject}: {reason}")
        return HttpResponseRedirect(own_page)

    def ask_about_many(
        self, request: HttpRequest, operation: Operation[ModelT], queryset: QuerySet[ModelT]
    ) -> HttpResponse | None:
        """Ask and act on the selected rows of a list, as an action. Return None to go back to the list after everything was done."""
        is_signed = selections.is_signed(request)
        if not is_signed and (other := self.hand_over(request, operation, queryset)) is not None:
            return other
        if not is_signed and self.refuse_too_many(request, queryset):
            return None
        page = _Page(
            operation,
            {"hidden": list_hidden(request), "cancel_url": request.get_full_path()},
            # The list may select other rows by now, so only the page itself can say which rows it showed.
            must_be_signed=request.POST.get("select_across") == "1",
        )
        rows: list[ModelT] = [] if is_signed and "confirm" in request.POST else list(queryset)
        outcome = self._ask(request, page, Selection(rows, stored=rows), queryset)
        if not isinstance(outcome, ActResults):
            return outcome
        return show_results(self, request, operation.title, outcome) if outcome.left_out else None

    def hand_over(
        self,
        request: HttpRequest,  # noqa: ARG002
        operation: Operation[ModelT],  # noqa: ARG002
        queryset: QuerySet[ModelT],  # noqa: ARG002
    ) -> HttpResponse | None:
        """Return another page that does the operation in the background, or None to do it in the request."""
        return None

    def find_refusal(self, operation: Operation[ModelT], number: int) -> str:  # noqa: ARG002
        """Return why the operation must not be done to so many rows here, or an empty text."""
        return ""

    def refuse_too_many(self, request: HttpRequest, queryset: QuerySet[ModelT]) -> bool:
        """Return whether too many rows are selected for one request. If so, show a message."""
        return selections.refuse_too_many(self, request, queryset, MAX_AT_ONCE, str(self.advice_for_many))

    def _ask(
        self,
        request: HttpRequest,
        page: _Page[ModelT],
        selection: Selection[ModelT],
        queryset: QuerySet[ModelT] | None = None,
    ) -> HttpResponse | ActResults:
        """Show the form. If a valid one was posted, act on the rows that the page showed, report and return the results."""
        operation = page.operation
        is_answered = request.method == "POST" and "confirm" in request.POST
        token = ""
        if is_answered and selections.is_signed(request):
            shown = selections.read(self, request, operation.name)
            if shown is None:
                is_answered = False
                messages.error(request, NOT_CONFIRMED)
                if queryset is not None:
                    if self.refuse_too_many(request, queryset):
                        return ActResults()
                    rows = list(queryset)
                    selection = Selection(rows, stored=rows)
            else:
                selection, token = shown, request.POST[selections.INPUT]
        elif is_answered and page.must_be_signed:
            is_answered = False
            messages.error(request, NOT_CONFIRMED)
        initial = operation.get_initial(selection.stored)
        form = operation.form_class(request.POST if is_answered else None, initial=initial)
        if refusal := self.find_refusal(operation, len(selection.rows)):
            messages.error(request, refusal)
            return ActResults()
        if is_answered and form.is_valid():
            outcome = operation.apply_to_all(selection, form.cleaned_data, get_actor(request))
            if queryset is None and outcome.conflict:
                return self._ask_again(request, page, selection.stored, form, outcome.conflict)
            self._report(request, operation, selection, outcome, form.cleaned_data)
            return outcome
        return self._show(request, page, selection.stored, form, token)

    def _report(
        self,
        request: HttpRequest,
        operation: Operation[ModelT],
        selection: Selection[ModelT],
        outcome: ActResults,
        values: dict[str, Any],
    ) -> None:
        """Report what was done, on the next page and in the admin's log."""
        if outcome.done:
            messages.success(request, operation.report(outcome.done))
        if outcome.unfinished:
            messages.warning(request, _report_unfinished(outcome.unfinished))
        number = outcome.done + outcome.unfinished
        if not number:
            return
        left_out = _("%d left out") % len(outcome.left_out) if outcome.left_out else ""
        reason = values.get("reason") or values.get("notes") or ""
        detail = ". ".join(filter(None, (left_out, reason)))
        if len(selection.rows) == 1:
            log_act(request, selection.rows[0], operation.title, detail)
        else:
            log_act_on_many(request, self.model, number, operation.title, detail)

    def _ask_again(
        self,
        request: HttpRequest,
        page: _Page[ModelT],
        rows: list[ModelT],
        form: forms.Form,
        conflict: Exception,
    ) -> HttpResponse:
        """Show the form with the operator's input again, together with the values that somebody else saved meanwhile."""
        for row in rows:
            row.refresh_from_db()
        form.add_error(None, "; ".join(describe_error(conflict)))
        hidden = {field.name for field in form.hidden_fields()}
        fresh = {name: value for name, value in page.operation.get_initial(rows).items() if name in hidden}
        form.data = {**form.data.dict(), **fresh}  # type: ignore[attr-defined]
        return self._show(request, page, rows, form)

    def _show(
        self, request: HttpRequest, page: _Page[ModelT], rows: list[ModelT], form: forms.Form, token: str = ""
    ) -> HttpResponse:
        operation = page.operation
        title_of_many = operation.title_of_many if len(rows) > 1 else None
        return show_rows(
            self,
            request,
            form,
            rows,
            token or selections.sign(request, operation.name, rows, operation.compared),
            title=title_of_many or operation.title,
            explanation=operation.explanation(len(rows)),
            foreseen=operation.foresee(rows),
            told=_tell(request, operation, rows),
            button=title_of_many or operation.button,
            is_dangerous=operation.is_dangerous,
            **page.context,
        )


def _tell(request: HttpRequest, operation: Operation[ModelT], rows: Sequence[ModelT]) -> list[Told]:
    try:
        found = operation.find_consequences(rows)
    except TransientError as error:
        messages.warning(request, _("What would happen cannot be said now: %(error)s") % {"error": error})
        return []
    return [] if found is None else [tell(request, found)]


@dataclass(frozen=True)
class _Page(Generic[ModelT]):
    """A page that asks: its operation, its template's values, and whether it must carry the rows that it showed."""

    operation: Operation[ModelT]
    context: Mapping[str, Any]
    must_be_signed: bool = False


def _report_unfinished(number: int) -> str:
    return (
        ngettext(
            "%d credential is still being made: another service failed. The app tries again later.",
            "%d credentials are still being made: another service failed. The app tries again later.",
            number,
        )
        % number
    )
