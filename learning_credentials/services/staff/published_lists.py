"""Reads status lists that were published earlier: checks that this site signed them, and finds their revoked places."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import load_keys
from learning_credentials.badges.signing import verify_proof
from learning_credentials.badges.status_list import BitList
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import MalformedBadgeError
from learning_credentials.services.common import get_status_list_url
from learning_credentials.services.credentials import list_issuer_ids

if TYPE_CHECKING:
    from learning_credentials.badges.keys import VerifyingKey

_NUMBER = re.compile(r"/(\d{1,18})/$")


class PublishedList(NamedTuple):
    """A list as it was published at a time: the indexes of the bits that are set."""

    list_id: int
    indexes: list[int]
    published_at: datetime


def read(content: bytes) -> PublishedList:
    """Read a signed status list of this site.

    Raises:
        MalformedBadgeError: it is not a status list of this site.
        UnknownKeyError: the key that signed it is not in ``SIGNING_KEYS``.
        ChangedBadgeError: it was changed after it was signed.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
    """
    document = read_document(content)
    sites = {site.did: site for site in list_issuer_ids()}
    keys = load_keys(get_settings())

    def resolve(method: str) -> VerifyingKey | None:
        issuer, _, name = method.partition("#")
        return keys.find(name) if issuer in sites else None

    issuer = document.get("issuer")
    if not isinstance(issuer, str) or issuer not in sites:
        raise MalformedBadgeError("the list was not issued by this site or under one of FORMER_BASE_URLS")
    verify_proof(document, resolve)
    return PublishedList(
        _read_id(document, sites[issuer].base_url), _read_indexes(document), _read_time(document.get("validFrom"))
    )


def _read_id(document: dict[str, Any], base_url: str) -> int:
    said = str(document.get("id"))
    number = _NUMBER.search(said)
    if number is None or said != get_status_list_url(int(number[1]), base_url):
        raise MalformedBadgeError("id: is not the address of a status list of this site")
    return int(number[1])


def _read_indexes(document: dict[str, Any]) -> list[int]:
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or subject.get("statusPurpose") != "revocation":
        raise MalformedBadgeError("credentialSubject: is not a list of revocations")
    return BitList.decode(str(subject.get("encodedList"))).list_set()


def _read_time(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise MalformedBadgeError("validFrom: is not a time with a time zone")
    return found
