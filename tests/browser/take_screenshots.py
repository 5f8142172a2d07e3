"""Take the screenshots for the documentation: `make screenshots`. This is not a test, and pytest does not collect it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from tests.browser import showcase
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import CredentialFactory, UserFactory

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
ID = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
CODE = "7K3QF9XW2M"
INVALIDATED_AT = datetime(2026, 9, 14, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _an_address_that_can_be_printed(site, app_settings):
    app_settings(BASE_URL="https://credentials.example.org")


def take(page, name, *, is_whole=True):
    """Save a screenshot with 256 colours. The difference is not visible, and the file has a third of the size."""
    page.evaluate("document.fonts.ready")
    with Image.open(io.BytesIO(page.screenshot(full_page=is_whole))) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def test_the_page(visit):
    row = showcase.make_credential(
        verify_uuid=ID, verify_code=CODE, expires_at=datetime(2029, 6, 1, tzinfo=UTC), type_page_options={}
    )
    url = f"/credentials/{row.verify_uuid}/"
    take(visit(url, size=DESKTOP), "page_desktop")
    take(visit(url, size=DESKTOP, color_scheme="dark"), "page_dark", is_whole=False)
    take(visit(url, size=PHONE, device_scale_factor=2), "page_phone", is_whole=False)


def test_the_page_in_arabic(visit):
    row = showcase.make_arabic(verify_uuid=ID, verify_code=CODE)
    take(visit(f"/credentials/{row.verify_uuid}/", locale="ar"), "page_arabic")


def test_the_page_of_a_revoked_credential(visit):
    row = showcase.make_credential(
        verify_uuid=ID,
        verify_code=CODE,
        state="invalidated",
        invalidated_at=INVALIDATED_AT,
        invalidation_reason="The name was misspelt.",
        type_description="",
        type_criteria="",
    )
    CredentialFactory(user=row.user, configuration=row.configuration, available=True, replaces=row)
    take(visit(f"/credentials/{row.verify_uuid}/"), "page_revoked")


def test_the_list(visit):
    user = UserFactory()
    showcase.make_credential(
        user=user, type_name="Certificate of Achievement", is_indexable=True, issued_at=INVALIDATED_AT
    )
    showcase.make_credential(
        user=user,
        type_name="Certificate of Attendance",
        context="Tides and Currents",
        state="invalidated",
        invalidation_reason="certificate_status:notpassing",
    )
    take(visit("/credentials/", user=user, size={"width": 1200, "height": 600}), "page_list")
