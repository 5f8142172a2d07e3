"""The app's first page in the admin in a real browser: a registrar looks at last week's acts, and nothing keeps anyone out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from learning_credentials.models import CredentialEvent, DailyCount
from tests.browser.conftest import DESKTOP
from tests.factories import (
    CredentialConfigurationFactory,
    CredentialEventFactory,
    CredentialFactory,
    UserFactory,
)

PAGE = "/admin/learning_credentials/"
#: Links lead to other sites, which no test visits.
STAY = """() => document.querySelectorAll(".share ul a")
    .forEach((link) => link.addEventListener("click", (event) => event.preventDefault()))"""
NARROW = {"width": 390, "height": 800}
LOOKS = [
    pytest.param({"color_scheme": scheme, "size": size}, id=f"{scheme}-{name}")
    for scheme in ("light", "dark")
    for name, size in (("desktop", DESKTOP), ("phone", NARROW))
]


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada", first_name="", last_name="")


@pytest.fixture
def term(operator):
    """Some weeks of a registrar's work."""
    now, today = timezone.now(), timezone.localdate()
    configuration = CredentialConfigurationFactory(learning_context_key="course-v1:Tides+T1+2026")
    rows = CredentialFactory.create_batch(6, available=True, configuration=configuration, notified_at=now)
    for index, row in enumerate(rows):
        made = CredentialEventFactory(credential=row, action="issued")
        CredentialEvent.objects.filter(pk=made.pk).update(created_at=now - timedelta(days=index))
        DailyCount.objects.create(
            credential=row, day=today - timedelta(days=index), verifications=index + 1, downloads=1, shares=1
        )
    for row, days in zip(rows, (2, 2, 2, 20, 20, 20), strict=True):
        made = CredentialEventFactory(credential=row, action="retried", actor=operator, reason=f"{days} days ago")
        CredentialEvent.objects.filter(pk=made.pk).update(created_at=now - timedelta(days=days))
    CredentialFactory.create_batch(2, error=True)
    return configuration


def test_last_weeks_acts(visit, operator, term):
    page = visit(PAGE, user=operator)
    acts = page.locator(".lcred-acts tbody tr")
    assert acts.count() == 2
    page.get_by_role("link", name="1 week").click()
    page.wait_for_load_state()
    assert acts.count() == 1
    line = acts.first.inner_text()
    assert "ada" in line
    assert "× 3" in line
    assert "2 days ago" in line
    page.get_by_label("Person").fill("nobody")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Nobody did anything in this period").wait_for()
    page.get_by_label("Person").fill("ada")
    page.get_by_label("Course").fill(term.learning_context_key)
    page.get_by_role("button", name="Show").click()
    page.locator(".lcred-acts").wait_for()
    assert acts.count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + 3
    acts.first.get_by_role("link").click()
    page.wait_for_load_state()
    assert page.url.split("?")[0].endswith(reverse("admin:learning_credentials_credential_changelist"))


def test_what_needs_a_hand_leads_to_it(visit, operator, term):
    page = visit(PAGE, user=operator)
    page.locator('[data-need="failed"] a').click()
    page.wait_for_load_state()
    assert page.locator("#result_list tbody tr").count() == 2


def test_the_checks_come_by_themselves(visit, operator, term):
    page = visit(PAGE, user=operator)
    summary = page.locator("#lcred-checks [data-need=checks] a, #lcred-checks .quiet a")
    summary.first.wait_for()
    summary.first.click()
    page.get_by_role("heading", name="System checks").wait_for()


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out(visit, list_barriers, operator, term, look):
    for path in (PAGE, f"{PAGE}?first=2026-02-02&last=2026-02-01", f"{PAGE}credential/overview/checks/"):
        page = visit(path, user=operator, **look)
        page.wait_for_load_state("networkidle")
        for details in page.locator(".lcred-overview details").all():
            details.evaluate("element => element.open = true")
        assert list_barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= look["size"]["width"]


def test_a_click_on_a_share_link_is_counted(visit, site):
    row = CredentialFactory(available=True)
    page = visit(f"/credentials/{row.verify_uuid}/")
    page.evaluate(STAY)
    with page.expect_response("**/share/") as answer:
        page.locator(".share ul a").first.click()
    assert answer.value.status == 204
