"""System checks of what signs: the keys of badges and the certificate of PDFs."""

from __future__ import annotations

import pytest
from celery import current_app
from django.core.checks import run_checks

from learning_credentials.badges.keys import create_key
from learning_credentials.beat import beat_schedule
from tests.factories import CredentialConfigurationFactory
from tests.pdf_signers import make_authority

TAG = "learning_credentials"
GENERATOR = "learning_credentials.generators.generate_open_badge"


@pytest.fixture(autouse=True)
def _schedule():
    before = current_app.conf.beat_schedule
    current_app.conf.beat_schedule = beat_schedule()
    yield
    current_app.conf.beat_schedule = before


@pytest.fixture
def check(app_settings):
    """Run the checks with some settings changed; return message and hint by id."""

    def run(databases: list[str] | None = None, **changes: object):
        app_settings(**changes)
        return {message.id: message for message in run_checks(tags=[TAG], databases=databases or [])}

    return run


@pytest.fixture
def key():
    return {"private_key": create_key().export(), "is_active": True}


def test_sound_keys_are_passed_over(check, key):
    assert check(SIGNING_KEYS=[key], BASE_URL="https://credentials.example.org") == {}


def test_wrong_keys_are_named_and_not_shown(check, key):
    private = key["private_key"]
    for keys, said in (
        ([{**key, "is_active": False}], "no key is active. Set 'is_active': True"),
        ([{"private_key": private[:-1], "is_active": True}], "SIGNING_KEYS[0]['private_key']"),
        ([key, key], "SIGNING_KEYS[1]"),
    ):
        messages = check(SIGNING_KEYS=keys, BASE_URL="https://credentials.example.org")
        assert set(messages) == {f"{TAG}.E008"}
        message = messages[f"{TAG}.E008"]
        assert said in message.msg
        assert private[:-1] not in message.msg
        assert "create_signing_key" in message.hint


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "10.0.0.5", "[::1]", "credentials", "lms.internal"])
def test_keys_that_nobody_outside_can_fetch(check, key, host, settings):
    messages = check(SIGNING_KEYS=[key], BASE_URL=f"https://{host}")
    assert set(messages) == {f"{TAG}.W004"}
    assert host in messages[f"{TAG}.W004"].msg
    settings.DEBUG = True
    assert check() == {}


def test_keys_over_plain_http(check, key):
    assert f"{TAG}.W004" in check(SIGNING_KEYS=[key], BASE_URL="http://lms.example.org")


@pytest.mark.django_db
def test_badges_without_a_key(check, key):
    configuration = CredentialConfigurationFactory(
        credential_type__generation_func=GENERATOR, credential_type__name="Lab badge"
    )
    assert check() == {}, "a check that asks the database runs only when one is named"
    message = check(databases=["default"])[f"{TAG}.W005"]
    assert "Lab badge" in message.msg
    assert "create_signing_key" in message.hint
    assert check(databases=["default"], SIGNING_KEYS=[key], BASE_URL="https://credentials.example.org") == {}
    configuration.delete()
    assert check(databases=["default"], SIGNING_KEYS=[]) == {}, "a type that is used nowhere needs no key"


def test_a_sound_signer_is_passed_over(check, tmp_path):
    assert check(PDF_SIGNER=make_authority(days=60).write_pem(tmp_path)) == {}


def test_a_broken_signer_is_named(check, tmp_path):
    message = check(PDF_SIGNER={"pkcs12": "/no/such.p12"})[f"{TAG}.E009"]
    assert "PDF_SIGNER['pkcs12']: /no/such.p12" in message.msg
    assert message.hint
    message = check(PDF_SIGNER=make_authority(days=-1).write_pem(tmp_path))[f"{TAG}.E009"]
    assert "expired" in message.msg
    message = check(PDF_SIGNER={"pcks12": "a.p12"})[f"{TAG}.E001"]
    assert "['PDF_SIGNER']['pcks12']: unknown key" in message.msg


def test_a_signer_that_expires_soon(check, tmp_path):
    message = check(PDF_SIGNER=make_authority(days=9).write_pem(tmp_path))[f"{TAG}.W006"]
    assert "expires on" in message.msg


def test_a_signers_key_that_anyone_on_the_machine_can_read(check, tmp_path):
    signer = make_authority(days=60).write_pem(tmp_path)
    key = tmp_path / signer["key"]
    key.chmod(0o640)
    assert check(PDF_SIGNER=signer) == {}
    key.chmod(0o644)
    message = check(PDF_SIGNER=signer)[f"{TAG}.W008"]
    assert "PDF_SIGNER['key']" in message.msg
    assert "chmod" in message.hint
