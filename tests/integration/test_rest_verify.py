"""``POST verify/``: what a file is, over HTTP; of a bounded size, and never stored."""

from __future__ import annotations

import io
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from learning_credentials import api
from learning_credentials.models import Credential
from learning_credentials.storages import get_output_dir
from tests.factories import CredentialFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_requests_counted")]

URL = "/api/learning_credentials/v1/verify/"
MEGABYTE = 1024 * 1024


def send(client, content=b"a certificate", name="certificate.pdf", **more):
    return client.post(URL, {"file": SimpleUploadedFile(name, content, **more)})


def test_a_file_that_was_issued(client):
    row = CredentialFactory(available=True, user_full_name="Ada Example")
    response = send(client)
    assert response.status_code == 200
    answer = response.json()
    assert {name: answer[name] for name in ("is_valid", "verdict", "finding", "kind")} == {
        "is_valid": True,
        "verdict": "unchanged",
        "finding": "same_file",
        "kind": "text",
    }
    assert answer["sha256"] == row.artifact_sha256
    assert answer["credential"] == client.get(f"/api/learning_credentials/v1/metadata/{row.verify_uuid}/").json()
    assert response["Cache-Control"] == "no-store"


def test_one_that_was_revoked(client):
    row = CredentialFactory(available=True)
    api.invalidate_credential(row.pk, reason="Issued in error.")
    answer = send(client).json()
    assert (answer["is_valid"], answer["verdict"]) == (False, "revoked")
    assert answer["credential"]["invalidation_reason"] == "Issued in error."


def test_files_that_are_not_known_are_answered_alike(client):
    CredentialFactory()
    answers = [send(client, content).json() for content in (b"a certificate", b"another", b"\0")]
    for answer in answers:
        assert (answer["verdict"], answer["finding"], answer["credential"]) == ("unknown", "unknown_file", None)
    assert len({answer["message"] for answer in answers}) == 1


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.pdf", "../../etc/passwd", "ünïcode 大学.pdf", "a" * 5000])
@pytest.mark.parametrize("content_type", ["application/pdf", "text/html", "application/x-dosexec", "nonsense", ""])
def test_neither_name_nor_claimed_type_matter(client, name, content_type):
    CredentialFactory(available=True)
    response = send(client, name=name, content_type=content_type)
    assert (response.status_code, response.json()["verdict"]) == (200, "unchanged")
    assert "<script" not in response.content.decode()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "required"),
        ({"file": "text"}, "invalid"),
        ({"other": SimpleUploadedFile("x", b"a certificate")}, "required"),
        ({"file": SimpleUploadedFile("x", b"")}, "empty"),
    ],
)
def test_no_file_is_a_bad_request(client, sent, code):
    response = client.post(URL, sent)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert set(response.json()["errors"]) == {"file"}


