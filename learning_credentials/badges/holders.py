"""Write and check who a badge is for. The badge contains an e-mail address only as a salted hash, which proves it without showing it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "sha256$"


@dataclass(frozen=True, slots=True)
class Holder:
    """The learner, by name, by e-mail address or by both.

    An e-mail address needs a ``salt`` of its own. ``id`` is a URN or DID, or empty.
    """

    name: str = ""
    email: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)
    id: str = ""


def make_identifiers(holder: Holder) -> list[dict[str, Any]]:
    """Return the identifiers of a badge's subject.

    Raises:
        MalformedBadgeError: there is neither a name nor an e-mail address, or an e-mail address without a salt.
    """
    found = []
    if holder.email:
        if not holder.salt:
            raise MalformedBadgeError("holder.salt: must not be empty")
        found.append(
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": hash_email(holder.email, holder.salt),
                "identityType": "emailAddress",
                "salt": holder.salt,
            }
        )
    if holder.name:
        found.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": holder.name, "identityType": "name"},
        )
    if not found:
        raise MalformedBadgeError("holder: must have a name or an e-mail address")
    return found


def hash_email(email: str, salt: str) -> str:
    """Return an e-mail address as badges contain it: SHA-256 over the address and the salt (Open Badges 3.0, IdentityHash).

    The address is changed to lower case, without white space at its ends. The how-to on badges tells verifiers so.
    """
    return _PREFIX + hashlib.sha256((email.strip().lower() + salt).encode()).hexdigest()


def is_holder(document: Mapping[str, Any], email: str) -> bool:
    """Return whether a badge was issued to an e-mail address. The caller must have checked the badge with `verify_proof`."""
    subject = document.get("credentialSubject")
    identifiers = subject.get("identifier", []) if isinstance(subject, dict) else []
    for item in identifiers if isinstance(identifiers, list) else [identifiers]:
        if not isinstance(item, dict) or item.get("identityType") != "emailAddress":
            continue
        expected, salt = str(item.get("identityHash", "")), str(item.get("salt", ""))
        if hmac.compare_digest(expected.encode(), hash_email(email, salt).encode()):
            return True
    return False
