"""Says what invalidating credentials would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.models import CertificateInvalidation, Credential, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.course_runs import issues_course_certificates
from learning_credentials.services.credentials import is_called_back, list_unsent
from learning_credentials.services.desk.consequences.values import Consequences, group

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

Status = Credential.Status

ENDED = "ended"
#: A learner in a course run.
Place = tuple[int, str]


def foresee_invalidations(credential_uuids: Sequence[UUID], *, blocks_reissue: bool = True) -> Consequences:
    """Return who would lose a credential, and whose e-mail would not be sent any more. The number of queries is constant.

    Invalidating a course certificate with a block bars its learner from the certificate of the run. That takes those of other
    configurations too.
    """
    stored: dict[UUID, Credential] = {}
    for batch in in_batches(sorted(set(credential_uuids))):
        rows = Credential.objects.filter(pk__in=batch).select_related("configuration__credential_type")
        stored |= {row.pk: row for row in rows}
    chosen = [stored[pk] for pk in credential_uuids if pk in stored]
    others = _find_others([row for row in chosen if _bars(row)]) if blocks_reissue else {}
    gone: dict[UUID, Credential] = {}
    left_out: list[tuple[str, int | None]] = []
    for row in chosen:
        if row.status == Status.INVALIDATED or row.pk in gone:
            left_out.append((ENDED, row.user_id))
            continue
        gone[row.pk] = row
        if blocks_reissue and _bars(row) and row.user_id is not None:
            # In the same run each learner is barred once.
            gone |= {other.pk: other for other in others.pop((row.user_id, row.learning_context_key), ())}
    counts, learners = group(
        ("revoked" if row.status == Status.AVAILABLE else "cancelled", row.user_id) for row in gone.values()
    )
    left_counts, left_lists = group(left_out)
    unsent = sum(list_unsent().filter(~is_called_back(), pk__in=batch).count() for batch in in_batches(sorted(gone)))
    return Consequences(counts, learners, left_counts, left_lists, checked=len(credential_uuids), unsent=unsent)


def _bars(row: Credential) -> bool:
    """Return whether invalidating the credential with a block bars the learner. See `invalidate_credential`."""
    is_issued = row.status == Status.AVAILABLE
    is_reissue = row.replaces_id is not None and not row.is_renewal and row.is_current is None
    blocks = row.is_current is not None if is_issued else not is_reissue and not row.is_renewal
    return blocks and row.user_id is not None and issues_course_certificates(row.configuration)


def _find_others(barring: Sequence[Credential]) -> dict[Place, list[Credential]]:
    """Return the live course certificates that learners would lose when they are barred, by learner and run."""
    places = {(row.user_id, row.learning_context_key) for row in barring if row.user_id is not None}
    users, keys = sorted({user for user, _key in places}), sorted({key for _user, key in places})
    found: dict[Place, list[Credential]] = {}
    for some in in_batches(users, spare=40 + len(keys)):
        standings = LearnerCertificate.objects.filter(user_id__in=some, course_certificate__course_key__in=keys)
        standings = standings.exclude(status=LearnerCertificate.Status.UNAVAILABLE).order_by()
        open_places = set(standings.values_list("user_id", "course_certificate__course_key"))
        barred = CertificateInvalidation.objects.filter(user_id__in=some, learning_context_key__in=keys, is_active=True)
        open_places -= set(barred.order_by().values_list("user_id", "learning_context_key"))
        live = Credential.objects.filter(user_id__in=some, learning_context_key__in=keys, is_current=True)
        for row in live.select_related("configuration__credential_type").order_by("pk"):
            place = (row.user_id or 0, row.learning_context_key)
            if place in open_places and place in places and issues_course_certificates(row.configuration):
                found.setdefault(place, []).append(row)
    return found
