"""Pause, continue, cancel and undo generation runs from their page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import (
    ReadOnlyAdmin,
    get_actor,
    get_object_or_404,
    get_url,
    report_error,
    require,
)
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.operations import ReasonForm
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential, GenerationRun
from learning_credentials.services.issuing import (
    can_cancel,
    can_continue,
    can_pause,
    can_undo,
    cancel_run,
    continue_run,
    list_undoable,
    pause_run,
    undo_run,
)

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.urls import URLPattern


class RunButtons(ReadOnlyAdmin[GenerationRun]):
    """Add the views of the buttons that control a run.

    Users who can start runs can also pause, continue and cancel them. Undoing also needs the permission to revoke credentials. The class
    that uses the buttons names these acts ``generate`` and ``undo``.
    """

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_generationrun"
        return [
            path("<int:object_id>/pause/", wrap(require_POST(self.pause_view)), name=f"{name}_pause"),
            path("<int:object_id>/continue/", wrap(require_POST(self.continue_view)), name=f"{name}_continue"),
            path("<int:object_id>/cancel/", wrap(self.cancel_view), name=f"{name}_cancel"),
            path("<int:object_id>/undo/", wrap(self.undo_view), name=f"{name}_undo"),
            *super().get_urls(),
        ]

    def list_buttons(self, request: HttpRequest, run: GenerationRun) -> dict[str, Any]:
        """Return the values for the template: which buttons the state of the run and the user's permissions allow."""
        may_control = self.may(request, "generate", run)
        may_undo = may_control and self.may(request, "undo", run)
        return {
            "can_pause": may_control and can_pause(run),
            "can_continue": may_control and can_continue(run),
            "can_cancel": may_control and can_cancel(run),
            "can_undo": may_undo and can_undo(run) and bool(run.done),
            "undo_left": list_undoable(run.pk).count() if run.undo_requested_at and not run.undone_at else 0,
        }

    @transaction.non_atomic_requests
    def pause_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Pause a run."""
        require(self.has_view_permission(request))
        self.require_act(request, "generate")
        run = get_object_or_404(self, request, object_id)
        return self._do(
            request, run, lambda: pause_run(run.pk), _("Paused"), _("The run is paused. What was issued stays.")
        )

    @transaction.non_atomic_requests
    def continue_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Continue a paused run."""
        require(self.has_view_permission(request))
        self.require_act(request, "generate")
        run = get_object_or_404(self, request, object_id)
        return self._do(request, run, lambda: continue_run(run.pk), _("Continued"), _("The run continues."))

    def _do(self, request: HttpRequest, run: GenerationRun, step: Any, act: str, text: str) -> HttpResponse:
        try:
            step()
        except CredentialsError as error:
            report_error(request, error)
        else:
            log_act(request, run, act)
            messages.success(request, text)
        return HttpResponseRedirect(get_url("generationrun_change", run.pk))

    @transaction.non_atomic_requests
    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say what cancelling does. Then cancel a run."""
        require(self.has_view_permission(request))
        self.require_act(request, "generate")
        run = get_object_or_404(self, request, object_id)
        own_page = get_url("generationrun_change", run.pk)
        form = forms.Form(request.POST if request.method == "POST" else None)

        def act(_values: dict[str, Any]) -> bool:
            cancel_run(run.pk, actor=get_actor(request))
            return True

        if request.method == "POST" and submit(form, act):
            log_act(request, run, _("Cancelled"))
            messages.success(request, _("The run is cancelled. What was issued stays."))
            return HttpResponseRedirect(own_page)
        return render_form(
            self,
            request,
            form,
            title=_("Cancel the run"),
            explanation=_describe_cancellation(run),
            button=_("Cancel the run"),
            cancel_url=own_page,
            is_dangerous=True,
            parent={"url": own_page, "name": run},
        )

    @transaction.non_atomic_requests
    def undo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say how many credentials would be withdrawn, and ask for a reason. Then undo a run."""
        require(self.has_view_permission(request))
        self.require_act(request, "generate")
        self.require_act(request, "undo")
        run = get_object_or_404(self, request, object_id)
        own_page = get_url("generationrun_change", run.pk)
        undoable = list_undoable(run.pk).count()
        form = UndoRunForm(request.POST if request.method == "POST" else None, undoable=undoable)

        def act(values: dict[str, Any]) -> bool:
            undo_run(run.pk, reason=values["reason"], actor=get_actor(request))
            return True

        if request.method == "POST" and submit(form, act):
            log_act(request, run, _("Undone"), form.cleaned_data["reason"])
            messages.success(request, _("The run is being undone. No e-mail about its credentials is sent any more."))
            return HttpResponseRedirect(own_page)
        return render_form(
            self,
            request,
            form,
            title=_("Undo the run"),
            explanation=_describe_undoing(run, undoable),
            button=_("Undo the run"),
            cancel_url=own_page,
            is_dangerous=True,
            parent={"url": own_page, "name": run},
        )


