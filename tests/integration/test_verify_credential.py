"""``manage.py verify_credential``: the answer of the public page, for people and for programs."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from learning_credentials import api
from tests.factories import CredentialFactory

pytestmark = pytest.mark.django_db(transaction=True)


def ask(*arguments):
    """Run the command; return the status that it ends with, and what it prints."""
    out = io.StringIO()
    try:
        call_command("verify_credential", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def row():
    return CredentialFactory(available=True, user_full_name="Ada Example")


def test_by_id_address_and_file(row, tmp_path):
    path = tmp_path / "certificate.txt"
    path.write_bytes(b"a certificate")
    address = api.get_verification_url(row.verify_uuid)
    for what in (str(row.verify_uuid), row.verify_uuid.hex, row.verify_uuid.urn, address, f"{address}?x=1", str(path)):
        status, printed = ask(what)
        assert status == 0, what
        assert printed.startswith("VALID (unchanged"), what
        assert "Ada Example" in printed
        assert address in printed


def test_it_prints_what_the_api_answers(row, client, tmp_path):
    path = tmp_path / "certificate.txt"
    path.write_bytes(b"a certificate")
    status, printed = ask(str(path), "--json")
    assert status == 0
    with path.open("rb") as file:
        answer = client.post("/api/learning_credentials/v1/verify/", {"file": file})
    assert json.loads(printed) == answer.json()


def test_the_status_tells_that_it_does_not_hold(row):
    api.invalidate_credential(row.pk, reason="Issued in error.")
    status, printed = ask(str(row.verify_uuid))
    assert status == 1
    assert printed.startswith("NOT VALID (revoked")
    assert "Issued in error." in printed
    expired = CredentialFactory(available=True, expires_at=datetime(2026, 7, 1, tzinfo=UTC), content=b"old")
    status, printed = ask(str(expired.verify_uuid))
    assert status == 1
    assert "Expires:        2026-07-01 00:00 UTC\n" in printed


def test_the_status_tells_that_nothing_is_known(row, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    waiting = CredentialFactory()
    unknown = [ask(what) for what in (str(uuid4()), str(waiting.verify_uuid), "https://example.org/", str(other))]
    assert [status for status, _printed in unknown] == [2, 2, 2, 2]
    assert unknown[0] == unknown[1]
    assert json.loads(ask(str(uuid4()), "--json")[1])["credential"] is None


@pytest.mark.parametrize("what", ["no such file", ".", "a\0b", ""])
def test_what_is_neither_id_nor_file(what):
    with pytest.raises(CommandError, match="neither a code, an id or an address nor a file") as refusal:
        ask(what)
    assert refusal.value.returncode == 2


def test_too_large_a_file(app_settings, tmp_path):
    app_settings(UPLOAD_MAX_BYTES=10)
    path = tmp_path / "certificate.txt"
    path.write_bytes(bytes(11))
    with pytest.raises(CommandError, match="upload_too_large") as refusal:
        ask(str(path))
    assert refusal.value.returncode == 2


def test_names_cannot_command_a_terminal():
    row = CredentialFactory(available=True, user_full_name="Ada\x1b[2J\u202e\nAwarded to: Eve \u0939\u093f\u200d\u0928")
    printed = ask(str(row.verify_uuid))[1]
    assert {"\x1b", "\u202e"}.isdisjoint(printed)
    assert "Ada[2J Awarded to: Eve \u0939\u093f\u200d\u0928\n" in printed
