"""Lists the identifiers under which the site has issued badges: one for `BASE_URL`, and one for each former address of the site.

A badge names its issuer by the address of the site. After a move, the old address must still serve what old badges refer to: the document
with the keys, and the status lists. The host of the request decides which of its addresses the site answers for. The host is only compared
with the settings, and is never used itself.
"""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse

from learning_credentials.badges.did import make_did, read_host
from learning_credentials.conf import get_settings
from learning_credentials.models import BadgeAddress

_DEFAULT_PORTS = {"http": 80, "https": 443}


class SiteAddress(NamedTuple):
    """An address of the site without a trailing slash, and the DID of the issuer in badges that were issued there."""

    base_url: str
    did: str


def get_present_issuer_id() -> SiteAddress:
    """Return the present address.

    Raises:
        ConfigurationError: ``BASE_URL`` is not an address.
    """
    return _read(get_settings().BASE_URL, "BASE_URL")


def list_issuer_ids() -> list[SiteAddress]:
    """Return the present address and then the former ones, in the order of the settings.

    Raises:
        ConfigurationError: ``BASE_URL`` or one of ``FORMER_BASE_URLS`` is not an address.
    """
    former = get_settings().FORMER_BASE_URLS
    return [get_present_issuer_id(), *(_read(url, f"FORMER_BASE_URLS[{number}]") for number, url in enumerate(former))]


def get_first() -> SiteAddress:
    """Return the oldest address. Ids that must survive every move are derived from it. Raises like `list_issuer_ids`."""
    present, *former = list_issuer_ids()
    return former[0] if former else present


def find_issuer_id_by_host(host: str) -> SiteAddress:
    """Return the address of the site that a visitor requested.

    Args:
        host: the host of the request, with its port if there is one. For a host that is not in the settings, return the present address.

    Raises:
        ConfigurationError: as in `list_issuer_ids`.
    """
    found = list_issuer_ids()
    name, _, port = host.lower().partition(":")
    asked = (name.removesuffix("."), None if port in {"", "80", "443"} else port)
    hosts = {site: get_issuer_host(site.base_url) for site in found}
    matching = [site for site in found if hosts[site] == asked]
    if not matching:
        # Some proxies omit the port, or replace it with their own.
        matching = [site for site in found if hosts[site][0] == asked[0]]
        if len(matching) > 1:
            return found[0]
    return matching[0] if matching else found[0]


def note_present_issuer_id() -> None:
    """Store that badges refer to the present address, if the site signs badges.

    Raises:
        ConfigurationError: ``BASE_URL`` is not an address.
    """
    if get_settings().SIGNING_KEYS:
        BadgeAddress.objects.get_or_create(base_url=get_present_issuer_id().base_url)


def list_forgotten_issuer_ids() -> list[str]:
    """Return addresses under which the site signed badges and which are no longer in the settings.

    Raises:
        ConfigurationError: as in `list_issuer_ids`.
    """
    known = {site.did for site in list_issuer_ids()}
    used = BadgeAddress.objects.values_list("base_url", flat=True)
    return [url for url in used if _read(url, "base_url").did not in known]


def get_issuer_host(base_url: str) -> tuple[str, str | None]:
    """Return host and port of an address in a form that can be compared. Raises like `read_host`."""
    host, port = read_host(base_url)
    scheme = base_url.partition(":")[0].lower()
    return host, None if port in {None, _DEFAULT_PORTS.get(scheme)} else str(port)


def _read(base_url: str, setting: str) -> SiteAddress:
    path = reverse("learning_credentials:did").removesuffix("/did.json")
    return SiteAddress(base_url.rstrip("/"), make_did(base_url, path, setting=setting))
