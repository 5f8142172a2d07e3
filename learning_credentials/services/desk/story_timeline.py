"""Reads what happened to one learner: events of credentials and certificates, and e-mails, in one time line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.lms import Scope
from learning_credentials.models import CertificateEvent, Credential, CredentialEvent
from learning_credentials.services.common import make_condition
from learning_credentials.services.desk.story_values import EventKind, Timeline, TimelineEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from learning_credentials.services.common import Actor

#: How many entries the time line has.
MAX_ENTRIES = 100
_COLUMNS = (
    "pk",
    "credential_type_name",
    "learning_context_name",
    "notified_at",
    "notification_attempts",
    "notification_error",
    "modified",
    "status",
)
EVERYTHING = Scope.everything()
_KINDS = {
    CertificateEvent.Subject.STANDING: EventKind.STANDING,
    CertificateEvent.Subject.ALLOWLIST: EventKind.ALLOWLIST,
    CertificateEvent.Subject.INVALIDATION: EventKind.INVALIDATION,
}


def read_timeline(user_id: Any, *, scope: Scope = EVERYTHING) -> Timeline:
    """Return the latest `MAX_ENTRIES` things that happened to a learner in the contexts of a scope, newest first, with three queries."""
    credentials = _read_credentials(user_id, scope)
    entries = sorted(
        [
            *_iter_credential_events(credentials),
            *_iter_certificate_events(user_id, scope),
            *_iter_mails(credentials.values()),
        ],
        key=lambda entry: entry.at,
        reverse=True,
    )
    return Timeline(entries[:MAX_ENTRIES], is_cut=len(entries) > MAX_ENTRIES)


def _read_credentials(user_id: Any, scope: Scope) -> dict[UUID, Credential]:
    """Return the learner's latest credentials. The events of all of them could be too many to sort."""
    rows = Credential.objects.filter(make_condition(Credential, scope), user_id=user_id).order_by("-created", "pk")
    return {row.pk: row for row in rows.only(*_COLUMNS)[: MAX_ENTRIES + 1]}


def _iter_credential_events(credentials: Mapping[UUID, Credential]) -> Iterator[TimelineEntry]:
    events = CredentialEvent.objects.filter(credential_id__in=list(credentials)).select_related("actor")
    for event in events.order_by("-created_at", "-pk")[: MAX_ENTRIES + 1]:
        row = credentials[event.credential_id]
        yield TimelineEntry(
            EventKind.CREDENTIAL,
            event.created_at,
            event.action,
            f"{row.credential_type_name} · {row.learning_context_name}",
            by=_name(event.actor),
            reason=event.reason,
            before=event.from_status,
            after=event.to_status,
            credential_uuid=event.credential_id,
            detail=event.detail,
        )


def _iter_certificate_events(user_id: Any, scope: Scope) -> Iterator[TimelineEntry]:
    rows = CertificateEvent.objects.filter(make_condition(CertificateEvent, scope), user_id=user_id)
    events = rows.filter(subject__in=list(_KINDS)).select_related("actor")
    for event in events.order_by("-created_at", "-pk")[: MAX_ENTRIES + 1]:
        yield TimelineEntry(
            _KINDS[CertificateEvent.Subject(event.subject)],
            event.created_at,
            event.field,
            event.learning_context_key,
            by=_name(event.actor),
            reason=event.reason,
            before=event.from_value,
            after=event.to_value,
        )


def _iter_mails(credentials: Iterable[Credential]) -> Iterator[TimelineEntry]:
    for row in credentials:
        subject = f"{row.credential_type_name} · {row.learning_context_name}"
        if row.notified_at is not None:
            yield TimelineEntry(EventKind.MAIL, row.notified_at, "sent", subject, credential_uuid=row.pk)
        elif row.notification_attempts and row.status == Credential.Status.AVAILABLE:
            detail = {"attempts": row.notification_attempts, "error": row.notification_error}
            yield TimelineEntry(
                EventKind.MAIL_FAILED, row.modified, "failed", subject, credential_uuid=row.pk, detail=detail
            )


def _name(user: Actor) -> str:
    return user.get_username() if user is not None and not isinstance(user, int) else ""
