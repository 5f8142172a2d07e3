"""Gathers the facts about learners in a course run: one call to the LMS for each kind of fact, whatever the number of learners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.lms import Capability, Grade, get_lms
from learning_credentials.models import AllowlistEntry, CertificateInvalidation
from learning_credentials.models.batches import in_batches
from learning_credentials.services.standings.rules import CertificateFacts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from learning_credentials.lms import LearnerProfile


@dataclass(frozen=True)
class Gathered:
    """Facts by user id, with the grades to store and the profiles."""

    facts: Mapping[int, CertificateFacts]
    grades: Mapping[int, Grade]
    profiles: Mapping[int, LearnerProfile] = field(default_factory=dict)


def gather_facts(course_key: str, user_ids: Collection[int], *, is_failing_event: bool = False) -> Gathered:
    """Ask the LMS and the app's own tables about learners.

    Raises:
        TransientError: the LMS could not answer at all. A fact that it does not know about one learner is None in the learner's facts.
    """
    settings = get_settings()
    lms = get_lms()
    asked = sorted(user_ids)
    enrolments = lms.get_enrolments([course_key], asked)
    profiles = lms.get_profiles(asked)
    grades = lms.get_grades(course_key, asked) if Capability.GRADES in lms.capabilities else {}
    modes = {user_id: enrolments[user_id, course_key].mode for user_id in asked if (user_id, course_key) in enrolments}
    asked_for_identity = [user_id for user_id in asked if _needs_identity(modes.get(user_id, ""))]
    can_tell = Capability.IDENTITY_VERIFICATION in lms.capabilities
    identities = lms.get_identity_verifications(asked_for_identity) if asked_for_identity and can_tell else {}
    invalidated = _find_active(CertificateInvalidation, course_key, asked)
    allowlisted = _find_active(AllowlistEntry, course_key, asked, scope="")
    return Gathered(
        facts={
            user_id: CertificateFacts(
                is_invalidated=user_id in invalidated,
                is_restricted=_is_restricted(profiles.get(user_id)),
                mode=modes.get(user_id, ""),
                is_earning_mode=modes.get(user_id) in settings.EARNING_MODES,
                is_allowlisted=user_id in allowlisted,
                is_passing=_is_passing(grades.get(user_id)),
                is_identity_required=user_id in asked_for_identity,
                is_identity_verified=identities.get(user_id),
                is_failing_event=is_failing_event,
            )
            for user_id in asked
        },
        grades=grades,
        profiles=profiles,
    )


def _needs_identity(mode: str) -> bool:
    settings = get_settings()
    return settings.IDENTITY_REQUIRED and mode in settings.EARNING_MODES and mode not in settings.IDENTITY_EXEMPT_MODES


def _is_passing(grade: Grade | None) -> bool | None:
    """Return whether the learner passes, or None if the LMS gives neither yes nor no."""
    is_passed: object = grade.is_passed if grade else None
    return is_passed if isinstance(is_passed, bool) else None


def _is_restricted(profile: LearnerProfile | None) -> bool | None:
    """Return whether the LMS restricts the learner, or None if that is not known.

    It is also None for an inactive account: the learner keeps a certificate, and receives no new one.
    """
    if profile is None:
        return None
    if not profile.certificates_allowed:
        return True
    return False if profile.is_active else None


def _find_active(
    model: type[AllowlistEntry] | type[CertificateInvalidation], course_key: str, user_ids: Sequence[int], **more: str
) -> set[int]:
    found: set[int] = set()
    for batch in in_batches(user_ids):
        rows = model.objects.filter(learning_context_key=course_key, user_id__in=batch, is_active=True, **more)
        found.update(rows.order_by().values_list("user_id", flat=True))
    return found
