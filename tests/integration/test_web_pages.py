"""The public page of a credential and what hangs on it, over HTTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.test import override_settings
from django.urls import resolve

from learning_credentials import api
from tests.factories import CredentialFactory, UserFactory
from tests.integration.web_pages import Outline, page_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_requests_counted")]

SITE = "https://credentials.example.org"
PAGES = ("", "download/", "qr.svg", "picture/", "logo/")
MALFORMED = ("x", "0", "%00", "%0Aabc", "a b", "é", "<script>alert(1)", "1" * 400)


def test_the_page_of_a_valid_credential(client, visits_are_gathered, django_assert_num_queries):
    row = CredentialFactory(
        available=True,
        user_full_name="Ada Example",
        issuer={"name": "Institute", "url": "https://institute.example.org", "email": "", "logo": ""},
    )
    with django_assert_num_queries(1):
        response = client.get(page_url(row.verify_uuid))
    assert response.status_code == 200
    page = Outline(response)
    expected = ("this credential is valid", "Ada Example", "Introduction to Tests", "Institute", "June 1, 2026")
    for text in (*expected, row.credential_type_name, str(row.verify_uuid)):
        assert text in page.text
    assert "no longer valid" not in page.text
    links = {attrs["href"] for attrs in page.all("a")}
    assert {page_url(row.verify_uuid, "download/"), "https://institute.example.org"} <= links
    assert page.all("img")[0]["src"] == page_url(row.verify_uuid, "qr.svg")


def test_the_page_of_a_revoked_credential(client):
    row = CredentialFactory(invalidated=True, artifact_name="archive/x.txt", invalidation_reason="Wrong\ngrade.")
    successor = CredentialFactory(available=True, user=row.user, configuration=row.configuration, replaces=row)
    response = client.get(page_url(row.verify_uuid))
    assert response.status_code == 200
    page = Outline(response)
    assert "this credential is valid" not in page.text
    for text in ("no longer valid", "June 1, 2026", "Wrong", "grade."):
        assert text in page.text
    links = {attrs["href"] for attrs in page.all("a")}
    assert page_url(successor.verify_uuid) in links
    assert page_url(row.verify_uuid, "download/") not in links


def test_the_page_of_an_expired_credential(client):
    row = CredentialFactory(available=True, expires_at=datetime(2020, 6, 2, tzinfo=UTC))
    page = Outline(client.get(page_url(row.verify_uuid)))
    assert "has expired" in page.text
    assert "June 2, 2020" in page.text
    assert "this credential is valid" not in page.text


def test_landmarks_and_headings(client):
    page = Outline(client.get(page_url(CredentialFactory(available=True).verify_uuid)))
    names = page.names()
    for landmark in ("header", "main", "footer", "h1"):
        assert names.count(landmark) == 1
    assert all(image["alt"] for image in page.all("img"))
    assert page.all("html") == [{"lang": "en", "dir": "ltr"}]
    assert page.all("a")[0]["href"] == f"#{page.all('main')[0]['id']}"


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr")])
def test_the_direction_follows_the_language(client, language, direction):
    row = CredentialFactory(available=True)
    response = client.get(page_url(row.verify_uuid), headers={"accept-language": language})
    assert Outline(response).all("html") == [{"lang": language, "dir": direction}]
    assert {"Accept", "Accept-Language"} <= {name.strip() for name in response["Vary"].split(",")}


def test_nothing_runs_and_nothing_is_fetched_from_elsewhere(client):
    row = CredentialFactory(available=True)
    response = client.get(page_url(row.verify_uuid))
    page = Outline(response)
    assert not {"style", "iframe", "form"} & set(page.names())
    assert not any(name.startswith("on") or name == "style" for _tag, attrs in page.tags for name in attrs)
    sheets = [attrs["href"] for attrs in page.all("link") if attrs["rel"] == "stylesheet"]
    assert sheets == ["/static/learning_credentials/credentials.css"]
    assert page.all("script") == [{"src": "/static/learning_credentials/copy.js", "defer": None}]
    assert [attrs["src"] for attrs in page.all("img")] == [page_url(row.verify_uuid, "qr.svg")]
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; " in policy
    assert "form-action 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@override_settings(STATIC_URL="https://static.example.org/s/")
def test_static_files_of_another_origin_are_the_hosts_own(client):
    response = client.get(page_url(CredentialFactory(available=True).verify_uuid))
    assert "style-src 'self' https://static.example.org;" in response["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["StaticFilesStorage", "SigningStorage"])
def test_addresses_of_static_files_are_those_that_the_storage_gives_now(client, settings, name):
    backend = {
        "StaticFilesStorage": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "SigningStorage": "tests.integration.web_pages.SigningStorage",
    }[name]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    url = page_url(CredentialFactory(available=True).verify_uuid)
    sheets = []
    for static_url in ("/static/", "/static/", "/files/"):
        settings.STATIC_URL = static_url
        pages = [Outline(client.get(url)) for _ in range(2)]
        found = [link["href"] for page in pages for link in page.all("link") if "credentials.css" in link["href"]]
        assert all(address.startswith(f"{static_url}learning_credentials/credentials.css") for address in found)
        sheets += found
    assert len(sheets) == 6
    assert len(set(sheets)) == (6 if name == "SigningStorage" else 2)


def test_no_search_engine_collects_it(client):
    for response in (client.get(page_url(CredentialFactory(available=True).verify_uuid)), client.get(page_url("x"))):
        assert response["X-Robots-Tag"] == "noindex"
        assert {"name": "robots", "content": "noindex"} in Outline(response).all("meta")
        assert response["Cache-Control"] == "no-cache"


def test_names_are_text_whatever_they_hold(client):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 }}"
    issuer = {"name": evil, "url": "javascript:alert(3)", "email": "", "logo": ""}
    row = CredentialFactory(
        invalidated=True,
        artifact_name="archive/x.txt",
        user_full_name=evil,
        learning_context_name=evil,
        credential_type_name=evil,
        invalidation_reason=evil,
        issuer=issuer,
    )
    response = client.get(page_url(row.verify_uuid))
    page = Outline(response)
    assert "script" not in page.names()
    assert len(page.all("img")) == 1
    assert page.text.count(evil) >= 5
    assert not any("javascript:" in (attrs.get("href") or "") for attrs in page.all("a"))


@pytest.mark.parametrize("page", PAGES)
def test_whatever_has_nothing_to_show_gets_one_and_the_same_page(client, page):
    ids = [uuid4(), CredentialFactory().verify_uuid, CredentialFactory(error=True).verify_uuid]
    ids += [CredentialFactory(available=True).pk, *MALFORMED]
    answers = {
        (response.status_code, response.content, tuple(sorted(response.headers.items())))
        for response in (client.get(page_url(value, page)) for value in ids)
    }
    assert len(answers) == 1
    status, body, _headers = answers.pop()
    assert status == 404
    assert b"No such credential" in body


def test_programs_get_the_metadata_at_the_same_address(client):
    row = CredentialFactory(available=True)
    for accept in ("application/json", "application/json, text/html;q=0.5"):
        response = client.get(page_url(row.verify_uuid), headers={"accept": accept})
        assert response["Content-Type"] == "application/json"
        assert response.json()["verify_uuid"] == str(row.verify_uuid)
        assert "Accept" in response["Vary"]
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", "image/png"):
        response = client.get(page_url(row.verify_uuid), headers={"accept": accept})
        assert response["Content-Type"].startswith("text/html")
    missing = client.get(page_url("x"), headers={"accept": "application/json"})
    direct = client.get("/api/learning_credentials/v1/metadata/x/")
    assert (missing.status_code, missing.content) == (404, direct.content)


def test_the_limit_for_programs_holds_here_as_well(client, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE="1/min")
    row = CredentialFactory(available=True)
    client.get(f"/api/learning_credentials/v1/metadata/{row.verify_uuid}/")
    response = client.get(page_url(row.verify_uuid), headers={"accept": "application/json"})
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


def test_no_request_is_one_transaction_and_no_public_page_needs_a_token():
    paths = [page_url("x", page) for page in (*PAGES, "badge.json", "badge.svg", "achievement/", "indexing/")]
    paths += [
        f"/credentials/{page}" for page in ("verify/", "did.json", "status/1/", "badge-images/", "theme/1d5fa8.css")
    ]
    paths += [f"/api/learning_credentials/v1/{page}/" for page in ("metadata/x", "verify", "learner_cert_status")]
    views = {path: resolve(path).func for path in paths}
    assert [path for path, view in views.items() if getattr(view, "_non_atomic_requests", None) != {"default"}] == []
    assert [path for path, view in views.items() if not getattr(view, "csrf_exempt", False)] == [
        page_url("x", "indexing/")
    ]


@pytest.mark.parametrize("page", PAGES)
def test_only_reading_is_allowed(client, page):
    row = CredentialFactory(available=True)
    assert client.post(page_url(row.verify_uuid, page)).status_code == 405
    response = client.head(page_url(row.verify_uuid, page))
    response.close()
    assert response.status_code == (404 if page in {"picture/", "logo/"} else 200)


def test_the_session_is_not_looked_at(client):
    row = CredentialFactory(available=True)
    anonymous = client.get(page_url(row.verify_uuid))
    client.force_login(UserFactory(superuser=True))
    signed_in = client.get(page_url(row.verify_uuid))
    assert signed_in.content == anonymous.content
    assert "Cookie" not in signed_in["Vary"]


def test_a_host_changes_the_look_by_a_template(client, tmp_path, settings):
    theme = tmp_path / "learning_credentials"
    theme.mkdir()
    (theme / "base.html").write_text(
        "<title>{% block title %}{% endblock %}</title><p>House of Tests</p>{% block content %}{% endblock %}"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    response = client.get(page_url(CredentialFactory(available=True).verify_uuid))
    assert b"House of Tests" in response.content
    assert b"this credential is valid" in response.content


# The file


def test_the_download(client, visits_are_gathered, django_assert_num_queries):
    row = CredentialFactory(available=True, content=b"a certificate", artifact_media_type="application/pdf")
    with django_assert_num_queries(1):
        response = client.get(page_url(row.verify_uuid, "download/"))
    assert (response.status_code, response.getvalue()) == (200, b"a certificate")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Length"] == "13"
    name = f"{row.credential_type_name} - {row.learning_context_name}.pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_file_that_the_reader_has_is_not_sent_again(client, world):
    row = CredentialFactory(available=True, content=b"a certificate")
    address = page_url(row.verify_uuid, "download/")
    first = client.get(address)
    first.getvalue()
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == first["Cache-Control"] == "private, no-cache"
    other = client.get(address, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.getvalue()) == (200, b"a certificate")
    assert api.get_credential_counts([row.verify_uuid])[row.verify_uuid].downloads == 2, "a copy is no download"


def test_a_revocation_shows_with_the_next_request_of_a_reader_who_has_the_file(client, world):
    row = CredentialFactory(available=True, content=b"a certificate")
    address = page_url(row.verify_uuid, "download/")
    first = client.get(address)
    first.getvalue()
    api.invalidate_credential(row.pk, reason="Issued in error.")
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 410


def test_a_file_for_its_learner_only_has_no_tag(client):
    row = CredentialFactory(available=True)
    type(row.configuration.credential_type).objects.update(download_policy="owner")
    client.force_login(row.user)
    response = client.get(page_url(row.verify_uuid, "download/"))
    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response
    response.getvalue()
    again = client.get(
        page_url(row.verify_uuid, "download/"), headers={"if-none-match": f'"{row.artifact_sha256[:32]}"'}
    )
    assert again.status_code == 200
    again.getvalue()
    assert response.streaming
    assert row.artifact_name not in str(response.headers)


def test_file_names_survive_in_every_script_and_forge_no_header(client):
    row = CredentialFactory(
        available=True,
        credential_type_name="Certificat d’étude",
        learning_context_name="数学\r\nSet-Cookie: a=b\u202e/../x",
    )
    response = client.get(page_url(row.verify_uuid, "download/"))
    disposition = response["Content-Disposition"]
    assert response.getvalue() == b"a certificate"
    assert disposition.isascii()
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9 .'=-]+\.txt\"; filename\*=utf-8''[A-Za-z0-9%._~-]+", disposition
    )
    assert "%E6%95%B0%E5%AD%A6" in disposition
    assert "Set-Cookie" not in response.headers
    assert "%E2%80%AE" not in disposition


def test_the_file_of_a_revoked_credential_is_gone(client):
    row = CredentialFactory(invalidated=True, artifact_name="archive/x.txt")
    response = client.get(page_url(row.verify_uuid, "download/"))
    assert response.status_code == 410
    assert page_url(row.verify_uuid) in {attrs["href"] for attrs in Outline(response).all("a")}
    assert b"no longer valid" in response.content


def test_a_storage_that_is_down(client):
    row = CredentialFactory(available=True, artifact_name="lost/file.txt")
    response = client.get(page_url(row.verify_uuid, "download/"))
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert b"lost/file.txt" not in response.content


@pytest.mark.django_db(transaction=True)
def test_revoking_takes_the_file_out_of_reach_at_once(client):
    row = CredentialFactory(available=True)
    assert client.get(page_url(row.verify_uuid, "download/")).getvalue() == b"a certificate"
    api.invalidate_credential(row.pk, reason="Wrong name.")
    assert client.get(page_url(row.verify_uuid, "download/")).status_code == 410
    assert "Wrong name." in Outline(client.get(page_url(row.verify_uuid))).text


# The QR code


@pytest.mark.parametrize("trait", ["available", "invalidated"])
def test_the_qr_code_leads_to_the_page(client, trait):
    row = CredentialFactory(**{trait: True}, **({"artifact_name": "x"} if trait == "invalidated" else {}))
    response = client.get(page_url(row.verify_uuid, "qr.svg"))
    assert response["Content-Type"] == "image/svg+xml"
    assert read_qr_code(response.content.decode()) == f"{SITE}/credentials/{row.verify_uuid}/"
    assert not re.search(r"<script|<style|\bon\w+=|href|<\?xml|<!DOCTYPE", response.content.decode())


def read_qr_code(svg: str) -> str:
    """Paint the modules of the SVG and decode them with a reader of its own."""
    import zxingcpp
    from PIL import Image, ImageDraw

    root = ET.fromstring(svg)  # noqa: S314
    size = int(root.attrib["width"])
    picture = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(picture)
    scale = int(re.search(r"scale\((\d+)\)", svg)[1])
    path = next(element for element in root.iter() if element.get("stroke"))
    x = y = 0.0
    for command, values in re.findall(r"([Mmhl])([-\d. ]+)", path.attrib["d"]):
        numbers = [float(value) for value in values.split()]
        if command == "M":
            x, y = numbers
        elif command == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            draw.rectangle([x * scale, (y - 0.5) * scale, (x + numbers[0]) * scale - 1, (y + 0.5) * scale - 1], fill=0)
            x += numbers[0]
    return zxingcpp.read_barcode(picture).text