class UndoRunForm(ReasonForm):
    """Ask for the reason. The form carries how many credentials the page said would be withdrawn."""

    shown = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, *, undoable: int) -> None:
        super().__init__(data, initial={"shown": undoable})
        self._undoable = undoable
        self.fields["reason"].help_text = gettext_lazy(
            "The public page shows the reason to everyone who has its address. Write nothing private."
        )

    def clean(self) -> dict[str, Any] | None:
        """Refuse if other credentials would be withdrawn than the page said."""
        cleaned = super().clean()
        shown = self.cleaned_data.get("shown")
        if shown is not None and shown != self._undoable:
            text = _(
                "Nothing was done yet: the page said that %(before)d credentials would be withdrawn. Now there are %(now)d. Check the "
                "numbers and confirm again."
            )
            self.add_error(None, text % {"before": shown, "now": self._undoable})
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["shown"] = str(self._undoable)  # type: ignore[index]
        return cleaned


def _describe_cancellation(run: GenerationRun) -> str:
    waiting = Credential.objects.filter(generation_run=run, status=Credential.Status.GENERATING)
    unclaimed = waiting.filter(generation_task_id="").count()
    parts = [_("The run evaluates no more learners, and cannot be continued.")]
    if run.is_dry_run:
        return parts[0]
    text = ngettext(
        "%d credential that waits for a worker is cancelled.",
        "%d credentials that wait for a worker are cancelled.",
        unclaimed,
    )
    parts.append(text % unclaimed)
    text = ngettext(
        "%d credential is being made by a worker, which finishes it.",
        "%d credentials are being made by workers, which finish them.",
        waiting.count() - unclaimed,
    )
    parts.append(text % (waiting.count() - unclaimed))
    text = ngettext("%d credential that was issued stays.", "%d credentials that were issued stay.", run.done)
    parts.append(text % run.done)
    parts.append(_("The next run, also a scheduled one, issues credentials to learners who still meet the criteria."))
    return " ".join(parts)


def _describe_undoing(run: GenerationRun, undoable: int) -> str:
    issued = Credential.objects.filter(generation_run=run, status=Credential.Status.AVAILABLE).count()
    text = ngettext(
        "%d credential is withdrawn, because its learner was not e-mailed yet. The e-mail is not sent.",
        "%d credentials are withdrawn, because their learners were not e-mailed yet. The e-mails are not sent.",
        undoable,
    )
    parts = [text % undoable]
    if mailed := issued - undoable:
        text = ngettext(
            "%d credential stays, because its learner was e-mailed. To take it back, revoke it.",
            "%d credentials stay, because their learners were e-mailed. To take them back, revoke them.",
            mailed,
        )
        parts.append(text % mailed)
    if run.finished_at is None:
        parts.append(_("The run is cancelled."))
    parts.append(
        _(
            "Undoing blocks nothing: the next run, also a scheduled one, issues new credentials to learners who still meet the criteria. "
            "Disable the configuration first if that must not happen. You cannot undo this."
        )
    )
    return " ".join(parts)
