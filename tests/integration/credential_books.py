"""Check that credentials, their history, status lists, signals, files and public answers agree with each other."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.data import VerificationStatus
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.models import Credential, CredentialEvent, StatusList, StrayPlace
from learning_credentials.services.common import get_archive_name, get_claim_dir
from learning_credentials.services.credentials import get_revocation_log_path, make_bits, read_revocation_log
from learning_credentials.services.public import verify_credential
from learning_credentials.storages import get_prefix, get_storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

Status = Credential.Status
Action = CredentialEvent.Action

#: The changes of status that each action stands for. Actions that are not here change no status.
CHANGES = {
    Action.CREATED: {("", Status.GENERATING)},
    Action.ISSUED: {(Status.GENERATING, Status.AVAILABLE)},
    Action.FAILED: {(Status.GENERATING, Status.ERROR)},
    Action.RETRIED: {(Status.ERROR, Status.GENERATING)},
    Action.INVALIDATED: {(Status.AVAILABLE, Status.INVALIDATED)},
    Action.REPLACED: {(Status.AVAILABLE, Status.INVALIDATED)},
    Action.CANCELLED: {(Status.GENERATING, Status.INVALIDATED), (Status.ERROR, Status.INVALIDATED)},
}
#: The statuses that a credential can have later.
LATER = {
    Status.GENERATING: set(Status),
    Status.ERROR: set(Status),
    Status.AVAILABLE: {Status.AVAILABLE, Status.INVALIDATED},
    Status.INVALIDATED: {Status.INVALIDATED},
}
#: These columns never change again after they were set.
FIXED = (
    "verify_uuid",
    "status_list_id",
    "status_list_index",
    "issued_at",
    "artifact_sha256",
    "invalidated_at",
    "invalidation_reason",
    "archived_at",
)


class Books:
    """What the last check found, and the signals since the beginning."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Credential] = {}
        self.entries: dict[int, tuple[UUID, str]] = {}
        self.lists: dict[int, tuple[int, set[int]]] = {}
        self.signals: Counter[tuple[str, str]] = Counter()
        self.early: list[str] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count the signals."""
        connected = [
            (signals.credentials_issued, lambda **sent: self._note("issued", sent["credential_uuids"])),
            (signals.credentials_failed, lambda **sent: self._note("failed", sent["credential_uuids"])),
            (signals.credentials_invalidated, lambda **sent: self._note("invalidated", sent["credential_uuids"])),
            (signals.credential_reissued, lambda **sent: self._note("replaced", [sent["old_uuid"]])),
            (signals.credential_reissued, lambda **sent: self._note("succeeding", [sent["new_uuid"]])),
        ]
        for signal, receiver in connected:
            signal.connect(receiver, weak=False)
        try:
            yield
        finally:
            for signal, receiver in connected:
                signal.disconnect(receiver)

    def _note(self, name: str, uuids: list[str]) -> None:
        if connection.in_atomic_block:
            self.early.append(name)
        self.signals.update((name, uuid) for uuid in uuids)

    def check(self) -> None:
        """Check everything, and that what was there at the last check could become what is there now."""
        rows = {row.pk: row for row in Credential.objects.order_by("pk")}
        history: dict[UUID, list[CredentialEvent]] = defaultdict(list)
        for event in CredentialEvent.objects.order_by("pk"):
            history[event.credential_id].append(event)
        assert set(history) == set(rows)
        for row in rows.values():
            self._check_history(row, history[row.pk])
            self._check_signals(row, history[row.pk])
            _check_columns(row, rows)
            _check_file(row)
            _check_answer(row, rows)
        _check_live(rows)
        assert self.early == []
        self._check_lists(rows)
        self._check_later(rows)
        self._check_entries(rows, history)
        _check_stored_files(rows)
        _check_revocation_log(rows)
        self.rows = rows

    def _check_history(self, row: Credential, events: list[CredentialEvent]) -> None:
        status = ""
        for event in events:
            change = (event.from_status, event.to_status)
            assert change in CHANGES.get(Action(event.action), {("", "")}), event
            if event.to_status:
                assert event.from_status == status, f"the history jumps from {status} to {event.from_status}"
                status = event.to_status
        assert status == row.status

    def _check_signals(self, row: Credential, events: list[CredentialEvent]) -> None:
        actions = Counter(event.action for event in events)
        is_reissue = row.replaces_id is not None and not row.is_renewal
        expected = {
            "issued": actions[Action.ISSUED],
            "failed": sum(event.detail.get("times", 1) for event in events if event.action == Action.FAILED),
            "invalidated": sum(event.to_status == Status.INVALIDATED for event in events),
            "replaced": actions[Action.REPLACED],
            "succeeding": int(is_reissue and bool(row.artifact_name)),
        }
        found = {name: self.signals[name, str(row.pk)] for name in expected}
        assert found == expected

    def _check_lists(self, rows: dict[UUID, Credential]) -> None:
        places = [(row.status_list_id, row.status_list_index) for row in rows.values()]
        assert len(set(places)) == len(places)
        for status_list in StatusList.objects.all():
            of_list = [row for row in rows.values() if row.status_list_id == status_list.pk]
            revoked = {row.status_list_index for row in of_list if row.status == Status.INVALIDATED}
            version, already = self.lists.get(status_list.pk, (1, set()))
            assert already <= revoked
            assert (status_list.version > version) == (revoked != already)
            assert status_list.version - version <= len(revoked - already)
            if revoked != already:
                bits = make_bits(status_list)
                assert {row.status_list_index for row in of_list if bits.get(row.status_list_index)} == revoked
            self.lists[status_list.pk] = (status_list.version, revoked)

    def _check_later(self, rows: dict[UUID, Credential]) -> None:
        for pk, before in self.rows.items():
            row = rows.get(pk)
            if row is None:  # nobody ever saw it
                assert before.status in {Status.GENERATING, Status.ERROR}
                assert before.replaces_id is not None
                assert not before.is_renewal
                continue
            assert row.status in LATER[Status(before.status)]
            for name in FIXED:
                assert getattr(before, name) in {None, "", getattr(row, name)}, name
            assert not (before.is_current is None and row.is_current and before.status == Status.AVAILABLE)

    def _check_entries(self, rows: dict[UUID, Credential], history: dict[UUID, list[CredentialEvent]]) -> None:
        entries = {event.pk: (pk, event.action) for pk, events in history.items() for event in events}
        gone = [self.entries[key] for key in self.entries.keys() - entries.keys()]
        # A run's retry that fails as before is counted on the entry of the earlier failure.
        assert [action for pk, action in gone if pk in rows and action != Action.RETRIED] == []
        self.entries = entries


def _check_columns(row: Credential, rows: dict[UUID, Credential]) -> None:
    is_issued = bool(row.artifact_name)
    assert row.is_current in {True, None}
    assert (row.invalidated_at is not None) == (row.status == Status.INVALIDATED)
    assert bool(row.invalidation_reason) == (row.status == Status.INVALIDATED)
    assert bool(row.error_code) or row.status != Status.ERROR
    if row.status != Status.INVALIDATED:
        assert is_issued == (row.status == Status.AVAILABLE)
        assert not row.blocks_reissue
        assert row.archived_at is None
    if row.status in {Status.AVAILABLE, Status.ERROR}:
        assert row.generation_task_id == ""
    if row.status == Status.AVAILABLE:
        assert row.error_code == ""
        renewals = [other for other in rows.values() if other.replaces_id == row.pk and other.is_renewal]
        assert row.is_current or any(other.artifact_name for other in renewals)
    replaced = rows.get(row.replaces_id) if row.replaces_id else None
    if replaced is not None and is_issued:
        assert replaced.is_current is None
        assert replaced.artifact_name
        assert replaced.status == Status.INVALIDATED or row.is_renewal


def _check_live(rows: dict[UUID, Credential]) -> None:
    live = Counter((row.user_id, row.configuration_id) for row in rows.values() if row.is_current)
    assert set(live.values()) <= {1}


def _check_file(row: Credential) -> None:
    is_in_archive = row.artifact_name.startswith(f"{get_prefix()}archive/")
    assert is_in_archive == bool(row.artifact_name and row.archived_at)
    if row.artifact_name:
        with get_storage().open(row.artifact_name, "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == row.artifact_sha256


def _check_answer(row: Credential, rows: dict[UUID, Credential]) -> None:
    if not row.artifact_name:
        try:
            verify_credential(row.verify_uuid)
        except CredentialNotFoundError:
            return
        msg = "the public sees a credential that was never issued"
        raise AssertionError(msg)
    found = verify_credential(row.verify_uuid)
    is_available = row.status == Status.AVAILABLE
    successors = [other for other in rows.values() if other.replaces_id == row.pk and other.artifact_name]
    assert found.status == VerificationStatus(row.status)
    assert found.is_valid == (is_available and (row.expires_at is None or row.expires_at > timezone.now()))
    assert found.has_download == is_available
    assert (found.invalidated_at, found.invalidation_reason) == (row.invalidated_at, row.invalidation_reason)
    assert [found.replaced_by] == [other.verify_uuid for other in successors if not other.is_renewal] or [None]
    assert [found.renewed_by] == [other.verify_uuid for other in successors if other.is_renewal] or [None]


def _check_stored_files(rows: dict[UUID, Credential]) -> None:
    root = Path(get_storage().location)
    stored = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    referred = {row.artifact_name for row in rows.values()}
    noted: Any = [(place.name, place.is_directory) for place in StrayPlace.objects.all()]
    # The worker of a claim may have been lost. The sweep will note its directory, or archive the file again.
    claimed = [row for row in rows.values() if row.generation_task_id]
    noted += [(get_claim_dir(row.generation_task_id), True) for row in claimed]
    noted += [(get_archive_name(row.artifact_name), False) for row in claimed if row.artifact_name]
    directories = tuple(f"{name}/" for name, is_directory in noted if is_directory)
    files = {name for name, is_directory in noted if not is_directory}
    assert {name for name in stored - referred - files if not name.startswith(directories)} == set()


def _check_revocation_log(rows: dict[UUID, Credential]) -> None:
    path = get_revocation_log_path()
    revoked = {row.pk for row in rows.values() if row.status == Status.INVALIDATED}
    if path is not None and (revoked or path.exists()):
        log = read_revocation_log([path])
        assert set(log.revocations) == revoked
        assert log.problems == []
