"""The picture on the public page: of the certificate where anyone may have it, else of the achievement."""

from __future__ import annotations

import io

import pytest
from django.core.cache import cache
from PIL import Image

from learning_credentials import api
from learning_credentials.services.public import pictures
from tests.factories import CredentialAssetFactory, CredentialConfigurationFactory, CredentialFactory, make_png
from tests.integration.web_pages import Outline, page_url

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()
    pictures.can_draw_pdf.cache_clear()
    yield
    pictures.can_draw_pdf.cache_clear()


@pytest.fixture
def certificate():
    """A PDF as the app makes it, encrypted and all."""
    generator = "learning_credentials.generators.generate_pdf_credential"
    return api.preview_credential(CredentialConfigurationFactory(credential_type__generation_func=generator).pk).content


def get_sources(client, row) -> list[str]:
    return [image["src"] for image in Outline(client.get(page_url(row.verify_uuid))).all("img")]


def test_a_certificate_is_drawn_once(client, certificate, django_assert_max_num_queries):
    row = CredentialFactory(available=True, content=certificate, artifact_media_type="application/pdf")
    url = page_url(row.verify_uuid, "picture/")
    assert url in get_sources(client, row)
    response = client.get(url)
    assert response["Content-Type"] == "image/jpeg"
    image = Image.open(io.BytesIO(response.content))
    assert image.size == (pictures.LONG_SIDE, round(pictures.LONG_SIDE * 595.28 / 841.89))
    assert image.convert("L").getextrema()[0] < 100  # something is on it
    with django_assert_max_num_queries(1):
        again = client.get(url, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_without_a_program_that_draws_the_achievement_is_shown(client, certificate, monkeypatch):
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    image = CredentialAssetFactory(content=make_png(6, 6))
    row = CredentialFactory(
        available=True,
        content=certificate,
        artifact_media_type="application/pdf",
        achievement={"description": "", "criteria": "", "image": image.slug},
    )
    assert page_url(row.verify_uuid, "picture/") in get_sources(client, row)
    response = client.get(page_url(row.verify_uuid, "picture/"))
    assert (response["Content-Type"], response.content) == ("image/png", make_png(6, 6))


@pytest.mark.parametrize(("media_type", "content"), [("image/png", make_png()), ("image/svg+xml", SVG)])
def test_an_artifact_that_is_an_image_is_its_own_picture(client, media_type, content):
    row = CredentialFactory(available=True, content=content, artifact_media_type=media_type)
    response = client.get(page_url(row.verify_uuid, "picture/"))
    assert (response["Content-Type"], response.content) == (media_type, content)
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_not_for_everyone_is_not_shown_to_everyone(client):
    row = CredentialFactory(
        available=True,
        content=make_png(),
        artifact_media_type="image/png",
        configuration__credential_type__download_policy="owner",
    )
    assert page_url(row.verify_uuid, "picture/") not in get_sources(client, row)
    assert client.get(page_url(row.verify_uuid, "picture/")).status_code == 404


def test_no_picture_of_what_was_revoked(client):
    row = CredentialFactory(
        invalidated=True,
        content=make_png(),
        artifact_media_type="image/png",
        configuration__credential_type__image=CredentialAssetFactory(),
    )
    assert page_url(row.verify_uuid, "picture/") not in get_sources(client, row)
    assert client.get(page_url(row.verify_uuid, "picture/")).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_picture_goes_with_the_credential(client):
    row = CredentialFactory(available=True, content=make_png(), artifact_media_type="image/png")
    first = client.get(page_url(row.verify_uuid, "picture/"))
    assert first["Cache-Control"] == "no-cache"
    api.invalidate_credential(row.pk, reason="Wrong.")
    again = client.get(page_url(row.verify_uuid, "picture/"), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 404


@pytest.mark.parametrize("content", [b"no PDF at all", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", b""])
def test_what_cannot_be_drawn_is_no_error(client, content):
    row = CredentialFactory(available=True, content=content, artifact_media_type="application/pdf")
    assert client.get(page_url(row.verify_uuid, "picture/")).status_code == 404


def test_a_storage_that_is_down(client):
    row = CredentialFactory(available=True, artifact_name="lost/file.pdf", artifact_media_type="application/pdf")
    assert client.get(page_url(row.verify_uuid, "picture/")).status_code == 503


def test_an_asset_that_is_no_image_is_not_given_out(client):
    font = CredentialAssetFactory(kind="font", content=b"\x00\x01\x00\x00 a font")
    row = CredentialFactory(available=True, achievement={"image": font.slug})
    assert client.get(page_url(row.verify_uuid, "picture/")).status_code == 404


def test_a_logo_that_is_a_drawing_is_shown_and_runs_nothing(client):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'.encode(
        "utf-16"
    )
    logo = CredentialAssetFactory(content=drawing)
    row = CredentialFactory(available=True, issuer={"name": "Example University", "logo": logo.slug})
    response = client.get(page_url(row.verify_uuid, "logo/"))
    assert (response["Content-Type"], response.content) == ("image/svg+xml", drawing)
    assert "sandbox" in response["Content-Security-Policy"]
