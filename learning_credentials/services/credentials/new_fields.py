"""Reads the values of custom fields again for credentials that failed because of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from learning_credentials.lms.batches import in_lms_batches
from learning_credentials.models import Credential, CredentialConfiguration
from learning_credentials.models.batches import in_batches
from learning_credentials.services.credentials.details import FIELD_ERRORS, FieldsFactory
from learning_credentials.services.credentials.eligibility import find_eligibilities

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from learning_credentials.data import Eligibility


def find_new_fields(
    credential_uuids: Sequence[UUID], known: Mapping[UUID, Eligibility]
) -> dict[UUID, dict[str, Any] | None]:
    """Return new snapshots of custom fields, by credential, for those that failed because of their values.

    The values are the present ones of the configuration, the LMS and the processor. A learner about whom nothing is known now keeps the
    snapshot.

    Args:
        credential_uuids: the credentials that are tried again.
        known: what was found about the learners just now.

    Raises:
        ConfigurationError, TransientError: the processor or the LMS could not answer.
    """
    learners: dict[int, dict[int, UUID]] = defaultdict(dict)
    for batch in in_batches(sorted(credential_uuids)):
        rows = Credential.objects.filter(pk__in=batch, status=Credential.Status.ERROR, error_code__in=FIELD_ERRORS)
        rows = rows.filter(user__isnull=False).order_by()
        for pk, configuration_id, user_id in rows.values_list("pk", "configuration_id", "user_id"):
            learners[configuration_id][user_id] = pk
    if not learners:
        return {}
    configurations = CredentialConfiguration.objects.select_related("credential_type").in_bulk(list(learners))
    found: dict[UUID, dict[str, Any] | None] = {}
    for configuration_id, by_user in learners.items():
        configuration = configurations[configuration_id]
        factory = FieldsFactory(configuration.credential_type, configuration)
        eligibilities = {user_id: known[pk] for user_id, pk in by_user.items() if pk in known}
        eligibilities |= _evaluate(configuration, by_user.keys() - eligibilities.keys())
        found |= {by_user[user_id]: factory.make(item.fields) for user_id, item in eligibilities.items()}
    return found


def _evaluate(configuration: CredentialConfiguration, user_ids: Collection[int]) -> dict[int, Eligibility]:
    found: dict[int, Eligibility] = {}
    for batch in in_lms_batches(sorted(user_ids)):
        found |= find_eligibilities(configuration, batch)
    return found
