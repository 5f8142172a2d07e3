"""Reports the certificate status of many learners in course runs, with a constant number of queries and of calls to the LMS.

Standings, modes and grades are the stored ones. The LMS is not asked for grades, because that would take a call for each course run.

If the course certificates of a course run were switched off, it issues no more. Those that were awarded before are still reported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import BigIntegerField, Q
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.data import LearnerQuery, LearnerRunStatus, LearnerStatus, ProgramStatus, RunGrade, RunStatus
from learning_credentials.exceptions import ContextNotFoundError
from learning_credentials.folding import compose
from learning_credentials.lms import Capability, ContextKind, get_lms
from learning_credentials.lms.batches import in_lms_batches
from learning_credentials.models import CourseCertificate, Credential, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import ListParameter, Statement
from learning_credentials.services.course_runs import (
    COURSE_CERTIFICATES_FUNC,
    find_run_uuid,
    get_run_gate,
    resolve_run_names,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from learning_credentials.lms import LearningContext
    from learning_credentials.services.course_runs import NamedRun

CertificateStatus = LearnerCertificate.Status
Answer = LearnerRunStatus

#: The answer for each certificate status. Historical statuses are never ``awarded``. If a certificate was taken back, or was earned but
#: never made, it is unavailable. In modes that cannot earn a certificate, it is not earned.
ANSWERS: Mapping[str, LearnerRunStatus] = {
    CertificateStatus.DOWNLOADABLE: Answer.AWARDED,
    CertificateStatus.NOTPASSING: Answer.NOTPASSING,
    CertificateStatus.UNAVAILABLE: Answer.UNAVAILABLE,
    CertificateStatus.UNVERIFIED: Answer.UNVERIFIED,
    CertificateStatus.DELETED: Answer.UNAVAILABLE,
    CertificateStatus.DELETING: Answer.UNAVAILABLE,
    CertificateStatus.INVALIDATED: Answer.UNAVAILABLE,
    CertificateStatus.RESTRICTED: Answer.UNAVAILABLE,
    CertificateStatus.ERROR: Answer.UNAVAILABLE,
    CertificateStatus.REQUESTING: Answer.UNAVAILABLE,
    CertificateStatus.GENERATING: Answer.UNAVAILABLE,
    CertificateStatus.REGENERATING: Answer.UNAVAILABLE,
    CertificateStatus.AUDIT_NOTPASSING: Answer.NOTPASSING,
    CertificateStatus.AUDITING: Answer.NOT_EARNED,
    CertificateStatus.AUDIT_PASSING: Answer.NOT_EARNED,
    CertificateStatus.HONOR_PASSING: Answer.NOT_EARNED,
}

#: Decimals of a grade in [0, 1].
GRADE_DECIMALS = 4

#: The number of parameters that are kept for learners in a statement with course runs and learners.
LEARNERS_A_STATEMENT = 600


def _list_of(model: type[Model], field: str, name: str) -> ListParameter:
    """Return a parameter for values of a model's field."""
    meta = model._meta  # noqa: SLF001  a public interface in spite of its name
    found: Any = meta.pk if field == "pk" else meta.get_field(field)
    return ListParameter(name, found)


def _make_certificates() -> QuerySet[CourseCertificate]:
    return CourseCertificate.objects.filter(
        course_key__in=[_list_of(CourseCertificate, "course_key", "keys")]
    ).order_by()


def _make_standings() -> QuerySet[LearnerCertificate, Any]:
    rows = LearnerCertificate.objects.filter(
        user__pk__in=[_list_of(get_user_model(), "pk", "user_ids")],
        course_certificate__pk__in=[_list_of(CourseCertificate, "pk", "certificate_ids")],
    )
    return rows.order_by().values_list("user_id", "course_certificate_id", "status", "mode", "grade", "letter_grade")


def _make_held() -> QuerySet[Credential, Any]:
    rows = Credential.objects.filter(
        Q(is_current=True) | Q(status=Credential.Status.INVALIDATED, blocks_reissue=True),
        user__pk__in=[_list_of(get_user_model(), "pk", "user_ids")],
        learning_context_key__in=[_list_of(Credential, "learning_context_key", "keys")],
        configuration__credential_type__retrieval_func=COURSE_CERTIFICATES_FUNC,
    )
    return rows.order_by().values_list("user_id", "learning_context_key", "is_current", "expires_at")


_CERTIFICATES = Statement(CourseCertificate, _make_certificates)
_STANDINGS = Statement(LearnerCertificate, _make_standings)
#: The credentials of course certificates that learners have, or that block a new one.
_HELD = Statement(Credential, _make_held)


@dataclass(frozen=True, slots=True)
class _Standing:
    status: str
    mode: str
    grade: float | None
    letter_grade: str


@dataclass(frozen=True, slots=True)
class _Learner:
    id: int
    username: str


