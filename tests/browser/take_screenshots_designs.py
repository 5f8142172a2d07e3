"""Take the screenshots of designs and assets for the documentation. This is not a test, and pytest does not collect it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.urls import reverse
from PIL import Image

from tests.factories import UserFactory

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


def take(page, name, *, is_whole=True, height=None):
    """Save a screenshot with 256 colours. The difference is not visible, and the file has a third of the size."""
    page.evaluate("document.fonts.ready")
    content = page.screenshot(full_page=is_whole)
    with Image.open(io.BytesIO(content)) as image:
        cropped = image.crop((0, 0, image.width, min(image.height, height or image.height)))
        cropped.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def test_the_designs(visit, operator):
    page = visit(reverse("admin:learning_credentials_credentialtype_designs"), user=operator)
    page.get_by_label("Colour:").fill("#1c5d4a")
    page.get_by_role("radio", name="Modern").check()
    page.wait_for_timeout(600)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => [...document.querySelectorAll('img[data-design]')].every((image) => image.complete)")
    take(page, "designs")
