"""Says what a generation run would do now, with the code that does it, and changes nothing.

The forecast can also be about values of a configuration that are not saved yet.

A *dry run* is a generation run that only collects a forecast. So it runs in the background, shows its progress, and is continued after
outages like any other run.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.models import CourseCertificate, Credential, CredentialType
from learning_credentials.models.batches import in_batches
from learning_credentials.services.course_runs import find_opening, issues_course_certificates
from learning_credentials.services.credentials import Skipped, get_context, iter_batches
from learning_credentials.services.standings import evaluate_and_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.credentials import Batch, Candidate

#: How many learners are listed for each kind of award. All are counted.
MAX_LISTED = 1000


def get_preparation(configuration: CredentialConfiguration) -> Callable[[Sequence[int]], object] | None:
    """Return a function that evaluates standings before the processor of course certificates reads them, or None for other processors."""
    if not issues_course_certificates(configuration):
        return None
    return partial(evaluate_and_store, configuration.learning_context_key)


def iter_forecast(configuration: CredentialConfiguration) -> Iterator[tuple[Batch, list[int]]]:
    """Yield what a run would find now for each batch of learners, and the ids of those whose credentials it would invalidate.

    Changes are rolled back after each batch, and nothing is sent. Raises like `iter_batches`.
    """
    before = get_preparation(configuration)
    if before is None:
        yield from ((batch, []) for batch in iter_batches(configuration))
        return
    lost: list[int] = []
    around = partial(_rolled_back, configuration.learning_context_key, lost)
    for batch in iter_batches(configuration, before=before, around=around):
        yield batch, list(lost)


@contextmanager
def _rolled_back(course_key: str, lost: list[int]) -> Iterator[None]:
    """Roll back what happens inside. ``lost`` gets the ids of the learners whose credentials were invalidated inside."""
    with transaction.atomic():
        began = timezone.now()
        yield
        gone = Credential.objects.filter(
            learning_context_key=course_key, status=Credential.Status.INVALIDATED, invalidated_at__gte=began
        )
        lost[:] = sorted({user_id for user_id in gone.values_list("user_id", flat=True) if user_id is not None})
        transaction.set_rollback(True)


def with_changes(configuration: CredentialConfiguration, changes: Mapping[str, Any]) -> CredentialConfiguration:
    """Return a configuration as it would be with values that are not saved.

    Args:
        configuration: it does not change.
        changes: new values of its attributes. ``type`` has those of its type.
    """
    changed = copy(configuration)
    changed._state = copy(configuration._state)  # noqa: SLF001
    changed._state.fields_cache = {}  # noqa: SLF001
    for name, value in changes.items():
        if name != "type":
            setattr(changed, name, value)
    used = CredentialType.objects.select_related("issuer__logo").get(pk=changed.credential_type_id)
    for name, value in changes.get("type", {}).items():
        setattr(used, name, value)
    changed.credential_type = used
    return changed


@dataclass(frozen=True)
class RunForecast:
    """What a run would do: how many learners it would check, and the values of the fields ``forecast`` and ``skipped_detail`` of a run."""

    checked: int
    forecast: dict[str, Any]
    skipped: dict[str, Any]


def foresee_run(configuration: CredentialConfiguration, *, limit: int) -> RunForecast | None:
    """Return what a run of a configuration would do now. Return None if it has more learners than the limit.

    One batch of learners is evaluated in any case. Raises like `evaluate_run`.
    """
    get_context(configuration.learning_context_key)  # a run of a context that the LMS does not know fails
    forecast, skipped, checked = Forecast(configuration), Skipped(), 0
    for batch, lost in iter_forecast(configuration):
        if checked and checked + batch.checked > limit:
            return None
        checked += batch.checked
        forecast.add(batch.candidates, lost)
        batch.count_into(skipped)
    return RunForecast(checked, forecast.dump(), skipped.dump()["skipped_detail"])


class Forecast:
    """The credentials that a run would issue and invalidate, and the e-mails that it would send."""

    def __init__(self, configuration: CredentialConfiguration) -> None:
        self._counts = {"new": 0, "retried": 0, "renewed": 0, "lost": 0}
        self._listed: dict[str, list[int]] = {kind: [] for kind in self._counts}
        self._mails = self._unreachable = 0
        run = CourseCertificate.objects.filter(course_key=configuration.learning_context_key).first()
        self._opens_at = find_opening(run) if run else None

    def add(self, candidates: Sequence[Candidate], lost: Sequence[int]) -> None:
        """Count the learners of a batch. ``lost`` are the ids of those who would lose a credential."""
        for candidate in candidates:
            kind = "retried" if candidate.failed_uuid else "renewed" if candidate.renews else "new"
            self._note(kind, candidate.profile.user_id)
        for user_id in lost:
            self._note("lost", user_id)
        announced = _find_announced(candidates)
        to_mail = [each.profile.user_id for each in candidates if each.profile.user_id not in announced]
        reachable = count_reachable(to_mail)
        self._mails += reachable
        self._unreachable += len(to_mail) - reachable

    def _note(self, kind: str, user_id: int) -> None:
        self._counts[kind] += 1
        if len(self._listed[kind]) < MAX_LISTED:
            self._listed[kind].append(user_id)

    def dump(self) -> dict[str, Any]:
        """Return the value of the run's field ``forecast``.

        ``counts`` has how many learners would get a first credential (``new``), another try of one that failed (``retried``) and a renewal
        (``renewed``), and how many would lose a credential of the course run (``lost``). ``learners`` has the ids of the first of them.
        ``mails`` is how many e-mails would be sent. ``mails_from`` is when, or None for at once. ``unreachable`` is how many learners have
        no e-mail address.
        """
        is_mailed = get_settings().NOTIFY_LEARNERS
        return {
            "counts": dict(self._counts),
            "learners": self._listed,
            "mails": self._mails if is_mailed else 0,
            "mails_from": self._opens_at.isoformat() if self._opens_at else None,
            "unreachable": self._unreachable if is_mailed else 0,
        }


def _find_announced(candidates: Sequence[Candidate]) -> set[int]:
    """Return the ids of learners whose failed credential is not announced again, such as a reissue without an e-mail."""
    failed = {each.failed_uuid: each.profile.user_id for each in candidates if each.failed_uuid}
    found: set[int] = set()
    for batch in in_batches(sorted(failed)):
        rows = Credential.objects.filter(pk__in=batch).exclude(notified_at=None)
        found.update(failed[pk] for pk in rows.values_list("pk", flat=True))
    return found


def count_reachable(user_ids: Sequence[int]) -> int:
    """Return how many of the learners have an active account with an e-mail address. A learner who is named twice counts twice."""
    reachable: set[int] = set()
    users = get_user_model()
    email = users.get_email_field_name()
    for batch in in_batches(sorted(set(user_ids))):
        rows = users._default_manager.filter(pk__in=batch, is_active=True)  # noqa: SLF001
        rows = rows.exclude(**{email: ""}).exclude(**{email: None})
        reachable.update(rows.order_by().values_list("pk", flat=True))
    return sum(user_id in reachable for user_id in user_ids)
