"""Issues a configuration's credential to many learners whom staff name, and says beforehand who cannot get it.

Both use the evaluation that generation runs use.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from learning_credentials.lms import get_lms
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import (
    PendingFactory,
    find_openings,
    get_context,
    look_at_learners,
)
from learning_credentials.services.issuing.chunks import issue_chunk
from learning_credentials.services.issuing.configurations import get_configuration
from learning_credentials.services.standings import Cause, evaluate_and_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials import Batch

Status = Credential.Status


class Refusal(StrEnum):
    """Why a learner cannot be issued a credential, besides the values of `SkipReason`."""

    ALREADY_HELD = "already_held"
    NOT_ENROLLED = "not_enrolled"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True)
class LearnerResult:
    """What came of one learner: the credential, or why there is none. ``error`` is the message of a credential that failed."""

    credential: Credential | None = None
    refusal: str = ""
    error: str = ""


def find_refusals(configuration_id: int, user_ids: Sequence[int]) -> dict[int, str]:
    """Return why those of the learners who cannot be issued the credential now cannot: a `Refusal` or a `SkipReason`, by learner.

    Nothing is changed. The number of statements does not grow with the learners, except on databases that limit the parameters.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    configuration = get_configuration(configuration_id)
    refusals: dict[int, str] = {}
    for batch in in_batches(user_ids):
        with _rolled_back():
            refusals |= _look_at(configuration, batch, None)[1]
    return refusals


def issue_to_learners(
    configuration_id: int, user_ids: Sequence[int], *, actor: Actor = None, reason: str = ""
) -> dict[int, LearnerResult]:
    """Issue the credential to those of the learners who can have it, in this process. Return a result for each.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    configuration = get_configuration(configuration_id)
    results: dict[int, LearnerResult] = {}
    factory = PendingFactory(configuration, get_context(configuration.learning_context_key))
    for batch in in_batches(user_ids):
        found, refusals = _look_at(configuration, batch, actor)
        waiting = factory.put(found.candidates, actor=actor, reason=reason)
        issue_chunk(waiting)
        made = {row.user_id: row for row in Credential.objects.filter(pk__in=waiting)}
        for user_id in batch:
            if user_id in made:
                error = made[user_id].error_message if made[user_id].status == Status.ERROR else ""
                results[user_id] = LearnerResult(made[user_id], error=error)
            else:
                # Without a refusal, another process was faster.
                results[user_id] = LearnerResult(refusal=refusals.get(user_id, Refusal.ALREADY_HELD))
    return results


def find_held(configuration_id: int, user_ids: Sequence[int]) -> dict[int, Credential]:
    """Return the live credentials of learners, by learner."""
    held: dict[int, Credential] = {}
    for batch in in_batches(user_ids):
        rows = Credential.objects.filter(Q(is_current=True), configuration_id=configuration_id, user_id__in=batch)
        held.update({row.user_id: row for row in rows if row.user_id is not None})
    return held


def _look_at(
    configuration: CredentialConfiguration, user_ids: Sequence[int], actor: Actor
) -> tuple[Batch, dict[int, str]]:
    """Return who can be issued a credential, and why each of the others cannot."""
    key = configuration.learning_context_key
    enrolments = get_lms().get_enrolments([key], list(user_ids))
    enrolled = [user_id for user_id in user_ids if (user_id, key) in enrolments]
    if enrolled and issues_course_certificates(configuration):
        evaluate_and_store(key, enrolled, cause=Cause.STAFF, actor=actor)
    openings = find_openings(configuration.pk, enrolled)
    found = look_at_learners(configuration, enrolled)
    refusals = dict.fromkeys(enrolled, Refusal.NOT_ELIGIBLE.value)
    refusals |= {user_id: Refusal.ALREADY_HELD.value for user_id in enrolled if user_id not in openings}
    for reason, skipped in found.skipped.items():
        refusals |= dict.fromkeys(skipped, reason.value)
    for candidate in found.candidates:
        refusals.pop(candidate.profile.user_id, None)
    refusals |= {user_id: Refusal.NOT_ENROLLED.value for user_id in user_ids if (user_id, key) not in enrolments}
    return found, refusals


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
