"""The page where anyone can have a file checked: it works without scripts, says what was found, and keeps nothing."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from learning_credentials import api
from learning_credentials.children import Turns
from learning_credentials.models import Credential
from learning_credentials.pdf.inspection import stranger
from tests.factories import CredentialFactory
from tests.integration.web_pages import Outline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_requests_counted")]

URL = "/credentials/verify/"


FILE = b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\na certificate'
#: What a browser sends for a field without a file.
EMPTY = b'Content-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n'


def send(client, content=b"a certificate", name="certificate.pdf", **more):
    return client.post(URL, {"file": SimpleUploadedFile(name, content)}, **more)


def test_the_form_needs_no_script_and_nothing_from_elsewhere(client):
    response = client.get(URL)
    page = Outline(response)
    (form,) = page.all("form")
    assert (form["method"], form["action"], form["enctype"]) == ("post", URL, "multipart/form-data")
    assert {"script", "style"}.isdisjoint(page.names())
    policy = response["Content-Security-Policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    fields = [field for field in page.all("input") if field["type"] in {"text", "file"}]
    assert [field["name"] for field in fields] == ["code", "file", "file"]
    assert [label["for"] for label in page.all("label")] == [field["id"] for field in fields]
    assert fields[2]["capture"] == "environment"


def test_a_file_is_found_in_either_field(client):
    CredentialFactory(available=True)
    for files in ([FILE, EMPTY], [EMPTY, FILE]):
        body = b"".join(b"--x\r\n" + file + b"\r\n" for file in files) + b"--x--\r\n"
        response = client.generic("POST", URL, body, content_type="multipart/form-data; boundary=x")
        assert "Verified: unchanged and valid" in Outline(response).text


@pytest.mark.parametrize(
    ("trait", "verdict", "state"),
    [
        ({"available": True}, "Verified: unchanged and valid", "valid"),
        ({"invalidated": True}, "This credential is no longer valid", "revoked"),
    ],
)
def test_it_says_what_a_file_is_and_whose(client, trait, verdict, state):
    row = CredentialFactory(content=b"this one", user_full_name="Ada Example", **trait)
    response = send(client, b"this one")
    page = Outline(response)
    assert response.status_code == 200
    assert verdict in page.text
    assert "Ada Example" in page.text
    assert f"/credentials/{row.verify_uuid}/" in page.links()
    assert page.all("article")[0]["class"] == f"credential credential--{state}"
    assert response["Cache-Control"] == "private, no-store"
    assert "form-action 'self'" in response["Content-Security-Policy"]
    assert page.all("form"), "another file can be checked at once"


def test_a_replaced_one_leads_to_its_successor(client, course, enrol):
    enrol(count=1)
    api.issue_pending_credentials(course.pk)
    old = Credential.objects.get()
    with api.open_artifact(old.verify_uuid)[0] as file:
        content = file.read()
    new = api.reissue_credential(old.pk, reason="A new name.")
    page = Outline(send(client, content))
    assert "This credential was replaced" in page.text
    assert f"/credentials/{new.verify_uuid}/" in page.links()


def test_it_says_that_a_file_is_not_known(client):
    CredentialFactory(available=True)
    page = Outline(send(client, b"something else"))
    assert "Not known here" in page.text
    assert not [link for link in page.links() if "/credentials/" in link]


def test_markup_in_names_stays_text(client):
    markup = "<script>alert(1)</script><b>"
    CredentialFactory(available=True, user_full_name=markup, credential_type_name=markup, learning_context_name=markup)
    response = send(client, name=f'"{markup}.pdf')
    page = Outline(response)
    assert {"script", "b"}.isdisjoint(page.names())
    assert page.text.count(markup) >= 3
    assert ".pdf" not in response.content.decode(), "the name of the file is not repeated"


def test_the_token_of_the_form_is_asked_for():
    client = Client(enforce_csrf_checks=True)
    CredentialFactory(available=True)
    assert send(client).status_code == 403
    form = client.get(URL)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.content.decode())[1]
    sent = {"file": SimpleUploadedFile("x", b"a certificate"), "csrfmiddlewaretoken": token}
    response = client.post(URL, sent)
    assert response.status_code == 200
    assert "Verified" in Outline(response).text


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        ({}, "Please enter a code or choose a file."),
        ({"file": "text"}, "Please enter a code or choose a file."),
        ({"other": SimpleUploadedFile("x", b"a certificate")}, "Please enter a code or choose a file."),
        ({"file": SimpleUploadedFile("x", b"")}, "The file is empty."),
    ],
)
def test_it_asks_again_where_there_is_no_file(client, sent, problem):
    response = client.post(URL, sent)
    assert response.status_code == 400
    page = Outline(response)
    assert problem in page.text
    assert [field for field in page.all("input") if field.get("aria-describedby") == "problem"]


@pytest.mark.parametrize("body", [b"", b"junk", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data; name=file"])
def test_a_form_that_cannot_be_read_has_no_file(client, body):
    response = client.generic("POST", URL, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400
    assert client.generic("POST", URL, body, content_type="multipart/form-data").status_code == 400
    assert client.generic("POST", URL, body, content_type="application/json").status_code == 400


def test_too_large_a_file_is_refused(client, app_settings):
    app_settings(UPLOAD_MAX_BYTES=1024 * 1024)
    response = send(client, bytes(1024 * 1024 + 1))
    assert response.status_code == 413
    assert "The limit is 1 MB" in Outline(response).text
    assert send(client, bytes(1024 * 1024)).status_code == 200
    assert send(client, bytes(3 * 1024 * 1024)).status_code == 413


def test_a_field_beside_the_file_cannot_be_large(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert client.post(URL, {"file": io.BytesIO(b"x"), "other": "y" * 2000}).status_code == 413


def test_many_questions_are_slowed_down_and_not_read(client, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE="2/min")
    assert [send(client).status_code for _ in range(3)] == [200, 200, 429]
    response = send(client)
    assert 0 < int(response["Retry-After"]) <= 60
    assert client.get(URL).status_code == 200


def test_a_host_without_accounts_has_the_page_too(client, settings):
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    CredentialFactory(available=True)
    assert client.get(URL).cookies["csrftoken"].value
    assert send(client).status_code == 200


def test_nobody_is_looked_up_for_it(client, django_user_model):
    CredentialFactory(available=True)
    client.force_login(django_user_model.objects.create(username="ada"))
    with CaptureQueriesContext(connection) as queries:
        assert send(client).status_code == 200
    assert len(queries) == 1


def test_while_too_much_is_going_on_it_asks_to_come_back(client, monkeypatch):
    monkeypatch.setattr(stranger, "WAITING_TIME", 0.1)
    monkeypatch.setattr(stranger, "_readers", Turns(1))
    stranger._readers.acquire(0)
    response = send(client, b"%PDF-1.7\n1 0 obj\n<<>>\nendobj")
    assert (response.status_code, response["Retry-After"]) == (503, "30")


def test_public_pages_lead_to_it(client):
    row = CredentialFactory(available=True)
    assert URL in Outline(client.get(f"/credentials/{row.verify_uuid}/")).links()
