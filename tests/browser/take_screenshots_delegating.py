"""Take the screenshots of grants for the documentation. This is not a test, and pytest does not collect it."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse
from PIL import Image

from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import CourseCertificate
from learning_credentials.services.staff import give_grant
from tests.factories import CourseCertificateFactory, UserFactory

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
KEY = "course-v1:Uni+MATH101+2026"


@pytest.fixture
def scene(transactional_db):
    with fake_lms() as world:
        world.add_course_run(KEY, "Linear Algebra")
        CourseCertificateFactory(course_key=KEY)
        make_roles = importlib.import_module("learning_credentials.migrations.0031_lcred_roles").make_roles
        make_roles(apps, SimpleNamespace(connection=connection))
        role, reader = (Group.objects.get(name=f"Credentials: {name}") for name in ("registrar", "reader"))
        ada = UserFactory(superuser=True, username="ada", first_name="Ada")
        noor = UserFactory(staff=True, username="noor", first_name="Noor", last_name="Haddad")
        dean = UserFactory(staff=True, username="tomas", first_name="Tomas", last_name="Lind")
        yield ada, noor, dean, role, reader


def take(page, name, *, height=None):
    """Save a screenshot with 256 colours. The difference is not visible, and the file has a third of the size."""
    page.evaluate("document.fonts.ready")
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as image:
        cropped = image.crop((0, 0, image.width, min(image.height, height or image.height)))
        cropped.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def test_the_form_and_what_follows(visit, scene):
    ada, noor, dean, role, reader = scene
    page = visit(
        f"{reverse('admin:learning_credentials_contextgrant_add')}?{urlencode({'context_key': KEY})}", user=ada
    )
    page.get_by_label("User:").fill("noor")
    page.get_by_label("Role:").select_option(label="Credentials: registrar")
    page.get_by_label("Notes:").fill("She teaches the course.")
    take(page, "delegating-form")
    give_grant(KEY, user_id=noor.pk, role_id=role.pk, actor=ada)
    give_grant("course-v1:Uni+", is_prefix=True, user_id=dean.pk, role_id=reader.pk, actor=ada)
    row = CourseCertificate.objects.get()
    page = visit(reverse("admin:learning_credentials_coursecertificate_change", args=[row.pk]), user=ada)
    page.locator("#administrators").scroll_into_view_if_needed()
    with Image.open(io.BytesIO(page.locator("#administrators").screenshot())) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
            IMAGES / "delegating-course.png", optimize=True
        )
    query = urlencode({"person": "noor", "context_key": KEY})
    page = visit(f"{reverse('admin:learning_credentials_contextgrant_rights')}?{query}", user=ada)
    take(page, "delegating-rights")
