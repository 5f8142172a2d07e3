"""When a credential may be seen: the date of its run, on every way out at once, and without one credential row rewritten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from learning_credentials import api, tasks
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.lms.base import Pacing
from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration
from learning_credentials.services.common import artifacts
from learning_credentials.services.course_runs import are_visible
from learning_credentials.services.notices import announce_pending_credentials
from tests.factories import CredentialConfigurationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

TOMORROW = timedelta(days=1)


@pytest.fixture
def learner(enrol):
    (user,) = enrol("Ada")
    return user


@pytest.fixture
def credential(course, learner):
    return api.issue_credential(course.pk, learner.pk)


def get_status(client: APIClient, path: str) -> int:
    response = client.get(path)
    response.close()  # a file may be open
    return response.status_code


def seen_by(credential, learner) -> dict[str, bool]:
    """On which ways out the credential can be seen."""
    anonymous, client = APIClient(), APIClient()
    client.force_authenticate(learner)
    client.force_login(learner)
    key, public = credential.learning_context_key, f"/credentials/{credential.verify_uuid}/"
    rest = "/api/learning_credentials/v1"
    eligibility = client.get(f"{rest}/eligibility/{key}/").json()["credentials"]
    try:
        api.verify_credential(credential.verify_uuid)
        facade = True
    except CredentialNotFoundError:
        facade = False
    return {
        "facade": facade,
        "metadata": anonymous.get(f"{rest}/metadata/{credential.verify_uuid}/").status_code == 200,
        "page": anonymous.get(public).status_code == 200,
        "json": anonymous.get(public, headers={"accept": "application/json"}).status_code == 200,
        "download": get_status(anonymous, f"{public}download/") == 200,
        "code": anonymous.get(f"{public}qr.svg").status_code == 200,
        "own list": str(credential.verify_uuid) in client.get("/credentials/").content.decode(),
        "own credentials": [item.verify_uuid for item in api.list_credentials(learner.pk)] == [credential.verify_uuid],
        "eligibility": any(entry["credential"] is not None for entry in eligibility),
    }


def test_moving_the_date_hides_and_shows_everywhere_at_once(credential, learner, course):
    assert set(seen_by(credential, learner).values()) == {True}
    before = list(Credential.objects.values())
    unknown = APIClient().get(f"/api/learning_credentials/v1/metadata/{'0' * 8}-0000-4000-8000-{'0' * 12}/")

    with CaptureQueriesContext(connection) as queries:
        api.set_certificate_available_date(course.learning_context_key, timezone.now() + TOMORROW)
    assert not any("lcred_credential" in query["sql"] for query in queries if query["sql"].startswith("UPDATE"))
    assert set(seen_by(credential, learner).values()) == {False}
    hidden = APIClient().get(f"/api/learning_credentials/v1/metadata/{credential.verify_uuid}/")
    assert (hidden.status_code, hidden.content) == (unknown.status_code, unknown.content)

    api.set_certificate_available_date(course.learning_context_key, None)
    assert set(seen_by(credential, learner).values()) == {True}
    api.set_certificate_available_date(course.learning_context_key, timezone.now() - TOMORROW)
    assert set(seen_by(credential, learner).values()) == {True}
    assert list(Credential.objects.values()) == before


@pytest.mark.parametrize("changes", [{"pacing": "self"}, {"shows_early": True}])
def test_self_paced_and_early_runs_are_seen_whatever_the_date(credential, learner, course, changes):
    api.set_certificate_available_date(course.learning_context_key, timezone.now() + TOMORROW)
    CourseCertificate.objects.update(**changes)
    assert set(seen_by(credential, learner).values()) == {True}


def test_a_revoked_one_is_hidden_with_the_run(credential, learner, course):
    api.invalidate_credential(credential.pk, reason="Plagiarism")
    api.set_certificate_available_date(course.learning_context_key, timezone.now() + TOMORROW)
    with pytest.raises(CredentialNotFoundError):
        api.verify_credential(credential.verify_uuid)


def test_the_row_is_made_with_the_first_credential_and_refreshed_from_the_lms(credential, course, world):
    row = CourseCertificate.objects.get()
    assert (row.course_key, row.available_date, row.is_active) == (course.learning_context_key, None, False)
    world.add_course_run(course.learning_context_key, "Introduction to Tests", pacing=Pacing.SELF)
    assert tasks.refresh_course_certificates_task.delay().get() == 1
    row.refresh_from_db()
    assert row.pacing == "self"
    world.outage = True
    api.verify_credential(credential.verify_uuid)  # a public answer never asks the LMS


def test_a_hidden_credential_is_announced_when_its_date_comes_and_once(course, enrol):
    api.set_certificate_available_date(course.learning_context_key, timezone.now() + TOMORROW)
    enrol(count=3)
    api.start_run(course.pk)
    tasks.announce_visible_credentials_task.delay()
    assert mail.outbox == []
    CourseCertificate.objects.update(available_date=timezone.now() - TOMORROW)
    assert tasks.announce_visible_credentials_task.delay().get() == 3
    assert tasks.announce_visible_credentials_task.delay().get() == 0
    assert len(mail.outbox) == 3


class TestShownDate:
    WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def printed(self, credential) -> str:
        with artifacts.open_file(credential.artifact_name) as file:
            return file.read().decode().splitlines()[2]

    def test_the_available_date_once_it_has_passed(self, course, credential):
        issued = timezone.localtime(credential.issued_at).date()
        assert api.verify_credential(credential.verify_uuid).issue_date == issued
        api.set_certificate_available_date(course.learning_context_key, self.WHEN)
        assert api.verify_credential(credential.verify_uuid).issue_date == issued  # not before the award
        Credential.objects.update(issued_at=self.WHEN - timedelta(days=9))
        issued = date(2026, 2, 20)
        assert api.verify_credential(credential.verify_uuid).issue_date == date(2026, 3, 1)
        CourseCertificate.objects.update(available_date=timezone.now() + TOMORROW, shows_early=True)
        assert api.verify_credential(credential.verify_uuid).issue_date == issued
        printed = timezone.localtime(credential.issued_at).date().isoformat()
        assert self.printed(credential) == printed  # moving the date renders nothing anew

    def test_a_date_to_come_is_printed(self, course, learner):
        when = timezone.now() + timedelta(days=40)
        api.set_certificate_available_date(course.learning_context_key, when)
        credential = api.issue_credential(course.pk, learner.pk)
        assert self.printed(credential) == when.date().isoformat()

    def test_an_override_comes_first(self, course, credential):
        staff = UserFactory(staff=True)
        api.set_certificate_available_date(course.learning_context_key, self.WHEN)
        api.override_issue_date(credential.pk, date(2025, 12, 24), reason="Awarded late by mistake", actor=staff)
        assert api.verify_credential(credential.verify_uuid).issue_date == date(2025, 12, 24)
        event = credential.events.last()
        assert (event.action, event.actor, event.reason) == ("date_overridden", staff, "Awarded late by mistake")
        assert event.detail == {"from": "", "to": "2025-12-24"}
        successor = api.reissue_credential(credential.pk, reason="Print the date")
        assert self.printed(successor) == "2025-12-24"
        api.override_issue_date(successor.pk, None, reason="Not needed")
        Credential.objects.update(issued_at=self.WHEN - timedelta(days=9))
        assert api.verify_credential(successor.verify_uuid).issue_date == date(2026, 3, 1)


class TestProgram:
    @pytest.fixture
    def program(self, world):
        """A program of two runs, with a credential for each and for the whole."""
        keys = [f"course-v1:Tests+P{number}+2026" for number in (1, 2, 3)]
        for key in keys:
            world.add_course_run(key, f"Part {key}")
            CredentialConfigurationFactory(learning_context_key=key)
        from learning_credentials.lms.base import Step

        steps = [Step(keys[0]), Step(keys[1]), Step(keys[2], is_excluded=True)]
        world.add_learning_path("path:tests", "The whole", steps=steps)
        whole = CredentialConfigurationFactory(learning_context_key="path:tests")
        user = UserFactory()
        for key in (*keys, "path:tests"):
            world.enrol(user.pk, key)
        for configuration in CredentialConfiguration.objects.exclude(pk=whole.pk):
            api.issue_credential(configuration.pk, user.pk)
        return keys, api.issue_credential(whole.pk, user.pk)

    def is_seen(self, credential) -> bool:
        return are_visible([credential])[credential.pk] and any(
            item.verify_uuid == credential.verify_uuid for item in api.list_credentials(credential.user_id)
        )

    def test_it_is_dated_by_the_latest_of_its_runs(self, program):
        keys, credential = program
        assert credential.evidence["constituent_runs"] == keys[:2]
        assert self.is_seen(credential)
        early, late = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC)
        Credential.objects.update(issued_at=early)
        api.set_certificate_available_date(keys[0], late)
        api.set_certificate_available_date(keys[1], early)
        assert api.verify_credential(credential.verify_uuid).issue_date == late.date()

    def test_it_is_hidden_until_then(self, program):
        keys, credential = program
        api.set_certificate_available_date(keys[1], timezone.now() + TOMORROW)
        assert not self.is_seen(credential)
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(credential.verify_uuid)
        api.set_certificate_available_date(keys[1], None)
        assert self.is_seen(credential)

    def test_an_excluded_run_and_one_without_a_live_credential_do_not_count(self, program):
        keys, credential = program
        api.set_certificate_available_date(keys[2], timezone.now() + TOMORROW)
        assert self.is_seen(credential)
        api.set_certificate_available_date(keys[0], timezone.now() + TOMORROW)
        assert not self.is_seen(credential)
        held = Credential.objects.get(learning_context_key=keys[0], is_current=True)
        api.invalidate_credential(held.pk, reason="Plagiarism")
        assert self.is_seen(credential)

    def test_a_hidden_program_is_announced_when_its_date_comes(self, program):
        keys, credential = program
        mail.outbox.clear()
        Credential.objects.filter(pk=credential.pk).update(notified_at=None, notification_held_until=None)
        api.set_certificate_available_date(keys[0], timezone.now() + TOMORROW)
        assert announce_pending_credentials() == 0
        api.set_certificate_available_date(keys[0], None)
        assert announce_pending_credentials() == 1
