"""Watch the scheduled runs through the database."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from django.db.models import Q, Sum
from django.utils import timezone
from tqdm import tqdm

from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration, GenerationRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

POLL_SECONDS = 0.2
LOG_SECONDS = 5
ANNOUNCEMENT_SECONDS = 15


def has_work() -> bool:
    """Return whether a configuration is due or a run is unfinished."""
    is_due = Q(next_run_at=None) | Q(next_run_at__lte=timezone.now())
    due = CredentialConfiguration.objects.filter(is_due, is_enabled=True)
    # Credentials that were issued because of events, staff or learners belong to no run.
    waiting = Credential.objects.filter(status=Credential.Status.GENERATING)
    return due.exists() or GenerationRun.objects.filter(finished_at=None).exists() or waiting.exists()


def wait_for_runs(watched: QuerySet[GenerationRun], check: Callable[[], None], deadline: float) -> bool:
    """Show progress until no work is left.

    Args:
        watched: the runs to show.
        check: called at every look. It raises if waiting is useless.
        deadline: when to stop waiting, by `time.monotonic`.

    Returns:
        Whether all work was done in time.
    """
    # A log file gets a line now and then. A terminal gets a moving bar.
    interval = POLL_SECONDS if sys.stderr.isatty() else LOG_SECONDS
    with tqdm(
        desc="Issuing", unit=" credentials", total=0, mininterval=interval, miniters=1, dynamic_ncols=True
    ) as bar:
        while has_work():
            _show(bar, watched)
            check()
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        _show(bar, watched)
    return True


def wait_for_announcements(check: Callable[[], None]) -> int:
    """Give the worker some time to e-mail the learners. Return how many were not e-mailed yet.

    Learners are e-mailed about hidden credentials when the available date comes.
    """
    deadline = time.monotonic() + ANNOUNCEMENT_SECONDS
    waiting = _list_unannounced().exclude(learning_context_key__in=_list_hidden_runs())
    while (left := waiting.count()) and time.monotonic() < deadline:
        check()
        time.sleep(POLL_SECONDS)
    return left


def count_hidden() -> int:
    """Return how many learners will be e-mailed later, when an available date comes."""
    return _list_unannounced().filter(learning_context_key__in=_list_hidden_runs()).count()


def _list_unannounced() -> QuerySet[Credential]:
    return Credential.objects.filter(status=Credential.Status.AVAILABLE, notified_at=None)


def _list_hidden_runs() -> QuerySet[CourseCertificate, Any]:
    return CourseCertificate.objects.filter(available_date__gt=timezone.now()).values("course_key")


def _show(bar: tqdm, watched: QuerySet[GenerationRun]) -> None:
    ended = (Credential.Status.AVAILABLE, Credential.Status.ERROR)
    bar.total = watched.aggregate(total=Sum("total"))["total"] or 0
    bar.update(Credential.objects.filter(generation_run__in=watched, status__in=ended).count() - bar.n)
