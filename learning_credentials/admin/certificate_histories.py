"""Prepare the history of course certificates, standings, allowlist entries and invalidations for their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import NOTHING
from learning_credentials.models import CertificateEvent, CourseCertificate, LearnerCertificate

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.utils.functional import _StrPromise

#: The subject of the history for each model.
SUBJECTS = {
    "coursecertificate": CertificateEvent.Subject.COURSE_CERTIFICATE,
    "learnercertificate": CertificateEvent.Subject.STANDING,
    "allowlistentry": CertificateEvent.Subject.ALLOWLIST,
    "certificateinvalidation": CertificateEvent.Subject.INVALIDATION,
}
FIELD_LABELS: dict[str, _StrPromise] = {
    "created": gettext_lazy("created"),
    **{field.name: lazystr(field.verbose_name) for field in CourseCertificate._meta.fields},  # noqa: SLF001
    "status": lazystr(LearnerCertificate._meta.get_field("status").verbose_name),  # noqa: SLF001
}


def list_entries(obj: Model) -> list[dict[str, Any]]:
    """Return the history of a row, oldest first, with one query."""
    subject = SUBJECTS[str(obj._meta.model_name)]  # noqa: SLF001
    events: QuerySet[CertificateEvent] = CertificateEvent.objects.filter(subject=subject, subject_id=obj.pk)
    return [
        {
            "created_at": event.created_at,
            "label": FIELD_LABELS.get(event.field, event.field),
            "from_value": _read(event.field, event.from_value),
            "to_value": _read(event.field, event.to_value),
            "actor": event.actor,
            "reason": event.reason,
        }
        for event in events.select_related("actor").order_by("pk")
    ]


def _read(field: str, value: str) -> str:
    """Return a value of a history for people. Histories store times in ISO 8601 and booleans as Python writes them."""
    if field == "available_date" and value and (moment := parse_datetime(value)):
        return formats.localize(timezone.localtime(moment))
    return {"": NOTHING, "True": _("yes"), "False": _("no")}.get(value, value)
