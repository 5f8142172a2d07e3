"""Count what is wrong after a chaos run: in rows, in files, and in the e-mails that the server accepted."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count

from learning_credentials.models import Credential, CredentialEvent, GenerationRun, HostMessage
from tests.services.chaos import world

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tests.services.chaos.mail import Taken

Status = Credential.Status


def count_wrongs(taken: Sequence[Taken], killed: Collection[int], invalidated: Collection[object]) -> dict[str, int]:
    """Return a count for each kind of error. Everything is right if all counts are 0.

    Args:
        taken: the e-mails that the server accepted, in order.
        killed: the processes that were killed.
        invalidated: the credentials that staff invalidated. Their learners get no other.
    """
    return {**_count_rows(invalidated), **_count_runs(), **_count_files(), **_count_mails(taken, killed)}


def _count_rows(invalidated: Collection[object]) -> dict[str, int]:
    learners = get_user_model().objects.filter(username__startswith="learner").count()
    scheduled = world.list_scheduled()
    expected = learners * scheduled.count() - len(invalidated)
    live = Credential.objects.filter(is_current=True, configuration__in=scheduled)
    holders = live.filter(status=Status.AVAILABLE).values("user", "configuration").distinct().count()
    held = Credential.objects.exclude(status=Status.INVALIDATED).values("user", "configuration").order_by()
    issued = CredentialEvent.objects.filter(action=CredentialEvent.Action.ISSUED).values("credential").order_by()
    places = Credential.objects.exclude(status_list=None).values("status_list", "status_list_index").order_by()
    return {
        "learners without their credential": expected - holders,
        "credentials that wait": Credential.objects.filter(status=Status.GENERATING).count(),
        "credentials that failed": Credential.objects.filter(status=Status.ERROR).count(),
        "doubled credentials": held.annotate(rows=Count("pk")).filter(rows__gt=1).count(),
        "doubled events": issued.annotate(rows=Count("pk")).filter(rows__gt=1).count(),
        "messages of the host that wait": HostMessage.objects.count(),
        **world.count_wrong_standings(),
        "doubled places in status lists": places.annotate(rows=Count("pk")).filter(rows__gt=1).count(),
    }


def _count_runs() -> dict[str, int]:
    miscounted = 0
    for run in GenerationRun.objects.exclude(finished_at=None):
        rows = Credential.objects.filter(generation_run=run)
        failed = rows.filter(status=Status.ERROR).count()
        miscounted += (run.total, run.done, run.failed) != (rows.count(), rows.count() - failed, failed)
    return {
        "open runs": GenerationRun.objects.filter(finished_at=None).count(),
        "miscounted runs": miscounted,
        "runs that ended with an error": GenerationRun.objects.exclude(finished_at=None).exclude(error_code="").count(),
    }


def _count_files() -> dict[str, int]:
    root = Path(settings.STORAGE_DIR)
    found = _list_files()
    rows = dict(Credential.objects.exclude(artifact_name="").values_list("artifact_name", "artifact_sha256"))
    here = [name for name in rows if name in found]
    return {
        "rows without their file": len(rows) - len(here),
        "files that differ from their row": sum(
            hashlib.sha256((root / name).read_bytes()).hexdigest() != rows[name] for name in here
        ),
        "stray files": len(find_strays()),
        "files not archived": Credential.objects.filter(status=Status.INVALIDATED, archived_at=None)
        .exclude(artifact_name="")
        .count(),
    }


def find_strays() -> list[str]:
    """Return the stray files."""
    referred = set(Credential.objects.exclude(artifact_name="").values_list("artifact_name", flat=True))
    return sorted(_list_files() - referred)


def _list_files() -> set[str]:
    root = Path(settings.STORAGE_DIR)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def _count_mails(taken: Sequence[Taken], killed: Collection[int]) -> dict[str, int]:
    available = Credential.objects.filter(status=Status.AVAILABLE)
    told = Counter(mail.credential for mail in taken)
    # A killed process may have been sending its last e-mail, so nobody knows whether the server accepted it.
    last = {mail.process: mail.credential for mail in taken if mail.process in killed}
    excused = Counter(last.values())
    return {
        "learners never told": sum(str(pk) not in told for pk in available.values_list("verify_uuid", flat=True)),
        "mails not settled": available.filter(notified_at=None).count(),
        "repeated mails": sum(max(times - 1 - excused[credential], 0) for credential, times in told.items()),
    }


def count_work(taken: Sequence[Taken]) -> dict[str, int]:
    """Return the amount of work, for the report."""
    repeated = sum(times - 1 for times in Counter(mail.credential for mail in taken).values())
    return {
        "credentials available": Credential.objects.filter(status=Status.AVAILABLE).count(),
        "reissued": Credential.objects.exclude(replaces=None).count(),
        "course certificates invalidated": Credential.objects.filter(
            learning_context_key=world.GRADED_KEY, status=Status.INVALIDATED
        ).count(),
        "runs": GenerationRun.objects.count(),
        "most attempts": max(Credential.objects.values_list("attempts", flat=True), default=0),
        "mails taken": len(taken),
        "mails repeated, with those in flight at a kill": repeated,
    }
