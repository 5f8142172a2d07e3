"""Codes, ids and addresses that people type or paste, on the page, over REST and in the command."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_credentials import api
from learning_credentials.services.public import inspect_text
from learning_credentials.verify_codes import ALPHABET, format_code, make_code
from tests.factories import CourseCertificateFactory, CredentialFactory
from tests.integration.web_pages import Outline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_requests_counted")]

URL = "/api/learning_credentials/v1/verify/"
PAGE = "/credentials/verify/"
SITE = "https://credentials.example.org"

ID_SPELLINGS = {
    "as it is": "{id}",
    "capitals": "{ID}",
    "no hyphens": "{hex}",
    "braces": "{{{ID}}}",
    "a URN": "urn:uuid:{id}",
    "an old URN": "URN:UUID:{ID}",
    "spaces": "  {id}\n",
    "a full stop": "{id}.",
    "brackets and quotes": "(“{id}”),",
    "other dashes": "{dashes}",
    "spaces for hyphens": "{blanks}",
    "invisible characters": "\u200b{id}\u00ad\ufeff",
    "full width": "{wide}",
    "with words": "Credential ID: {id}",
    "in two lines": "{broken}",
}
ADDRESSES = {
    "as it is": "{site}/credentials/{id}/",
    "without the slash": "{site}/credentials/{id}",
    "by http": "http://credentials.example.org/credentials/{id}/",
    "without the scheme": "credentials.example.org/credentials/{id}/",
    "a path": "/credentials/{id}/",
    "with tracking": "{site}/credentials/{id}/?utm_source=mail&utm_id={other}#{other}",
    "a full stop": "{site}/credentials/{id}/.",
    "brackets": "<{site}/credentials/{id}/>)",
    "quotes": "“{site}/credentials/{id}/”",
    "capitals": "HTTPS://CREDENTIALS.EXAMPLE.ORG/CREDENTIALS/{ID}/",
    "another page": "{site}/credentials/{id}/badge.json",
    "REST": "{site}/api/learning_credentials/v1/metadata/{id}/",
    "an earlier host": "http://old.example.net:8080/school/credentials/{id}/",
    "encoded": "{encoded}",
    "within another": "https://scan.example.com/?url={encoded}&data={other}",
    "encoded twice": "https://scan.example.com/?url={twice}",
}


def spell(template, row):
    key = str(row.verify_uuid)
    address = f"{SITE}/credentials/{key}/"
    return template.format(
        id=key,
        ID=key.upper(),
        hex=row.verify_uuid.hex,
        dashes=key.replace("-", "–"),
        blanks=key.replace("-", " "),
        wide="".join(chr(ord(char) + 0xFEE0) for char in key),
        broken=f"{key[:24]}\n{key[24:]}",
        site=SITE,
        other=uuid4(),
        encoded=quote(address, safe=""),
        twice=quote(quote(address, safe=""), safe=""),
    )


def ask(client, text):
    return client.post(URL, {"code": text})


@pytest.fixture
def row():
    return CredentialFactory(available=True, user_full_name="Ada Example")


class TestOverREST:
    def test_a_code(self, client, row):
        response = ask(client, format_code(row.verify_code))
        assert response.status_code == 200
        answer = response.json()
        assert answer["credential"] == client.get(f"/api/learning_credentials/v1/metadata/{row.verify_uuid}/").json()
        assert {name: answer[name] for name in ("is_valid", "verdict", "finding", "kind", "compared", "sha256")} == {
            "is_valid": True,
            "verdict": "unchanged",
            "finding": "known_credential",
            "kind": "code",
            "compared": "code",
            "sha256": "",
        }
        assert answer["compared_message"] == (
            "The code leads to this credential. Compare the name and the date with the paper."
        )
        assert response["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("template", ID_SPELLINGS.values(), ids=ID_SPELLINGS)
    def test_an_id_in_any_spelling(self, client, row, template):
        answer = ask(client, spell(template, row)).json()
        assert answer["credential"]["verify_uuid"] == str(row.verify_uuid)
        assert (answer["kind"], answer["compared"], answer["is_valid"]) == ("id", "code", True)

    @pytest.mark.parametrize("template", ADDRESSES.values(), ids=ADDRESSES)
    def test_any_address(self, client, row, template):
        answer = ask(client, spell(template, row)).json()
        assert answer["credential"]["verify_uuid"] == str(row.verify_uuid)

    def test_as_json(self, client, row):
        sent = {"code": row.verify_code.lower()}
        assert client.post(URL, sent, content_type="application/json").json()["is_valid"] is True

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda code: code[:-1], "A code has 10 characters, but this one has 9."),
            (lambda code: f"U{code[1:]}", "A code never contains the letter U."),
            (lambda code: code[:-1] + next(c for c in ALPHABET if c != code[-1]), "One character of the code is wrong"),
        ],
    )
    def test_a_code_with_a_mistake(self, client, row, change, message):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(client, change(row.verify_code)).json()
        assert not queries, "it is not looked up"
        assert (answer["verdict"], answer["finding"], answer["compared"]) == ("unknown", "mistyped_code", "nothing")
        assert answer["message"].startswith(message)
        assert answer["credential"] is None

    def test_unknown_hidden_and_unfinished_ones_are_answered_alike(self, client):
        hidden = CredentialFactory(available=True)
        CourseCertificateFactory(
            course_key=hidden.learning_context_key, available_date=timezone.now() + timedelta(days=1)
        )
        unfinished, failed = CredentialFactory(), CredentialFactory(error=True)
        by_code = [
            ask(client, code) for code in (make_code(), *(row.verify_code for row in (hidden, unfinished, failed)))
        ]
        by_id = [ask(client, str(key)) for key in (uuid4(), *(row.verify_uuid for row in (hidden, unfinished, failed)))]
        for answers in (by_code, by_id):
            assert {response.status_code for response in answers} == {200}
            assert len({response.content for response in answers}) == 1
            assert answers[0].json()["finding"] == "unknown_credential"
        assert by_code[0].json()["message"].startswith("No credential has this code.")

    def test_one_that_does_not_hold(self, client, row):
        api.invalidate_credential(row.pk, reason="Issued in error.")
        answer = ask(client, row.verify_code).json()
        assert (answer["is_valid"], answer["verdict"]) == (False, "revoked")
        assert answer["credential"]["invalidation_reason"] == "Issued in error."

    def test_the_successor_has_its_own(self, client, course, enrol):
        enrol("Ada")
        api.issue_pending_credentials(course.pk)
        old = course.credentials.get()
        new = api.reissue_credential(old.pk, reason="The seal was missing.")
        assert ask(client, old.verify_code).json()["credential"]["replaced_by"] == str(new.verify_uuid)
        assert ask(client, new.verify_code).json()["is_valid"] is True

    @pytest.mark.parametrize("text", ["hello", "https://example.org/", "\0", "…", "a" * 4000, "0" * 33])
    def test_anything_else(self, client, text):
        answer = ask(client, text)
        assert answer.status_code == 200 or answer.json()["code"] == "null_characters_not_allowed"
        assert answer.json().get("finding") in {"no_code", None}

    def test_either_a_code_or_a_file(self, client, row):
        file = SimpleUploadedFile("x", b"a certificate")
        both = client.post(URL, {"code": row.verify_code, "file": file})
        assert (both.status_code, both.json()["code"]) == (400, "invalid")
        assert client.post(URL, {}).json()["detail"] == "file: Send either a file or a code."
        assert client.post(URL, {"code": ""}).status_code == 400
        assert client.post(URL, {"code": "a" * 5000}).status_code == 400
        assert client.post(URL, {"code": 7}, content_type="application/json").status_code == 400

    def test_a_file_says_what_was_compared(self, client, row):
        answer = client.post(URL, {"file": SimpleUploadedFile("x", b"a certificate")}).json()
        assert (answer["compared"], answer["is_valid"]) == ("file", True)
        assert answer["compared_message"].startswith("The whole file was compared")

    def test_one_query(self, client, row):
        for text in (row.verify_code, str(row.verify_uuid)):
            ask(client, text)
            with CaptureQueriesContext(connection) as queries:
                ask(client, text)
            assert len(queries) == 1

    @settings(
        max_examples=settings().max_examples * 3 // 2,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.text() | st.text("0123456789abcdef-%/:.?#U "))
    def test_no_text_is_an_error(self, text):
        assert not inspect_text(text).is_valid


class TestOnThePage:
    def test_a_code(self, client, row):
        page = Outline(client.post(PAGE, {"code": f" {row.verify_code.lower()} "}))
        assert "This credential is valid" in page.text
        assert "unchanged" not in page.text
        assert "Compare the name and the date with the paper." in page.text
        assert "Ada Example" in page.text
        assert f"/credentials/{row.verify_uuid}/" in page.links()

    def test_a_mistake_can_be_corrected(self, client, row):
        typed = row.verify_code[:-1] + next(char for char in ALPHABET if char != row.verify_code[-1])
        page = Outline(client.post(PAGE, {"code": typed}))
        assert "The code has a mistake" in page.text
        (field,) = [field for field in page.all("input") if field["type"] == "text"]
        assert (field["value"], field["aria-invalid"]) == (typed, "true")

    def test_markup_stays_text(self, client):
        response = client.post(PAGE, {"code": '"><script>alert(1)</script>'})
        assert "script" not in Outline(response).names()
        assert "No code was found" in Outline(response).text

    def test_a_chosen_file_comes_first(self, client, row):
        sent = {"code": "nonsense", "file": SimpleUploadedFile("x", b"a certificate")}
        assert "Verified: unchanged and valid" in Outline(client.post(PAGE, sent)).text

    def test_the_token_of_the_form_is_asked_for(self, row):
        assert Client(enforce_csrf_checks=True).post(PAGE, {"code": row.verify_code}).status_code == 403

    def test_an_address_is_never_a_link(self, client):
        page = Outline(client.post(PAGE, {"code": "https://evil.example/credentials/x/"}))
        assert not [link for link in page.links() if "evil" in link]


class TestTheCommand:
    @pytest.mark.parametrize("form", [str, str.lower, format_code])
    def test_a_code(self, row, form):
        out = io.StringIO()
        call_command("verify_credential", form(row.verify_code), stdout=out)
        assert out.getvalue().startswith("VALID (unchanged, known_credential): The credential is valid.")
        assert f"Code:           {format_code(row.verify_code)}\n" in out.getvalue()
        assert "Compared:       The code leads to this credential." in out.getvalue()

    def test_a_mistake(self, row):
        out = io.StringIO()
        with pytest.raises(SystemExit, match="2"):
            call_command("verify_credential", row.verify_code[:-1] + "U", stdout=out)
        assert out.getvalue().startswith("UNKNOWN (unknown, mistyped_code): A code never contains the letter U.")

    def test_a_file_whose_name_looks_like_a_code_is_a_file(self, row, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "CERTS2026A").write_bytes(b"a certificate")
        out = io.StringIO()
        call_command("verify_credential", "CERTS2026A", stdout=out)
        assert "same_file" in out.getvalue()
        with pytest.raises(CommandError, match="neither a code"):
            call_command("verify_credential", "my certificates.x")
