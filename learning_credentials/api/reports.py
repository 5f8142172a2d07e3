"""How learners stand, and what was issued: answers for other programs, and reports for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import common, reports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any
    from uuid import UUID

    from learning_credentials.data import LearnerQuery, LearnerStatus, ProgramStatus
    from learning_credentials.services.reports import IssuedCertificate, IssuedCount, KeptLearner, UndrawableName


def get_learner_status(query: LearnerQuery) -> LearnerStatus:
    """Tell how one learner stands in courses; raises like `list_learner_statuses`."""
    return reports.list_learner_statuses([query])[0]


def list_learner_statuses(queries: Sequence[LearnerQuery]) -> list[LearnerStatus]:
    """Tell how learners stand in courses, in the order asked. Neither queries nor calls to the LMS grow with the number of learners.

    Raises:
        ValueError: a question names no learner, or names one by both identifiers.
        TransientError: the LMS could not answer.
    """
    return reports.list_learner_statuses(queries)


def get_program_status(
    program: UUID | str, *, username: str | None = None, lms_user_id: int | None = None
) -> ProgramStatus:
    """Tell how a learner stands in every run of a program (named by UUID or key), those that it excludes too.

    Raises:
        ContextNotFoundError: the LMS knows no such program.
        ValueError: not exactly one of the learner's identifiers is given.
        TransientError: the LMS could not answer.
    """
    return reports.get_program_status(program, username=username, lms_user_id=lms_user_id)


def get_certificate_status(user_id: int, course_key: str) -> dict[str, Any]:
    """Return a learner's ``status`` and ``mode`` in a run, with ``grade`` and ``download_url`` where there are such.

    No record reads as unavailable; the address is given only for a file that is ready and may be seen.
    """
    return reports.get_certificate_status(user_id, compose(course_key))


def list_certificate_statuses(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return what `get_certificate_status` does, for many learners of a run at once."""
    return reports.list_certificate_statuses(compose(course_key), user_ids)


def get_certificate_info(user_id: int, course_key: str) -> dict[str, str]:
    """Return what a grade report says of a learner: ``eligible`` and ``delivered`` (``Y`` or ``N``), ``type`` (the mode, or ``N/A``).

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.get_certificate_info(user_id, compose(course_key))


def list_certificate_infos(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what `get_certificate_info` does, for many learners of a run at once.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.list_certificate_infos(compose(course_key), user_ids)


def iter_issued_certificates(
    context_key: str | None = None, *, configuration_id: int | None = None
) -> Iterator[IssuedCertificate]:
    """Stream every credential that was issued in a context or by a configuration, invalidated ones included, oldest first.

    Args:
        context_key: the learning context. Default: every context of the configuration's credentials.
        configuration_id: only the credentials of this configuration. Default: all credentials of the context.
    """
    return reports.iter_issued_certificates(_compose(context_key), configuration_id=configuration_id)


def iter_issued_certificates_csv(
    context_key: str | None = None, *, configuration_id: int | None = None, has_bom: bool = True
) -> Iterator[str]:
    """Stream `iter_issued_certificates` as lines of CSV in which no cell is taken for a formula."""
    return reports.iter_issued_certificates_csv(
        _compose(context_key), configuration_id=configuration_id, has_bom=has_bom
    )


def count_issued_certificates(
    context_key: str | None = None, *, configuration_id: int | None = None
) -> list[IssuedCount]:
    """Count what was issued in a context or by a configuration, by type, mode and status."""
    return reports.count_issued_certificates(_compose(context_key), configuration_id=configuration_id)


def iter_issued_counts_csv(
    context_key: str | None = None, *, configuration_id: int | None = None, has_bom: bool = True
) -> Iterator[str]:
    """Stream `count_issued_certificates` as lines of CSV."""
    return reports.iter_issued_counts_csv(_compose(context_key), configuration_id=configuration_id, has_bom=has_bom)


def iter_kept_certificates(course_key: str) -> Iterator[KeptLearner]:
    """Stream learners who stand ``downloadable`` in a run although they do not pass now.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.iter_kept_certificates(compose(course_key))


def iter_kept_certificates_csv(course_key: str, *, has_bom: bool = True) -> Iterator[str]:
    """Stream `iter_kept_certificates` as lines of CSV; raises like it."""
    return reports.iter_kept_certificates_csv(compose(course_key), has_bom=has_bom)


def iter_csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]], *, has_bom: bool = True) -> Iterator[str]:
    """Stream a table as lines of CSV in which no cell is taken for a formula.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        has_bom: whether to begin with a byte order mark, which spreadsheets need to read UTF-8.
    """
    return common.iter_csv(header, rows, has_bom=has_bom)


def iter_undrawable_names(context_key: str | None = None) -> Iterator[UndrawableName]:
    """Find names of contexts, and of the learners enrolled in them, that no shipped font and none of the server can draw.

    Args:
        context_key: one context. Default: all that have an enabled configuration.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.iter_undrawable_names(_compose(context_key))


def _compose(context_key: str | None) -> str | None:
    return None if context_key is None else compose(context_key)