@pytest.mark.parametrize("name", ["", ".", "..", "/", "\0"])
def test_a_part_without_a_name_is_no_file(client, name):
    body = HEAD.replace(b"a.pdf", name.encode()) + b"\r\n--x--\r\n"
    response = client.generic("POST", URL, body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400


def test_of_several_files_the_first_counts(client):
    CredentialFactory(available=True)
    files = [SimpleUploadedFile("a", b"a certificate"), SimpleUploadedFile("b", b"another")]
    assert client.post(URL, {"file": files}).json()["verdict"] == "unchanged"
    files = [SimpleUploadedFile(str(number), b"x") for number in range(200)]
    assert client.post(URL, {"file": files}).status_code == 400


@pytest.mark.parametrize("body", [b"", b"junk", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data; name=file"])
def test_a_form_that_cannot_be_read(client, body):
    assert client.generic("POST", URL, body, content_type="multipart/form-data; boundary=x").status_code == 400
    assert client.generic("POST", URL, body, content_type="multipart/form-data").status_code == 400
    assert client.generic("POST", URL, body, content_type="application/pdf").status_code in {400, 415}


def test_nobody_has_to_sign_in_and_who_asks_is_not_looked_at(client, django_user_model):
    CredentialFactory(available=True)
    with CaptureQueriesContext(connection) as queries:
        anonymous = send(client)
    assert len(queries) == 1
    client.cookies["sessionid"] = "anything"
    assert send(client).json() == anonymous.json()
    assert not anonymous.cookies


def test_it_is_slowed_down_like_the_other_public_endpoints(client, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE="2/min")
    assert send(client).status_code == 200
    assert client.get(f"/api/learning_credentials/v1/metadata/{uuid4()}/").status_code == 404
    assert send(client).status_code == 429


def test_other_methods_are_not_allowed(client):
    assert client.get(URL).status_code == 405
    assert client.put(URL, b"x", content_type="application/pdf").status_code == 405


def test_the_message_is_in_the_readers_language(client):
    with translation.override("en"):
        english = api.inspect_file(b"x").message
    assert send(client, b"x").json()["message"] == english


# Size


class Stream:
    """A body of any length, made as it is read."""

    def __init__(self, head: bytes, size: int) -> None:
        self.left = [head, size]
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "nobody may ask for all of it"
        head, more = self.left
        piece = head[:size] or bytes(min(size, more))
        self.left = [head[size:], more if head else more - len(piece)]
        self.read_bytes += len(piece)
        return piece

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n'


def send_stream(url, stream, **environ):
    """Ask the host as a web server does; return the status."""
    found = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": url,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": stream,
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        **environ,
    }
    response = WSGIHandler()(environ, lambda status, headers: found.append(int(status.split()[0])))
    b"".join(response)
    response.close()
    return found[0]


@pytest.mark.parametrize("url", [URL, "/credentials/verify/"])
def test_200_megabytes_are_refused_unread(url):
    stream = Stream(HEAD, 200 * MEGABYTE)
    assert send_stream(url, stream, CONTENT_LENGTH=str(200 * MEGABYTE)) == 413
    assert stream.read_bytes == 0


@pytest.mark.parametrize("url", [URL, "/credentials/verify/"])
@pytest.mark.parametrize("length", [{}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "x"}, {"CONTENT_LENGTH": "-1"}])
def test_200_megabytes_that_do_not_say_so_are_not_read(url, length):
    """In pieces (``Transfer-Encoding: chunked``), or with a length that is none."""
    stream = Stream(HEAD, 200 * MEGABYTE)
    status = send_stream(url, stream, HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True}, **length)
    # Without its token the form is refused.
    assert status == (400 if url == URL else 403)
    assert stream.read_bytes == 0


@pytest.mark.parametrize("url", [URL, "/credentials/verify/"])
def test_reading_stops_where_the_file_gets_too_large(url, settings, app_settings):
    app_settings(UPLOAD_MAX_BYTES=10_000)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    stream = Stream(HEAD, 200 * MEGABYTE)
    assert send_stream(url, stream, CONTENT_LENGTH=str(70_000)) == 413
    assert stream.read_bytes <= 70_000


def test_the_limit_is_of_the_file(client, settings, app_settings):
    app_settings(UPLOAD_MAX_BYTES=MEGABYTE)
    assert send(client, bytes(MEGABYTE)).status_code == 200
    response = send(client, bytes(MEGABYTE + 1))
    assert (response.status_code, response.json()["code"]) == (413, "upload_too_large")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post(URL, {"file": io.BytesIO(b"x"), "other": "y" * 2000})
    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


def test_nothing_is_stored(client, settings):
    settings.FILE_UPLOAD_TEMP_DIR = "/nonexistent"
    settings.MEDIA_ROOT = "/nonexistent"
    CredentialFactory(available=True)
    before = (sorted(Path(get_output_dir()).rglob("*")), Credential.objects.count())
    for url in (URL, "/credentials/verify/"):
        assert client.post(url, {"file": SimpleUploadedFile("x", bytes(20 * MEGABYTE))}).status_code == 200
    assert (sorted(Path(get_output_dir()).rglob("*")), Credential.objects.count()) == before


def test_a_host_whose_middleware_reads_the_form_first(client, settings, app_settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.integration.test_rest_verify.read_form"]
    app_settings(UPLOAD_MAX_BYTES=100)
    CredentialFactory(available=True)
    for url in (URL, "/credentials/verify/"):
        assert client.post(url, {"file": SimpleUploadedFile("x", b"a certificate")}).status_code == 200
        assert client.post(url, {"file": SimpleUploadedFile("x", bytes(101))}).status_code == 413


def read_form(get_response):
    """A middleware that looks at forms."""

    def answer(request):
        request.POST.get("x")
        return get_response(request)

    return answer
