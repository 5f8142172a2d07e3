"""Start a type from a design: choose it from pictures, and save the form that it filled in."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from learning_credentials.exceptions import StorageUnavailableError
from learning_credentials.models import CredentialAsset, CredentialType
from learning_credentials.pdf import DESIGN_NAMES, make_design
from learning_credentials.services import desk
from tests.factories import CredentialConfigurationFactory
from tests.integration.admin_pages import staff_with
from tests.integration.admin_types import form
from tests.unit.pdf.support import read_with_pdfium

DESIGNS = reverse("admin:learning_credentials_credentialtype_designs")
PICTURE = reverse("admin:learning_credentials_credentialtype_designs_picture")
ADD = reverse("admin:learning_credentials_credentialtype_add")
CHOICE = {"design": "modern", "colour": "#7a1f4e", "paper": "A4", "language": "en"}
GENERATOR = "learning_credentials.generators.generate_pdf_credential"

pytestmark = pytest.mark.django_db


def read_form(response):
    return response.context["adminform"].form


def read_options(response):
    return json.loads(read_form(response)["custom_options"].value())


def test_every_design_has_a_picture_a_name_and_its_colour(admin):
    page = admin.get(DESIGNS).content.decode()
    for name in DESIGN_NAMES:
        assert f'value="{name}"' in page
        assert f"admin/designs/{name}.webp" in page
        picture = admin.get(PICTURE, CHOICE | {"design": name})
        assert picture["Content-Type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8")
    assert admin.get(PICTURE, CHOICE | {"colour": "red"}).status_code == 404
    assert admin.get(PICTURE, CHOICE).content != admin.get(PICTURE, CHOICE | {"colour": "#00aa00"}).content


@pytest.mark.parametrize("name", DESIGN_NAMES)
def test_a_chosen_design_becomes_a_type_whose_certificates_are_drawn(admin, world, name):
    response = admin.post(DESIGNS, CHOICE | {"design": name})
    assert response.status_code == 302
    shown = read_form(admin.get(response.url))
    assert shown["generation_func"].value() == GENERATOR
    text = shown["custom_options"].value()
    assert admin.post(ADD, form(custom_options=text, generation_func=GENERATOR)).status_code == 302

    asset = CredentialAsset.objects.get()
    credential_type = CredentialType.objects.get()
    assert credential_type.custom_options["background"]["asset"] == asset.slug
    configuration = CredentialConfigurationFactory(credential_type=credential_type)
    world.add_course_run(configuration.learning_context_key, "Marine Biology")
    preview = reverse("admin:learning_credentials_credentialconfiguration_preview", args=[configuration.pk])
    content = b"".join(admin.get(preview).streaming_content)
    printed = read_with_pdfium(content).casefold()
    assert "marine biology" in printed
    assert "honours" in printed


def test_two_types_of_one_design_share_its_drawing(admin):
    first, second = (admin.post(DESIGNS, CHOICE).url for _ in range(2))
    assert first == second
    assert CredentialAsset.objects.count() == 1


def test_a_drawing_that_an_operator_replaced_is_left_alone(admin):
    admin.post(DESIGNS, CHOICE)
    CredentialAsset.objects.update(sha256="f" * 64)
    url = admin.post(DESIGNS, CHOICE).url
    replaced, own = CredentialAsset.objects.order_by("pk")
    assert own.slug == f"{replaced.slug}-2"
    assert read_options(admin.get(url))["background"]["asset"] == own.slug


def test_a_choice_that_is_incomplete_is_shown_again(admin):
    response = admin.post(DESIGNS, {"colour": "blue", "paper": "A4", "language": "en"})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"colour", "design"}
    assert not CredentialAsset.objects.exists()


def test_the_words_are_in_the_language_of_the_choice(admin):
    url = admin.post(DESIGNS, CHOICE | {"language": "fr"}).url
    options = read_options(admin.get(url))
    assert options["language"] == "fr"
    assert (
        options["text_elements"]["intro"]["text"]
        == make_design("modern", colour="#7a1f4e", language="fr").options["text_elements"]["intro"]["text"]
    )
    assert options["text_elements"]["intro"]["text"] != "This is to certify that"


def test_a_form_for_a_drawing_that_is_gone_is_empty(admin):
    url = admin.post(DESIGNS, CHOICE).url
    CredentialAsset.objects.all().delete()
    assert read_options(admin.get(url)) == {}


def test_the_storage_can_be_out_of_order(admin, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr("django.core.files.storage.filesystem.FileSystemStorage._save", fail)
    response = admin.post(DESIGNS, CHOICE)
    assert response.status_code == 200
    assert "the disk is full" in response.content.decode()
    assert not CredentialAsset.objects.exists()
    with pytest.raises(StorageUnavailableError):
        desk.start_design("plain", colour="#123456", paper="A4", language="en")


@pytest.mark.parametrize(
    ("permissions", "may_start", "may_see"),
    [
        (("view_credentialtype",), False, False),
        (("add_credentialtype",), False, True),
        (("add_credentialtype", "view_credentialtype", "add_credentialasset"), True, True),
    ],
)
def test_staff_who_can_add_types_and_assets_can_start(client, permissions, may_start, may_see):
    client.force_login(staff_with(*permissions))
    assert client.get(DESIGNS).status_code == (200 if may_start else 403)
    assert client.post(DESIGNS, CHOICE).status_code == (302 if may_start else 403)
    assert client.get(PICTURE, CHOICE).status_code == (200 if may_see else 403)
