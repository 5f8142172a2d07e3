"""Reads what the app has stored about one learner in some contexts. The number of queries is constant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Max

from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    CredentialEvent,
    GenerationRun,
    LearnerCertificate,
)
from learning_credentials.services.common import get_url_maker
from learning_credentials.services.course_runs import describe_visibility
from learning_credentials.services.desk.story_values import HeldCredential

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from learning_credentials.services.desk.story_places import Place

#: How many credentials of the learner one page shows.
MAX_CREDENTIALS = 200
#: Credentials with these statuses have a public page.
_PUBLISHED = frozenset({Credential.Status.AVAILABLE, Credential.Status.INVALIDATED})
_UNUSED = ("issuer", "signatories", "achievement", "custom_fields", "context_details", "name_parts")


@dataclass(frozen=True)
class Records:
    """The rows of one learner by configuration, context or credential."""

    configurations: dict[int, CredentialConfiguration]
    credentials: dict[int, list[HeldCredential]]
    standings: dict[str, LearnerCertificate]
    runs: dict[str, CourseCertificate]
    #: Active entries by context and scope.
    entries: dict[tuple[str, str], AllowlistEntry]
    invalidations: dict[str, CertificateInvalidation]
    #: The event of the invalidation, by credential that blocks a new one.
    blocks: dict[UUID, CredentialEvent]
    #: The latest run of each configuration that passed the learner over, with the reason.
    passed_over: dict[int, tuple[GenerationRun, str]] = field(default_factory=dict)


def read_records(user_id: Any, places: Sequence[Place]) -> Records:
    """Return what is stored about a learner in these places."""
    ids = [place.configuration_id for place in places if place.configuration_id is not None]
    keys = sorted({place.context_key for place in places})
    standings = LearnerCertificate.objects.filter(user_id=user_id, course_certificate__course_key__in=keys)
    active = {"user_id": user_id, "learning_context_key__in": keys, "is_active": True}
    entries = AllowlistEntry.objects.filter(**active).select_related("created_by")
    invalidations = CertificateInvalidation.objects.filter(**active).select_related("created_by")
    configurations = CredentialConfiguration.objects.select_related("credential_type").in_bulk(ids)
    credentials = _read_credentials(user_id, ids)
    return Records(
        configurations=configurations,
        credentials=credentials,
        standings={row.course_certificate.course_key: row for row in standings.select_related("course_certificate")},
        runs={row.course_key: row for row in CourseCertificate.objects.filter(course_key__in=keys)},
        entries={(row.learning_context_key, row.scope): row for row in entries},
        invalidations={row.learning_context_key: row for row in invalidations},
        blocks=_read_blocks([each.credential for rows in credentials.values() for each in rows]),
        passed_over=_find_passing_runs(user_id, ids),
    )


def _read_credentials(user_id: Any, configuration_ids: Sequence[int]) -> dict[int, list[HeldCredential]]:
    """Return the learner's credentials by configuration, the live one first and then the latest."""
    rows = list(
        Credential.objects.filter(user_id=user_id, configuration_id__in=configuration_ids)
        .defer(*_UNUSED)
        .order_by("-created", "pk")[:MAX_CREDENTIALS]
    )
    rows.sort(key=lambda row: row.is_current is None)
    seen, make_url = describe_visibility(rows), get_url_maker()
    found: dict[int, list[HeldCredential]] = defaultdict(list)
    for row in rows:
        url = make_url(row.verify_uuid) if row.status in _PUBLISHED else ""
        found[row.configuration_id].append(HeldCredential(row, seen[row.pk], url))
    return found


def _read_blocks(credentials: Sequence[Credential]) -> dict[UUID, CredentialEvent]:
    blocking = [row.pk for row in credentials if row.blocks_reissue]
    if not blocking:
        return {}
    events = CredentialEvent.objects.filter(credential_id__in=blocking, to_status=Credential.Status.INVALIDATED)
    return {event.credential_id: event for event in events.select_related("actor").order_by("pk")}


def _find_passing_runs(user_id: Any, configuration_ids: Sequence[int]) -> dict[int, tuple[GenerationRun, str]]:
    """Return the latest run of each configuration if it passed the learner over. A run lists the first learners of each reason."""
    runs = GenerationRun.objects.filter(configuration_id__in=configuration_ids, is_dry_run=False)
    latest = list(
        runs.order_by().values("configuration_id").annotate(latest=Max("pk")).values_list("latest", flat=True)
    )
    found = {}
    for run in GenerationRun.objects.filter(pk__in=latest).only("configuration_id", "skipped_detail", "created"):
        for reason, user_ids in run.skipped_detail.get("learners", {}).items():
            if user_id in user_ids:
                found[run.configuration_id] = (run, str(reason))
    return found
