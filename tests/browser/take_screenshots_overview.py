"""Take the screenshots of the overview for the documentation: `make screenshots`. This is not a test, and pytest does not collect it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from learning_credentials.models import CredentialEvent, DailyCount, GenerationRun, HostMessage
from tests.browser.take_screenshots import take
from tests.factories import CredentialConfigurationFactory, CredentialEventFactory, CredentialFactory, UserFactory

PAGE = "/admin/learning_credentials/"
SIZE = {"width": 1280, "height": 900}


@pytest.fixture
def registrar(transactional_db):
    """Return a registrar, after some weeks of work at a made-up university."""
    chance = random.Random(7)
    now, today = timezone.now(), timezone.localdate()
    ada = UserFactory(superuser=True, username="ada.lind", first_name="Ada", last_name="Lind")
    bruno = UserFactory(staff=True, username="bruno.okoro", first_name="Bruno", last_name="Okoro")
    tides = CredentialConfigurationFactory(
        learning_context_key="course-v1:Ocean+TC101+2026", credential_type__name="Certificate of Achievement"
    )
    stars = CredentialConfigurationFactory(
        learning_context_key="course-v1:Sky+AST101+2026", credential_type__name="Certificate of Attendance"
    )
    rows = []
    for configuration, name in ((tides, "Tides and Currents"), (stars, "The Night Sky")):
        rows += CredentialFactory.create_batch(
            20,
            available=True,
            configuration=configuration,
            learning_context_name=name,
            notified_at=now,
            credential_type_name=configuration.credential_type.name,
        )
    for row in rows:
        for day in chance.sample(range(28), 4):
            made = CredentialEventFactory(credential=row, action="issued")
            CredentialEvent.objects.filter(pk=made.pk).update(created_at=now - timedelta(days=day))
            DailyCount.objects.create(
                credential=row,
                day=today - timedelta(days=day),
                verifications=chance.randint(1, 9),
                downloads=chance.randint(0, 3),
                shares=chance.randint(0, 2),
            )
    told = (
        (rows[:3], "invalidated", ada, "Exam repeated after a fault in the room", 30),
        (rows[3:4], "replaced", bruno, "The name was misspelt", 200),
        (rows[25:26], "block_lifted", ada, "Appeal accepted", 1500),
        (rows[30:38], "expiry_changed", bruno, "Valid for two years from now on", 3000),
    )
    for credentials, action, actor, reason, minutes in told:
        for row in credentials:
            made = CredentialEventFactory(credential=row, action=action, actor=actor, reason=reason)
            CredentialEvent.objects.filter(pk=made.pk).update(created_at=now - timedelta(minutes=minutes))
    CredentialFactory.create_batch(3, error=True, configuration=tides)
    CredentialFactory(available=True, configuration=stars, notified_at=None, notification_attempts=99)
    CredentialFactory.create_batch(
        12, available=True, configuration=stars, notified_at=now, expires_at=now + timedelta(days=9)
    )
    run = GenerationRun.objects.create(configuration=stars)
    GenerationRun.objects.filter(pk=run.pk).update(created=now - timedelta(hours=3))
    HostMessage.objects.create(kind="staff", next_attempt_at=None)
    cache.clear()
    return ada


def test_the_overview(visit, registrar):
    page = visit(PAGE, user=registrar, size=SIZE)
    page.wait_for_load_state("networkidle")
    take(page, "overview")
    page = visit(PAGE, user=registrar, size={"width": 390, "height": 800}, device_scale_factor=2, color_scheme="dark")
    page.wait_for_load_state("networkidle")
    take(page, "overview_phone", is_whole=False)
