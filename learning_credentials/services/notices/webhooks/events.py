"""Names the events that webhooks can hear of, and finds the history rows that tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Max

from learning_credentials.models import CertificateEvent, CredentialEvent, GenerationRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import Model, QuerySet

TEST = "webhook.test"
STATUS_CHANGED = "certificate_status.changed"
RUN_FINISHED = "run.finished"

_Action = CredentialEvent.Action
#: The event for each action in the history of a credential. Other actions concern only staff.
CREDENTIAL_EVENTS: Mapping[str, str] = {
    _Action.ISSUED: "credential.issued",
    _Action.FAILED: "credential.failed",
    _Action.INVALIDATED: "credential.revoked",
    _Action.UNDONE: "credential.revoked",
    _Action.REPLACED: "credential.replaced",
    _Action.RENEWED: "credential.renewed",
    _Action.EXPIRY_CHANGED: "credential.expiry_changed",
    _Action.DATE_OVERRIDDEN: "credential.date_changed",
}

#: All events that an operator can choose.
EVENTS: tuple[str, ...] = (*dict.fromkeys(CREDENTIAL_EVENTS.values()), STATUS_CHANGED, RUN_FINISHED)


class Found(NamedTuple):
    """A history row that a webhook hears of."""

    pk: int
    event: str
    context_key: str
    occurred_at: datetime


@dataclass(frozen=True)
class Source:
    """A table with history rows. Its primary keys grow, but a row can appear later than one with a larger key."""

    name: str
    model: type[Model]
    #: The lookup of the context's key, and the column with the time.
    key_path: str
    time_path: str

    def list_rows(self) -> QuerySet[Model]:
        """Return the rows that webhooks hear of."""
        if self.model is CredentialEvent:
            return self.model._default_manager.filter(action__in=CREDENTIAL_EVENTS)  # noqa: SLF001
        if self.model is CertificateEvent:
            rows = self.model._default_manager.filter(subject=CertificateEvent.Subject.STANDING)  # noqa: SLF001
            return rows.filter(field="status")
        return self.model._default_manager.filter(is_dry_run=False, finished_at__isnull=False)  # noqa: SLF001

    def read(self, rows: QuerySet[Model], limit: int) -> list[Found]:
        """Return the first of the rows in the order of their keys."""
        names = ["pk", self.key_path, self.time_path]
        if self.model is CredentialEvent:
            names.append("action")
        found = rows.order_by("pk").values_list(*names)[:limit]
        return [Found(pk, self._name(rest), key, moment) for pk, key, moment, *rest in found]

    def _name(self, rest: list[str]) -> str:
        if self.model is CredentialEvent:
            return CREDENTIAL_EVENTS[rest[0]]
        return STATUS_CHANGED if self.model is CertificateEvent else RUN_FINISHED

    def find_last(self) -> int:
        """Return the largest key, or 0."""
        last: int | None = self.model._default_manager.aggregate(last=Max("pk"))["last"]  # noqa: SLF001
        return last or 0


CREDENTIALS = Source("credential", CredentialEvent, "credential__learning_context_key", "created_at")
STANDINGS = Source("standing", CertificateEvent, "learning_context_key", "created_at")
RUNS = Source("run", GenerationRun, "configuration__learning_context_key", "finished_at")
SOURCES = (CREDENTIALS, STANDINGS, RUNS)
