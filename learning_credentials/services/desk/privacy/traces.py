"""Removes the id of an account from rows about many learners: messages, runs, deliveries, and the admin's log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from learning_credentials.models import GenerationRun, HostMessage, JobRow, WebhookDelivery
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from django.db.models import Model

#: The columns of runs that list learners.
_LISTS = ("skipped_detail", "forecast")
_CHUNK = 200
#: What the admin's log shows instead of a name.
ERASED = "(erased)"


def find_messages(user_id: Any) -> list[HostMessage]:
    """Return the messages that name an account as a learner or as the one who acts."""
    rows = HostMessage.objects.annotate(text=Cast("payload", TextField())).filter(text__contains=str(user_id))
    return [row for row in rows.order_by("pk") if without(row.payload, user_id) != row.payload]


def remove_from_messages(user_id: Any) -> int:
    """Remove an account from messages that wait. Delete those that concern nobody else. Return how many changed."""
    found = find_messages(user_id)
    for row in found:
        row.payload = without(row.payload, user_id)
        if row.payload.get("actor_id") == user_id:
            del row.payload["actor_id"]
        if row.payload.get("user_ids"):
            row.save(update_fields=["payload"])
        else:
            row.delete()
    return len(found)


def find_runs(user_id: Any) -> list[GenerationRun]:
    """Return the runs whose lists name a learner."""
    listed = Q()
    rows = GenerationRun.objects.all()
    for name in _LISTS:
        rows = rows.annotate(**{f"{name}_text": Cast(name, TextField())})
        listed |= Q(**{f"{name}_text__contains": str(user_id)})
    found = rows.filter(listed).order_by("pk").iterator(chunk_size=_CHUNK)
    return [row for row in found if any(without(getattr(row, name), user_id) != getattr(row, name) for name in _LISTS)]


def remove_from_runs(user_id: Any) -> int:
    """Remove a learner from the lists of runs. The numbers stay. Return how many runs changed."""
    found = find_runs(user_id)
    for row in found:
        for name in _LISTS:
            setattr(row, name, without(getattr(row, name), user_id))
        row.save(update_fields=[*_LISTS, "modified"])
    return len(found)


def find_job_rows(user_id: Any, credential_uuids: Sequence[UUID]) -> list[int]:
    """Return the rows of operators' lists that are about a learner."""
    found = set(JobRow.objects.filter(learner=str(user_id)).values_list("pk", flat=True))
    for batch in in_batches(credential_uuids):
        found.update(JobRow.objects.filter(credential__in=batch).values_list("pk", flat=True))
    return sorted(found)


def empty_job_rows(keys: Sequence[int]) -> int:
    """Empty rows of operators' lists. What was done with them stays."""
    emptied: dict[str, Any] = {"given": "", "learner": "", "subject": ERASED, "values": {}, "message": ""}
    return sum(JobRow.objects.filter(pk__in=batch).update(**emptied) for batch in in_batches(keys))


def find_deliveries(events: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the deliveries to webhooks about history rows, by the name of their source."""
    found: list[int] = []
    for name, keys in events.items():
        for batch in in_batches([f"{name}:{key}" for key in keys]):
            found += WebhookDelivery.objects.filter(source__in=batch).order_by().values_list("pk", flat=True)
    return found


def empty_deliveries(keys: Sequence[int]) -> int:
    """Empty requests and answers. What was not delivered yet is composed again, without the account."""
    return sum(
        WebhookDelivery.objects.filter(pk__in=batch).update(body="", response_body="") for batch in in_batches(keys)
    )


def erase_from_log(rows: Mapping[type[Model], Collection[Any]]) -> int:
    """Remove the names of rows from the admin's log. Who did what and when stays. Return how many entries changed."""
    if not apps.is_installed("django.contrib.admin"):
        return 0
    from django.contrib.admin.models import LogEntry

    changed = 0
    for model, keys in rows.items():
        content_type = ContentType.objects.get_for_model(model)
        for batch in in_batches([str(key) for key in keys]):
            entries = LogEntry.objects.filter(content_type=content_type, object_id__in=batch)
            changed += entries.update(object_repr=ERASED, change_message="")
    return changed


def without(value: Any, user_id: Any) -> Any:
    """Return a value from a JSON column without the account: it is removed from lists, and as the key of an object."""
    if isinstance(value, list):
        return [without(each, user_id) for each in value if not _is(each, user_id)]
    if isinstance(value, dict):
        return {name: without(each, user_id) for name, each in value.items() if name != str(user_id)}
    return value


def _is(value: Any, user_id: Any) -> bool:
    return not isinstance(value, (bool, dict, list)) and str(value) == str(user_id)
