"""Write the story of a learner in words: reasons, what the learner has and needs, and what would be enough."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.not_issued import LABELS
from learning_credentials.grades import MAX_DECIMALS, to_percent
from learning_credentials.services.desk import ChangeKind, NeedKind, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.utils.functional import _StrPromise

    from learning_credentials.services.desk import Award, Change, Need, Reason, RunNeeds

_REASONS: dict[ReasonCode, _StrPromise] = {
    ReasonCode.HELD: gettext_lazy("The learner has it"),
    ReasonCode.HIDDEN: gettext_lazy("It is hidden until the available date of the course run"),
    ReasonCode.EXPIRED: gettext_lazy("The credential has expired"),
    ReasonCode.GENERATING: gettext_lazy("The credential is being made"),
    ReasonCode.FAILED: gettext_lazy("The credential could not be made"),
    ReasonCode.BARRED: gettext_lazy("Barred from the course certificate"),
    ReasonCode.BLOCKED: gettext_lazy("The credential was revoked, and a new one is blocked"),
    ReasonCode.ALLOWED: gettext_lazy("On the allowlist: the criteria are waived"),
    ReasonCode.NOT_ENROLLED: gettext_lazy("The learner is not enrolled"),
    ReasonCode.MODE: gettext_lazy("The enrolment mode earns no certificate"),
    ReasonCode.RESTRICTED: gettext_lazy(
        "The account is inactive in the LMS, or the LMS does not allow this learner certificates"
    ),
    ReasonCode.PROFILE_UNKNOWN: gettext_lazy("The LMS did not return the learner’s profile"),
    ReasonCode.NAME_MISSING: gettext_lazy(
        "The account has no name that can be printed: it is empty, invisible or an e-mail address"
    ),
    ReasonCode.IDENTITY: gettext_lazy("The identity is not verified"),
    ReasonCode.IDENTITY_UNKNOWN: gettext_lazy("The LMS could not tell whether the identity is verified"),
    ReasonCode.GRADE: gettext_lazy("The grade is not a passing one, and the learner is not on the allowlist"),
    ReasonCode.GRADE_UNKNOWN: gettext_lazy(
        "The LMS could not tell whether the learner passes, and the learner is not on the allowlist"
    ),
    ReasonCode.CRITERIA: gettext_lazy("The criteria are not met, and the learner is not on the allowlist"),
    ReasonCode.CRITERIA_UNKNOWN: gettext_lazy(
        "The LMS could not tell what was achieved, and the learner is not on the allowlist"
    ),
    ReasonCode.EVALUATION_FAILED: gettext_lazy(
        "The learner could not be evaluated because of an error. The log has the error"
    ),
    ReasonCode.MISCONFIGURED: gettext_lazy("The configuration has a mistake"),
    ReasonCode.NOT_ASKED: gettext_lazy("The LMS could not be asked"),
    ReasonCode.NO_COURSE_CERTIFICATES: gettext_lazy(
        "The course run issues no course certificates: they are switched off in its settings"
    ),
    ReasonCode.NOT_ENABLED: gettext_lazy("The configuration is not enabled, so the schedule issues nothing"),
    ReasonCode.KEPT: gettext_lazy("The learner has earned it before and keeps it, whatever the LMS says now"),
}
_CHANGES: dict[ChangeKind, _StrPromise] = {
    ChangeKind.LIFT_BAR: gettext_lazy("Lift the bar"),
    ChangeKind.LIFT_BLOCK: gettext_lazy("Lift the block"),
    ChangeKind.SWITCH_ON: gettext_lazy("Switch on the course certificates in the settings of the course run"),
    ChangeKind.UNRESTRICT: gettext_lazy("Activate the account in the LMS, and allow this learner certificates there"),
    ChangeKind.NAME: gettext_lazy("Enter the learner’s name in the LMS"),
    ChangeKind.IDENTITY: gettext_lazy("A verified identity"),
    ChangeKind.ENROL: gettext_lazy("An enrolment in %(context)s"),
    ChangeKind.MODE: gettext_lazy("Another enrolment mode"),
    ChangeKind.TOTAL: gettext_lazy("A total of %(need)s instead of %(have)s"),
    ChangeKind.CATEGORY: gettext_lazy("%(need)s instead of %(have)s in %(name)s"),
    ChangeKind.ATTEMPT: gettext_lazy("An attempt at %(name)s"),
    ChangeKind.COMPLETION: gettext_lazy("%(need)s%% completed instead of %(have)s%%"),
    ChangeKind.PASS: gettext_lazy("A passing grade instead of %(have)s"),
}
#: The same changes where there is nothing yet.
_FIRST: dict[ChangeKind, _StrPromise] = {
    ChangeKind.TOTAL: gettext_lazy("A total of %(need)s"),
    ChangeKind.CATEGORY: gettext_lazy("%(need)s in %(name)s"),
    ChangeKind.COMPLETION: gettext_lazy("%(need)s%% completed"),
    ChangeKind.PASS: gettext_lazy("A passing grade"),
}


def describe_reason(reason: Reason) -> str:
    """Return a reason as a sentence with who, when and why."""
    when = format_moment(reason.at)
    if reason.code is ReasonCode.READY:
        text = _("Nothing prevents it. The next run issues it")
        return f"{text}: {when}." if when else f"{text}."
    if reason.code is ReasonCode.PASSED_OVER:
        why = LABELS.get(reason.text, reason.text)
        return _("Run %(run)s of %(when)s passed the learner over. %(why)s") % {
            "run": reason.row_id,
            "when": when,
            "why": why,
        }
    text = str(_REASONS[reason.code])
    if reason.code is ReasonCode.MODE:
        return f"{text}: {reason.text}."
    if reason.code in {ReasonCode.HELD, ReasonCode.EXPIRED, ReasonCode.HIDDEN}:
        return f"{text}: {when}." if when else f"{text}."
    if said := " ".join(filter(None, (_("by %s") % reason.by if reason.by else "", when))):
        text = f"{text} ({said})"
    return f"{text}: {_end(reason.text)}" if reason.text else f"{text}."


def _end(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def format_moment(moment: datetime | None) -> str:
    """Return a time for people, in the time zone of the admin."""
    return formats.localize(timezone.localtime(moment)) if moment else ""


def format_share(share: float | None, *, below: float | None = None) -> str:
    """Return a fraction in points. If it is less than ``below``, it has as many decimals as show that."""
    if share is None:
        return _("nothing")
    decimals = _get_decimals(share) if below is None else min(_get_decimals(share), 1)
    if below is not None and share < below:
        while decimals < MAX_DECIMALS and to_percent(share, decimals) >= to_percent(below, MAX_DECIMALS):
            decimals += 1
    return formats.number_format(to_percent(share, decimals), decimals)


def _get_decimals(share: float) -> int:
    exact = (Decimal(repr(round(share, 6))) * 100).normalize()
    return min(max(0, -int(exact.as_tuple().exponent)), MAX_DECIMALS)


def describe_need(need: Need) -> str:
    """Return what the learner has and needs, such as “Total 49 of 70: 21 more points would do”."""
    label = {NeedKind.TOTAL: _("Total"), NeedKind.COMPLETION: _("Completed")}.get(need.kind, need.name)
    if need.kind is NeedKind.OTHER:
        values = {
            "label": label,
            "have": _("nothing") if need.have is None else f"{need.have:g}",
            "need": f"{need.need:g}",
        }
        return _("%(label)s %(have)s of %(need)s") % values
    unit = "%" if need.kind is NeedKind.COMPLETION else ""
    shown = {
        "label": label,
        "have": format_share(need.have, below=need.need),
        "need": format_share(need.need),
        "unit": unit,
    }
    if need.kind is NeedKind.CATEGORY and need.have is None:
        text = _("%(label)s not attempted, needs %(need)s") if need.need else _("%(label)s not attempted")
        return text % shown
    text = _("%(label)s %(have)s%(unit)s of %(need)s%(unit)s") % shown
    return text if need.is_met else f"{text}: {describe_lacking(need.have, need.need, is_share=bool(unit))}"


def describe_lacking(have: float | None, need: float, *, is_share: bool = False) -> str:
    """Return how many points are missing, rounded up: “3 more points would do”."""
    exact = (Decimal(repr(round(need, 6))) - Decimal(repr(round(have or 0.0, 6)))) * 100
    points = int(exact.to_integral_value(ROUND_CEILING))
    if is_share:
        return _("%d%% more would do") % points
    return ngettext("%d more point would do", "%d more points would do", points) % points


def describe_run(run: RunNeeds) -> str:
    """Return what the learner has and needs in one course run, as one sentence."""
    text = "; ".join(describe_need(need) for need in run.needs)
    return text[:1].upper() + text[1:] + "." if text else ""


def describe_change(change: Change, *, has_several_runs: bool = False) -> str:
    """Return a change that would be enough, as an imperative or a value."""
    text = _describe_change(change)
    return f"{change.run_name}: {text}" if has_several_runs and change.run_name else text


def _describe_change(change: Change) -> str:
    kind = change.kind
    if kind in {ChangeKind.ENROL, ChangeKind.MODE} and change.modes:
        text = ngettext("An enrolment in the mode %s", "An enrolment in one of the modes %s", len(change.modes))
        return text % ", ".join(change.modes)
    text = str(_CHANGES[kind] if change.have is not None or kind not in _FIRST else _FIRST[kind])
    values = {
        "name": change.name,
        "have": format_share(change.have, below=change.need),
        "context": change.run_name,
        "need": "" if change.need is None else format_share(change.need),
    }
    return text % values


def describe_enough(award: Award) -> dict[str, Any]:
    """Return what would be enough for the template: the ``changes`` as texts, and whether they are known and can be waived."""
    enough = award.enough
    if enough is None:
        return {}
    has_several = len({change.run_key for change in enough.changes}) > 1
    return {
        "changes": [describe_change(change, has_several_runs=has_several) for change in enough.changes],
        "is_known": enough.is_known,
        "can_be_allowed": enough.can_be_allowed,
    }


FACTS: Mapping[str, _StrPromise] = {
    "grade": gettext_lazy("Grade"),
    "is_passing": gettext_lazy("Passing grade"),
    "mode": gettext_lazy("Enrolment mode"),
    "is_earning_mode": gettext_lazy("The mode earns certificates"),
    "is_identity_required": gettext_lazy("Identity required"),
    "is_identity_verified": gettext_lazy("Identity verified"),
    "is_allowlisted": gettext_lazy("On the allowlist"),
    "is_invalidated": gettext_lazy("Barred"),
    "is_restricted": gettext_lazy("Restricted by the LMS"),
}
#: The fact of `FACTS` that stands for each deciding fact.
_DECIDING = {
    "grade": "is_passing",
    "mode": "is_earning_mode",
    "enrolment": "mode",
    "identity": "is_identity_verified",
    "allowlist": "is_allowlisted",
    "invalidated": "is_invalidated",
    "restricted": "is_restricted",
    "profile": "is_restricted",
}


def list_facts(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the facts of a course certificate for the template: label, value, and whether the fact decides."""
    decides = _DECIDING.get(str(facts.get("deciding_fact")), "")
    return [
        {"label": label, "value": _show_fact(name, facts), "decides": name == decides}
        for name, label in FACTS.items()
        if name in facts and not (name == "is_identity_verified" and not facts["is_identity_required"])
    ]


def _show_fact(name: str, facts: Mapping[str, Any]) -> str:
    value = facts[name]
    if name == "grade":
        return _("not known") if value is None else f"{to_percent(value)}% {facts.get('letter_grade', '')}".strip()
    if name == "mode":
        return value or _("not enrolled")
    return _("not known") if value is None else _("yes") if value else _("no")
