"""Finds a credential by its internal id, and checks the reason that every change of a credential needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import CredentialNotFoundError, ReasonRequiredError
from learning_credentials.models import Credential
from learning_credentials.services.common import parse_uuid

if TYPE_CHECKING:
    from uuid import UUID


def get_credential(credential_uuid: UUID | str) -> Credential:
    """Return a credential by its internal id.

    Raises:
        CredentialNotFoundError: there is none, or the id is malformed.
    """
    key = parse_uuid(credential_uuid)
    rows = Credential.objects.select_related("configuration__credential_type__issuer__logo")
    credential = rows.filter(pk=key).first() if key else None
    if credential is None:
        msg = f"no credential has the id {credential_uuid}"
        raise CredentialNotFoundError(msg)
    return credential


def require_reason(reason: str) -> str:
    """Return the reason without surrounding spaces.

    Raises:
        ReasonRequiredError: it is blank.
    """
    if not isinstance(reason, str) or not reason.strip():
        msg = "give a reason"
        raise ReasonRequiredError(msg)
    return reason.strip()
