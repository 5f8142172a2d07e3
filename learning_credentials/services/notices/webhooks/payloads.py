"""Composes what webhooks receive: ids, statuses, keys and times. Names, e-mail addresses and grades are never sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from learning_credentials.models import CertificateEvent, CredentialEvent, GenerationRun
from learning_credentials.services.common import get_url_maker
from learning_credentials.services.notices.webhooks.events import CREDENTIALS, RUNS, STANDINGS, TEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from learning_credentials.models import WebhookDelivery


def compose_bodies(deliveries: Iterable[WebhookDelivery]) -> dict[int, str]:
    """Return the body, as JSON, for each delivery, by its primary key. Leave out those whose row was deleted.

    The number of queries depends on the number of sources and not of deliveries.
    """
    rows = list(deliveries)
    data: dict[str, dict[str, Any]] = {}
    for name, compose in _COMPOSERS.items():
        keys = [int(row.source.rpartition(":")[2]) for row in rows if row.source.startswith(f"{name}:")]
        if keys:
            data.update((f"{name}:{key}", values) for key, values in compose(keys).items())
    bodies: dict[int, str] = {}
    for row in rows:
        values = {"message": "This is a test."} if row.event == TEST else data.get(row.source)
        if values is not None:
            body = {"type": row.event, "timestamp": row.occurred_at.isoformat(), "data": values}
            bodies[row.pk] = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return bodies


def _compose_credentials(keys: list[int]) -> dict[int, dict[str, Any]]:
    make_url = get_url_maker()
    events = CredentialEvent.objects.filter(pk__in=keys).select_related(
        "credential", "credential__configuration__credential_type", "credential__replaces"
    )
    bodies = {}
    for event in events:
        credential = event.credential
        replaced = credential.replaces
        bodies[event.pk] = {
            "verify_uuid": str(credential.verify_uuid),
            "verify_url": make_url(credential.verify_uuid),
            "status": event.to_status or credential.status,
            "user_id": _as_json(credential.user_id),
            "learning_context_key": credential.learning_context_key,
            "credential_type": credential.configuration.credential_type.slug,
            "configuration_id": credential.configuration_id,
            "issued_at": _as_text(credential.issued_at),
            "expires_at": _as_text(credential.expires_at),
            "replaces": str(replaced.verify_uuid) if replaced else None,
            "reason": event.reason,
        }
    return bodies


def _compose_standings(keys: list[int]) -> dict[int, dict[str, Any]]:
    return {
        event.pk: {
            "user_id": _as_json(event.user_id),
            "course_key": event.learning_context_key,
            "previous_status": event.from_value,
            "status": event.to_value,
        }
        for event in CertificateEvent.objects.filter(pk__in=keys)
    }


def _compose_runs(keys: list[int]) -> dict[int, dict[str, Any]]:
    return {
        run.pk: {
            "run_id": run.pk,
            "configuration_id": run.configuration_id,
            "credential_type": run.configuration.credential_type.slug,
            "learning_context_key": run.configuration.learning_context_key,
            "issued": run.done,
            "failed": run.failed,
            "skipped": run.skipped,
            "error_code": run.error_code,
            "started_at": _as_text(run.started_at),
            "finished_at": _as_text(run.finished_at),
        }
        for run in GenerationRun.objects.filter(pk__in=keys).select_related("configuration__credential_type")
    }


_COMPOSERS: Mapping[str, Callable[[list[int]], dict[int, dict[str, Any]]]] = {
    CREDENTIALS.name: _compose_credentials,
    STANDINGS.name: _compose_standings,
    RUNS.name: _compose_runs,
}


def _as_text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _as_json(user_id: object) -> int | str | None:
    """Return a primary key of the host's user model, which can be a UUID, as JSON can write it."""
    return user_id if user_id is None or isinstance(user_id, int) else str(user_id)
