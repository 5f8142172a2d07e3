"""Prepare the story of a learner for the page: sentences, and the acts that the user may do, beside their causes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import can_look_at, get_url
from learning_credentials.admin.certificate_histories import FIELD_LABELS
from learning_credentials.admin.desk import story_texts
from learning_credentials.admin.scoping import may_in
from learning_credentials.lms import Act
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    CredentialEvent,
    GenerationRun,
    LearnerCertificate,
)
from learning_credentials.services.desk import EventKind, ReasonCode
from learning_credentials.verify_codes import format_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model
    from django.http import HttpRequest

    from learning_credentials.services.desk import Award, HeldCredential, Reason, Timeline, TimelineEntry

Status = Credential.Status
#: What a user must be able to see to read who decided something and why.
_MODELS: dict[ReasonCode, type[Model]] = {
    ReasonCode.BARRED: CertificateInvalidation,
    ReasonCode.ALLOWED: AllowlistEntry,
    ReasonCode.PASSED_OVER: GenerationRun,
}
#: Reasons that tell what the learner has achieved.
_PROGRESS = frozenset(
    {
        ReasonCode.CRITERIA,
        ReasonCode.CRITERIA_UNKNOWN,
        ReasonCode.GRADE,
        ReasonCode.GRADE_UNKNOWN,
        ReasonCode.IDENTITY,
        ReasonCode.IDENTITY_UNKNOWN,
        ReasonCode.KEPT,
    }
)
_LINKED: dict[ReasonCode, type[Model]] = {
    **_MODELS,
    ReasonCode.BLOCKED: Credential,
    ReasonCode.FAILED: Credential,
}


def describe_award(request: HttpRequest, learner: Any, award: Award) -> dict[str, Any]:
    """Return the values of one configuration for the template."""
    key, configuration = award.context_key, award.configuration
    may_see_progress = may_in(request, Act.VIEW_ELIGIBILITY, key)
    return {
        "award": award,
        "type": str(configuration.credential_type) if configuration else _("No configuration"),
        "url": _find_url(request, CredentialConfiguration, key, getattr(configuration, "pk", None)),
        "run_url": _find_url(request, CourseCertificate, key, award.course_certificate_id),
        "is_held": award.has(ReasonCode.HELD),
        "reasons": [
            _describe_reason(request, reason, key)
            for reason in award.reasons
            if may_see_progress or reason.code not in _PROGRESS
        ],
        "may_see_progress": may_see_progress,
        "needs": _describe_needs(award) if may_see_progress else [],
        "extra": award.extra if may_see_progress else {},
        "problems": award.problems if may_see_progress else (),
        "facts": story_texts.list_facts(award.facts) if may_see_progress else [],
        "standing": award.standing if can_look_at(request, LearnerCertificate, context_key=key) else None,
        "enough": story_texts.describe_enough(award) if may_see_progress else {},
        "acts": list(_list_acts(request, learner, award)),
        "credentials": [_describe_credential(request, learner, each) for each in award.credentials],
    }


def _describe_needs(award: Award) -> list[dict[str, Any]]:
    return [
        {
            "name": run.name if run.is_step else "",
            "text": story_texts.describe_run(run) or _("Nothing is required there."),
            "is_met": run.is_met,
            "is_unknown": run.is_unknown,
        }
        for run in award.needs
    ]


def _find_url(request: HttpRequest, model: type[Model], context_key: str, pk: object) -> str:
    """Return the address of a row in a context, or an empty text if there is none or the user may not see it."""
    if pk is None or not can_look_at(request, model, context_key=context_key):
        return ""
    return get_url(f"{model._meta.model_name}_change", pk)  # noqa: SLF001  a public interface in spite of its name


def _describe_reason(request: HttpRequest, reason: Reason, context_key: str) -> dict[str, Any]:
    """Return a reason for the template, without what the user may not see: who decided it, and why."""
    model = _MODELS.get(reason.code)
    if model is not None and not can_look_at(request, model, context_key=context_key):
        reason = replace(reason, by="", row_id=None, text="")
    is_told = reason.code is not ReasonCode.PASSED_OVER or reason.row_id is not None
    linked = _LINKED.get(reason.code)
    return {
        "code": reason.code.value,
        "text": story_texts.describe_reason(reason) if is_told else "",
        "url": _find_url(request, linked, context_key, reason.row_id) if linked else "",
        "prevents": reason.prevents,
    }


def _list_acts(request: HttpRequest, learner: Any, award: Award) -> Iterator[dict[str, Any]]:
    """Yield the acts on a configuration, the most likely one first."""
    key, configuration, row = award.context_key, award.configuration, award.invalidation
    if configuration is not None and not award.has(ReasonCode.HELD, ReasonCode.GENERATING):
        is_prevented = any(reason.prevents for reason in award.reasons)
        if not is_prevented and may_in(request, Act.ISSUE_CREDENTIAL, key):
            yield _act(_("Issue now…"), "learner_issue", learner.pk, configuration.pk)
        is_waivable = award.enough is not None and award.enough.can_be_allowed
        if is_waivable and may_in(request, Act.ALLOW_LEARNER, key):
            yield _act(_("Allow…"), "learner_allow", learner.pk, configuration.pk)
    if award.entry is not None and may_in(request, Act.END_ALLOWING, key):
        yield _act(_("Remove from the allowlist…"), "allowlistentry_end", award.entry.pk, is_dangerous=True)
    is_about_run = award.is_course_certificate or configuration is None
    if row is not None and is_about_run and may_in(request, Act.END_BARRING, key):
        yield _act(_("Lift the bar…"), "learner_lift", learner.pk, row.pk)
    may_bar = row is None and award.is_course_certificate and may_in(request, Act.BAR_LEARNER, key)
    if configuration is not None and may_bar:
        yield _act(_("Bar…"), "learner_bar", learner.pk, configuration.pk, is_dangerous=True)
    if award.course_certificate_id is not None and may_in(request, Act.CHANGE_COURSE_CERTIFICATE, key):
        yield _act(_("Move the run’s date…"), "coursecertificate_change", award.course_certificate_id)


def _act(label: str, page: str, *args: object, is_dangerous: bool = False, is_post: bool = False) -> dict[str, Any]:
    return {"label": label, "url": get_url(page, *args), "is_dangerous": is_dangerous, "is_post": is_post}


def _describe_credential(request: HttpRequest, learner: Any, held: HeldCredential) -> dict[str, Any]:
    row = held.credential
    may_see = can_look_at(request, Credential, context_key=row.learning_context_key)
    may_open = bool(row.artifact_name) and may_in(request, Act.DOWNLOAD_FILE, row.learning_context_key)
    return {
        "row": row,
        "url": get_url("credential_change", row.pk) if may_see else "",
        "code": format_code(row.verify_code),
        "public_url": held.public_url,
        "issue_date": held.issue_date,
        "is_hidden": not held.visibility.is_visible,
        "file_url": get_url("credential_artifact", row.pk) if may_see and may_open else "",
        "is_expired": row.status == Status.AVAILABLE and row.is_expired,
        "acts": list(_list_credential_acts(request, learner, row)) if may_see else [],
    }


def _list_credential_acts(request: HttpRequest, learner: Any, row: Credential) -> Iterator[dict[str, Any]]:
    key = row.learning_context_key
    is_available = row.status == Status.AVAILABLE
    if is_available and row.is_current and may_in(request, Act.REISSUE_CREDENTIAL, key):
        yield _act(_("Correct the name…"), "learner_name", learner.pk, row.pk)
        yield _act(_("Reissue…"), "credential_reissue", row.pk)
        if row.is_expired:
            yield _act(_("Renew…"), "credential_renew", row.pk)
    has_failed_mail = is_available and row.notified_at is None and row.notification_attempts
    if has_failed_mail and may_in(request, Act.SEND_MAIL, key):
        yield _act(_("Send the e-mail again"), "learner_mail", learner.pk, row.pk, is_post=True)
    if row.blocks_reissue and may_in(request, Act.LIFT_BLOCK, key):
        yield _act(_("Lift the block…"), "credential_lift_block", row.pk)
    if row.status != Status.INVALIDATED and may_in(request, Act.INVALIDATE_CREDENTIAL, key):
        label = _("Revoke…") if is_available else _("Cancel…")
        yield _act(label, "credential_invalidate", row.pk, is_dangerous=True)


# The time line

_KIND_LABELS = {
    EventKind.STANDING: gettext_lazy("Certificate status"),
    EventKind.ALLOWLIST: gettext_lazy("Allowlist"),
    EventKind.INVALIDATION: gettext_lazy("Bar"),
}


def describe_timeline(request: HttpRequest, timeline: Timeline) -> dict[str, Any]:
    """Return the entries of the time line that the user may see, for the template."""
    models = {
        EventKind.STANDING: LearnerCertificate,
        EventKind.ALLOWLIST: AllowlistEntry,
        EventKind.INVALIDATION: CertificateInvalidation,
    }
    entries = [
        {
            "at": entry.at,
            "what": _describe_entry(entry),
            "subject": entry.subject,
            "change": f"{entry.before or '–'} → {entry.after or '–'}" if entry.before or entry.after else "",
            "by": entry.by,
            "is_mail": entry.kind in {EventKind.MAIL, EventKind.MAIL_FAILED},
            "reason": entry.reason or str(entry.detail.get("error", "")),
            "url": get_url("credential_change", entry.credential_uuid) if entry.credential_uuid else "",
        }
        for entry in timeline.entries
        if can_look_at(request, models.get(entry.kind, Credential))
    ]
    return {"entries": entries, "is_cut": timeline.is_cut}


def _describe_entry(entry: TimelineEntry) -> str:
    if entry.kind is EventKind.MAIL:
        return _("e-mail done")
    if entry.kind is EventKind.MAIL_FAILED:
        return _("e-mail failed %(attempts)s times") % {"attempts": entry.detail.get("attempts", "")}
    if entry.kind is EventKind.CREDENTIAL:
        return str(dict(CredentialEvent.Action.choices).get(entry.action, entry.action))
    kind, label = str(_KIND_LABELS[entry.kind]), str(FIELD_LABELS.get(entry.action, entry.action))
    return f"{kind}: {label}"
