"""Finds what still prevents a credential for learners on the allowlist. An entry waives only the grade or the criteria."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils import timezone

from learning_credentials.exceptions import TransientError
from learning_credentials.folding import compose
from learning_credentials.lms import get_lms
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import read_name
from learning_credentials.services.course_runs import (
    is_issuing_course_certificates,
    list_course_certificate_configurations,
)
from learning_credentials.services.staff import allowlist
from learning_credentials.services.standings import gather_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.lms import LearnerProfile
    from learning_credentials.services.staff.allowlist import Target
    from learning_credentials.services.standings import CertificateFacts


class Obstacle(StrEnum):
    """Why a learner on the allowlist receives no credential now."""

    NO_COURSE_CERTIFICATES = "no_course_certificates"
    INVALIDATED = "invalidated"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    PROFILE_UNKNOWN = "profile_unknown"
    NOT_ENROLLED = "not_enrolled"
    MODE = "mode"
    IDENTITY = "identity"
    NAME_MISSING = "name_missing"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


MESSAGES = {
    Obstacle.NO_COURSE_CERTIFICATES: (
        "the run issues no course certificates: add a configuration of a type that issues them, or switch "
        "them on under Course runs"
    ),
    Obstacle.INVALIDATED: "the learner is barred from the certificate: lift the bar",
    Obstacle.BLOCKED: "staff revoked a credential of the learner and blocked a new one: lift the block",
    Obstacle.RESTRICTED: "the learner's account is inactive, or the LMS does not allow this learner certificates",
    Obstacle.PROFILE_UNKNOWN: "the LMS did not return the learner's profile",
    Obstacle.NOT_ENROLLED: "the learner is not enrolled",
    Obstacle.MODE: "learners in this enrolment mode receive no certificates",
    Obstacle.IDENTITY: "the learner's identity is not verified",
    Obstacle.NAME_MISSING: "the LMS has no name of the learner that can be published: enter the name in the LMS",
    Obstacle.FAILED: "the learner's credential has the status “error”: its page says what to fix",
    Obstacle.NOT_CHECKED: "the LMS does not answer, so nobody could check what else is missing",
}


def find_allowlist_obstacles(
    context_key: str, user_ids: Sequence[int], *, configuration_id: int | None = None
) -> dict[int, list[Obstacle]]:
    """Return what still prevents a credential for learners on the allowlist, such as a missing enrolment, by user id.

    Learners without an obstacle are not in the result. A learner who has the credential already has no obstacle.
    The number of calls to the LMS does not depend on the number of learners. If the LMS does not answer, the obstacle is ``not_checked``.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return find_obstacles(allowlist.get_target(compose(context_key), configuration_id), user_ids)


def find_obstacles(target: Target, user_ids: Sequence[int]) -> dict[int, list[Obstacle]]:
    """Return the obstacles of each learner who has one. See `find_allowlist_obstacles`. The number of queries is constant."""
    holders, failed = _find_made(target, user_ids)
    asked = [user_id for user_id in user_ids if user_id not in holders]
    if not asked:
        return {}
    try:
        found = _find_in_run(target, asked) if target.configuration_id is None else _find(target, asked)
    except TransientError:
        found = {user_id: [Obstacle.NOT_CHECKED] for user_id in asked}
    for user_id in failed.intersection(asked):
        # If only the name is missing, the next run makes the credential as soon as there is a name.
        if Obstacle.NAME_MISSING not in found[user_id]:
            found[user_id].append(Obstacle.FAILED)
    return {user_id: obstacles for user_id, obstacles in found.items() if obstacles}


def describe_allowlist_obstacles(obstacles: Sequence[Obstacle]) -> str:
    """Return the obstacles as one sentence for staff, or an empty string if there are none."""
    return f"Nothing is issued yet: {'; '.join(MESSAGES[obstacle] for obstacle in obstacles)}." if obstacles else ""


def _find_made(target: Target, user_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return the learners who have the credential, issued and not expired, and the learners whose credential is in ERROR."""
    rows = Credential.objects.filter(is_current=True)
    if target.configuration_id is None:
        rows = rows.filter(configuration__in=list_course_certificate_configurations(target.context_key))
    else:
        rows = rows.filter(configuration_id=target.configuration_id)
    holders: set[int] = set()
    failed: set[int] = set()
    now = timezone.now()
    for batch in in_batches(list(user_ids)):
        found = rows.filter(user_id__in=batch).order_by().values_list("user_id", "status", "expires_at")
        for user_id, status, expires_at in found:
            if user_id is not None and status == Credential.Status.ERROR:
                failed.add(user_id)
            elif (
                user_id is not None and status == Credential.Status.AVAILABLE and not (expires_at and expires_at <= now)
            ):
                holders.add(user_id)
    return holders, failed


def _find_in_run(target: Target, user_ids: Sequence[int]) -> dict[int, list[Obstacle]]:
    shared = [] if is_issuing_course_certificates(target.context_key) else [Obstacle.NO_COURSE_CERTIFICATES]
    gathered = gather_facts(target.context_key, user_ids)
    return {
        user_id: [
            *shared,
            *_list_missing(gathered.facts[user_id]),
            *_list_name_problems(gathered.profiles.get(user_id)),
        ]
        for user_id in user_ids
    }


def _list_missing(facts: CertificateFacts) -> list[Obstacle]:
    is_enrolled = bool(facts.mode)
    missing = {
        Obstacle.INVALIDATED: facts.is_invalidated,
        Obstacle.RESTRICTED: facts.is_restricted is True,
        Obstacle.PROFILE_UNKNOWN: facts.is_restricted is None,
        Obstacle.NOT_ENROLLED: not is_enrolled,
        Obstacle.MODE: is_enrolled and not facts.is_earning_mode,
        Obstacle.IDENTITY: facts.is_identity_required and not facts.is_identity_verified,
    }
    return [obstacle for obstacle, is_there in missing.items() if is_there]


def _find(target: Target, user_ids: Sequence[int]) -> dict[int, list[Obstacle]]:
    key, asked = target.context_key, sorted(user_ids)
    enrolled = {user_id for user_id, _key in get_lms().get_enrolments([key], asked)}
    profiles = get_lms().get_profiles(asked)
    invalidated = allowlist.find_invalidations(key, asked)
    blocked: set[int | None] = set()
    for batch in in_batches(asked):
        rows = Credential.objects.filter(
            configuration_id=target.configuration_id, user_id__in=batch, blocks_reissue=True
        )
        blocked.update(rows.order_by().values_list("user_id", flat=True))
    return {
        user_id: [
            *([Obstacle.INVALIDATED] if user_id in invalidated else []),
            *([Obstacle.BLOCKED] if user_id in blocked else []),
            *_list_restrictions(profiles.get(user_id)),
            *([] if user_id in enrolled else [Obstacle.NOT_ENROLLED]),
            *_list_name_problems(profiles.get(user_id)),
        ]
        for user_id in asked
    }


def _list_restrictions(profile: LearnerProfile | None) -> list[Obstacle]:
    if profile is None:
        return [Obstacle.PROFILE_UNKNOWN]
    return [] if profile.is_active and profile.certificates_allowed else [Obstacle.RESTRICTED]


def _list_name_problems(profile: LearnerProfile | None) -> list[Obstacle]:
    return [Obstacle.NAME_MISSING] if profile is not None and not read_name(profile) else []
