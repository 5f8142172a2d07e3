"""Puts credentials into GENERATING, where they wait for a worker: new ones for eligible learners, and failed ones for a retry."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationChangedError, ConfigurationError
from learning_credentials.folding import fold
from learning_credentials.lms import ContextKind
from learning_credentials.models import (
    CourseCertificate,
    Credential,
    CredentialEvent,
    LearnerCertificate,
    MailHold,
)
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    ByKey,
    find_actor_id,
    find_held_account,
    find_known_accounts,
    find_new_names,
    get_actor_id,
    hold_accounts,
    insert_rows,
    new_event,
    read_name,
    record_events,
    retry_on_contention,
)
from learning_credentials.services.course_runs import ensure_course_certificate, issues_course_certificates
from learning_credentials.services.credentials import status_lists, succession
from learning_credentials.services.credentials.codes import give_new_codes, replace_taken_codes
from learning_credentials.services.credentials.details import describe_name
from learning_credentials.services.credentials.mail_holds import MailHolds
from learning_credentials.services.credentials.new_fields import find_new_fields
from learning_credentials.services.credentials.openings import find_openings
from learning_credentials.services.credentials.skipped import Skipped, SkipReason
from learning_credentials.services.credentials.snapshots import SnapshotFactory
from learning_credentials.services.credentials.transitions import start_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from learning_credentials.data import Eligibility
    from learning_credentials.lms import LearnerProfile, LearningContext
    from learning_credentials.models import CredentialConfiguration
    from learning_credentials.services.common import Actor
    from learning_credentials.services.credentials.eligibility import Candidate
    from learning_credentials.services.credentials.openings import Opening, Predecessor

T = TypeVar("T")

logger = logging.getLogger(__name__)

#: If the credentials of so many learners could not be stored, and no other was, the cause is not one learner's data: the run ends.
MAX_REFUSALS = 10

Status = Credential.Status
Action = CredentialEvent.Action


class PendingFactory:
    """Makes GENERATING rows for one configuration. What all of them share is read once."""

    def __init__(
        self,
        configuration: CredentialConfiguration,
        context: LearningContext,
        run_id: int | None = None,
        skipped: Skipped | None = None,
        mail_hold_id: int | None = None,
    ) -> None:
        self._configuration = configuration
        self._context = context
        self._run_id = run_id
        self._mail_hold_id = mail_hold_id
        #: The learners who were skipped.
        self._skipped = skipped or Skipped()
        self._is_ensured = False
        self._inserted = self._refused = 0
        #: Why the data of the learner who was skipped last could not be stored.
        self.refusal: ConfigurationError | None = None
        # For a program, the course runs that earned it. They decide when the credential is visible.
        runs = {"constituent_runs": list(context.required_step_keys)} if context.steps else {}
        self._snapshots = SnapshotFactory(configuration, context, runs)
        self._places = status_lists.Allocator()
        self._shared: dict[str, Any] = {
            "configuration_id": configuration.pk,
            "generation_run_id": run_id,
            "mail_hold_id": mail_hold_id,
        }

    def put(self, candidates: Sequence[Candidate], *, actor: Actor = None, reason: str = "") -> list[UUID]:
        """Put the candidates' credentials into GENERATING. Return the uuids of those that wait now.

        Skip learners who received a credential from another run meanwhile, whose account was deleted, or whose data cannot be stored.

        Raises:
            ConfigurationError: no credential can be stored for any learner.
        """
        failed = {candidate.failed_uuid: candidate.eligibility for candidate in candidates if candidate.failed_uuid}
        waiting = (
            retry_failed(list(failed), actor=actor, run_id=self._run_id, found=failed, mail_hold_id=self._mail_hold_id)
            if failed
            else []
        )
        now = timezone.now()
        rows = [self._make_row(candidate, now) for candidate in candidates if not candidate.failed_uuid]
        if rows and self._context.kind is ContextKind.COURSE_RUN and not self._is_ensured:
            ensure_course_certificate(self._context.key, self._context)
            self._is_ensured = True
        if rows:
            # Allocate once, before the insert. If a row is skipped after all, its place stays unused.
            for row, place in zip(rows, self._places.allocate(len(rows)), strict=True):
                row.status_list_id, row.status_list_index = place
            give_new_codes(rows)
            waiting += [row.pk for row in self._insert(rows, actor, reason)]
        return waiting

    def _make_row(self, candidate: Candidate, now: datetime) -> Credential:
        profile = candidate.profile
        snapshot = self._snapshots.make(profile, candidate.eligibility)
        return Credential(
            user_id=profile.user_id,
            generation_started_at=now,
            created=now,
            modified=now,
            **_make_successor(candidate.renews),
            **snapshot.as_columns(),
            **self._shared,
        )

    def _insert(self, rows: list[Credential], actor: Actor, reason: str) -> list[Credential]:
        try:
            inserted, strangers = _insert_all(self._configuration, rows, actor, reason)
        except (IntegrityError, DataError, TypeError, ValueError) as error:
            user_ids = [row.user_id for row in rows if row.user_id is not None]
            known = find_known_accounts(user_ids)
            openings = find_openings(self._configuration.pk, list(known))
            rest = [row for row in rows if _fits(row, openings)]
            strangers = set(user_ids) - known
            self._skipped.add(SkipReason.NO_ACCOUNT, strangers)
            self._skipped.already_held += len(rows) - len(rest) - len(strangers)
            if not rest:
                return []
            present_actor = find_actor_id(actor)
            if len(rest) < len(rows) or present_actor != get_actor_id(actor) or replace_taken_codes(rest):
                return self._insert(rest, present_actor, reason)
            if len(rows) == 1:
                self._refuse(rows[0], error)
                return []
            middle = len(rows) // 2
            return self._insert(rows[:middle], actor, reason) + self._insert(rows[middle:], actor, reason)
        self._inserted += len(inserted)
        self._skipped.add(SkipReason.NO_ACCOUNT, strangers)
        # The standings of the other learners changed meanwhile.
        self._skipped.not_eligible += len(rows) - len(inserted) - len(strangers)
        return inserted

    def _refuse(self, row: Credential, error: Exception) -> None:
        logger.error("The credential of user %s cannot be stored", row.user_id, exc_info=error)
        self._refused += 1
        self._skipped.add(SkipReason.CANNOT_BE_STORED, [row.user_id] if row.user_id is not None else [])
        self.refusal = ConfigurationError(
            f"the credential of learner {row.user_id} cannot be stored: {type(error).__name__}: {error}"
        )
        if self._refused >= MAX_REFUSALS and not self._inserted:
            raise self.refusal from error


def _make_successor(renews: Predecessor | None) -> dict[str, Any]:
    """Return the columns that make a row a renewal. It becomes current when it is finished."""
    if renews is None:
        return {}
    return {
        "is_current": None,
        "is_renewal": True,
        "replaces_id": renews.uuid,
        "is_indexable": renews.is_indexable,
    }


def _fits(row: Credential, openings: Mapping[int, Opening]) -> bool:
    """Return whether a new row is still what its learner needs: the learner has the same opening as before."""
    opening = openings.get(row.user_id) if row.user_id is not None else None
    if opening is None or opening.failed_uuid is not None:
        return False
    return (opening.renews.uuid if opening.renews else None) == row.replaces_id


@retry_on_contention
def _insert_all(
    configuration: CredentialConfiguration, rows: list[Credential], actor: Actor, reason: str
) -> tuple[list[Credential], set[int]]:
    """Insert the rows that are still needed. Return them, and the learners whose accounts are gone."""
    with transaction.atomic():
        user_ids = {row.user_id for row in rows if row.user_id is not None}
        held: set[Any] = user_ids
        # New rows alone need no extra statement: the foreign key makes them wait, and fail if the account is gone.
        needs_more = actor is not None or issues_course_certificates(configuration)
        if needs_more or any(row.replaces_id is not None for row in rows):
            held = hold_accounts([*user_ids, get_actor_id(actor)])
            actor = find_held_account(actor, held)
        rows = _keep_downloadable(configuration, [row for row in rows if row.user_id in held])
        if rows:
            _mark_awarded(configuration)
        succession.make_room([row.replaces_id for row in rows if row.replaces_id is not None])
        insert_rows(rows)
        record_events(
            new_event(
                row.pk,
                Action.CREATED,
                to_status=Status.GENERATING,
                actor=actor,
                reason=reason,
                detail={"renews": str(row.replaces_id)} if row.replaces_id else None,
            )
            for row in rows
        )
    if rows:
        configuration.has_awarded = configuration.credential_type.has_awarded = True
    return rows, user_ids - held


def _mark_awarded(configuration: CredentialConfiguration) -> None:
    """Mark the configuration and its type as awarded if these are their first credentials. From then on their main values cannot change.

    The update compares the values with those that the learners were evaluated with.

    Raises:
        ConfigurationChangedError: somebody changed one of the values meanwhile.
    """
    for row in (configuration, configuration.credential_type):
        if not row.has_awarded:
            evaluated = {name: getattr(row, name) for name in row.list_fixed_attnames()}
            if not type(row)._base_manager.filter(pk=row.pk, **evaluated).update(has_awarded=True):  # noqa: SLF001
                msg = f"{configuration} was changed while its learners were evaluated. The app tries again"
                raise ConfigurationChangedError(msg)


def _keep_downloadable(configuration: CredentialConfiguration, rows: list[Credential]) -> list[Credential]:
    """For a course certificate, keep only the rows of learners whose standing is downloadable now, and lock these standings.

    A standing and its credential change in transactions that lock the same row, so that they always agree.
    """
    if not issues_course_certificates(configuration):
        return rows
    run = CourseCertificate.objects.filter(course_key=configuration.learning_context_key, is_active=True).first()
    downloadable: set[int] = set()
    for batch in in_batches([row.user_id for row in rows if row.user_id is not None]):
        # Filter by the id, without a join. A join would also lock the course run's row, and its learners would wait for each other.
        standings = LearnerCertificate.objects.filter(
            course_certificate_id=run.pk if run else None,
            status=LearnerCertificate.Status.DOWNLOADABLE,
            user_id__in=batch,
        )
        downloadable.update(standings.select_for_update().values_list("user_id", flat=True))
    return [row for row in rows if row.user_id in downloadable]


def retry_failed(
    uuids: Sequence[UUID],
    *,
    actor: Actor = None,
    run_id: int | None = None,
    found: Mapping[UUID, Eligibility] | None = None,
    mail_hold_id: int | None = None,
) -> list[UUID]:
    """Put failed credentials back into GENERATING and reset their attempts. Return those that changed.

    If a credential failed because the learner had no name, the LMS is asked for the name again. If it failed because of the values of
    custom fields, they are read again. In all other cases the snapshot stays.

    Args:
        uuids: the credentials.
        actor: who asks.
        run_id: the run that asks.
        found: what is known already about the learners' eligibility, by credential.
        mail_hold_id: the act of staff whose e-mails wait, from `open_mail_hold`. None: the e-mails do not wait.

    Raises:
        TransientError: the LMS could not answer.
    """
    fields = find_new_fields(uuids, found or {})
    return _retry(uuids, find_new_names(uuids), fields, actor, {"run_id": run_id, "mail_hold_id": mail_hold_id})


@retry_on_contention
def _retry(
    uuids: Sequence[UUID],
    new_names: Mapping[UUID, LearnerProfile],
    new_fields: Mapping[UUID, dict[str, Any] | None],
    actor: Actor,
    belongs_to: Mapping[str, int | None],
) -> list[UUID]:
    with transaction.atomic():
        actor = find_held_account(actor, hold_accounts([get_actor_id(actor)]))
        waiting = start_again(uuids, actor=actor, **belongs_to)
        _rename({pk: new_names[pk] for pk in waiting if pk in new_names})
        rows = [Credential(pk=pk, custom_fields=new_fields[pk]) for pk in waiting if pk in new_fields]
        Credential.objects.bulk_update(rows, ["custom_fields"])
    return waiting


def _rename(profiles: Mapping[UUID, LearnerProfile]) -> None:
    parts = {pk: describe_name(profile) for pk, profile in profiles.items()}
    rows = [Credential(pk=pk, name_parts=found) for pk, found in parts.items() if found]
    Credential.objects.bulk_update(rows, ["name_parts"])
    for batch in in_batches(sorted(profiles), params_each=5):
        values = {pk: read_name(profiles[pk]) for pk in batch}
        folded = {pk: fold(name) for pk, name in values.items()}
        Credential.objects.filter(pk__in=batch).update(
            user_full_name=ByKey(Credential, "user_full_name", values),
            search_name=ByKey(Credential, "search_name", folded),
        )


def retry_credentials(credential_uuids: Iterable[UUID], *, actor: Actor = None) -> int:
    """Enqueue credentials in ERROR again. Return how many were in ERROR and are now GENERATING.

    Raises:
        TransientError: a credential failed because the learner had no name, and the LMS could not answer.
    """
    uuids = list(credential_uuids)
    waiting: list[UUID] = []
    holds = MailHolds(MailHold.Act.RETRY, actor)
    for context_key, group in _group_by_context(uuids):
        waiting += retry_failed(group, actor=actor, mail_hold_id=holds.get(context_key))
    send_pending(waiting)
    return len(waiting)


def _group_by_context(uuids: Sequence[UUID]) -> list[tuple[str, list[UUID]]]:
    """Return the failed ones of the credentials, by learning context."""
    groups: dict[str, list[UUID]] = {}
    for batch in in_batches(sorted(uuids)):
        rows = Credential.objects.filter(pk__in=batch, status=Status.ERROR).order_by("pk")
        for key, pk in rows.values_list("learning_context_key", "pk"):
            groups.setdefault(key, []).append(pk)
    return sorted(groups.items())


def send_pending(uuids: Iterable[UUID]) -> None:
    """Enqueue credentials that wait for the workers, in chunks, after the commit. If a task is lost, the sweep finds them."""
    chunks = list(cut_into_chunks([str(pk) for pk in uuids]))
    if chunks:
        transaction.on_commit(lambda: signals.send(signals.credentials_pending, chunks=chunks), robust=True)


def cut_into_chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Divide waiting credentials into chunks of up to ``CHUNK_SIZE``."""
    size = get_settings().CHUNK_SIZE
    return (items[start : start + size] for start in range(0, len(items), size))
