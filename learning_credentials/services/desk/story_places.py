"""Finds the configurations and contexts where a learner has or could have a credential.

The learner has something where there is a credential, a standing, an allowlist entry or an invalidation. The learner could have something
where the LMS says that the learner is enrolled in a context with a configuration. The number of queries is constant. Each of them reads at
most `MAX_PLACES` rows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone

from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms import get_lms
from learning_credentials.lms.batches import in_lms_batches
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    Credential,
    CredentialConfiguration,
    LearnerCertificate,
)
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import make_condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from learning_credentials.lms import Enrolment, Scope
    from learning_credentials.services.desk.story_asking import Asking

logger = logging.getLogger(__name__)

#: How many configurations, contexts and credentials are looked through for one learner.
MAX_PLACES = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """A configuration (or None), its context, and whether the learner has a valid credential of it."""

    configuration_id: int | None
    context_key: str
    title: str = ""
    is_held: bool = False


@dataclass
class Places:
    """All places of a learner in the order of the page: first those without a valid credential."""

    places: list[Place] = field(default_factory=list)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    #: The contexts about which the LMS was asked whether the learner is enrolled.
    asked: set[str] = field(default_factory=set)
    is_cut: bool = False


def find_places(user_id: Any, asking: Asking, scope: Scope, text: str = "") -> Places:
    """Return the places of a learner.

    Args:
        user_id: the learner.
        asking: how the LMS is asked.
        scope: only these learning contexts.
        text: only contexts whose key, or whose type's name, contains the text.
    """
    found = Places()
    held = _find_held(user_id)
    keys = {key for key in _find_keys(user_id) if scope.covers(key)}
    rows = CredentialConfiguration.objects.filter(make_condition(CredentialConfiguration, scope)).order_by(
        "learning_context_key", "credential_type__name", "pk"
    )
    if text:
        rows = rows.filter(Q(learning_context_key__icontains=text) | Q(credential_type__name__icontains=text))
    columns = ("pk", "learning_context_key", "credential_type__name")
    # What the learner has comes first. Else a site with many contexts would hide it.
    own = Q(pk__in=list(held)[:_PARAMETERS]) | Q(learning_context_key__in=sorted(keys)[:_PARAMETERS])
    mine = list(rows.filter(own).values_list(*columns)[: MAX_PLACES + 1])
    others = list(rows.filter(is_enabled=True).values_list(*columns)[: MAX_PLACES + 1])
    found.is_cut = len(mine) > MAX_PLACES or len(others) > MAX_PLACES or max(len(held), len(keys)) > _PARAMETERS
    configurations = dict.fromkeys([*mine, *others])
    found.enrolments = _find_enrolments(user_id, [key for _pk, key, _name in configurations], found.asked, asking)
    mine_too = {pk for pk, _key, _name in mine}
    listed = [
        Place(pk, key, name, is_held=held.get(pk, False))
        for pk, key, name in configurations
        if pk in mine_too or key in found.enrolments
    ]
    configured = {place.context_key for place in listed}
    listed += [Place(None, key) for key in keys - configured if text.casefold() in key.casefold()]
    found.places = sorted(listed, key=lambda place: (place.is_held, place.context_key, place.title))
    return found


#: How many values one condition of a query has. SQLite accepts 999 in a statement.
_PARAMETERS = 400


def _find_held(user_id: Any) -> dict[int, bool]:
    """Return the configurations of which the learner has or had a credential, and whether it is valid."""
    held: dict[int, bool] = {}
    now = timezone.now()
    rows = Credential.objects.filter(user_id=user_id).order_by("configuration_id")
    for pk, status, is_current, expires_at in rows.values_list(
        "configuration_id", "status", "is_current", "expires_at"
    )[:MAX_PLACES]:
        is_valid = status == Credential.Status.AVAILABLE and bool(is_current) and not (expires_at and expires_at <= now)
        held[pk] = held.get(pk, False) or is_valid
    return held


def _find_keys(user_id: Any) -> set[str]:
    """Return the contexts in which the learner has a standing, an entry or an invalidation."""
    parts: Iterable[Any] = (
        LearnerCertificate.objects.filter(user_id=user_id).values_list("course_certificate__course_key", flat=True),
        AllowlistEntry.objects.filter(user_id=user_id).values_list("learning_context_key", flat=True),
        CertificateInvalidation.objects.filter(user_id=user_id).values_list("learning_context_key", flat=True),
    )
    return {key for rows in parts for key in rows.order_by()[:MAX_PLACES]}


def _find_enrolments(user_id: Any, keys: list[str], asked: set[str], asking: Asking) -> dict[str, Enrolment]:
    enrolments: dict[str, Enrolment] = {}
    for batch in in_lms_batches(sorted(set(keys))):
        answer = asking.ask(lambda batch=batch: get_lms().get_enrolments(batch, [user_id]))  # type: ignore[misc]
        if answer is None:
            break
        asked.update(batch)
        enrolments.update({key: enrolment for (_user_id, key), enrolment in answer.items()})
    return enrolments


def find_learners_in(scope: Scope, user_ids: Sequence[Any]) -> set[Any]:
    """Return those of the learners who have something in a context of the scope, or are enrolled in one that has a configuration.

    If the LMS does not answer, learners who are only enrolled are left out.
    """
    if scope.is_everything:
        return set(user_ids)
    found: set[Any] = set()
    for batch in in_batches(list(user_ids)):
        for model in (Credential, LearnerCertificate, AllowlistEntry, CertificateInvalidation):
            rows = model._default_manager.filter(make_condition(model, scope), user_id__in=batch)  # noqa: SLF001
            found.update(rows.order_by().values_list("user_id", flat=True).distinct())
    rest = sorted(set(user_ids) - found)
    configured = CredentialConfiguration.objects.filter(make_condition(CredentialConfiguration, scope)).order_by()
    keys = sorted(set(configured.values_list("learning_context_key", flat=True)[:MAX_PLACES])) if rest else []
    try:
        for some in in_lms_batches(keys):
            for learners in in_lms_batches(rest):
                found.update(user_id for user_id, _key in get_lms().get_enrolments(some, learners))
    except CredentialsError:
        logger.warning("The LMS could not be asked who is enrolled", exc_info=True)
    return found
