"""Stores long work as rows: a job is planned as a draft, confirmed, done piece by piece, and found again after a dead worker."""

from learning_credentials.services.common.jobs.decisions import (
    approve_job,
    confirm_job,
    continue_job,
    decline_job,
    discard_draft,
    stop_job,
)
from learning_credentials.services.common.jobs.drafts import MAX_ROWS, create_job, iter_rows, replace_rows
from learning_credentials.services.common.jobs.handling import JobHandler
from learning_credentials.services.common.jobs.leases import JobLease, LeaseLostError
from learning_credentials.services.common.jobs.sweeping import sweep_jobs
from learning_credentials.services.common.jobs.values import JobFile, Outcome
from learning_credentials.services.common.jobs.work import JobResult, work_off_job

__all__ = [
    "MAX_ROWS",
    "JobFile",
    "JobHandler",
    "JobLease",
    "JobResult",
    "LeaseLostError",
    "Outcome",
    "approve_job",
    "confirm_job",
    "continue_job",
    "create_job",
    "decline_job",
    "discard_draft",
    "iter_rows",
    "replace_rows",
    "stop_job",
    "sweep_jobs",
    "work_off_job",
]
