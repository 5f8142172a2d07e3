"""Make links for sharing a credential. They are plain addresses: the page loads nothing from these sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from django.utils import timezone
from django.utils.translation import gettext_noop

from learning_credentials.catalogues import translate_all

if TYPE_CHECKING:
    from learning_credentials.data import Verification

LINKEDIN_PROFILE = "https://www.linkedin.com/profile/add"
LINKEDIN_POST = "https://www.linkedin.com/sharing/share-offsite/"
FACEBOOK = "https://www.facebook.com/sharer/sharer.php"
X = "https://x.com/intent/post"
#: The labels of the links, in the order of `list_share_links`.
LABELS = (
    gettext_noop("Add to a LinkedIn profile"),
    gettext_noop("Share on LinkedIn"),
    gettext_noop("Share on Facebook"),
    gettext_noop("Share on X"),
)


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link to another site, with its label in the reader's language."""

    label: str
    url: str


def list_share_links(verification: Verification) -> list[ShareLink]:
    """Return the share links for one credential, in the reader's language."""
    # Quoting is slow, so each value is quoted once.
    url, name = quote_plus(verification.verify_url), quote_plus(_get_name(verification))
    addresses = (
        f"{LINKEDIN_PROFILE}?{_make_profile_query(verification, url, name)}",
        f"{LINKEDIN_POST}?url={url}",
        f"{FACEBOOK}?u={url}",
        f"{X}?url={url}&text={name}",
    )
    return list(map(ShareLink, translate_all(LABELS), addresses))


def _make_profile_query(verification: Verification, url: str, name: str) -> str:
    """Return the query of the address that adds a certificate to a profile.

    Args:
        verification: the credential.
        url: the address of its page, quoted.
        name: its name, quoted.
    """
    issued_on, expires_at = verification.issue_date, verification.expires_at
    organisation = verification.issuer.name
    parts = [
        f"startTask=CERTIFICATION_NAME&name={name}",
        f"organizationName={quote_plus(organisation)}" if organisation else "",
        f"issueYear={issued_on.year}&issueMonth={issued_on.month}&certUrl={url}&certId={verification.verify_uuid}",
    ]
    if expires_at:
        expires_on = timezone.localtime(expires_at, timezone.get_default_timezone())
        parts.append(f"expirationYear={expires_on.year}&expirationMonth={expires_on.month}")
    return "&".join(filter(None, parts))


def _get_name(verification: Verification) -> str:
    return f"{verification.credential_type_name}: {verification.learning_context_name}"
