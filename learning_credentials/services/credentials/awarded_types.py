"""Finds the type that a credential was issued with, whatever its configuration has now.

A configuration keeps its type from its first credential on. In databases of earlier versions it may have been changed all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import ConfigurationError
from learning_credentials.models import CredentialType

if TYPE_CHECKING:
    from learning_credentials.models import Credential


def get_awarded_type(credential: Credential) -> CredentialType:
    """Return the type of a credential, by what the credential itself records.

    Raises:
        ConfigurationError: the configuration was given another type, and the type of the credential does not exist any more.
    """
    found = find_type(credential)
    if found is None:
        msg = (
            f"the credential is a “{credential.credential_type_name}”, its configuration was given another type later, "
            "and no type has that name now: make one with that name and with the functions that it had"
        )
        raise ConfigurationError(msg)
    return found


def find_type(credential: Credential) -> CredentialType | None:
    """Return the type of a credential. None: its configuration was given another type, and the credential's own is gone."""
    present = credential.configuration.credential_type
    slug, name = credential.achievement.get("type", ""), credential.credential_type_name
    if present.slug == slug or present.name == name:
        return present
    types = CredentialType.objects.select_related("issuer__logo", "image")
    found = (types.filter(slug=slug).first() if slug else None) or types.filter(name=name).first()
    # Without a slug nothing tells a type that was renamed from another one.
    return found or (None if slug else present)
