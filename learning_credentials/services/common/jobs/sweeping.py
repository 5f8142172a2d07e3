"""Finds jobs whose worker or message was lost, and deletes what is kept only for a time: drafts, files and rows."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from learning_credentials import signals
from learning_credentials.conf import get_settings
from learning_credentials.models import Job, JobRow
from learning_credentials.services.common import strays
from learning_credentials.services.common.leases import get_claim_timeout

State = Job.State
#: How long a draft can be confirmed, and for how long a job waits for a second person.
DRAFT_LIFETIME = timedelta(days=1)
HELD_LIFETIME = timedelta(days=14)
#: How many jobs one step of a sweep handles. The next sweep handles the rest.
LIMIT = 100


def sweep_jobs() -> int:
    """Enqueue lost jobs again, and delete what has outlived its time. Return how many jobs were enqueued."""
    now = timezone.now()
    _delete_drafts()
    Job.objects.filter(state=State.HELD, confirmed_at__lt=now - HELD_LIFETIME).update(
        state=State.DECLINED,
        finished_at=now,
        decision_note=f"No second person confirmed within {HELD_LIFETIME.days} days.",
    )
    _drop_files()
    _delete_rows()
    is_lost = Q(lease_renewed_at__lt=now - get_claim_timeout()) | Q(lease_renewed_at=None, resume_after__lte=now)
    lost = Job.objects.filter(is_lost, state__in=(State.WAITING, State.WORKING)).order_by("pk")
    job_ids = list(lost.values_list("pk", flat=True)[:LIMIT])
    if job_ids:
        signals.send(signals.jobs_waiting, job_ids=job_ids)
    return len(job_ids)


def _delete_drafts() -> None:
    old = Job.objects.filter(state=State.DRAFT, created__lt=timezone.now() - DRAFT_LIFETIME)
    for job_id in list(old.values_list("pk", flat=True)[:LIMIT]):
        Job.objects.filter(pk=job_id, state=State.DRAFT).delete()


def _drop_files() -> None:
    """Let the sweep of strays delete the files that are old enough."""
    before = timezone.now() - timedelta(seconds=get_settings().JOB_FILE_LIFETIME)
    old = Job.objects.filter(state=State.FINISHED, finished_at__lt=before).exclude(file_name="")
    for job_id, name in list(old.values_list("pk", "file_name")[:LIMIT]):
        with transaction.atomic():
            if Job.objects.filter(pk=job_id, file_name=name).update(file_name=""):
                strays.note_stray_files([name])


def _delete_rows() -> None:
    before = timezone.now() - timedelta(seconds=get_settings().JOB_ROWS_LIFETIME)
    ended = Job.objects.filter(finished_at__lt=before, rows__isnull=False).order_by("pk").distinct()
    for job_id in list(ended.values_list("pk", flat=True)[:LIMIT]):
        JobRow.objects.filter(job_id=job_id).delete()
