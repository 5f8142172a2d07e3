"""Take the screenshots of the forms of options for the documentation. This is not a test, and pytest does not collect it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image

from learning_credentials.lms.fake import fake_lms
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory, UserFactory

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
RUN = "course-v1:Uni+MarineBiology+2026"


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


@pytest.fixture
def honours(transactional_db):
    """Return a type with options of both functions."""
    return CredentialTypeFactory(
        name="Certificate with honours",
        retrieval_func="learning_credentials.processors.retrieve_completions_and_grades",
        generation_func="learning_credentials.generators.generate_pdf_credential",
        custom_options={
            "required_grades": {"Total": 0.7, "Exam": 0.5},
            "required_completion": 0.8,
            "attach_badge": True,
        },
        page_options={"accent": "#0f7b8a", "intro": {"default": "Awarded after an examination in person.", "fr": ""}},
    )


@pytest.fixture(autouse=True)
def _course():
    with fake_lms() as world:
        categories = {"Field exercises": 0.4, "Exam": 0.6}
        world.add_course_run(RUN, "Foundations of Marine Biology", categories=categories)
        yield


def take(element, name):
    """Save a screenshot with 256 colours. The difference is not visible, and the file has a third of the size."""
    with Image.open(io.BytesIO(element.screenshot())) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def open_row(visit, operator, row, **look):
    page = visit(
        reverse(f"admin:learning_credentials_{row._meta.model_name}_change", args=[row.pk]), user=operator, **look
    )
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    return page


def test_the_options_of_a_type(visit, operator, honours):
    page = open_row(visit, operator, honours)
    picker = page.get_by_label("Suggest categories of the course").first
    picker.fill(RUN)
    picker.blur()
    page.get_by_text("counts 60%", exact=True).wait_for()
    take(page.locator(".lcred-option-section").first, "options_type")
    take(page.locator(".field-page_options"), "options_page")


def test_the_options_of_a_configuration(visit, operator, honours):
    row = CredentialConfigurationFactory(
        credential_type=honours, learning_context_key=RUN, custom_options={"required_grades": {"Exam": 0.6}}
    )
    page = open_row(visit, operator, row)
    page.get_by_text("counts 60%", exact=True).wait_for()
    take(page.locator(".lcred-option-section").first, "options_configuration")


def test_a_mistake(visit, operator, honours):
    page = open_row(visit, operator, honours, size={"width": 900, "height": 900})
    page.get_by_role("tab", name="JSON").first.click()
    page.locator("#id_custom_options").fill('{\n  "required_grades": {\n    "Exam" 0.5\n  }\n}')
    take(page.locator(".field-custom_options"), "options_mistake")
