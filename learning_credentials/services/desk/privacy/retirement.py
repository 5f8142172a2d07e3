"""Erases the data of one learner, in one transaction. Files are noted in it, and the sweep deletes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from learning_credentials.data import WITHDRAWN, Keep, Retirement
from learning_credentials.exceptions import LearnerNotFoundError
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    Credential,
    CredentialEvent,
    Learner,
    LearnerCertificate,
    MailNote,
    RevokedPlace,
)
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import (
    Actor,
    get_actor_id,
    hold_accounts,
    note_stray_files,
    retry_on_contention,
)
from learning_credentials.services.credentials import lock_for_transition, log_retirement, make_invalidated
from learning_credentials.services.desk.privacy import traces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

#: The name of the file of a withdrawn credential. Only credentials that had a file have a public page.
_NO_FILE = "withdrawn"
#: What the row of a credential says about its holder, and what stays instead.
_EMPTIED: dict[str, Any] = {
    "user_id": None,
    "user_full_name": "",
    "search_name": "",
    "language": "",
    "name_parts": None,
    "custom_fields": {},
    "error_message": "",
    "notification_error": "",
    "artifact_name": _NO_FILE,
    "artifact_sha256": "",
    "generation_task_id": "",
    "is_indexable": False,
}

_KEPT_TEXTS = ("letter_grade", "mode")


def retire_learner(user: Actor, *, keep: Keep | str = Keep.TOMBSTONE, actor: Actor = None) -> Retirement:
    """Erase what the app knows about a learner, and withdraw the learner's credentials. This cannot be undone.

    Their badges are revoked. Their pages say that they were withdrawn at the holder's request, or answer like unknown ids. Names, results,
    files, certificate statuses, allowlist entries and bars are gone, and so are the learner's traces in the history, in messages, in the
    log of webhooks and in the admin's log. The account itself is the host's: deactivate or delete it too, or the schedule can issue
    credentials again.

    Everything happens in one transaction, which can be the caller's. Files are deleted by the sweep. The retirement is written to
    ``REVOCATION_LOG``, so that it can be repeated after a restored backup.

    Args:
        user: the learner's account or its id.
        keep: what stays of the credentials.
        actor: who asks.

    Raises:
        LearnerNotFoundError: the app has no such account.
        ValueError: ``keep`` is none of the three.
        OSError: ``REVOCATION_LOG`` cannot be written. Then nothing was erased.
    """
    keep = Keep(keep)
    key: Any = get_user_model()._meta.pk  # noqa: SLF001  a public interface in spite of its name
    user_id = key.to_python(get_actor_id(user))
    return _retire(user_id, keep, actor)


@retry_on_contention
@transaction.atomic
def _retire(user_id: Any, keep: Keep, actor: Actor) -> Retirement:
    if user_id is None or user_id not in hold_accounts([user_id]):
        msg = f"there is no account with the id {user_id}"
        raise LearnerNotFoundError(msg)
    if not get_user_model().objects.filter(pk=user_id).exists():  # databases without row locks hold nothing
        msg = f"there is no account with the id {user_id}"
        raise LearnerNotFoundError(msg)
    owned = list(Credential.objects.filter(user_id=user_id).order_by("pk").values_list("pk", flat=True))
    events = _list_events(user_id, owned)
    _withdraw(owned, actor if get_actor_id(actor) != user_id else None)
    rows = traces.erase_from_log(_list_logged(user_id, owned))
    rows += traces.empty_deliveries(traces.find_deliveries(events))
    rows += traces.empty_job_rows(traces.find_job_rows(user_id, owned))
    rows += traces.remove_from_messages(user_id)
    rows += traces.remove_from_runs(user_id)
    rows += _erase_standings(user_id, keep)
    rows += _forget_acts(user_id)
    for batch in in_batches(owned):
        rows += MailNote.objects.filter(pk__in=batch).delete()[0]
        if keep is Keep.NOTHING:
            _delete(batch)
        else:
            _empty(batch, keep)
    log_retirement(user_id)
    return Retirement(len(owned), rows)


def _withdraw(owned: Sequence[UUID], actor: Actor) -> None:
    for batch in in_batches(owned):
        rows = Credential.objects.filter(pk__in=batch)
        make_invalidated(lock_for_transition(rows), reason=WITHDRAWN, actor=actor)
        files = rows.exclude(artifact_name="").order_by().values_list("artifact_name", flat=True)
        note_stray_files(list(files))


def _list_events(user_id: Any, owned: Sequence[UUID]) -> dict[str, list[int]]:
    """Return the history rows about the learner, by the names that webhooks give their sources."""
    of_credentials: list[int] = []
    for batch in in_batches(owned):
        of_credentials += CredentialEvent.objects.filter(credential__in=batch).values_list("pk", flat=True)
    of_standings = CertificateEvent.objects.filter(user_id=user_id).values_list("pk", flat=True)
    return {"credential": of_credentials, "standing": list(of_standings)}


def _list_logged(user_id: Any, owned: Sequence[UUID]) -> dict[type[Any], list[Any]]:
    models: tuple[type[Any], ...] = (LearnerCertificate, AllowlistEntry, CertificateInvalidation)
    logged = {model: list(model.objects.filter(user_id=user_id).values_list("pk", flat=True)) for model in models}
    return {Credential: list(owned), **logged}


def _erase_standings(user_id: Any, keep: Keep) -> int:
    rows = 0
    for model in (LearnerCertificate, AllowlistEntry, CertificateInvalidation, Learner):
        rows += model.objects.filter(user_id=user_id).delete()[0]
    events = CertificateEvent.objects.filter(user_id=user_id)
    if keep is Keep.NOTHING:
        return rows + events.delete()[0]
    return rows + events.update(user_id=None, reason="")


def _forget_acts(user_id: Any) -> int:
    """Remove the account as the one who acted, from all rows of the app. What was done and when stays."""
    users, rows = get_user_model(), 0
    for model in apps.get_app_config("learning_credentials").get_models():
        for field in model._meta.concrete_fields:  # noqa: SLF001  a public interface in spite of its name
            if field.related_model is users and field.null:
                rows += model._default_manager.filter(**{field.attname: user_id}).update(**{field.attname: None})  # noqa: SLF001
    return rows


def _empty(batch: Sequence[UUID], keep: Keep) -> None:
    """Empty credentials and their history. A credential that was never issued is deleted."""
    _delete(list(Credential.objects.filter(pk__in=batch, artifact_name="").values_list("pk", flat=True)))
    rows = Credential.objects.filter(pk__in=batch)
    if keep is Keep.ANONYMOUS_RECORD:
        for pk, evidence in rows.values_list("pk", "evidence"):
            rows.filter(pk=pk).update(evidence=_keep_results(evidence))
        emptied = _EMPTIED
    else:
        emptied = {**_EMPTIED, "evidence": {}}
    # The file is deleted and not archived, so no worker must look for it.
    rows.filter(archived_at=None).update(archived_at=timezone.now())
    rows.update(**emptied, blocks_reissue=False, invalidation_reason=WITHDRAWN)
    events = CredentialEvent.objects.filter(credential__in=batch)
    events.exclude(Q(to_status=Credential.Status.INVALIDATED) & Q(reason=WITHDRAWN)).update(reason="")
    events.update(detail={})


def _keep_results(evidence: Any) -> Any:
    """Return evidence without texts: a plug-in of the host can have written anything into them. Letter grades and modes stay."""
    if isinstance(evidence, dict):
        kept = {name: _keep_results(value) for name, value in evidence.items()}
        texts = {name: evidence[name] for name in _KEPT_TEXTS if isinstance(evidence.get(name), str)}
        return {**{name: value for name, value in kept.items() if value is not None}, **texts}
    if isinstance(evidence, list):
        return [_keep_results(value) for value in evidence]
    return None if isinstance(evidence, str) else evidence


def _delete(batch: Sequence[UUID]) -> None:
    """Delete credentials. Their places in the status lists stay revoked."""
    rows = Credential.objects.filter(pk__in=batch)
    places = rows.order_by().values_list("status_list_id", "status_list_index")
    RevokedPlace.objects.bulk_create(
        RevokedPlace(status_list_id=status_list, index=index) for status_list, index in places if index is not None
    )
    rows.update(replaces=None)
    rows.delete()
