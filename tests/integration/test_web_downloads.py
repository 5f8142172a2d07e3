"""Who may have the file of a credential, how it is given out, and under which name."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.files.storage import FileSystemStorage

from learning_credentials import api
from learning_credentials.web.headers import MAX_NAME_BYTES, clean_file_name, get_attachment_disposition
from tests.factories import CourseCertificateFactory, CredentialFactory, UserFactory
from tests.integration.web_pages import Outline, page_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def private():
    return CredentialFactory(available=True, configuration__credential_type__download_policy="owner")


def get_file(client, row):
    return client.get(page_url(row.verify_uuid, "download/"))


# Who


def test_the_learner_and_those_with_the_permission_get_a_private_file(client, private):
    for user in (private.user, UserFactory(permissions=["view_credential"])):
        client.force_login(user)
        response = get_file(client, private)
        assert (response.status_code, response.getvalue()) == (200, b"a certificate")
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]


def test_others_are_told_that_the_holder_can_share_it(client, private):
    response = get_file(client, private)
    assert response.status_code == 403
    page = Outline(response)
    assert "share it with you" in page.text
    assert page_url(private.verify_uuid) in page.links()
    url = page_url(private.verify_uuid, "download/")
    assert f"/accounts/login/?next={url}" in page.links()
    client.force_login(UserFactory())
    response = get_file(client, private)
    assert response.status_code == 403
    assert not any("login" in link for link in Outline(response).links())
    assert response["Cache-Control"] == "private, no-store"


def test_an_account_out_of_use_gets_nothing(client, private):
    private.user.is_active = False
    private.user.save()
    client.force_login(private.user)
    assert get_file(client, private).status_code == 403


def test_a_credential_of_nobody_is_not_everybodys(client):
    row = CredentialFactory(available=True, user=None, configuration__credential_type__download_policy="owner")
    assert get_file(client, row).status_code == 403


def test_the_page_offers_a_private_file_to_its_holder_only(client, private):
    page = Outline(client.get(page_url(private.verify_uuid)))
    assert "Only the holder can download the file" in page.text
    assert not any(attrs.get("class") == "button" for attrs in page.all("a"))
    metadata = client.get(page_url(private.verify_uuid), headers={"accept": "application/json"}).json()
    assert metadata["download_url"] is None


def test_who_asks_is_told_nothing_of_what_is_hidden_or_revoked(client):
    options = {"configuration__credential_type__download_policy": "owner"}
    hidden = CredentialFactory(available=True, **options)
    CourseCertificateFactory(course_key=hidden.learning_context_key, available_date="2099-01-01T00:00:00Z")
    revoked = CredentialFactory(invalidated=True, **options)
    unknown = client.get(page_url("x", "download/"))
    response = get_file(client, hidden)
    assert (response.status_code, response.content, response.headers) == (404, unknown.content, unknown.headers)
    assert get_file(client, revoked).status_code == 410
    client.force_login(revoked.user)
    assert get_file(client, revoked).status_code == 410


def test_a_public_file_does_not_ask_who_is_there(client):
    row = CredentialFactory(available=True)
    client.force_login(UserFactory())
    response = get_file(client, row)
    assert response.getvalue() == b"a certificate"
    assert "Cookie" not in response["Vary"]


def test_code_that_may_have_any_file(private):
    file, _media_type, _filename = api.open_artifact(private.verify_uuid)
    with file:
        assert file.read() == b"a certificate"


# How: an address that the storage signs


class SigningStorage(FileSystemStorage):
    """Signs addresses as storages for Amazon S3 do."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        disposition = (parameters or {})["ResponseContentDisposition"]
        return f"https://bucket.example.org/{name}?expires={expire}&signature=abc&disposition={disposition}"


