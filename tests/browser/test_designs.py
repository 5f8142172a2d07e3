"""Make a type from a design, as a registrar does: pictures, a colour, then the rest of the form."""

from __future__ import annotations

import pytest
from django.urls import reverse

from learning_credentials.models import CredentialAsset, CredentialConfiguration, CredentialType
from tests.factories import IssuerFactory, UserFactory

LIST = reverse("admin:learning_credentials_credentialtype_changelist")
DESIGNS = reverse("admin:learning_credentials_credentialtype_designs")
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


def wait_for_pictures(page):
    page.wait_for_function(
        "() => [...document.querySelectorAll('img[data-design]')].every((image) => image.complete && image.naturalWidth > 0"
        " && !image.classList.contains('lcred-waiting'))"
    )


def test_a_type_is_made_from_a_design_without_typing_json(visit, operator):
    IssuerFactory(name="Example University")
    page = visit(LIST, user=operator)
    page.get_by_role("link", name="Start from a design").click()
    page.get_by_label("Colour:").fill("#7a1f4e")
    page.wait_for_selector("img[data-design=portrait][src*='colour=%237a1f4e']")
    wait_for_pictures(page)
    page.get_by_role("radio", name="Portrait").check()
    page.get_by_role("button", name="Use this design").click()

    page.get_by_label("Name:").first.fill("Certificate of Achievement")
    page.locator("#id_retrieval_func").select_option("learning_credentials.processors.retrieve_completions")
    page.locator("input[name=_save]").first.click()
    page.wait_for_load_state()

    made = CredentialType.objects.get()
    assert made.slug == "certificate-of-achievement"
    assert made.custom_options["background"]["asset"] == CredentialAsset.objects.get().slug
    assert made.custom_options["background"]["height"] > made.custom_options["background"]["width"]
    assert not CredentialConfiguration.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_designs_has_no_barriers(visit, operator, list_barriers, scheme):
    page = visit(DESIGNS, user=operator, color_scheme=scheme)
    wait_for_pictures(page)
    assert list_barriers(page) == []


def test_a_design_is_chosen_by_keyboard(visit, operator):
    page = visit(DESIGNS, user=operator)
    page.get_by_label("Language of the words:").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert page.locator("input[name=design]:checked").get_attribute("value") == "plain"
    page.keyboard.press("Enter")
    page.wait_for_url("**/add/?*")
    assert "design=plain" in page.url


def test_the_page_of_designs_works_without_scripts_and_on_a_phone(visit, operator):
    page = visit(DESIGNS, user=operator, size=PHONE, java_script_enabled=False)
    page.get_by_role("radio", name="Medal").check()
    page.get_by_role("button", name="Use this design").click()
    page.wait_for_url("**/add/?*")
    assert CredentialAsset.objects.get().slug.startswith("design-medal-")
    page = visit(DESIGNS, user=operator, size=PHONE)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
