"""Claims GENERATING credentials, so that only one worker makes their artifacts.

A claim is a token that is written on the rows by compare-and-set. Only unclaimed rows can be claimed. If a claim was not renewed in time,
only the sweep can release its rows. A worker can finish rows only while they still have its token.
"""

from __future__ import annotations

import time
from copy import copy
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, ValidityError
from learning_credentials.models import Credential, CredentialConfiguration
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import retry_on_contention
from learning_credentials.services.course_runs import with_run_date
from learning_credentials.services.credentials import awarded_types, validity
from learning_credentials.services.credentials.mail_holds import annotate_hold
from learning_credentials.services.credentials.stopped_runs import is_of_stopped_run

if TYPE_CHECKING:
    from collections.abc import Collection

    from learning_credentials.models import CredentialType

Status = Credential.Status

#: Columns that neither rendering nor finishing reads.
_UNUSED = (
    "created",
    "modified",
    "search_name",
    "generation_started_at",
    "error_code",
    "error_message",
    "artifact_name",
    "artifact_media_type",
    "artifact_sha256",
    "artifact_pages",
    "invalidated_at",
    "invalidation_reason",
    "archived_at",
    "notified_at",
    "notification_held_until",
    "notification_attempts",
    "notification_error",
    "mail_called_back_at",
)


@dataclass
class Claim:
    """Rows of one configuration that this process has claimed. Those in ``refused`` cannot be issued, because of the error."""

    token: str
    configuration: CredentialConfiguration
    credentials: list[Credential]
    refused: dict[UUID, ConfigurationError] = field(default_factory=dict)
    _renewed: float = field(default_factory=time.monotonic)

    def renew_if_due(self) -> None:
        """Renew the lease in time, so that slow work is not mistaken for lost work."""
        if time.monotonic() - self._renewed < get_settings().CLAIM_TIMEOUT / 3:
            return
        self._renewed = time.monotonic()
        for batch in in_batches([credential.pk for credential in self.credentials]):
            Credential.objects.filter(pk__in=batch, status=Status.GENERATING, generation_task_id=self.token).update(
                generation_started_at=timezone.now()
            )


@retry_on_contention
def claim_credentials(uuids: Collection[UUID | str], token: str) -> list[Claim]:
    """Claim those of the credentials that wait, in one short transaction. Return one claim for each configuration.

    Credentials of a run that is paused or cancelled are not claimed.

    ``token`` must be new with each call.

    The call counts as an attempt. The first attempt sets the issue time, before anything is rendered. Credentials that expire get their
    ``expires_at``, which is saved when they are finished. Each credential is annotated with ``run_date`` (see `with_run_date`), with
    ``run_evaluated_at``, which is when its generation run was evaluated, with ``was_tried``: whether this is not the first attempt, and
    with what `find_mail_time` needs.
    """
    now = timezone.now()
    rows: list[Credential] = []
    # Sorted, so that two workers with the same chunk lock rows in the same order.
    with transaction.atomic():
        for batch in in_batches(sorted({UUID(str(pk)) for pk in uuids})):
            waiting = Credential.objects.filter(
                ~is_of_stopped_run(), pk__in=batch, status=Status.GENERATING, generation_task_id=""
            )
            claimed = waiting.update(
                generation_task_id=token,
                generation_started_at=now,
                attempts=F("attempts") + 1,
                issued_at=Coalesce("issued_at", Value(now, output_field=DateTimeField())),
            )
            if claimed:
                mine = Credential.objects.filter(pk__in=batch, generation_task_id=token)
                mine = mine.annotate(
                    run_evaluated_at=F("generation_run__evaluated_at"),
                    was_tried=ExpressionWrapper(Q(issued_at__lt=now), output_field=BooleanField()),
                )
                rows += with_run_date(annotate_hold(mine)).defer(*_UNUSED).order_by("pk")
    # Credentials that failed before come last, because the others are not tried after the storage failed for one.
    rows.sort(key=attrgetter("attempts"))
    return _group(token, rows)


def group_for_rendering(token: str, rows: list[Credential]) -> list[Claim]:
    """Return claims with which issued credentials can be rendered again. Nothing is written, and no expiry is calculated.

    The credentials must be annotated with ``run_date`` (see `with_run_date`).
    """
    expiries = {row.pk: row.expires_at for row in rows}
    claims = _group(token, rows)
    for claim in claims:
        claim.refused.clear()
        for row in claim.credentials:
            row.expires_at = expiries[row.pk]
    return claims


def _group(token: str, rows: list[Credential]) -> list[Claim]:
    """Group rows by configuration. Each configuration is one object, so that what is derived from it is derived only once.

    Rows that were issued with another type than the configuration has now get their own claim. This was possible in earlier versions.
    """
    by_configuration: dict[int, list[Credential]] = {}
    for row in rows:
        by_configuration.setdefault(row.configuration_id, []).append(row)
    claims: list[Claim] = []
    for batch in in_batches(sorted(by_configuration)):
        for configuration in CredentialConfiguration.objects.filter(pk__in=batch).select_related("credential_type"):
            by_type: dict[int, Claim] = {}
            types: dict[tuple[str, str], CredentialType] = {}
            for row in by_configuration[configuration.pk]:
                row.configuration = configuration
                recorded = (row.achievement.get("type", ""), row.credential_type_name)
                if recorded not in types:
                    types[recorded] = awarded_types.find_type(row) or configuration.credential_type
                credential_type = types[recorded]
                if credential_type.pk not in by_type:
                    by_type[credential_type.pk] = Claim(token, _with_type(configuration, credential_type), [])
                mine = by_type[credential_type.pk]
                mine.credentials.append(row)
                row.configuration = mine.configuration
                # An expiry counts from the issue time, which a retry keeps. A reissue keeps the expiry, even if there is none.
                is_reissue = row.replaces_id is not None and not row.is_renewal
                if row.expires_at is None and not is_reissue and row.issued_at is not None:
                    try:
                        row.expires_at = validity.get_expiry(mine.configuration.credential_type, row.issued_at)
                    except ValidityError as error:
                        mine.refused[row.pk] = error
            claims += by_type.values()
    return claims


def _with_type(configuration: CredentialConfiguration, credential_type: CredentialType) -> CredentialConfiguration:
    if credential_type.pk == configuration.credential_type_id:
        return configuration
    other = copy(configuration)  # only to render with, never saved
    other._state = copy(configuration._state)  # noqa: SLF001
    other._state.fields_cache = {}  # noqa: SLF001
    other.credential_type = credential_type
    return other
