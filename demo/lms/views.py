"""Serve the pages of the LMS: courses, the learner's progress, and credentials to earn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import TemplateView, View

from demo.lms.backend import DemoLMS
from demo.lms.catalogue import COURSE_CERTIFICATE
from demo.lms.models import CourseRun, Enrolment, LearningPath, PathEnrolment
from learning_credentials import api
from learning_credentials.data import LearnerQuery, LearnerRunStatus
from learning_credentials.exceptions import CourseCertificateNotFoundError, CredentialsError
from learning_credentials.models import CredentialConfiguration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.contrib.auth.models import User
    from django.http import HttpRequest, HttpResponse

    from learning_credentials.data import Verification


class DemoLoginView(LoginView):
    """Show the login form."""

    template_name = "demo_lms/login.html"
    redirect_authenticated_user = True


class HomeView(TemplateView):
    """Show course runs and learning paths. Mark those in which the learner is enrolled."""

    template_name = "demo_lms/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the catalogue."""
        user_id = self.request.user.pk
        runs = Enrolment.objects.filter(user_id=user_id, is_active=True).values_list("run_id", flat=True)
        paths = PathEnrolment.objects.filter(user_id=user_id, is_active=True).values_list("path_id", flat=True)
        return super().get_context_data(
            runs=CourseRun.objects.select_related("course").order_by("-starts_at", "name"),
            paths=LearningPath.objects.prefetch_related("steps__run"),
            own_runs=set(runs),
            own_paths=set(paths),
            **kwargs,
        )


class RequestView(LoginRequiredMixin, View):
    """Let a learner request a credential, if the configuration allows it."""

    def post(self, request: HttpRequest, key: str, configuration_id: int) -> HttpResponse:
        """Request the credential and show the result."""
        rows = CredentialConfiguration.objects.filter(learning_context_key=key, is_enabled=True)
        configuration = get_object_or_404(rows, pk=configuration_id)
        try:
            api.request_credential(configuration.pk, request.user.pk)
        except CredentialsError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "It is being made: look again in a moment.")
        page = "demo_lms:path" if LearningPath.objects.filter(key=key).exists() else "demo_lms:run"
        return redirect(page, key)


#: Certificate statuses in words.
STANDINGS = {
    LearnerRunStatus.AWARDED: "Awarded.",
    LearnerRunStatus.NOT_YET_AVAILABLE: "Passed. It is available from {date}.",
    LearnerRunStatus.NOTPASSING: "Not passed.",
    LearnerRunStatus.UNVERIFIED: "Passed. It is issued once your identity is verified.",
    LearnerRunStatus.UNAVAILABLE: "Withdrawn: please ask the registrar's office.",
    LearnerRunStatus.NOT_EARNED: "Not earned yet.",
}

#: Reasons why a learner receives nothing, whatever the results are.
REASONS = {
    "not_enrolled": "You are not enrolled here.",
    "restricted": "Your account may not hold credentials.",
}


@dataclass(frozen=True)
class Criterion:
    """One requirement of a credential, with the learner's value."""

    label: str
    current: str
    required: str


@dataclass(frozen=True)
class Offer:
    """A credential that can be earned here, with the learner's progress."""

    configuration: CredentialConfiguration
    credential: Verification | None
    is_eligible: bool
    criteria: tuple[Criterion, ...]
    criteria_text: str = ""
    is_requestable: bool = False
    hidden_until: datetime | None = None
    reason: str = ""
    problem: str = ""


class ContextView(LoginRequiredMixin, TemplateView):
    """Base of the pages of runs and paths."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the credentials that can be earned here."""
        key = kwargs["key"]
        if not DemoLMS().has_access(self.request.user.pk, key):
            raise Http404
        return super().get_context_data(offers=list_offers(self.request.user, key), **kwargs)


class RunView(ContextView):
    """Show a course run with the learner's grades and progress."""

    template_name = "demo_lms/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the run and the learner's results in it."""
        context = super().get_context_data(**kwargs)
        user_id, key = self.request.user.pk, kwargs["key"]
        lms = DemoLMS()
        run = CourseRun.objects.select_related("course").filter(key=key).first()
        if run is None:
            raise Http404
        return context | {
            "run": run,
            "enrolment": lms.get_enrolments([key], [user_id]).get((user_id, key)),
            "grade": lms.get_grades(key, [user_id]).get(user_id),
            "completion": lms.get_completions(key, [user_id]).get(user_id),
            "standing": describe_standing(self.request.user, key),
        }


