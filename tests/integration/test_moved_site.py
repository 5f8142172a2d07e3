"""A site that moved: badges issued under its former address verify there, and new ones under the new address."""

from __future__ import annotations

import json
from urllib.parse import unquote, urlsplit

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.test import Client

from learning_credentials import api
from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import VerifyingKey, create_key
from learning_credentials.badges.signing import verify_proof
from learning_credentials.badges.status_list import BitList
from learning_credentials.data import Finding, Verdict
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.models import BadgeAddress
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.services.public import get_did_document
from tests.factories import CredentialFactory

pytestmark = pytest.mark.django_db(transaction=True)

KEY = create_key()
OLD, NEW = "https://old.example.org", "https://new.example.org"
ALL_CHECKS = "learning_credentials"


@pytest.fixture
def move(app_settings):
    """Give the site an address, and former ones."""
    cache.clear()

    def to(base_url, *former):
        app_settings(
            SIGNING_KEYS=[{"private_key": KEY.export(), "is_active": True}],
            BASE_URL=base_url,
            FORMER_BASE_URLS=list(former),
        )

    return to


class Stranger:
    """Knows nothing but what a badge says and what the hosts serve that it names. A path of an address is taken off by the proxy."""

    def __init__(self, *base_urls):
        self._base_urls = base_urls

    def fetch(self, url):
        base_url = next(found for found in self._base_urls if url.startswith(f"{found}/credentials/"))
        response = Client().get(url.removeprefix(base_url), headers={"host": urlsplit(to_ascii(url)).netloc})
        assert response.status_code == 200
        assert response["Access-Control-Allow-Origin"] == "*"
        return read_document(response.content)

    def fetch_did(self, did):
        document = self.fetch("/".join(["https:/", *map(unquote, did.removeprefix("did:web:").split(":")), "did.json"]))
        assert document["id"] == did
        return document

    def verify(self, document):
        """Check a badge or a list; return whether it was revoked, None for a list."""
        issuer = document["issuer"]
        did = issuer if isinstance(issuer, str) else issuer["id"]
        keys = {
            item["id"]: VerifyingKey(item["publicKeyMultibase"]) for item in self.fetch_did(did)["verificationMethod"]
        }
        assert verify_proof(document, keys.get).issuer == did
        status = document.get("credentialStatus")
        if status is None:
            return None
        found = self.fetch(status["statusListCredential"])
        assert found["id"] == status["statusListCredential"]
        assert found["issuer"] == did
        self.verify(found)
        return BitList.decode(found["credentialSubject"]["encodedList"]).get(int(status["statusListIndex"]))


ADDRESSES = {
    "another host": (OLD, NEW),
    "without www": ("https://www.example.org", "https://example.org"),
    "another port": ("https://example.org:8443", "https://example.org"),
    "from a name in another script": ("https://schülé.example", "https://school.example"),
    "to a name in another script": ("https://school.example", "https://schülé.example"),
    "below a path": ("https://old.example.org/lms", "https://new.example.org/learn"),
    "with a slash and capitals": ("https://OLD.example.org/", "https://New.example.org"),
}


def to_ascii(url):
    """The address as programs ask for it."""
    parts = urlsplit(url)
    host = parts.hostname.encode("idna").decode()
    return f"https://{host}{f':{parts.port}' if parts.port else ''}{parts.path}".rstrip("/")


@pytest.mark.parametrize(("old", "new"), ADDRESSES.values(), ids=ADDRESSES)
def test_badges_from_before_and_after_a_move_verify_and_are_revoked(move, old, new):
    row, other = CredentialFactory.create_batch(2, available=True)
    move(old)
    before = [read_document(api.get_badge(item.verify_uuid).encode()) for item in (row, other)]
    move(new, old)
    after = [read_document(api.get_badge(item.verify_uuid).encode()) for item in (row, other)]
    stranger = Stranger(old.rstrip("/"), new.rstrip("/"), to_ascii(old), to_ascii(new))
    assert [stranger.verify(badge) for badge in (*before, *after)] == [False] * 4

    api.invalidate_credential(row.pk, reason="Issued in error.")

    assert [stranger.verify(badge) for badge in (*before, *after)] == [True, False] * 2
    for badge in before:
        assert api.inspect_file(json.dumps(badge).encode()).finding is Finding.GOOD_SIGNATURE
    assert before[0]["issuer"]["id"] != after[0]["issuer"]["id"]
    assert before[0]["id"] == after[0]["id"]


def test_the_documents_name_each_other(move):
    move(NEW, "https://first.example.org", OLD)
    stranger = Stranger("https://first.example.org", OLD, NEW)
    dids = [f"did:web:{name}.example.org:credentials" for name in ("new", "first", "old")]
    documents = {did: stranger.fetch_did(did) for did in dids}
    for did, document in documents.items():
        assert document["alsoKnownAs"] == [other for other in dids if other != did]
        assert [method["controller"] for method in document["verificationMethod"]] == [did]