class UnsignedStorage(SigningStorage):
    """Such a storage where signing is switched off."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        return f"https://bucket.example.org/{name}"


class BrokenStorage(SigningStorage):
    """Has lost its credentials."""

    def url(self, name, parameters=None, expire=None, http_method=None):
        raise RuntimeError("no credentials")


def use(app_settings, settings, storage, **more):
    options = {
        "BACKEND": f"{storage.__module__}.{storage.__name__}",
        "OPTIONS": {"location": str(settings.BASE_DIR / "signing")},
    }
    app_settings(STORAGE=options, **more)


def test_downloads_lead_to_an_address_that_soon_expires(client, app_settings, settings):
    use(app_settings, settings, SigningStorage, DOWNLOAD_URL_LIFETIME=60)
    row = CredentialFactory(available=True)
    response = get_file(client, row)
    assert response.status_code == 302
    url = urlsplit(response["Location"])
    assert (url.netloc, url.path) == ("bucket.example.org", f"/{row.artifact_name}")
    query = parse_qs(unquote(url.query))
    assert query["expires"] == ["60"]
    assert query["disposition"][0].startswith("attachment")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"


def test_by_default_files_are_streamed(client, app_settings, settings):
    use(app_settings, settings, SigningStorage)
    assert get_file(client, CredentialFactory(available=True)).getvalue() == b"a certificate"


def test_an_address_is_signed_only_for_who_may_have_the_file(client, app_settings, settings):
    use(app_settings, settings, SigningStorage, DOWNLOAD_URL_LIFETIME=60)
    row = CredentialFactory(available=True, configuration__credential_type__download_policy="owner")
    assert get_file(client, row).status_code == 403
    client.force_login(row.user)
    assert get_file(client, row).status_code == 302


@pytest.mark.parametrize("storage", [UnsignedStorage, FileSystemStorage])
def test_an_address_that_never_expires_is_not_given_away(client, app_settings, settings, storage):
    use(app_settings, settings, storage, DOWNLOAD_URL_LIFETIME=60)
    assert get_file(client, CredentialFactory(available=True)).getvalue() == b"a certificate"


def test_a_storage_that_cannot_sign_just_now(client, app_settings, settings):
    use(app_settings, settings, BrokenStorage, DOWNLOAD_URL_LIFETIME=60)
    response = get_file(client, CredentialFactory(available=True))
    assert response.status_code == 503
    assert b"no credentials" not in response.content


# The name


@pytest.mark.parametrize(
    "name",
    [
        "a" * 5000 + ".pdf",
        "证书" * 400 + ".pdf",
        "\U0001f393" * 300 + ".pdf",
        "x" * 300,
        "no extension " + "é" * 300,
        "." * 300 + "pdf",
        "a.b" * 200,
    ],
)
def test_names_fit_into_any_file_system(name):
    cleaned = clean_file_name(name)
    assert 0 < len(cleaned.encode()) <= MAX_NAME_BYTES
    assert cleaned.endswith(".pdf") == name.endswith(("a.pdf", "书.pdf", "\U0001f393.pdf"))


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="evil.exe',
        "a\r\nSet-Cookie: x=1",
        "a\x00b",
        "..\\..\\evil",
        "../../evil",
        "a\u2028b\u2029c",
        "a;b=c",
        "",
        "\u202efdp.exe",
        "%0d%0aX: y",
    ],
)
def test_names_forge_nothing(name):
    header = get_attachment_disposition(name + ".pdf")
    assert header.isascii()
    assert header.isprintable()
    assert re.fullmatch(r"attachment; filename=\"[^\"\\/]+\"(; filename\*=utf-8''[A-Za-z0-9%._~!$&+^`|-]+)?", header)


def test_the_longest_names_are_shown_and_saved(client):
    row = CredentialFactory(
        available=True,
        user_full_name="W" * 255,
        credential_type_name="証" * 255,
        learning_context_name="ब" * 255,
    )
    page = Outline(client.get(page_url(row.verify_uuid)))
    for name in (row.user_full_name, row.credential_type_name, row.learning_context_name):
        assert name in page.text
    response = get_file(client, row)
    assert len(response["Content-Disposition"]) < 2000
    assert response.getvalue() == b"a certificate"
