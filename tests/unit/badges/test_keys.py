"""Keys: what the settings may hold, and that no secret is ever shown."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.badges import multibase
from learning_credentials.badges.did import make_did, make_did_document, make_key_id
from learning_credentials.badges.keys import SigningKey, VerifyingKey, create_key, load_keys
from learning_credentials.conf import Settings, get_settings
from learning_credentials.exceptions import ConfigurationError
from tests.error_reports import list_variables

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

#: Keys of the test vectors of RFC 8032, 7.1, in the spelling of the multikey standard.
SECRET = multibase.encode(
    b"\x80\x26" + bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
PUBLIC = multibase.encode(
    b"\xed\x01" + bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
)


def load(*keys: Any) -> Any:
    return load_keys(Settings(SIGNING_KEYS=list(keys)))


def test_keys_are_multikeys() -> None:
    key = create_key()

    assert key.export().startswith("z3u2")
    assert key.verifying_key.multikey.startswith("z6Mk")
    assert SigningKey.parse(key.export()).verifying_key == key.verifying_key
    assert create_key().export() != key.export()


def test_a_known_key_signs_as_the_standard_says() -> None:
    key = SigningKey.parse(SECRET)

    assert key.verifying_key == VerifyingKey(PUBLIC)
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215")
    assert key.verifying_key.is_signature(key.sign(b"x"), b"x")
    assert not key.verifying_key.is_signature(key.sign(b"x"), b"y")
    assert not key.verifying_key.is_signature(b"short", b"x")


@given(st.binary(max_size=80))
def test_multibase_comes_back(content: bytes) -> None:
    assert multibase.decode(multibase.encode(content)) == content


def test_multibase_is_that_of_bitcoin() -> None:
    assert multibase.encode(b"\0\0hello world") == "z11StV1DL6CwTryKyV"


def test_a_secret_is_never_shown() -> None:
    key = create_key()
    ring = load({"private_key": key.export(), "is_active": True})

    for shown in (repr(key), str(key), repr(ring), f"{ring.signing_key}", repr(vars(ring))):
        assert key.export() not in shown
    for spread in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            spread(key)


def test_the_settings_show_no_secret() -> None:
    shown = repr(
        Settings(
            SIGNING_KEYS=[{"private_key": SECRET, "is_active": True}],
            LMS_OPTIONS={"token": SECRET},
            STORAGE={"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"secret_key": SECRET}},
        )
    )

    assert SECRET not in shown


def test_a_report_of_wrong_settings_shows_no_secret(settings: SettingsWrapper) -> None:
    settings.LEARNING_CREDENTIALS = {"SIGNING_KEYS": [{"private_key": SECRET, "is_active": True}], "BASE_ULR": ""}

    with pytest.raises(ConfigurationError, match="BASE_ULR") as caught:
        get_settings()

    assert SECRET[5:20] not in str(list_variables(caught.value))


def test_the_active_key_signs_and_all_are_listed() -> None:
    old, new, older = create_key(), create_key(), create_key()

    ring = load(
        {"public_key": older.verifying_key.multikey},
        {"private_key": old.export()},
        {"private_key": new.export(), "is_active": True},
    )

    assert ring.signing_key.verifying_key == new.verifying_key
    assert ring.listed == (new.verifying_key, older.verifying_key, old.verifying_key)
    assert ring.find(old.verifying_key.multikey) == old.verifying_key
    assert ring.find(create_key().verifying_key.multikey) is None


def test_without_keys_nothing_can_be_signed() -> None:
    ring = load()

    assert ring.listed == ()
    with pytest.raises(ConfigurationError, match="create_signing_key"):
        ring.signing_key  # noqa: B018


MISTAKES = {
    "none active": ([{"private_key": SECRET}], "SIGNING_KEYS: no key is active"),
    "only public": ([{"public_key": PUBLIC}], "SIGNING_KEYS: no key is active"),
    "two active": (
        [{"private_key": create_key().export(), "is_active": True} for _ in range(2)],
        "SIGNING_KEYS[1]['is_active']: SIGNING_KEYS[0] is active",
    ),
    "twice": (
        [{"private_key": SECRET, "is_active": True}, {"public_key": PUBLIC}],
        "SIGNING_KEYS[1]: is the same key as SIGNING_KEYS[0]. Remove one of them",
    ),
    "public active": ([{"public_key": PUBLIC, "is_active": True}], "SIGNING_KEYS[0]['is_active']: only a private key"),
    "both": ([{"public_key": PUBLIC, "private_key": SECRET}], "SIGNING_KEYS[0]: must have either"),
    "neither": ([{"is_active": True}], "SIGNING_KEYS[0]: must have either"),
    "unknown entry": ([{"private": SECRET}], "SIGNING_KEYS[0]: has an unknown entry"),
    "a key for a name": ([{SECRET: True}], "SIGNING_KEYS[0]: has an unknown entry"),
    "no bool": ([{"private_key": SECRET, "is_active": "yes"}], "SIGNING_KEYS[0]['is_active']: must be True or False"),
    "no text": ([{"private_key": 5}], "SIGNING_KEYS[0]['private_key']: must be text"),
    "the wrong kind": (
        [{"private_key": PUBLIC}],
        "SIGNING_KEYS[0]['private_key']: is not an Ed25519 private key in multikey form",
    ),
    "the other wrong kind": (
        [{"public_key": SECRET}],
        "SIGNING_KEYS[0]['public_key']: is not an Ed25519 public key in multikey form",
    ),
    "cut short": ([{"private_key": SECRET[:-3]}], "SIGNING_KEYS[0]['private_key']: is not an Ed25519 private key"),
    "a wrong letter": ([{"private_key": SECRET[:-1] + "l"}], "SIGNING_KEYS[0]['private_key']: contains a character"),
    "hexadecimal": ([{"private_key": "9d61b19d" * 8}], "SIGNING_KEYS[0]['private_key']: is not multibase text"),
    "far too long": (
        [{"private_key": "z" + "2" * 1_000_000}],
        "SIGNING_KEYS[0]['private_key']: is not multibase text",
    ),
}


@pytest.mark.parametrize(("keys", "message"), MISTAKES.values(), ids=MISTAKES)
def test_each_mistake_names_its_place_and_no_secret(keys: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(*keys)

    assert str(caught.value).startswith(message)
    assert SECRET[5:20] not in str(caught.value)
    assert SECRET[5:20] not in str(list_variables(caught.value))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "did"),
    [
        ("https://lms.example.org", "did:web:lms.example.org:credentials"),
        ("https://LMS.example.org/", "did:web:lms.example.org:credentials"),
        ("https://lms.example.org:8443", "did:web:lms.example.org%3A8443:credentials"),
        ("http://127.0.0.1:8000", "did:web:127.0.0.1%3A8000:credentials"),
        ("https://example.org/lms/fr%C3%A9d", "did:web:example.org:lms:fr%C3%A9d:credentials"),
        ("https://bücher.example", "did:web:xn--bcher-kva.example:credentials"),
    ],
)
def test_an_issuer_is_named_after_its_site(url: str, did: str) -> None:
    assert make_did(url) == did


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lms.example.org",
        "ftp://example.org",
        "https://",
        "https://a@example.org",
        "https://[::1]",
        "https://x:port",
        "https://x/?a",
        "https://a..b",
    ],
)
def test_what_is_no_site_has_no_name(url: str) -> None:
    with pytest.raises(ConfigurationError, match="BASE_URL"):
        make_did(url)


def test_the_document_lists_every_key() -> None:
    keys = [create_key().verifying_key for _ in range(2)]

    document = make_did_document("did:web:example.org:credentials", keys)

    names = [f"did:web:example.org:credentials#{key.multikey}" for key in keys]
    assert document["id"] == "did:web:example.org:credentials"
    assert document["assertionMethod"] == names == [make_key_id(document["id"], key) for key in keys]
    assert [method["id"] for method in document["verificationMethod"]] == names
    for method, key in zip(document["verificationMethod"], keys, strict=True):
        assert method["controller"] == document["id"]
        assert method["type"] == "Multikey"
        assert method["publicKeyMultibase"] == key.multikey
