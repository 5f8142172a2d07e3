"""Creates the certificate settings of course runs when they are needed, changes them with a history, and refreshes them from the LMS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from learning_credentials.dates import require_in_range
from learning_credentials.exceptions import ContextNotFoundError, CourseCertificateNotFoundError
from learning_credentials.folding import compose
from learning_credentials.lms import ContextKind, get_lms
from learning_credentials.models import CertificateEvent, CourseCertificate, CredentialConfiguration
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import get_actor_id, get_committed, retry_on_contention

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from learning_credentials.lms import LearningContext
    from learning_credentials.services.common import Actor

    Precondition = Callable[[CourseCertificate | None], object]

#: The processor whose configurations issue course certificates.
COURSE_CERTIFICATES_FUNC = "learning_credentials.processors.retrieve_course_certificates"
CHANGEABLE = ("certificate_type", "available_date", "is_active", "allows_self_generation")
REFRESH_BATCH = 500


def get_course_certificate(course_key: str) -> CourseCertificate:
    """Return the certificate settings of a course run.

    Raises:
        CourseCertificateNotFoundError: the course run has none.
    """
    course_key = compose(course_key)
    row = CourseCertificate.objects.filter(course_key=course_key).first()
    if row is None:
        msg = f"the course run '{course_key}' has no certificate settings"
        raise CourseCertificateNotFoundError(msg)
    return row


def issues_course_certificates(configuration: CredentialConfiguration) -> bool:
    """Return whether a configuration issues course certificates, that is, whether its processor reads the standings."""
    return configuration.credential_type.retrieval_func == COURSE_CERTIFICATES_FUNC


def list_course_certificate_configurations(course_key: str) -> QuerySet[CredentialConfiguration]:
    """Return the configurations that issue the course certificates of a course run."""
    return CredentialConfiguration.objects.filter(
        learning_context_key=course_key, credential_type__retrieval_func=COURSE_CERTIFICATES_FUNC
    )


def ensure_course_certificate(course_key: str, context: LearningContext | None = None) -> CourseCertificate:
    """Return the certificate settings of a course run. If there are none, create them with what the LMS knows about the course run.

    Every credential of a course run needs the settings, because of the available date. New settings are active only if the course run has a
    configuration for course certificates.

    Raises:
        ContextNotFoundError: the LMS does not know the course run.
        TransientError: the LMS could not answer.
    """
    row = CourseCertificate.objects.filter(course_key=course_key).first()
    if row is not None:
        return row
    is_active = list_course_certificate_configurations(course_key).exists()
    return _create(course_key, {**_snapshot(context or _find_run(course_key)), "is_active": is_active})[0]


def find_active_course_certificate(course_key: str) -> CourseCertificate | None:
    """Return the certificate settings of a course run if it issues course certificates, else None. Create them if there is a configuration.

    Settings that were created inactive become active when the course run is given a configuration, unless somebody decided otherwise.

    Raises:
        ContextNotFoundError, TransientError: only if the row has to be created.
    """
    row = CourseCertificate.objects.filter(course_key=course_key).first()
    if row is not None and row.is_active:
        return row
    if not list_course_certificate_configurations(course_key).exists():
        return None
    if row is None:
        row = ensure_course_certificate(course_key)
        return row if row.is_active else None
    if _was_decided(row):
        return None
    return _apply(course_key, {"is_active": True}, None, "the run got a configuration for course certificates")


def is_issuing_course_certificates(course_key: str) -> bool:
    """Return whether a course run issues course certificates, or will do so as soon as one is earned. Change nothing."""
    row = CourseCertificate.objects.filter(course_key=course_key).first()
    if row is not None and row.is_active:
        return True
    return list_course_certificate_configurations(course_key).exists() and (row is None or not _was_decided(row))


def _was_decided(row: CourseCertificate) -> bool:
    """Return whether somebody decided if the course run issues course certificates."""
    subject = CertificateEvent.Subject.COURSE_CERTIFICATE
    return CertificateEvent.objects.filter(subject=subject, subject_id=row.pk, field="is_active").exists()


def change_course_certificate(
    course_key: str, *, actor: Actor = None, reason: str = "", require: Precondition | None = None, **changes: Any
) -> tuple[CourseCertificate, bool]:
    """Change the certificate settings of a course run, created if there are none. The history gets one entry for each changed value.

    A change of the available date changes no credential. Credentials are shown or hidden by it when they are read.

    Args:
        course_key: the course run.
        actor: who changes it.
        reason: why.
        require: called with the locked row before anything changes, or with None if there is none. If it raises an error, nothing
            changes.
        **changes: any of `CHANGEABLE`; ``available_date`` is an aware datetime or None.

    Returns:
        The row, and whether it was created.

    Raises:
        ContextNotFoundError: the LMS does not know the course run. The LMS is asked only if the row has to be created.
        TransientError: the LMS could not answer.
        ValueError: one of the names cannot be changed.
        DateOutOfRangeError: the available date is before 1900 or after 2200.
    """
    course_key = compose(course_key)
    if unknown := set(changes) - set(CHANGEABLE):
        msg = f"these values cannot be changed: {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    require_in_range(changes.get("available_date"))
    is_created = False
    if require is not None and not CourseCertificate.objects.filter(course_key=course_key).exists():
        require(None)
    if not CourseCertificate.objects.filter(course_key=course_key).exists():
        is_created = _create(course_key, _snapshot(_find_run(course_key)), actor, reason)[1]
    return _apply(course_key, changes, actor, reason, require), is_created


def set_certificate_available_date(
    course_key: str, available_date: datetime | None, *, actor: Actor = None, reason: str = ""
) -> CourseCertificate:
    """Set the available date of a course run, or clear it with None. Return the certificate settings.

    The date takes effect at once. No credential is changed.

    Raises:
        ContextNotFoundError, TransientError.
        ValueError: the date has no time zone.
        DateOutOfRangeError: the date is before 1900 or after 2200.
    """
    course_key = compose(course_key)
    if available_date is not None and timezone.is_naive(available_date):
        msg = "the available date needs a time zone"
        raise ValueError(msg)
    return change_course_certificate(course_key, actor=actor, reason=reason, available_date=available_date)[0]


def refresh_course_certificates(course_keys: Sequence[str] | None = None) -> int:
    """Update what the app stores about course runs from the LMS, such as pacing. Return how many course runs changed.

    Course runs that the LMS no longer knows keep their values.

    Args:
        course_keys: the course runs. None: all that have certificate settings.

    Raises:
        TransientError: the LMS could not answer.
    """
    rows = CourseCertificate.objects.order_by("pk")
    keys = (
        [compose(key) for key in course_keys]
        if course_keys is not None
        else list(rows.values_list("course_key", flat=True))
    )
    changed = 0
    for start in range(0, len(keys), REFRESH_BATCH):
        batch = keys[start : start + REFRESH_BATCH]
        contexts = get_lms().find_contexts(batch)
        for row in rows.filter(course_key__in=batch):
            if row.course_key in contexts:
                wanted = _snapshot(contexts[row.course_key])
                if any(getattr(row, name) != value for name, value in wanted.items()):
                    CourseCertificate.objects.filter(pk=row.pk).update(**wanted, refreshed_at=timezone.now())
                    changed += 1
        for part in in_batches(batch):
            CourseCertificate.objects.filter(course_key__in=part).update(refreshed_at=timezone.now())
    return changed


def _find_run(course_key: str) -> LearningContext:
    context = get_lms().find_contexts([course_key]).get(course_key)
    if context is None or context.kind is not ContextKind.COURSE_RUN:
        msg = f"the LMS does not know the course run '{course_key}'"
        raise ContextNotFoundError(msg)
    return context


def _snapshot(context: LearningContext) -> dict[str, Any]:
    return {"pacing": context.pacing.value, "shows_early": context.shows_certificates_early}


@retry_on_contention
def _create(
    course_key: str, values: dict[str, Any], actor: Actor = None, reason: str = ""
) -> tuple[CourseCertificate, bool]:
    try:
        with transaction.atomic():
            row = CourseCertificate.objects.create(course_key=course_key, refreshed_at=timezone.now(), **values)
            CertificateEvent.objects.create(
                subject=CertificateEvent.Subject.COURSE_CERTIFICATE,
                subject_id=row.pk,
                learning_context_key=course_key,
                field="created",
                to_value=row.certificate_type,
                actor_id=get_actor_id(actor),
                reason=reason,
            )
    except IntegrityError:  # another process created it at the same time
        return get_committed(CourseCertificate.objects.filter(course_key=course_key)), False
    return row, True


@retry_on_contention
def _apply(
    course_key: str, changes: dict[str, Any], actor: Actor, reason: str, require: Precondition | None = None
) -> CourseCertificate:
    with transaction.atomic():
        row = CourseCertificate.objects.select_for_update().get(course_key=course_key)
        if require is not None:
            require(row)
        differing = {name: value for name, value in changes.items() if getattr(row, name) != value}
        events = [
            CertificateEvent(
                subject=CertificateEvent.Subject.COURSE_CERTIFICATE,
                subject_id=row.pk,
                learning_context_key=course_key,
                field=name,
                from_value=_as_text(getattr(row, name)),
                to_value=_as_text(value),
                actor_id=get_actor_id(actor),
                reason=reason,
            )
            for name, value in differing.items()
        ]
        if differing:
            CourseCertificate.objects.filter(pk=row.pk).update(**differing)
            CertificateEvent.objects.bulk_create(events)
        for name, value in differing.items():
            setattr(row, name, value)
    return row


def _as_text(value: object) -> str:
    if value is None:
        return ""
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)
