"""Take the screenshots of the designer: `make screenshots`. This is not a test, and pytest does not collect it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from learning_credentials.lms.fake import fake_lms
from tests.browser import showcase
from tests.browser.take_screenshots import take
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    IssuerFactory,
    SignatoryFactory,
    TypeSignatoryFactory,
    UserFactory,
)

PDF = "learning_credentials.generators.generate_pdf_credential"
WINDOW = {"width": 1200, "height": 860}
OPTIONS = {
    "text_elements": {
        "motto": {
            "text": "Per mare ad scientiam",
            "x": 420.94,
            "y": 180,
            "size": 15,
            "font": "NotoSerif",
            "color": "#0f7b8a",
        }
    },
    "images": {"crest": {"asset": "crest", "x": 110, "y": 450, "width": 72, "height": 72}},
}


@pytest.fixture
def row(site):
    with fake_lms() as world:
        logo = CredentialAssetFactory(content=showcase.LOGO, filename="logo.svg", slug="logo")
        CredentialAssetFactory(content=showcase.EMBLEM, filename="emblem.svg", slug="crest", description="Coat of arms")
        made = CredentialConfigurationFactory(
            learning_context_key="course-v1:Example+BIO101+2026",
            credential_type__generation_func=PDF,
            credential_type__name="Certificate of Achievement",
            credential_type__issuer=IssuerFactory(name="Example University", logo=logo),
            credential_type__custom_options=OPTIONS,
        )
        person = SignatoryFactory(name="Prof. Ada Example", title="Dean of Science", organisation="Example University")
        TypeSignatoryFactory(credential_type=made.credential_type, signatory=person)
        world.add_course_run(made.learning_context_key, "Foundations of Marine Biology")
        yield made


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


def open_designer(visit, row, operator, **look):
    url = reverse(f"admin:learning_credentials_{row._meta.model_name}_change", args=[row.pk])
    page = visit(url, user=operator, **{"size": WINDOW, **look})
    page.locator("#id_custom_options-tab-design").click()
    page.locator("[data-drawn]").wait_for()
    return page


def select(page, path):
    page.locator(f".lcred-designer-box[data-path='{path}']").click()
    page.wait_for_timeout(400)


def test_the_form(visit, operator, row):
    page = open_designer(visit, row.credential_type, operator)
    select(page, "text_elements.motto")
    page.locator("#id_custom_options-tab-design").scroll_into_view_if_needed()
    page.evaluate(
        "window.scrollTo(0, document.querySelector('.lcred-tabs').getBoundingClientRect().top + scrollY - 12)"
    )
    take(page, "designer_form", is_whole=False)


def test_the_whole_window(visit, operator, row):
    page = open_designer(visit, row.credential_type, operator)
    page.get_by_role("button", name="Full window").click()
    page.wait_for_timeout(400)
    select(page, "images.crest")
    take(page, "designer_window", is_whole=False)


def test_in_dark_with_a_mistake(visit, operator, row):
    page = open_designer(visit, row, operator, color_scheme="dark")
    page.get_by_role("button", name="Full window").click()
    page.wait_for_timeout(400)
    select(page, "text_elements.motto")
    field = page.locator(".lcred-designer-panel [data-option=color] input[type=text]")
    field.fill("purplish")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    page.evaluate("document.querySelector('.lcred-designer-right').scrollTop = 60")
    take(page, "designer_dark", is_whole=False)


def test_an_arabic_name(visit, operator, row):
    page = open_designer(visit, row, operator)
    page.get_by_role("button", name="Full window").click()
    page.get_by_label("Drawn for").select_option("arabic")
    page.wait_for_timeout(600)
    select(page, "text_elements.name")
    page.get_by_text("Choose by sample").click()
    page.wait_for_timeout(1500)
    take(page, "designer_arabic", is_whole=False)
