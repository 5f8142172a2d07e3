"""Badges of credentials that were really issued, as a stranger fetches and checks them with programs that others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from openbadgeslib.ob3.verifier import OB3VerificationError
from openvc.status.status_list import CredentialRevoked

from learning_credentials import api
from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import create_key
from learning_credentials.models import Credential
from tests.services.test_badges import ask_node, ask_openbadgeslib, ask_openvc
from tests.services.world import enrol_learners, make_configuration

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoSettingsWrapper

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

BASE_URL = "https://lms.example.org"
PDF = "learning_credentials.generators.generate_pdf_credential"
BADGE = "learning_credentials.generators.generate_open_badge"


class ServedSite:
    """What the site serves at the addresses that a badge names."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._paths = {"/credentials/did.json"}

    def fetch_badge(self, credential: Credential) -> dict[str, Any]:
        """Fetch a badge, and note where its status is published."""
        badge = self._fetch(f"/credentials/{credential.verify_uuid}/badge.json")
        self._paths.add(urlsplit(badge["credentialStatus"]["statusListCredential"]).path)
        return badge

    def publish(self) -> dict[str, dict[str, Any]]:
        """The documents by address, as they are served at this moment."""
        return {f"{BASE_URL}{path}": self._fetch(path) for path in self._paths}

    def _fetch(self, path: str) -> dict[str, Any]:
        response = self._client.get(path)
        assert response.status_code == 200, path
        return read_document(response.content)


@pytest.mark.parametrize("generator", [PDF, BADGE])
def test_strangers_accept_a_badge_until_it_is_revoked(
    generator: str, client: Client, settings: DjangoSettingsWrapper
) -> None:
    cache.clear()
    keys = [{"private_key": create_key().export(), "is_active": True}]
    settings.LEARNING_CREDENTIALS = {**settings.LEARNING_CREDENTIALS, "SIGNING_KEYS": keys, "BASE_URL": BASE_URL}
    enrol_learners(3)
    api.issue_pending_credentials(make_configuration(generator).pk)
    site = ServedSite(client)
    first, *others = Credential.objects.order_by("pk")
    badge = site.fetch_badge(first)
    kept = site.fetch_badge(others[0])

    said = ask_node(site, badge=badge)["badge"]  # type: ignore[arg-type]
    assert said["digitalBazaar"] == {"verified": True, "statuses": [False], "errors": []}
    assert said["verifierCore"]["log"]["revocation_status"] is True
    assert ask_openvc(site, badge) is not None  # type: ignore[arg-type]
    assert ask_openbadgeslib(site, badge) is not None  # type: ignore[arg-type]

    api.invalidate_credential(first.pk, reason="Issued in error.")

    said = ask_node(site, badge=badge, kept=kept)  # type: ignore[arg-type]
    assert said["badge"]["digitalBazaar"]["statuses"] == [True]
    assert said["badge"]["verifierCore"]["log"]["revocation_status"] is False
    assert said["kept"]["digitalBazaar"] == {"verified": True, "statuses": [False], "errors": []}
    with pytest.raises(CredentialRevoked):
        ask_openvc(site, badge)  # type: ignore[arg-type]
    with pytest.raises(OB3VerificationError):
        ask_openbadgeslib(site, badge)  # type: ignore[arg-type]
