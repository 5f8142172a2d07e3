"""Badges of credentials that were really issued, as a stranger fetches and checks them with programs that others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pikepdf
import pytest
from django.core.cache import cache
from django.core.management import call_command
from openbadgeslib.ob3.verifier import OB3VerificationError
from openvc.status.status_list import CredentialRevoked

from learning_credentials import api
from learning_credentials.badges.documents import read_document, write_document
from learning_credentials.badges.keys import create_key
from learning_credentials.models import Credential
from tests.backups import back_up, restore
from tests.services.badge_verifiers import ask_node, ask_openbadgeslib, ask_openvc
from tests.services.issued_badges import PDF, REVOKED, VALID, issue, judge_learn_card
from tests.services.world import enrol_learners

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.test import Client
    from pytest_django import DjangoSettingsWrapper

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

BASE_URL = "https://lms.example.org"
NEW_URL = "https://credentials.example.org"
BADGE = "learning_credentials.generators.generate_open_badge"


class ServedSite:
    """What the site serves at the addresses that badges name."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._urls: set[str] = set()

    def fetch_badge(self, credential: Credential) -> dict[str, Any]:
        """Fetch a badge, and note where its keys and its status are published."""
        return self.note(self._fetch(f"{BASE_URL}/credentials/{credential.verify_uuid}/badge.json"))

    def note(self, badge: dict[str, Any]) -> dict[str, Any]:
        """Note where the keys and the status of a badge are published. Return the badge."""
        parts = badge["issuer"]["id"].removeprefix("did:web:").split(":")
        self._urls.add("/".join(["https:/", *map(unquote, parts), "did.json"]))
        self._urls.add(badge["credentialStatus"]["statusListCredential"])
        return badge

    def publish(self) -> dict[str, dict[str, Any]]:
        """The documents by address, as they are served at this moment."""
        return {url: self._fetch(url) for url in self._urls}

    def _fetch(self, url: str) -> dict[str, Any]:
        parts = urlsplit(url)
        response = self._client.get(parts.path, headers={"host": parts.netloc})
        assert response.status_code == 200, url
        return read_document(response.content)


@pytest.fixture
def site(client: Client, settings: DjangoSettingsWrapper, app_settings: Any, tmp_path: Path) -> Iterator[ServedSite]:
    """A site with a key and a log of revocations."""
    cache.clear()
    settings.ALLOWED_HOSTS = ["*"]
    app_settings(
        SIGNING_KEYS=[{"private_key": create_key().export(), "is_active": True}],
        BASE_URL=BASE_URL,
        REVOCATION_LOG=tmp_path / "revocations.jsonl",
    )
    return ServedSite(client)


