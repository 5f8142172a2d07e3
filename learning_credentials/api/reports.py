"""Reports the status of learners and the credentials that were issued, for other programs and for people."""

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
    """Return the certificate status of one learner in courses; raises like `list_learner_statuses`."""
    return reports.list_learner_statuses([query])[0]


def list_learner_statuses(queries: Sequence[LearnerQuery]) -> list[LearnerStatus]:
    """Return the certificate status of learners in courses, in the order of the queries.

    The number of database queries and of calls to the LMS does not grow with the number of learners.

    Raises:
        ValueError: a query names no learner, or names one by both identifiers.
        TransientError: the LMS could not answer.
    """
    return reports.list_learner_statuses(queries)


def get_program_status(
    program: UUID | str, *, username: str | None = None, lms_user_id: int | None = None
) -> ProgramStatus:
    """Return a learner's certificate status in every course run of a program, excluded course runs included.

    Args:
        program: the UUID or the key of the program.
        username: the learner's user name.
        lms_user_id: the primary key of the learner's account. Give either this or ``username``.

    Raises:
        ContextNotFoundError: the LMS knows no such program.
        ValueError: not exactly one of the learner's identifiers is given.
        TransientError: the LMS could not answer.
    """
    return reports.get_program_status(program, username=username, lms_user_id=lms_user_id)


def get_certificate_status(user_id: int, course_key: str) -> dict[str, Any]:
    """Return a learner's ``status`` and ``mode`` in a course run, and ``grade`` and ``download_url`` if there are any.

    Without a standing, the status is ``unavailable``. ``download_url`` is given only for a file that is ready and visible.
    """
    return reports.get_certificate_status(user_id, compose(course_key))


def list_certificate_statuses(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the same as `get_certificate_status` for many learners of a course run, by user id."""
    return reports.list_certificate_statuses(compose(course_key), user_ids)


def get_certificate_info(user_id: int, course_key: str) -> dict[str, str]:
    """Return the columns of a grade report for a learner: ``eligible`` and ``delivered`` (``Y`` or ``N``), ``type`` (the mode, or ``N/A``).

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.get_certificate_info(user_id, compose(course_key))


def list_certificate_infos(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the same as `get_certificate_info` for many learners of a course run, by user id.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.list_certificate_infos(compose(course_key), user_ids)


def iter_issued_certificates(
    context_key: str | None = None, *, configuration_id: int | None = None
) -> Iterator[IssuedCertificate]:
    """Yield every credential that was issued in a context or by a configuration, oldest first. Invalidated ones are included.

    Args:
        context_key: the learning context. Default: every context of the configuration's credentials.
        configuration_id: only the credentials of this configuration. Default: all credentials of the context.
    """
    return reports.iter_issued_certificates(_compose(context_key), configuration_id=configuration_id)


def iter_issued_certificates_csv(
    context_key: str | None = None, *, configuration_id: int | None = None, has_bom: bool = True
) -> Iterator[str]:
    """Yield `iter_issued_certificates` as lines of CSV. No cell can be run as a formula."""
    return reports.iter_issued_certificates_csv(
        _compose(context_key), configuration_id=configuration_id, has_bom=has_bom
    )


def count_issued_certificates(
    context_key: str | None = None, *, configuration_id: int | None = None
) -> list[IssuedCount]:
    """Count the credentials that were issued in a context or by a configuration, by type, mode and status."""
    return reports.count_issued_certificates(_compose(context_key), configuration_id=configuration_id)


def iter_issued_counts_csv(
    context_key: str | None = None, *, configuration_id: int | None = None, has_bom: bool = True
) -> Iterator[str]:
    """Yield `count_issued_certificates` as lines of CSV."""
    return reports.iter_issued_counts_csv(_compose(context_key), configuration_id=configuration_id, has_bom=has_bom)


def iter_kept_certificates(course_key: str) -> Iterator[KeptLearner]:
    """Yield learners whose certificate status in a course run is ``downloadable`` although their grade is not passing now.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.iter_kept_certificates(compose(course_key))


def iter_kept_certificates_csv(course_key: str, *, has_bom: bool = True) -> Iterator[str]:
    """Yield `iter_kept_certificates` as lines of CSV; raises like it."""
    return reports.iter_kept_certificates_csv(compose(course_key), has_bom=has_bom)


def iter_csv_lines(header: Iterable[str], rows: Iterable[Iterable[object]], *, has_bom: bool = True) -> Iterator[str]:
    """Yield a table as lines of CSV. No cell can be run as a formula.

    Args:
        header: the names of the columns.
        rows: the cells of each row.
        has_bom: whether to begin with a byte order mark, which spreadsheets need to read UTF-8.
    """
    return common.iter_csv(header, rows, has_bom=has_bom)


def iter_undrawable_names(context_key: str | None = None) -> Iterator[UndrawableName]:
    """Yield names of contexts, and of learners enrolled in them, that no font can draw, neither a shipped one nor one of the server.

    Args:
        context_key: one context. Default: all that have an enabled configuration.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.iter_undrawable_names(_compose(context_key))


def _compose(context_key: str | None) -> str | None:
    return None if context_key is None else compose(context_key)
