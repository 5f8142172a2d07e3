"""Show the statuses of the cast's learners, as the app returns them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from demo.lms.cast import CAST
from demo.lms.models import LearningPath
from demo.lms.report import format_table
from learning_credentials import api
from learning_credentials.data import LearnerQuery, LearnerRunStatus
from learning_credentials.models import LearnerCertificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.contrib.auth.models import User

    from learning_credentials.data import ProgramStatus, RunStatus

COLUMNS = ("learner", "course run", "what is special", "standing", "the learner is told")
PROGRAM_COLUMNS = ("course run", "counts", "the learner is told")


def format_standings() -> str:
    """Return a table with one line for each learner of the cast."""
    answers = api.list_learner_statuses(
        [LearnerQuery(username=role.username, course_runs=(role.run_key,), include_unearned=True) for role in CAST]
    )
    lines = []
    for role, answer in zip(CAST, answers, strict=True):
        records = LearnerCertificate.objects.filter(
            user_id=answer.lms_user_id, course_certificate__course_key=role.run_key
        )
        standing = records.values_list("status", flat=True).first() or "none"
        lines.append((role.name, role.run_key, role.what, standing, _describe(answer.runs[0])))
    return format_table(COLUMNS, lines)


def list_programs() -> Iterator[tuple[User, UUID, str]]:
    """Yield the learner, the path and a table for each learner of the cast in a learning path.

    The table has the status of every run, including excluded ones.
    """
    for role in CAST:
        for path in LearningPath.objects.filter(key__in=role.path_keys):
            learner = get_user_model().objects.get(username=role.username)
            status = api.get_program_status(path.uuid, username=learner.get_username())
            yield learner, path.uuid, f"{role.name} in {status.program_name}\n\n{_format_program(status)}"


def _format_program(status: ProgramStatus) -> str:
    lines = [
        (run.run_key or "", "no: excluded" if run.is_excluded else "yes", _describe(run)) for run in status.learner.runs
    ]
    return format_table(PROGRAM_COLUMNS, lines)


def _describe(run: RunStatus) -> str:
    words = run.status.value
    if run.status is LearnerRunStatus.NOT_YET_AVAILABLE and run.available_date:
        words += f", from {run.available_date:%Y-%m-%d}"
    if run.grade:
        words += f" ({100 * run.grade.percent:.4g} %)"
    return words
