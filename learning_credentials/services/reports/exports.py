"""Reports on course certificates and issued credentials, for grade reports, for support and for spreadsheets."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import astuple, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, FilteredRelation, Q, Value
from django.db.models.functions import Coalesce

from learning_credentials.conf import get_settings
from learning_credentials.custom_fields import make_placeholder, parse_definitions
from learning_credentials.exceptions import OptionsError
from learning_credentials.folding import compose
from learning_credentials.lms.batches import in_lms_batches
from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.models.certificates import DEFAULT_MODE
from learning_credentials.services.common import get_download_url, get_verification_url, iter_csv
from learning_credentials.services.course_runs import (
    filter_visible,
    get_gates,
    get_local_date,
    get_shown_date,
    list_course_certificate_configurations,
)
from learning_credentials.services.credentials import read_fields
from learning_credentials.services.public import list_issued
from learning_credentials.services.standings import find_rule, gather_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from django.db.models import QuerySet

CertificateStatus = LearnerCertificate.Status

CHUNK_SIZE = 500
#: The type in `get_certificate_info` for a learner without a mode.
NO_MODE = "N/A"
#: The number of the rule by which a learner who does not pass keeps the certificate.
KEPT_RULE = "5"


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """One row of the report on issued credentials. ``grade`` is in [0, 1]; ``issue_date`` is the date shown on the public page.

    ``expiry_date`` is None for a credential that never expires. ``custom_fields`` has the values of all custom fields by name, also those
    that are not public.
    """

    user_id: int | None
    username: str
    email: str
    name: str
    credential_type: str
    mode: str
    grade: float | None
    status: str
    issue_date: date
    expiry_date: date | None
    verify_url: str
    invalidation_reason: str
    custom_fields: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssuedCount:
    """How many credentials of a type were issued to learners in a mode and have a status."""

    credential_type: str
    mode: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class KeptLearner:
    """A learner who keeps a course certificate without a passing grade. ``grade`` is the present one, in [0, 1]."""

    user_id: int
    username: str
    email: str
    mode: str
    grade: float | None


@dataclass(frozen=True, slots=True)
class _ListedStanding:
    status: str
    mode: str
    grade: float | None


# One learner's certificate


def get_certificate_status(user_id: int, course_key: str) -> dict[str, Any]:
    """Return a learner's ``status`` and ``mode`` in a course run, and ``grade`` and ``download_url`` if there are any.

    Without a standing, the status is ``unavailable`` and the mode is the course run's default. ``download_url`` is given only for a file
    that is ready and visible. If the credential has expired, the status is ``unavailable`` and ``expired_at`` is the time in UTC.
    """
    course_key = compose(course_key)
    return list_certificate_statuses(course_key, [user_id])[user_id]


def list_certificate_statuses(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return the same as `get_certificate_status` for many learners, by user id. The number of queries does not grow with them."""
    course_key = compose(course_key)
    row = CourseCertificate.objects.filter(course_key=course_key).first()
    default_mode = row.certificate_type if row else DEFAULT_MODE
    standings = _find_standings(course_key, user_ids)
    holders = [user_id for user_id, standing in standings.items() if standing.status == CertificateStatus.DOWNLOADABLE]
    downloads = _find_visible_credentials(course_key, holders)
    found: dict[int, dict[str, Any]] = {}
    for user_id in user_ids:
        standing = standings.get(user_id)
        answer: dict[str, Any] = {
            "status": standing.status if standing else CertificateStatus.UNAVAILABLE.value,
            "mode": (standing.mode if standing else "") or default_mode,
        }
        if standing and standing.grade is not None:
            answer["grade"] = standing.grade
        if (credential := downloads.get(user_id)) is not None:
            if credential.is_expired:
                answer |= {"status": CertificateStatus.UNAVAILABLE.value, "expired_at": credential.expires_at}
            else:
                answer["download_url"] = get_download_url(credential.verify_uuid)
        found[user_id] = answer
    return found


def get_certificate_info(user_id: int, course_key: str) -> dict[str, str]:
    """Return the columns of a grade report for one learner: ``eligible`` and ``delivered`` (``Y`` or ``N``) and ``type``.

    A learner is eligible if the grade is passing or waived, and the learner is not restricted. A certificate is delivered if it can be
    downloaded, is visible and has not expired. The type is the mode, or ``N/A``.

    Raises:
        TransientError: the LMS could not answer.
    """
    course_key = compose(course_key)
    return list_certificate_infos(course_key, [user_id])[user_id]


