"""Works out until when credentials are valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import ValidityError
from learning_credentials.models.types import MAXIMUM_VALIDITY, MINIMUM_VALIDITY

if TYPE_CHECKING:
    from datetime import datetime

    from learning_credentials.models import CredentialType


def get_expiry(credential_type: CredentialType, issued_at: datetime) -> datetime | None:
    """Return when a credential of a type expires that is issued at this time, or None if it never expires.

    Raises:
        ValidityError: the type's validity is out of bounds. Its form does not permit that.
    """
    valid_for = credential_type.valid_for
    if valid_for is None:
        return None
    bounds = f"Enter a period from {MINIMUM_VALIDITY.describe()} to {MAXIMUM_VALIDITY.describe()}"
    if not valid_for.is_within(MINIMUM_VALIDITY, MAXIMUM_VALIDITY):
        msg = f"the credential type “{credential_type.name}” is valid for “{valid_for.describe()}”. {bounds}"
        raise ValidityError(msg)
    try:
        expiry: datetime = valid_for.add_to(issued_at)
    except OverflowError as error:
        msg = f"the expiry of the credential type “{credential_type.name}” cannot be calculated: {error}. {bounds}"
        raise ValidityError(msg) from error
    return expiry
