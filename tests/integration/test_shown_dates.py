"""Nobody is shown a date before the day they earned it; PDF, page, REST, LinkedIn link, badge and report agree on the day."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.html import escape
from pypdf import PdfReader
from rest_framework.test import APIClient

from learning_credentials import api
from learning_credentials.lms.base import Step
from learning_credentials.models import CourseCertificate, Credential
from learning_credentials.services.common.artifacts import open_file
from learning_credentials.services.course_runs import describe_visibility
from learning_credentials.services.issuing.chunks import issue_chunk
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]

PDF = "learning_credentials.generators.generate_pdf_credential"
KEYS = ["course-v1:Tests+D1+2026", "course-v1:Tests+D2+2026"]
PATH = "path:dates"
JANUARY, JULY = datetime(2026, 1, 15, 9, tzinfo=UTC), datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def award(world):
    """Award a PDF in a context at some time."""
    user = UserFactory(first_name="Ada", last_name="Example")
    for key in KEYS:
        world.add_course_run(key, "Dated")
    world.add_learning_path(PATH, "Dated path", steps=[Step(key) for key in KEYS])
    found = {}

    def make(key, issued_at, **values):
        if key not in found:
            found[key] = CredentialConfigurationFactory(learning_context_key=key, credential_type__generation_func=PDF)
        if key == PATH:
            values.setdefault("evidence", {"constituent_runs": KEYS})
        credential = CredentialFactory(user=user, configuration=found[key], issued_at=issued_at, **values)
        issue_chunk([credential.pk])
        credential.refresh_from_db()
        assert credential.status == Credential.Status.AVAILABLE, credential.error_message
        return credential

    return make


def set_date(key, available_date, **values):
    defaults = {"pacing": "instructor", "available_date": available_date, **values}
    CourseCertificate.objects.update_or_create(course_key=key, defaults=defaults)


def read_pdf(credential) -> str:
    with open_file(credential.artifact_name) as file:
        return PdfReader(io.BytesIO(file.read())).pages[0].extract_text()


def write(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def assert_shown(credential, day, *, is_printed=True):
    """On every way out it is that day."""
    client = APIClient()
    public = f"/credentials/{credential.verify_uuid}/"
    page = client.get(public).content.decode()
    assert f'datetime="{day.isoformat()}"' in page
    (link,) = [
        part.split('"')[0] for part in page.split('href="') if part.startswith("https://www.linkedin.com/profile")
    ]
    query = parse_qs(urlsplit(link.replace("&amp;", "&")).query)
    assert (query["issueYear"], query["issueMonth"]) == ([str(day.year)], [str(day.month)])
    rest = client.get(f"/api/learning_credentials/v1/metadata/{credential.verify_uuid}/").json()
    assert rest["issue_date"] == day.isoformat()
    badge = client.get(f"{public}badge.json").json()
    begins = datetime.fromisoformat(badge["validFrom"])
    assert begins <= timezone.now()
    assert timezone.localtime(begins, timezone.get_default_timezone()).date() == day
    assert describe_visibility([credential])[credential.pk].issue_date == day
    if is_printed:
        assert escape(write(day)) in read_pdf(credential)


@pytest.mark.parametrize(
    ("available", "issued", "day"),
    [
        (JANUARY, JULY, date(2026, 7, 1)),
        (JULY, JANUARY, date(2026, 7, 1)),
        (None, JULY, date(2026, 7, 1)),
        (JULY - timedelta(minutes=1), JULY, date(2026, 7, 1)),
        (JULY - timedelta(days=1), JULY, date(2026, 7, 1)),
    ],
)
def test_the_later_of_available_date_and_award(award, available, issued, day):
    set_date(KEYS[0], available)
    assert_shown(award(KEYS[0], issued), day)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "UTC"])
def test_the_day_is_that_of_the_site(award, settings, zone):
    settings.TIME_ZONE = zone
    late = datetime(2026, 3, 8, 23, 50, tzinfo=ZoneInfo(zone))
    early = datetime(2026, 3, 8, 0, 10, tzinfo=ZoneInfo(zone))
    set_date(KEYS[0], late)
    assert_shown(award(KEYS[0], early - timedelta(days=3)), date(2026, 3, 8))
    set_date(KEYS[1], early - timedelta(days=3))
    assert_shown(award(KEYS[1], late), date(2026, 3, 8))


def test_an_override_wins_also_over_the_day_of_the_award(award):
    set_date(KEYS[0], JANUARY)
    assert_shown(award(KEYS[0], JULY, date_override=date(2025, 12, 24)), date(2025, 12, 24))


def test_a_date_moved_before_the_award_shows_the_award(award):
    set_date(KEYS[0], JULY + timedelta(days=9))
    credential = award(KEYS[0], JULY)
    assert_shown(credential, date(2026, 7, 10))
    set_date(KEYS[0], JANUARY)
    assert_shown(credential, date(2026, 7, 1), is_printed=False)


def test_a_run_that_shows_early_prints_what_its_page_shows(award):
    set_date(KEYS[0], timezone.now() + timedelta(days=30), shows_early=True)
    assert_shown(award(KEYS[0], JULY), date(2026, 7, 1))


def test_a_self_paced_run_has_no_date(award):
    set_date(KEYS[0], JULY, pacing="self")
    assert_shown(award(KEYS[0], JANUARY), date(2026, 1, 15))


def test_the_report_shows_the_same(award):
    set_date(KEYS[0], JANUARY)
    award(KEYS[0], JULY)
    (row,) = api.iter_issued_certificates(KEYS[0])
    assert row.issue_date == date(2026, 7, 1)


class TestPrograms:
    def test_the_latest_date_that_its_runs_show(self, award):
        set_date(KEYS[0], JANUARY)
        award(KEYS[0], JULY)
        award(KEYS[1], JANUARY)
        assert_shown(award(PATH, JULY), date(2026, 7, 1))

    def test_not_before_the_last_run_was_earned(self, award):
        set_date(KEYS[0], JANUARY)
        award(KEYS[0], JANUARY)
        award(KEYS[1], JULY)
        assert_shown(award(PATH, JULY + timedelta(days=40)), date(2026, 7, 1))

    def test_a_run_without_a_credential_was_earned_when_the_program_was_at_the_latest(self, award):
        set_date(KEYS[0], JANUARY)
        award(KEYS[0], JANUARY)
        assert_shown(award(PATH, JULY), date(2026, 7, 1))

    def test_the_available_date_of_a_run(self, award):
        set_date(KEYS[0], JULY)
        set_date(KEYS[1], JANUARY)
        award(KEYS[0], JANUARY)
        award(KEYS[1], JANUARY)
        assert_shown(award(PATH, JANUARY), date(2026, 7, 1))

    def test_an_override_for_a_run_counts_if_it_is_later(self, award):
        award(KEYS[0], JULY, date_override=date(2025, 1, 1))
        award(KEYS[1], JANUARY)
        program = award(PATH, JULY)
        assert_shown(program, date(2026, 7, 1))
        Credential.objects.filter(learning_context_key=KEYS[1]).update(date_override=date(2026, 8, 10))
        assert_shown(program, date(2026, 8, 10), is_printed=False)

    def test_its_own_override_wins(self, award):
        award(KEYS[0], JULY)
        assert_shown(award(PATH, JULY, date_override=date(2025, 12, 24)), date(2025, 12, 24))

    def test_a_date_that_passed_counts_though_another_is_yet_to_come(self, award):
        set_date(KEYS[0], JULY)
        set_date(KEYS[1], timezone.now() + timedelta(days=30), shows_early=True)
        award(KEYS[0], JANUARY)
        award(KEYS[1], JANUARY)
        assert_shown(award(PATH, JANUARY), date(2026, 7, 1))

    def test_a_renewed_run_does_not_move_the_date(self, award):
        old = award(KEYS[0], JANUARY, expires_at=JANUARY + timedelta(days=30))
        award(KEYS[1], JANUARY)
        program = award(PATH, JANUARY + timedelta(days=3))
        award(KEYS[0], JULY, replaces=old, is_renewal=True, is_current=None)
        assert_shown(program, date(2026, 1, 15))

    @pytest.mark.parametrize("reissues", [0, 1, 2])
    def test_a_renewed_program_shows_its_renewal_also_after_a_reissue(self, award, reissues):
        for key in KEYS:
            award(key, JANUARY)
        old = award(PATH, JANUARY, expires_at=JANUARY + timedelta(days=30))
        renewal = award(PATH, JULY, replaces=old, is_renewal=True, is_current=None)
        for number in range(reissues):
            renewal = api.reissue_credential(renewal.pk, reason=f"A typing error {number}")
        assert_shown(renewal, date(2026, 7, 1))
        old.refresh_from_db()
        assert describe_visibility([old])[old.pk].issue_date == date(2026, 1, 15)

    def test_a_reissued_program_shows_the_day_it_was_earned(self, award):
        for key in KEYS:
            award(key, JANUARY)
        program = award(PATH, JULY)
        assert_shown(api.reissue_credential(program.pk, reason="A typing error"), date(2026, 1, 15))

    def test_a_renewed_run_shows_its_renewal_also_after_a_reissue(self, award):
        old = award(KEYS[0], JANUARY, expires_at=JANUARY + timedelta(days=30))
        renewal = award(KEYS[0], JULY, replaces=old, is_renewal=True, is_current=None)
        assert_shown(api.reissue_credential(renewal.pk, reason="A typing error"), date(2026, 7, 1))

    def test_what_was_awarded_after_the_program_does_not_move_the_date(self, award):
        award(KEYS[1], JANUARY)
        program = award(PATH, JANUARY)
        award(KEYS[0], JULY)
        assert_shown(program, date(2026, 1, 15))