def list_certificate_infos(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the same as `get_certificate_info` for many learners of a course run, by user id.

    Raises:
        TransientError: the LMS could not answer.
    """
    course_key = compose(course_key)
    standings = _find_standings(course_key, user_ids)
    holders = [user_id for user_id, standing in standings.items() if standing.status == CertificateStatus.DOWNLOADABLE]
    delivered = _find_visible_credentials(course_key, holders)
    found: dict[int, dict[str, str]] = {}
    for batch in in_lms_batches(sorted(user_ids)):
        for user_id, facts in gather_facts(course_key, batch).facts.items():
            standing = standings.get(user_id)
            is_eligible = facts.is_granted and facts.is_restricted is False
            found[user_id] = {
                "eligible": "Y" if is_eligible else "N",
                "delivered": "Y" if user_id in delivered and not delivered[user_id].is_expired else "N",
                "type": (standing.mode if standing else "") or facts.mode or NO_MODE,
            }
    return found


# What was issued in a context


def iter_issued_certificates(
    context_key: str | None = None, *, configuration_id: int | None = None
) -> Iterator[IssuedCertificate]:
    """Yield every credential that was issued in a context or by a configuration, oldest first. Invalidated ones are included.

    Args:
        context_key: the learning context. Default: every context of the configuration's credentials.
        configuration_id: only the credentials of this configuration. Default: all credentials of the context.
    """
    context_key = None if context_key is None else compose(context_key)
    for key in _list_contexts(context_key, configuration_id):
        yield from _iter_issued_in(key, configuration_id)


def _iter_issued_in(context_key: str, configuration_id: int | None) -> Iterator[IssuedCertificate]:
    """Yield the credentials of one context.

    Mode and grade are those of the learner's standing in the course run. They are empty for credentials of other kinds.
    """
    rows = (
        _list_issued(context_key, configuration_id)
        .defer("issuer", "signatories", "achievement", "context_details", "name_parts")
        .prefetch_related("user")
    )
    for chunk in _iter_pages(rows):
        standings = _find_standings(context_key, {row.user_id for row in chunk if row.user_id is not None})
        gates = get_gates(chunk)
        for credential in chunk:
            user = credential.user
            standing = standings.get(credential.user_id or 0)
            yield IssuedCertificate(
                user_id=credential.user_id,
                username=user.get_username() if user else "",
                email=getattr(user, user.get_email_field_name(), "") or "" if user else "",
                name=credential.user_full_name,
                credential_type=credential.credential_type_name,
                mode=standing.mode if standing else "",
                grade=standing.grade if standing else None,
                status=credential.status,
                issue_date=get_shown_date(credential, gates[credential.pk]),
                expiry_date=get_local_date(credential.expires_at) if credential.expires_at else None,
                verify_url=get_verification_url(credential.verify_uuid),
                invalidation_reason=credential.invalidation_reason,
                custom_fields={each.name: each.choice or each.value for each in read_fields(credential.custom_fields)},
            )


def count_issued_certificates(
    context_key: str | None = None, *, configuration_id: int | None = None
) -> list[IssuedCount]:
    """Count the credentials that were issued in a context or by a configuration, by type, mode and status; two queries for each context."""
    context_key = None if context_key is None else compose(context_key)
    keys = _list_contexts(context_key, configuration_id)
    return [count for key in keys for count in _count_issued_in(key, configuration_id)]


def _count_issued_in(context_key: str, configuration_id: int | None) -> list[IssuedCount]:
    # A join, because a subquery for each row would take as long as the whole report.
    run_id = CourseCertificate.objects.filter(course_key=context_key).values_list("pk", flat=True).first()
    standings = "user__learning_credentials_standings"
    standing = FilteredRelation(standings, condition=Q(**{f"{standings}__course_certificate": run_id or 0}))
    rows = (
        _list_issued(context_key, configuration_id)
        .annotate(standing=standing)
        .annotate(standing_mode=Coalesce("standing__mode", Value("")))
        .values("credential_type_name", "standing_mode", "status")
        .annotate(count=Count("pk"))
        .order_by("credential_type_name", "standing_mode", "status")
    )
    return [IssuedCount(row["credential_type_name"], row["standing_mode"], row["status"], row["count"]) for row in rows]


def iter_kept_certificates(course_key: str) -> Iterator[KeptLearner]:
    """Yield learners whose certificate status is ``downloadable`` although their grade is not passing, because no failing-grade event came.

    Raises:
        TransientError: the LMS could not answer.
    """
    course_key = compose(course_key)
    rows = LearnerCertificate.objects.filter(
        course_certificate__course_key=course_key, status=CertificateStatus.DOWNLOADABLE
    ).select_related("user")
    last_pk = 0
    # By pages and not with one cursor, so that nothing stays open in the database while the LMS answers.
    while page := list(rows.filter(pk__gt=last_pk).order_by("pk")[: get_settings().ELIGIBILITY_BATCH_SIZE]):
        last_pk = page[-1].pk
        gathered = gather_facts(course_key, [standing.user_id for standing in page])
        for standing in page:
            if find_rule(gathered.facts[standing.user_id]).number == KEPT_RULE:
                user = standing.user
                yield KeptLearner(
                    user_id=standing.user_id,
                    username=user.get_username(),
                    email=getattr(user, user.get_email_field_name(), "") or "",
                    mode=standing.mode,
                    grade=gathered.grades[standing.user_id].percent,
                )


def iter_issued_certificates_csv(
    context_key: str | None = None, *, configuration_id: int | None = None, has_bom: bool = True
) -> Iterator[str]:
    """Yield `iter_issued_certificates` as lines of CSV. No cell can be run as a formula.

    Each custom field that one of the types has now is a column, such as ``field.hours``.
    """
    context_key = None if context_key is None else compose(context_key)
    names = _list_custom_fields(context_key, configuration_id)
    columns = [each.name for each in fields(IssuedCertificate) if each.name != "custom_fields"]
    rows = (
        (*(getattr(row, column) for column in columns), *(row.custom_fields.get(name, "") for name in names))
        for row in iter_issued_certificates(context_key, configuration_id=configuration_id)
    )
    return iter_csv([*columns, *map(make_placeholder, names)], rows, has_bom=has_bom)


def _list_custom_fields(context_key: str | None, configuration_id: int | None) -> list[str]:
    """Return the names of the custom fields of the types that issue in the context or by the configuration, in their order."""
    rows = CredentialConfiguration.objects.select_related("credential_type").order_by("pk")
    rows = rows.filter(learning_context_key=context_key) if context_key is not None else rows
    rows = rows.filter(pk=configuration_id) if configuration_id is not None else rows
    found: dict[str, None] = {}
    for stored in rows.values_list("credential_type__custom_fields", flat=True):
        with suppress(OptionsError):
            found.update(dict.fromkeys(definition.name for definition in parse_definitions(stored)))
    return list(found)


def iter_issued_counts_csv(
    context_key: str | None = None, *, configuration_id: int | None = None, has_bom: bool = True
) -> Iterator[str]:
    """Yield `count_issued_certificates` as lines of CSV."""
    context_key = None if context_key is None else compose(context_key)
    rows = count_issued_certificates(context_key, configuration_id=configuration_id)
    return _iter_csv(IssuedCount, rows, has_bom=has_bom)


def iter_kept_certificates_csv(course_key: str, *, has_bom: bool = True) -> Iterator[str]:
    """Yield `iter_kept_certificates` as lines of CSV. Raises like it."""
    course_key = compose(course_key)
    return _iter_csv(KeptLearner, iter_kept_certificates(course_key), has_bom=has_bom)


def _iter_csv(kind: type[Any], rows: Iterable[Any], *, has_bom: bool) -> Iterator[str]:
    header = [each.name for each in fields(kind)]
    return iter_csv(header, (astuple(row) for row in rows), has_bom=has_bom)


def _iter_pages(rows: QuerySet[Credential]) -> Iterator[list[Credential]]:
    """Yield pages of credentials in the order of their issue, which is the order of the index of contexts.

    One query for all would make MariaDB's client read every row into memory.
    """
    page = list(rows.order_by("issued_at", "-pk")[:CHUNK_SIZE])
    while page:
        yield page
        last = page[-1]
        rest = rows.filter(issued_at__gte=last.issued_at).exclude(issued_at=last.issued_at, pk__gte=last.pk)
        page = list(rest.order_by("issued_at", "-pk")[:CHUNK_SIZE])


def _list_contexts(context_key: str | None, configuration_id: int | None) -> list[str]:
    if context_key is not None:
        return [context_key]
    rows = Credential.objects.filter(configuration_id=configuration_id)
    return sorted(rows.order_by().values_list("learning_context_key", flat=True).distinct())


def _list_issued(context_key: str, configuration_id: int | None) -> QuerySet[Credential]:
    rows = list_issued().filter(learning_context_key=context_key, issued_at__isnull=False)
    return rows if configuration_id is None else rows.filter(configuration_id=configuration_id)


def _find_standings(course_key: str, user_ids: Collection[int]) -> dict[int, _ListedStanding]:
    found: dict[int, _ListedStanding] = {}
    for batch in in_batches(sorted(user_ids)):
        rows = LearnerCertificate.objects.filter(course_certificate__course_key=course_key, user_id__in=batch)
        for user_id, status, mode, grade in rows.order_by().values_list("user_id", "status", "mode", "grade"):
            found[user_id] = _ListedStanding(status, mode, grade)
    return found


def _find_visible_credentials(course_key: str, user_ids: Collection[int]) -> dict[int, Credential]:
    """Return the course certificates that can be downloaded now, by learner: for each learner that of the first configuration."""
    found: dict[int, Credential] = {}
    configurations = list_course_certificate_configurations(course_key)
    for batch in in_batches(sorted(user_ids)):
        rows = Credential.objects.filter(
            status=Credential.Status.AVAILABLE, is_current=True, user_id__in=batch, configuration__in=configurations
        )
        for credential in filter_visible(rows).order_by(F("configuration_id").desc()):
            if credential.user_id is not None:
                found[credential.user_id] = credential
    return found