@dataclass(frozen=True)
class _Stored:
    """What is stored about the learners and course runs of the queries, by user id and key."""

    now: datetime
    certificates: Mapping[str, CourseCertificate]
    standings: Mapping[tuple[int, str], _Standing]
    lapsed: Collection[tuple[int, str]]
    modes: Mapping[tuple[int, str], str]


def get_learner_status(query: LearnerQuery) -> LearnerStatus:
    """Return the certificate status of one learner in courses. Raises like `list_learner_statuses`."""
    return list_learner_statuses([query])[0]


def list_learner_statuses(queries: Sequence[LearnerQuery]) -> list[LearnerStatus]:
    """Return the certificate status of learners in courses, in the order of the queries.

    The number of database queries and of calls to the LMS does not grow with the number of learners.

    Raises:
        ValueError: a query names no learner, or names one by both identifiers.
        TransientError: the LMS could not answer.
    """
    learners = _find_learners(queries)
    names = resolve_run_names(
        {name for query in queries for name in query.courses},
        {name for query in queries for name in query.course_runs},
    )
    asked = [names.list_runs(query.courses, query.course_runs) for query in queries]
    stored = _read((learner, runs) for learner, runs in zip(learners, asked, strict=True) if learner)
    answers = []
    for query, learner, runs in zip(queries, learners, asked, strict=True):
        if learner is None:
            answers.append(LearnerStatus(query.lms_user_id, query.username))
            continue
        statuses = (_answer(learner, run, stored) for run in runs)
        shown = tuple(item for item in statuses if query.include_unearned or item.status is Answer.AWARDED)
        answers.append(LearnerStatus(learner.id, learner.username, shown))
    return answers


def get_program_status(
    program: UUID | str, *, username: str | None = None, lms_user_id: int | None = None
) -> ProgramStatus:
    """Return a learner's certificate status in every course run of a program, earned or not, excluded course runs included.

    Args:
        program: the UUID or the key of the program.
        username: the learner's user name.
        lms_user_id: the primary key of the learner's account. Give either this or ``username``.

    Raises:
        ContextNotFoundError: the LMS does not know the program.
        ValueError: not exactly one of the learner's identifiers is given.
        TransientError: the LMS could not answer.
    """
    query = LearnerQuery(username=username, lms_user_id=lms_user_id, include_unearned=True)
    (learner,) = _find_learners([query])
    context = _get_program(compose(str(program)))
    if learner is None:
        return ProgramStatus(LearnerStatus(lms_user_id, username), context.uuid, context.name)
    names = resolve_run_names((), [step.context_key for step in context.steps])
    runs = [(names.get_run(step.context_key), step.is_excluded) for step in context.steps]
    stored = _read([(learner, [run for run, _is_excluded in runs])])
    statuses = tuple(replace(_answer(learner, run, stored), is_excluded=is_excluded) for run, is_excluded in runs)
    return ProgramStatus(LearnerStatus(learner.id, learner.username, statuses), context.uuid, context.name)


def _get_program(name: str) -> LearningContext:
    lms = get_lms()
    found: LearningContext | None = None
    if Capability.LEARNING_PATHS in lms.capabilities:
        uuid = find_run_uuid(name)
        found = lms.find_contexts_by_uuid([uuid]).get(uuid) if uuid else lms.find_contexts([name]).get(name)
    if found is None or found.kind is not ContextKind.LEARNING_PATH:
        msg = f"the LMS does not know the program '{name}'"
        raise ContextNotFoundError(msg)
    return found


def _find_learners(queries: Sequence[LearnerQuery]) -> list[_Learner | None]:
    if any((query.username is None) == (query.lms_user_id is None) for query in queries):
        raise ValueError("give exactly one of username and lms_user_id")
    model = get_user_model()
    by_id = _find_users("pk", {query.lms_user_id for query in queries if query.lms_user_id is not None})
    by_name = _find_users(
        model.USERNAME_FIELD, {compose(query.username) for query in queries if query.username is not None}
    )
    learners = {learner.id: learner for learner in by_id}
    # Compare again, because some databases find names without regard to case.
    named = {learner.username: learner for learner in by_name}
    return [
        named.get(compose(query.username)) if query.username is not None else learners.get(query.lms_user_id or 0)
        for query in queries
    ]


def _find_users(field: str, values: Collection[Any]) -> Iterator[_Learner]:
    for batch in in_batches(sorted(value for value in values if _can_be_stored(value))):
        for pk, username in _get_user_statement(field).fetch_values(values=batch):
            yield _Learner(pk, username)


@cache
def _get_user_statement(field: str) -> Statement[Any]:
    """Return the statement that finds accounts by a field. The model of accounts is known only after all apps are loaded."""
    model = get_user_model()

    def make() -> QuerySet[Any, Any]:
        rows = model._default_manager.filter(**{f"{field}__in": [_list_of(model, field, "values")]})  # noqa: SLF001
        return rows.order_by().values_list("pk", model.USERNAME_FIELD)

    return Statement(model, make)