def judge(site: ServedSite, **badges: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What each verifier says of each badge: VALID, REVOKED, or what is wrong."""
    said: dict[str, dict[str, str]] = {}
    for name, answer in ask_node(site, **badges).items():  # type: ignore[arg-type]
        said[name] = {
            "@digitalbazaar/vc": _judge_digital_bazaar(answer["digitalBazaar"]),
            "@digitalcredentials/verifier-core": _judge_verifier_core(answer["verifierCore"]),
            "LearnCard": judge_learn_card(answer["learnCard"]),
        }
    for name, badge in badges.items():
        said[name]["openvc"] = _judge_openvc(site, badge)
        said[name]["openbadgeslib"] = _judge_openbadgeslib(site, badge)
    return said


def _judge_digital_bazaar(answer: dict[str, Any]) -> str:
    if not answer["verified"] or answer["errors"]:
        return str(answer["errors"])
    return {"[False]": VALID, "[True]": REVOKED}[str(answer["statuses"])]


def _judge_verifier_core(answer: dict[str, Any]) -> str:
    if answer["errors"] or answer["log"]["valid_signature"] is not True:
        return str(answer)
    return VALID if answer["log"]["revocation_status"] is True else REVOKED


def _judge_openvc(site: ServedSite, badge: dict[str, Any]) -> str:
    try:
        ask_openvc(site, badge)  # type: ignore[arg-type]
    except CredentialRevoked:
        return REVOKED
    return VALID


def _judge_openbadgeslib(site: ServedSite, badge: dict[str, Any]) -> str:
    try:
        ask_openbadgeslib(site, badge, did=badge["issuer"]["id"])  # type: ignore[arg-type]
    except OB3VerificationError as error:
        return REVOKED if "set at index" in str(error) else str(error)
    return VALID


def expect(said: dict[str, dict[str, str]], **expected: str) -> None:
    """All verifiers are of one mind."""
    assert said == {name: dict.fromkeys(said[name], verdict) for name, verdict in expected.items()}


@pytest.mark.parametrize("generator", [PDF, BADGE])
def test_strangers_accept_a_badge_until_it_is_revoked(generator: str, site: ServedSite) -> None:
    first, other, _ = issue(generator)
    badge, kept = site.fetch_badge(first), site.fetch_badge(other)
    expect(judge(site, badge=badge, kept=kept), badge=VALID, kept=VALID)

    api.invalidate_credential(first.pk, reason="Issued in error.")

    expect(judge(site, badge=badge, kept=kept), badge=REVOKED, kept=VALID)


def test_strangers_accept_a_badge_that_was_read_out_of_a_pdf(site: ServedSite) -> None:
    first, other, _ = issue(attach_badge=True)
    badge, kept = (site.note(_read_attached(credential)) for credential in (first, other))
    expect(judge(site, badge=badge, kept=kept), badge=VALID, kept=VALID)

    api.invalidate_credential(first.pk, reason="Issued in error.")

    expect(judge(site, badge=badge, kept=kept), badge=REVOKED, kept=VALID)


def _read_attached(credential: Credential) -> dict[str, Any]:
    """Read the badge out of a certificate as a wallet would."""
    with api.open_artifact(credential.verify_uuid)[0] as file, pikepdf.open(file) as pdf:
        return read_document(pdf.attachments["badge.json"].get_file().read_bytes())


def test_strangers_say_the_same_after_a_move_of_the_site(site: ServedSite, app_settings: Any) -> None:
    first, other, third = issue()
    old = {"old": site.fetch_badge(first), "old_kept": site.fetch_badge(other), "old_gone": site.fetch_badge(third)}
    api.invalidate_credential(third.pk, reason="Issued in error.")
    before = judge(site, **old)
    expect(before, old=VALID, old_kept=VALID, old_gone=REVOKED)

    app_settings(BASE_URL=NEW_URL, FORMER_BASE_URLS=[BASE_URL])
    assert judge(site, **old) == before
    new = {"new": site.fetch_badge(first), "new_kept": site.fetch_badge(other)}
    assert {urlsplit(url).netloc for url in site.publish()} == {"lms.example.org", "credentials.example.org"}
    expect(judge(site, **new), new=VALID, new_kept=VALID)

    api.invalidate_credential(first.pk, reason="Issued in error.")

    expect(
        judge(site, **old, **new),
        old=REVOKED,
        old_kept=VALID,
        old_gone=REVOKED,
        new=REVOKED,
        new_kept=VALID,
    )


@pytest.mark.parametrize("known_by", ["log", "lists"])
def test_strangers_say_the_same_after_a_backup_was_restored(
    known_by: str, site: ServedSite, app_settings: Any, tmp_path: Path
) -> None:
    first, kept, reissued = issue()
    back_up(tmp_path / "backup")
    enrol_learners(2)
    api.issue_pending_credentials(first.configuration_id)
    lost, lost_kept = Credential.objects.exclude(pk__in=[first.pk, kept.pk, reissued.pk]).order_by("pk")[:2]
    badges = {
        name: site.fetch_badge(row)
        for name, row in {
            "first": first,
            "kept": kept,
            "reissued": reissued,
            "lost": lost,
            "lost_kept": lost_kept,
        }.items()
    }
    for row in (first, lost):
        api.invalidate_credential(row.pk, reason="Issued in error.")
    api.reissue_credential(reissued.pk, reason="New name.")
    before = judge(site, **badges)
    expect(before, first=REVOKED, kept=VALID, reissued=REVOKED, lost=REVOKED, lost_kept=VALID)
    (published,) = [document for url, document in site.publish().items() if "/status/" in url]
    (tmp_path / "list.json").write_text(write_document(published))

    restore(tmp_path / "backup")
    if known_by == "lists":
        app_settings(REVOCATION_LOG=None)
    call_command("after_restore", *([] if known_by == "log" else ["--list", str(tmp_path / "list.json")]), "--yes")

    assert judge(site, **badges) == before
    enrol_learners(5)
    api.issue_pending_credentials(first.configuration_id)
    new = Credential.objects.filter(status="available").exclude(pk__in=[kept.pk, reissued.pk])
    places = {(row.status_list_id, row.status_list_index) for row in new}
    assert len(places) == len(new) > 0
    assert first.status_list_id not in {list_id for list_id, _ in places}
    expect(judge(site, again=site.fetch_badge(new[0])), again=VALID)
