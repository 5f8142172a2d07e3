"""Finds the type that a credential was issued with, even if its configuration has another type now.

A configuration cannot change its type after its first credential. In databases of earlier versions it may have changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import ConfigurationError
from learning_credentials.models import CredentialType

if TYPE_CHECKING:
    from learning_credentials.models import Credential


def get_awarded_type(credential: Credential) -> CredentialType:
    """Return the type that a credential was issued with.

    Raises:
        ConfigurationError: the configuration was given another type, and the type of the credential no longer exists.
    """
    found = find_type(credential)
    if found is None:
        msg = (
            f"the credential has the type “{credential.credential_type_name}”. Its configuration has another "
            "type now, and no type has that name any more. Make a type with that name and the same functions"
        )
        raise ConfigurationError(msg)
    return found


def find_type(credential: Credential) -> CredentialType | None:
    """Return the type that a credential was issued with, or None if its configuration has another type and its own is gone."""
    present = credential.configuration.credential_type
    slug, name = credential.achievement.get("type", ""), credential.credential_type_name
    if present.slug == slug or present.name == name:
        return present
    types = CredentialType.objects.select_related("issuer__logo", "image")
    found = (types.filter(slug=slug).first() if slug else None) or types.filter(name=name).first()
    # Without a stored slug, a renamed type cannot be told from another type. Assume that it was renamed.
    return found or (None if slug else present)