def _can_be_stored(value: str | int) -> bool:
    """Return whether a database can search for the value. PostgreSQL refuses NUL, and SQLite numbers of more than 64 bits."""
    return "\x00" not in value if isinstance(value, str) else value <= BigIntegerField.MAX_BIGINT


def _read(asked: Iterable[tuple[_Learner, Sequence[NamedRun]]]) -> _Stored:
    pairs = {(learner.id, run.key): run for learner, runs in asked for run in runs if run.key and "\x00" not in run.key}
    certificates = {row.course_key: row for row in _find_certificates(sorted({key for _user_id, key in pairs}))}
    standings = _find_standings({pair for pair in pairs if pair[1] in certificates}, certificates)
    granted = {pair for pair, standing in standings.items() if standing.status == CertificateStatus.DOWNLOADABLE}
    without_mode = {
        pair for pair, run in pairs.items() if run.is_known and not (pair in standings and standings[pair].mode)
    }
    return _Stored(
        now=timezone.now(),
        certificates=certificates,
        standings=standings,
        lapsed=_find_lapsed(granted),
        modes=_find_modes(without_mode),
    )


def _find_certificates(keys: Sequence[str]) -> Iterator[CourseCertificate]:
    for batch in in_batches(keys):
        yield from _CERTIFICATES.fetch(keys=batch)


def _find_standings(
    pairs: Collection[tuple[int, str]], certificates: Mapping[str, CourseCertificate]
) -> dict[tuple[int, str], _Standing]:
    ids = {certificates[key].pk: key for _user_id, key in pairs}
    found = {}
    for user_ids, certificate_ids in _in_statements({user_id for user_id, _key in pairs}, ids):
        rows = _STANDINGS.fetch_values(user_ids=user_ids, certificate_ids=certificate_ids)
        for user_id, certificate_id, *values in rows:
            found[user_id, ids[certificate_id]] = _Standing(*values)
    return found


def _find_lapsed(pairs: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return learners and course runs with a downloadable standing whose credential has expired, or was revoked with a block."""
    live: set[tuple[int, str]] = set()
    lapsed: set[tuple[int, str]] = set()
    now = timezone.now()
    for user_ids, keys in _in_statements({user_id for user_id, _key in pairs}, {key for _user_id, key in pairs}):
        for user_id, key, is_current, expires_at in _HELD.fetch_values(user_ids=user_ids, keys=keys):
            holds = is_current and (expires_at is None or expires_at > now)
            (live if holds else lapsed).add((user_id, key))
    return lapsed - live


def _find_modes(pairs: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    user_ids = sorted({user_id for user_id, _key in pairs})
    keys = sorted({key for _user_id, key in pairs})
    modes = {}
    for some in in_lms_batches(keys):
        for learners in in_lms_batches(user_ids):
            enrolments = get_lms().get_enrolments(some, learners)
            modes.update({pair: enrolment.mode for pair, enrolment in enrolments.items()})
    return modes


def _in_statements(user_ids: Iterable[int], others: Iterable[Any]) -> Iterator[tuple[Sequence[int], Sequence[Any]]]:
    """Divide two lists that are used in one statement into parts that the database accepts."""
    for some in in_batches(sorted(others), spare=LEARNERS_A_STATEMENT):
        for learners in in_batches(sorted(user_ids), spare=len(some) + 20):
            yield learners, some


def _answer(learner: _Learner, run: NamedRun, stored: _Stored) -> RunStatus:
    pair = (learner.id, run.key or "")
    standing = stored.standings.get(pair)
    certificate = stored.certificates.get(pair[1])
    if standing is None or certificate is None:
        status = Answer.NOT_EARNED if run.is_known else Answer.UNKNOWN_COURSE
    else:
        status = ANSWERS.get(standing.status, Answer.UNAVAILABLE)
    if status is Answer.AWARDED and pair in stored.lapsed:
        status = Answer.UNAVAILABLE
    if status is Answer.AWARDED and not get_run_gate(certificate).is_open(stored.now):
        status = Answer.NOT_YET_AVAILABLE
    return RunStatus(
        status=status,
        run_key=run.key,
        run_uuid=run.uuid,
        course_uuid=run.course_uuid,
        mode=(standing.mode if standing else "") or stored.modes.get(pair),
        available_date=certificate.available_date if certificate else None,
        grade=_get_grade(standing) if standing else None,
    )


def _get_grade(standing: _Standing) -> RunGrade | None:
    if standing.grade is None:
        return None
    asks_identity = standing.mode and standing.mode not in get_settings().IDENTITY_EXEMPT_MODES
    return RunGrade(
        percent=round(standing.grade, GRADE_DECIMALS),
        letter=standing.letter_grade,
        is_verified=bool(asks_identity) and standing.status != CertificateStatus.UNVERIFIED,
    )