def test_an_achievement_keeps_its_id_through_moves(move):
    row = CredentialFactory(available=True)
    ids = set()
    for addresses in ((OLD,), (NEW, OLD), ("https://third.example.org", OLD, NEW)):
        move(*addresses)
        ids.add(read_document(api.get_badge(row.verify_uuid).encode())["credentialSubject"]["achievement"]["id"])
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("old.example.org", OLD),
        ("OLD.example.org.", OLD),
        ("old.example.org:443", OLD),
        ("old.example.org:8000", OLD),  # a proxy that puts its own port there
        ("new.example.org", NEW),
        ("www.old.example.org", NEW),
        ("old.example.org.evil.example", NEW),
        ("evil.example", NEW),
        ("testserver", NEW),
        ("[::1]:8000", NEW),
    ],
)
def test_only_listed_hosts_choose_the_issuer(move, host, expected):
    move(NEW, OLD)
    response = Client().get("/credentials/did.json", headers={"host": host})
    assert json.loads(response.content)["id"] == f"did:web:{urlsplit(expected).hostname}:credentials"
    assert "evil" not in response.content.decode()


def test_a_header_of_a_proxy_counts_only_where_django_was_told_so(move, settings):
    move(NEW, OLD)
    header = {"host": "new.example.org", "x-forwarded-host": "old.example.org"}
    assert b'"id": "did:web:new.' in Client().get("/credentials/did.json", headers=header).content
    settings.USE_X_FORWARDED_HOST = True
    assert b'"id": "did:web:old.' in Client().get("/credentials/did.json", headers=header).content


def test_ports_tell_two_sites_of_one_host_apart(move):
    move("https://example.org:8443", "https://example.org:9443")
    found = {
        host: json.loads(Client().get("/credentials/did.json", headers={"host": host}).content)["id"]
        for host in ("example.org:8443", "example.org:9443", "example.org")
    }
    assert found == {
        "example.org:8443": "did:web:example.org%3A8443:credentials",
        "example.org:9443": "did:web:example.org%3A9443:credentials",
        "example.org": "did:web:example.org%3A8443:credentials",
    }


def test_everything_else_that_a_badge_names_answers_at_the_old_host(move):
    row = CredentialFactory(available=True)
    move(OLD)
    badge = read_document(api.get_badge(row.verify_uuid).encode())
    move(NEW, OLD)
    subject = badge["credentialSubject"]
    for url in (
        subject["achievement"]["image"]["id"],
        badge["evidence"][0]["id"],
        f"{badge['evidence'][0]['id']}badge.png",
    ):
        response = Client().get(urlsplit(url).path, headers={"host": urlsplit(url).netloc})
        assert response.status_code == 200


def test_an_uploaded_badge_of_before_the_move_is_ours(move, client):
    row = CredentialFactory(available=True)
    move(OLD)
    old = {form: api.bake_badge(row.verify_uuid, form)[0] for form in ("image/png", "image/svg+xml")}
    old["json"] = api.get_badge(row.verify_uuid).encode()
    move(NEW)
    for content in old.values():
        assert api.inspect_file(content).verdict is not Verdict.UNCHANGED
    move(NEW, OLD)
    for form, content in old.items():
        found = api.inspect_file(content)
        assert (found.verdict, found.finding) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE), form
        assert found.verification.verify_url.startswith(NEW)
    changed = old["json"].replace(row.user_full_name.encode(), b"Somebody Else")
    assert api.inspect_file(changed).finding is Finding.BAD_SIGNATURE


def test_a_former_address_that_is_none_is_named(move):
    move(NEW, OLD, "old.example.org")
    with pytest.raises(ConfigurationError, match=r"FORMER_BASE_URLS\[1\]"):
        get_did_document()


def check(databases=()):
    return {message.id.rpartition(".")[2]: message for message in run_checks(tags=[ALL_CHECKS], databases=databases)}


@pytest.mark.parametrize(
    ("former", "codes"),
    [
        ([OLD], set()),
        (["old.example.org"], {"E011"}),
        (["https://old.example.org?x=1"], {"E011"}),
        (["https://[::1]"], {"E011"}),
        ([NEW], {"E011"}),
        (["https://new.example.org:443/path"], {"E011"}),
        ([OLD, "https://OLD.example.org/lms"], {"E011"}),
        (["http://old.example.org"], {"W009"}),
        (["https://other.example"], {"W010"}),
        (["https://schülé.example.org"], set()),
    ],
)
def test_former_addresses_are_checked(move, settings, former, codes):
    settings.ALLOWED_HOSTS = [".example.org"]
    move(NEW, *former)
    found = check()
    assert {code for code in found if code in {"E011", "W009", "W010", "E001"}} == codes
    for code in codes:
        assert "FORMER_BASE_URLS[" in found[code].msg
        assert found[code].hint


def test_an_address_that_badges_refer_to_must_be_listed(move):
    CredentialFactory(available=True)
    move(OLD)
    sweep_stale_credentials()
    assert [row.base_url for row in BadgeAddress.objects.all()] == [OLD]
    assert "W011" not in check(["default"])
    move(NEW)
    assert OLD in check(["default"])["W011"].msg
    assert "W011" not in check()
    for former in (OLD, "https://OLD.example.org/"):
        move(NEW, former)
        assert "W011" not in check(["default"])


def test_a_site_without_keys_has_no_addresses_of_badges(move, app_settings):
    move(OLD)
    app_settings(SIGNING_KEYS=[])
    sweep_stale_credentials()
    assert not BadgeAddress.objects.exists()
