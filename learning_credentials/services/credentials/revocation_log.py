"""Writes and reads the log of revocations, ``REVOCATION_LOG``: a file that stays when a backup of the database is restored.

Each line is a JSON object with ``v`` (1), ``at`` (UTC) and ``event``:

* ``credential_revoked`` has ``credential`` and ``verify`` (the internal and the public id), ``list``, ``index`` and ``mirrored`` (its
  place, if it has one), ``blocks_reissue``, ``reason`` and ``by`` (the id of the account that acted, or null).
* ``block_lifted`` has ``credential``, ``reason`` and ``by``: from then on another credential may be issued to its learner.
* ``learner_retired`` has ``user``, the id of the account.

Names, addresses and grades are not in it. A revocation, or the lifting of its block, stores in its transaction that it must be logged.
The file is written after the commit. If that fails, the sweep writes it later. A revocation never fails because of the log.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.conf import settings as django_settings
from django.db import transaction

from learning_credentials.conf import get_settings
from learning_credentials.models import Credential, CredentialEvent, UnloggedRevocation
from learning_credentials.services.common import append_lines, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

logger = logging.getLogger(__name__)

VERSION = 1
REVOKED, LIFTED, RETIRED = "credential_revoked", "block_lifted", "learner_retired"
_BATCH = 500


class LoggedRevocation(NamedTuple):
    """A revocation in the log. ``place`` is the status list and the index, or None if the credential had no place in a list."""

    credential_uuid: UUID
    place: tuple[int, int] | None
    is_mirrored: bool
    at: datetime
    reason: str
    actor_id: Any
    blocks_reissue: bool


class LoggedLift(NamedTuple):
    """A lifted block in the log."""

    at: datetime
    reason: str
    actor_id: Any


class RevocationLogContent(NamedTuple):
    """The content of logs: revocations and lifted blocks by credential, retired accounts with the time, and problems as sentences.

    A lifted block stays lifted, so the order of the lines makes no difference.
    """

    revocations: dict[UUID, LoggedRevocation]
    lifted: dict[UUID, LoggedLift]
    retired: dict[str, datetime]
    problems: list[str]


def get_revocation_log_path() -> Path | None:
    """Return the path of the revocation log, or None if there is no log."""
    path = get_settings().REVOCATION_LOG
    return Path(getattr(django_settings, "BASE_DIR", ""), path) if path else None


def note(credential_uuids: Sequence[UUID | str]) -> None:
    """Have revocations logged after the commit, and the lifting of their blocks if they were lifted.

    Call it in the transaction that invalidates the credentials or lifts the blocks.
    """
    if get_revocation_log_path() is None:
        return
    UnloggedRevocation.objects.bulk_create([UnloggedRevocation(credential_id=uuid) for uuid in credential_uuids])
    transaction.on_commit(write_pending_revocations, robust=True)


def log_retirement(user_id: object) -> None:
    """Write that the data of an account was erased. Without a log, do nothing.

    Call it at the end of the transaction. A line about a retirement that was then rolled back does no harm: it asks to repeat it.

    Raises:
        OSError: the file cannot be written.
    """
    path = get_revocation_log_path()
    if path is not None:
        line = {"v": VERSION, "at": datetime.now(UTC).isoformat(), "event": RETIRED, "user": user_id}
        append_lines(path, [json.dumps(line, default=str)])


def write_pending_revocations() -> int:
    """Write revocations that are not in the log yet. Return how many. Errors are logged, and the next sweep tries again."""
    path = get_revocation_log_path()
    if path is None:
        return 0
    written = 0
    while rows := list(UnloggedRevocation.objects.select_related("credential__status_list").order_by("pk")[:_BATCH]):
        try:
            append_lines(path, _write_lines([row.credential for row in rows]))
        except OSError:
            logger.exception("Revocations could not be written to %s. The sweep will try again", path)
            return written
        # Another process may have written the same line. A repeated line does no harm.
        UnloggedRevocation.objects.filter(pk__in=[row.pk for row in rows]).delete()
        written += len(rows)
    return written


def read_revocation_log(paths: Iterable[Path]) -> RevocationLogContent:
    """Read logs. Return their content. Skip an unfinished last line, and report any other line that cannot be read.

    Raises:
        OSError: a file cannot be read.
    """
    content = RevocationLogContent({}, {}, {}, [])
    for path in paths:
        for number, line, is_whole in read_lines(path):
            try:
                _read_line(line, content)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                if is_whole:
                    what = f"{type(error).__name__}: {error}"
                    content.problems.append(f"{path}, line {number}: skipped, because it cannot be read ({what})")
    return content


def _write_lines(credentials: Sequence[Credential]) -> Iterable[str]:
    events = CredentialEvent.objects.filter(
        credential__in=[row.pk for row in credentials], to_status=Credential.Status.INVALIDATED
    )
    actors = dict(events.order_by("pk").values_list("credential_id", "actor_id"))
    lifts = CredentialEvent.objects.filter(
        credential__in=[row.pk for row in credentials], action=CredentialEvent.Action.BLOCK_LIFTED
    )
    lifted = {event.credential_id: event for event in lifts.order_by("pk")}
    for row in credentials:
        line = {
            "v": VERSION,
            "at": (row.invalidated_at or datetime.now(UTC)).astimezone(UTC).isoformat(),
            "event": REVOKED,
            "credential": str(row.pk),
            "verify": str(row.verify_uuid),
            "list": row.status_list_id,
            "index": row.status_list_index,
            "mirrored": row.status_list is not None and row.status_list.is_mirrored,
            "blocks_reissue": row.blocks_reissue,
            "reason": row.invalidation_reason,
            "by": actors.get(row.pk),
        }
        # In ASCII, so that no text contains another kind of line break, and readers need not know the encoding.
        yield json.dumps(line, default=str)
        if event := lifted.get(row.pk):
            line = {
                "v": VERSION,
                "at": event.created_at.astimezone(UTC).isoformat(),
                "event": LIFTED,
                "credential": str(row.pk),
                "reason": event.reason,
                "by": event.actor_id,
            }
            yield json.dumps(line, default=str)


def _read_line(line: bytes, content: RevocationLogContent) -> None:
    entry = json.loads(line)
    if entry["v"] != VERSION:
        msg = f"version {entry['v']!r} is unknown"
        raise ValueError(msg)
    at = datetime.fromisoformat(entry["at"])
    if at.tzinfo is None:
        raise ValueError("the time has no time zone")
    match entry["event"]:
        case "credential_revoked":
            uuid = UUID(entry["credential"])
            has_place = entry["list"] is not None and entry["index"] is not None
            content.revocations[uuid] = LoggedRevocation(
                credential_uuid=uuid,
                place=(int(entry["list"]), int(entry["index"])) if has_place else None,
                is_mirrored=bool(entry["mirrored"]),
                at=at,
                reason=str(entry["reason"]),
                actor_id=entry["by"],
                blocks_reissue=bool(entry["blocks_reissue"]),
            )
        case "block_lifted":
            content.lifted[UUID(entry["credential"])] = LoggedLift(at, str(entry["reason"]), entry["by"])
        case "learner_retired":
            content.retired[str(entry["user"])] = at
        case unknown:
            msg = f"event {unknown!r} is unknown"
            raise ValueError(msg)
