"""The admin of assets: checked on upload, served to staff only, kept while in use."""

from __future__ import annotations

import hashlib

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from learning_credentials.models import CredentialAsset
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialTypeFactory,
    IssuerFactory,
    UserFactory,
    make_png,
)
from tests.integration.admin_pages import count_queries, form_errors
from tests.unit.pdf.support import make_form

ADD = reverse("admin:learning_credentials_credentialasset_add")
LIST = reverse("admin:learning_credentials_credentialasset_changelist")

pytestmark = pytest.mark.django_db


def url(page, asset):
    return reverse(f"admin:learning_credentials_credentialasset_{page}", args=[asset.pk])


def upload(content, name="logo.png", **values):
    return {"slug": "logo", "kind": "image", "file": SimpleUploadedFile(name, content)} | values


def test_an_upload_is_stored_with_its_hash(admin):
    content = make_png()
    assert admin.post(ADD, upload(content)).status_code == 302
    asset = CredentialAsset.objects.get()
    assert asset.sha256 == hashlib.sha256(content).hexdigest()
    page = admin.get(url("change", asset)).content.decode()
    assert asset.sha256 in page
    assert f'<img class="lcred-thumbnail" src="{url("file", asset)}"' in page
    assert asset.file.name not in page, "no address in the storage is shown"


def test_a_logo_can_be_an_svg_which_no_browser_runs(admin, client):
    content = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    assert admin.post(ADD, upload(content, name="logo.svg")).status_code == 302
    asset = CredentialAsset.objects.get()
    assert url("file", asset) in admin.get(url("change", asset)).content.decode()
    response = admin.get(url("file", asset))
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    response.close()


def test_an_svg_that_would_be_drawn_wrong_names_the_place_and_what_to_do(admin):
    content = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n<text>Example</text></svg>'
    response = admin.post(ADD, upload(content, name="logo.svg"))
    assert response.context["adminform"].form.errors["file"] == [
        "line 2, element 'text': this element is not drawn on certificates. Convert texts to paths (outlines)"
    ]
    assert not CredentialAsset.objects.exists()


def test_the_page_of_a_template_lists_its_form_fields_with_what_fills_each(admin):
    form = make_form(*((name, (10, 10, 100, 20), {}) for name in ("Name", "issue_date", "hours", "qr", "<b>2 things")))
    asset = CredentialAssetFactory(kind="pdf_template", content=form)
    page = admin.get(url("change", asset)).content.decode()
    for line in (
        "Name: text_elements.name",
        "issue_date: {issue_date}",
        "hours: {field.hours}, if the type has this custom field",
        "qr: the QR code",
        "&lt;b&gt;2 things: nothing, so it is removed",
    ):
        assert f"<li>{line}</li>" in page
    assert "form fields" not in admin.get(url("change", CredentialAssetFactory())).content.decode().lower()


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image", b"no image at all"), ("pdf_template", make_png()), ("font", b"%PDF-1.7 nonsense"), ("image", b"<svg")],
)
def test_a_file_that_cannot_serve_is_refused_with_the_reason(admin, kind, content):
    response = admin.post(ADD, upload(content, kind=kind))
    (reason,) = response.context["adminform"].form.errors["file"]
    assert len(reason) > len("invalid")
    assert reason in response.context["adminform"].form.errors["file"].as_text()
    assert not CredentialAsset.objects.exists()


def test_the_rest_is_edited_without_uploading_again(admin):
    asset = CredentialAssetFactory()
    data = {"slug": asset.slug, "kind": asset.kind, "description": "The seal"}
    assert admin.post(url("change", asset), data).status_code == 302
    asset.refresh_from_db()
    assert asset.description == "The seal"


def test_a_lost_file_is_reported_and_can_be_replaced(admin):
    asset = CredentialAssetFactory()
    asset.file.storage.delete(asset.file.name)
    page = admin.get(url("change", asset))
    assert "cannot be read" in page.content.decode()
    data = {"slug": asset.slug, "kind": asset.kind}
    response = admin.post(url("change", asset), data)
    assert "Upload it again" in response.context["adminform"].form.errors["file"][0]
    assert admin.post(url("change", asset), upload(make_png(8), slug=asset.slug)).status_code == 302
    assert b"".join(admin.get(url("file", asset)).streaming_content) == make_png(8)


def test_the_file_is_for_staff(client):
    content = make_png()
    asset = CredentialAssetFactory(content=content)
    assert client.get(url("file", asset)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url("file", asset)).status_code == 302
    staff = UserFactory(staff=True)
    client.force_login(staff)
    assert client.get(url("file", asset)).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_credentialasset"))
    response = client.get(url("file", asset))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_what_is_no_known_safe_type_is_only_saved_never_shown(admin):
    asset = CredentialAssetFactory(content=b"<html><script>alert(1)</script></html>")
    response = admin.get(url("file", asset))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    response.close()


class TestUse:
    def test_is_shown(self, admin):
        asset = CredentialAssetFactory(slug="seal")
        issuer = IssuerFactory(logo=asset)
        stored = CredentialTypeFactory(custom_options={"image": {"asset": "seal"}})
        page = admin.get(url("change", asset)).content.decode()
        assert "custom_options.image.asset" in page
        assert reverse("admin:learning_credentials_credentialtype_change", args=[stored.pk]) in page
        assert str(issuer) in page

    @pytest.mark.parametrize("holder", ["type", "configuration"])
    def test_in_options_keeps_it_from_being_deleted(self, admin, holder):
        asset = CredentialAssetFactory(slug="seal")
        options = {"fonts": ["other", "seal"]}
        if holder == "type":
            CredentialTypeFactory(custom_options=options)
        else:
            CredentialConfigurationFactory(custom_options=options)
        for response in (
            admin.post(url("delete", asset), {"post": "yes"}),
            admin.post(LIST, {"action": "delete_selected", "_selected_action": [asset.pk], "post": "yes"}),
        ):
            assert "custom_options.fonts.1" in response.content.decode()
        assert CredentialAsset.objects.filter(pk=asset.pk).exists()

    def test_in_options_keeps_its_name(self, admin):
        asset = CredentialAssetFactory(slug="seal")
        CredentialTypeFactory(custom_options={"template": "seal"})
        response = admin.post(url("change", asset), {"slug": "stamp", "kind": asset.kind})
        assert "custom_options.template" in form_errors(response, "slug")[0]

    @pytest.mark.parametrize(("name", "value"), [("slug", "stamp"), ("kind", "badge_image")])
    def test_in_an_issuer_keeps_its_name_and_kind(self, admin, name, value):
        asset = CredentialAssetFactory(slug="seal")
        issuer = IssuerFactory(logo=asset)
        response = admin.post(url("change", asset), {"slug": "seal", "kind": asset.kind} | {name: value})
        assert issuer.name in form_errors(response, name)[0]
        issuer.delete()
        assert admin.post(url("change", asset), {"slug": "seal", "kind": asset.kind} | {name: value}).status_code == 302

    def test_unused_it_can_go(self, admin):
        asset = CredentialAssetFactory(slug="seal")
        CredentialTypeFactory(custom_options={"template": "sealed"})
        assert admin.post(url("delete", asset), {"post": "yes"}).status_code == 302
        assert not CredentialAsset.objects.exists()


def test_queries_do_not_grow_with_the_rows(admin, django_assert_num_queries):
    CredentialAssetFactory.create_batch(10)
    few = count_queries(admin, LIST)
    CredentialAssetFactory.create_batch(50)
    with django_assert_num_queries(few):
        assert len(admin.get(LIST).context["cl"].result_list) == 60
