"""Gives one person everything that the app knows about them: a ZIP file with JSON and the learner's files."""

from __future__ import annotations

import json
import shutil
import zipfile
from typing import IO, TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from learning_credentials.exceptions import LearnerNotFoundError, StorageUnavailableError
from learning_credentials.filenames import make_file_name
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    Credential,
    CredentialEvent,
    DailyCount,
    JobRow,
    LearnerCertificate,
    MailNote,
    WebhookDelivery,
)
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import Actor, get_actor_id, open_file
from learning_credentials.services.desk.privacy import traces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import Model

#: Columns for the app's own work that say nothing about the learner.
_TECHNICAL = frozenset({"generation_task_id", "generation_started_at", "notification_held_until", "search_name"})


def export_learner(user: Actor, into: IO[bytes]) -> list[str]:
    """Write everything that the app knows about a learner as a ZIP file: ``data.json``, and the files of credentials.

    Args:
        user: the learner's account or its id.
        into: where to write. It must be seekable.

    Returns:
        The names in the ZIP file. Files that the storage could not give are listed in ``data.json`` under ``missing_files``.

    Raises:
        LearnerNotFoundError: there is no such account.
    """
    key: Any = get_user_model()._meta.pk  # noqa: SLF001  a public interface in spite of its name
    user_id = key.to_python(get_actor_id(user))
    if user_id is None or not get_user_model().objects.filter(pk=user_id).exists():
        msg = f"there is no account with the id {user_id}"
        raise LearnerNotFoundError(msg)
    owned = list(Credential.objects.filter(user_id=user_id).order_by("pk").values_list("pk", flat=True))
    data = _collect(user_id, owned)
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        data["missing_files"] = _add_files(archive, owned)
        archive.writestr("data.json", json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        return archive.namelist()


def _collect(user_id: Any, owned: Sequence[UUID]) -> dict[str, Any]:
    events = _read(CredentialEvent, "credential_id", owned)
    changes = list(CertificateEvent.objects.filter(user_id=user_id).order_by("pk").values())
    keys = {"credential": [row["id"] for row in events], "standing": [row["id"] for row in changes]}
    return {
        "exported_at": timezone.now(),
        "user_id": user_id,
        "credentials": _read(Credential, "pk", owned),
        "history_of_credentials": events,
        "views_and_downloads": _read(DailyCount, "credential_id", owned),
        "mails_being_sent": _read(MailNote, "pk", owned),
        "certificate_statuses": list(LearnerCertificate.objects.filter(user_id=user_id).order_by("pk").values()),
        "allowlist": list(AllowlistEntry.objects.filter(user_id=user_id).order_by("pk").values()),
        "bars": list(CertificateInvalidation.objects.filter(user_id=user_id).order_by("pk").values()),
        "history_of_statuses": changes,
        "messages": [
            {"kind": row.kind, "context_key": row.context_key, "created": row.created}
            for row in traces.find_messages(user_id)
        ],
        "skipped_in_runs": [
            {"run": row.pk, "configuration": row.configuration_id} for row in traces.find_runs(user_id)
        ],
        "in_lists_of_operators": _read(JobRow, "pk", traces.find_job_rows(user_id, owned)),
        "sent_to_other_systems": _read(WebhookDelivery, "pk", traces.find_deliveries(keys)),
    }


def _read(model: type[Model], lookup: str, keys: Sequence[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in in_batches(keys):
        found: Any = model._default_manager.filter(**{f"{lookup}__in": batch}).order_by("pk").values()  # noqa: SLF001
        rows += [{name: value for name, value in row.items() if name not in _TECHNICAL} for row in found]
    return rows


def _add_files(archive: zipfile.ZipFile, owned: Sequence[UUID]) -> list[str]:
    """Add the files of credentials one by one. Return the ids of credentials whose file could not be read."""
    missing: list[str] = []
    for batch in in_batches(owned):
        rows = Credential.objects.filter(pk__in=batch).exclude(artifact_name="").order_by("pk")
        for verify_uuid, name, title in rows.values_list("verify_uuid", "artifact_name", "credential_type_name"):
            extension = name.rpartition(".")[2]
            file_name = make_file_name(title, str(verify_uuid), extension=extension)
            try:
                with open_file(name) as source, archive.open(f"files/{file_name}", "w") as target:
                    shutil.copyfileobj(source, target)
            except StorageUnavailableError:
                missing.append(str(verify_uuid))
    return missing