class PathView(ContextView):
    """Show a learning path with its steps."""

    template_name = "demo_lms/path.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the path and the learner's enrolment in each of its runs."""
        context = super().get_context_data(**kwargs)
        user_id = self.request.user.pk
        path = LearningPath.objects.prefetch_related("steps__run__course").filter(key=kwargs["key"]).first()
        if path is None:
            raise Http404
        lms = DemoLMS()
        steps = [
            {
                "step": step,
                "grade": lms.get_grades(step.run.key, [user_id]).get(user_id),
                "completion": lms.get_completions(step.run.key, [user_id]).get(user_id),
            }
            for step in path.steps.all()
        ]
        return context | {"path": path, "steps": steps}


def describe_standing(user: User, run_key: str) -> str:
    """Return the status of the learner's course certificate in words. Return an empty text if the run has none."""
    configurations = CredentialConfiguration.objects.filter(learning_context_key=run_key, is_enabled=True)
    if not configurations.filter(credential_type__slug=COURSE_CERTIFICATE).exists():
        return ""
    query = LearnerQuery(lms_user_id=user.pk, course_runs=(run_key,), include_unearned=True)
    run = api.get_learner_status(query).runs[0]
    date = date_format(run.available_date, "j F Y") if run.available_date else ""
    return STANDINGS.get(run.status, "").format(date=date)


def find_hiding_date(run_key: str) -> datetime | None:
    """Return the available date of a run's credentials, if it is in the future."""
    try:
        run = api.get_course_certificate(run_key)
    except CourseCertificateNotFoundError:
        return None
    gated = run.pacing == run.Pacing.INSTRUCTOR and not run.shows_early
    return run.available_date if gated and run.available_date and run.available_date > timezone.now() else None


def list_offers(user: User, context_key: str) -> list[Offer]:
    """Return every credential of a context with the learner's progress, from the app's facade."""
    held = {
        item.credential_type_name: item
        for item in api.list_credentials(user.pk)
        if item.learning_context_key == context_key
    }
    configurations = CredentialConfiguration.objects.filter(learning_context_key=context_key, is_enabled=True)
    rows = list(configurations.select_related("credential_type"))
    requestable = api.find_requestable([row.pk for row in rows])
    hidden_until = find_hiding_date(context_key)
    return [
        replace(_offer(user, row, held), is_requestable=row.pk in requestable, hidden_until=hidden_until)
        for row in rows
    ]


def _offer(user: User, configuration: CredentialConfiguration, held: Mapping[str, Verification]) -> Offer:
    credential = held.get(configuration.credential_type.name)
    try:
        eligibility = api.get_eligibility(configuration.pk, user.pk)
        criteria = api.get_criteria(configuration.pk)
    except CredentialsError as error:
        return Offer(configuration, credential, is_eligible=False, criteria=(), problem=str(error))
    return Offer(
        configuration,
        credential,
        eligibility.is_eligible,
        criteria=tuple(list_criteria(eligibility.progress)),
        criteria_text=criteria,
        reason=REASONS.get(eligibility.progress.get("reason", ""), ""),
    )


def list_criteria(progress: Mapping[str, Any], prefix: str = "") -> list[Criterion]:
    """Return the values of a processor as lines for people: each ``current_x`` beside its ``required_x``."""
    criteria: list[Criterion] = []
    for key, required in progress.items():
        if key == "steps" and isinstance(required, dict):
            contexts = DemoLMS().find_contexts(list(required))
            for step_key, step in required.items():
                name = contexts[step_key].name if step_key in contexts else step_key
                criteria += list_criteria(step, f"{name}: ")
            continue
        if not key.startswith("required_"):
            continue
        name = key.removeprefix("required_")
        current = progress.get(f"current_{name}", progress.get(name))
        if isinstance(required, dict):
            have = current if isinstance(current, dict) else {}
            criteria += [
                Criterion(prefix + _as_label(category), _shown(have.get(category)), _shown(minimum))
                for category, minimum in required.items()
            ]
        else:
            criteria.append(Criterion(prefix + _as_label(name), _shown(current), _shown(required)))
    return criteria


def _as_label(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _shown(value: object) -> str:
    """Return a share as a per cent value, and a dash for a missing value."""
    if value is None:
        return "–"
    if isinstance(value, float) and 0 <= value <= 1:
        return f"{100 * value:.4g} %"
    return str(value)
