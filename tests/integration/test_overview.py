"""The app's first page in the admin: what needs a hand, the numbers of a period, recent acts, and the lists in groups."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import (
    CertificateEvent,
    Credential,
    CredentialEvent,
    DailyCount,
    DailyTotal,
    GenerationRun,
    HostMessage,
    Job,
    StatusList,
)
from learning_credentials.services.desk import count_finished_days
from learning_credentials.services.desk import overview as needs
from learning_credentials.tasks import sweep_stale_credentials_task
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialEventFactory,
    CredentialFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, staff_with

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PAGE = "/admin/learning_credentials/"
CSV = f"{PAGE}credential/overview/acts.csv"
KEY = "course-v1:Tests+O1+2026"


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def registrar():
    return UserFactory(superuser=True, username="registrar", first_name="", last_name="")


@pytest.fixture
def admin(client, registrar):
    client.force_login(registrar)
    return client


def show(client, **query):
    response = client.get(PAGE, query)
    assert response.status_code == 200
    return response.context["overview"]


def event(action, at=None, **values):
    made = CredentialEventFactory(action=action, **values)
    if at is not None:
        CredentialEvent.objects.filter(pk=made.pk).update(created_at=at)
    return made


def make_trouble(number=1):
    """Make rows of every kind that needs a hand, and as many that need none."""
    now, long_ago = timezone.now(), timezone.now() - timedelta(hours=2)
    configuration = CredentialConfigurationFactory()
    for _ in range(number):
        CredentialFactory(error=True)
        CredentialFactory(generation_started_at=long_ago)
        CredentialFactory(generation_started_at=now)
        CredentialFactory(available=True, notified_at=None, notification_attempts=99)
        CredentialFactory(available=True, notified_at=None, notification_attempts=1)
        CredentialFactory(available=True, notified_at=now, expires_at=now + timedelta(days=3))
        CredentialFactory(available=True, notified_at=now, expires_at=now + timedelta(days=300))
        CredentialFactory(available=True, notified_at=now, expires_at=now - timedelta(days=3))
        stuck, working, broken, old = (GenerationRun.objects.create(configuration=configuration) for _ in range(4))
        GenerationRun.objects.filter(pk__in=[stuck.pk, working.pk]).update(created=long_ago, started_at=long_ago)
        GenerationRun.objects.filter(pk=working.pk).update(lease_renewed_at=now)
        GenerationRun.objects.filter(pk=broken.pk).update(finished_at=now, error_code="lms_unavailable")
        GenerationRun.objects.filter(pk=old.pk).update(
            finished_at=now - timedelta(days=9), error_code="lms_unavailable"
        )
        paused = GenerationRun.objects.create(configuration=configuration, paused_at=now)
        GenerationRun.objects.filter(pk=paused.pk).update(created=long_ago)
        for state in ("held", "failed", "draft"):
            Job.objects.create(kind="invalidate", state=state, finished_at=now if state == "failed" else None)
        HostMessage.objects.create(kind="staff", next_attempt_at=None)
        HostMessage.objects.create(kind="staff", next_attempt_at=long_ago)
        HostMessage.objects.create(kind="staff", next_attempt_at=now)
        StatusList.objects.create(allocated=StatusList.SIZE - 1, is_mirrored=False)
        StatusList.objects.create(allocated=5, is_mirrored=False)


class TestNeeds:
    def test_nothing_is_said_to_need_nothing(self, admin):
        CredentialFactory(available=True, notified_at=timezone.now())
        assert show(admin)["needs"] == []
        assert "Nothing: all credentials are made and mailed" in admin.get(PAGE).text

    def test_each_kind_leads_to_the_rows_that_were_counted(self, admin):
        make_trouble(2)
        lines = show(admin)["needs"]
        kinds = (
            "failed waiting mail_given_up mail_failed job_held job_failed run_stuck "
            "run_failed message_given_up message_overdue expires_soon list_full"
        )
        assert [line.name for line in lines] == kinds.split()
        for line in lines:
            listed = admin.get(line.url).context["cl"]
            assert (line.number, listed.result_count) == ("2", 2), line.name

    def test_no_more_is_counted_than_people_look_through(self, admin, monkeypatch):
        monkeypatch.setattr(needs, "MAX_COUNTED", 2)
        CredentialFactory.create_batch(4, error=True)
        (line,) = show(admin)["needs"]
        assert (line.number, line.text) == ("> 2", "credentials could not be made")

    def test_where_no_mails_are_sent_none_is_missing(self, admin, app_settings):
        CredentialFactory(available=True, notified_at=None, notification_attempts=1)
        app_settings(NOTIFY_LEARNERS=False)
        assert show(admin)["needs"] == []

    def test_only_what_a_user_may_see(self, client):
        make_trouble()
        client.force_login(staff_with("view_generationrun"))
        assert [line.name for line in show(client)["needs"]] == ["run_stuck", "run_failed"]


class TestChecks:
    def test_they_run_on_their_own_page_and_are_kept(self, admin, app_settings):
        app_settings(BASE_URL="http://credentials.example.org")
        assert show(admin)["checks"] is None
        page = admin.get(f"{PAGE}credential/overview/checks/")
        assert "learning_credentials.W001" in page.text
        assert "learning_credentials.W001" in {check.id for check in show(admin)["checks"]}
        assert "warn" in admin.get(PAGE).text

    def test_they_need_the_permission_to_see_configurations(self, client):
        client.force_login(staff_with("view_credential"))
        assert client.get(f"{PAGE}credential/overview/checks/").status_code == 403
        assert not show(client)["may_see_checks"]

    def test_they_are_about_the_whole_site(self, client):
        colleague = staff_with("view_credentialconfiguration")
        limit_to(colleague, KEY)
        client.force_login(colleague)
        assert client.get(f"{PAGE}credential/overview/checks/").status_code == 403
        assert not show(client)["may_see_checks"]


class TestNumbers:
    def total(self, overview):
        return {chart["name"]: chart["total"] for chart in overview["numbers"]["charts"]}

    def test_what_happened_in_the_period(self, admin):
        now = timezone.now()
        credential = CredentialFactory(available=True, configuration__learning_context_key=KEY)
        other = CredentialFactory(available=True)
        for row, days in ((credential, 0), (credential, 6), (other, 1), (other, 7)):
            event("issued", now - timedelta(days=days), credential=row)
        event("invalidated", now, credential=other)
        event("replaced", now, credential=other)  # no revocation
        event("created", now, credential=other)
        today = timezone.localdate()
        DailyCount.objects.create(credential=credential, day=today, verifications=5, downloads=2, shares=1)
        DailyCount.objects.create(credential=other, day=today - timedelta(days=6), verifications=1)
        DailyCount.objects.create(credential=other, day=today - timedelta(days=7), verifications=100)
        week = {"first": today - timedelta(days=6), "last": today}
        assert self.total(show(admin, **week)) == {
            "issued": 3, "verified": 6, "downloaded": 2, "shared": 1, "revoked": 1
        }  # fmt: skip
        assert self.total(show(admin, **week, course=KEY)) == {
            "issued": 2, "verified": 5, "downloaded": 2, "shared": 1, "revoked": 0
        }  # fmt: skip
        rows = show(admin, **week)["numbers"]["rows"]
        assert len(rows) == 7
        assert rows[0]["numbers"] == [1, 5, 2, 1, 1]
        assert rows[6]["numbers"] == [1, 1, 0, 0, 0]

    @pytest.mark.parametrize(("days", "bars"), [(1, 1), (31, 31), (32, 5), (371, 53)])
    def test_long_periods_have_a_bar_a_week(self, admin, days, bars):
        now, today = timezone.now(), timezone.localdate()
        event("issued", now)
        event("issued", now - timedelta(days=days - 1))
        shown = show(admin, first=today - timedelta(days=days - 1), last=today)
        assert len(shown["numbers"]["rows"]) == bars
        assert self.total(shown)["issued"] == 2

    def test_days_begin_in_the_time_zone_of_the_project(self, admin, settings):
        settings.TIME_ZONE = "Asia/Kolkata"
        midnight = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Kolkata"))
        event("issued", midnight)
        event("issued", midnight - timedelta(seconds=1))
        rows = show(admin, first="2026-03-01", last="2026-03-02")["numbers"]["rows"]
        assert [row["numbers"][0] for row in rows] == [1, 1]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"first": "2026-03-02", "last": "2026-03-01"}, "ends before it begins"),
            ({"first": "2020-01-01", "last": "2026-03-01"}, "at most 371 days"),
            ({"first": "yesterday"}, "valid date"),
            ({"last": "9999-12-31", "first": "9999-12-30"}, "at most 371 days"),
        ],
    )
    def test_a_wrong_period_is_refused_and_the_usual_one_is_shown(self, admin, query, said):
        response = admin.get(PAGE, query)
        assert said in response.text
        assert len(response.context["overview"]["numbers"]["rows"]) == 28

    @pytest.fixture
    def term(self):
        """Some weeks with issued and revoked credentials and visits, in two courses."""
        now, today = timezone.now(), timezone.localdate()
        rows = [
            CredentialFactory(available=True, configuration__learning_context_key=key) for key in (KEY, "run:other")
        ]
        for days in (0, 1, 2, 5, 9, 30, 200):
            for row in rows[: 1 + days % 2]:
                event("issued", now - timedelta(days=days), credential=row)
                event("invalidated", now - timedelta(days=days), credential=row)
                DailyCount.objects.create(
                    credential=row, day=today - timedelta(days=days), verifications=days, downloads=2, shares=1
                )
        return rows

    @pytest.mark.parametrize("days", [1, 7, 28, 91, 364])
    @pytest.mark.parametrize("course", ["", KEY])
    def test_counted_days_say_what_the_history_says(self, admin, term, days, course):
        query = {
            "first": timezone.localdate() - timedelta(days=days - 1),
            "last": timezone.localdate(),
            "course": course,
        }
        before = show(admin, **query)["numbers"]["rows"]
        assert count_finished_days(limit=400) == 371
        assert show(admin, **query)["numbers"]["rows"] == before
        for table in (CredentialEvent, DailyCount):  # what was counted is not read again
            table.objects.all().delete()
        kept = show(admin, **query)["numbers"]["rows"]
        if days <= 31:
            assert (sum(kept[0]["numbers"]), kept[1:]) == (0, before[1:])

    def test_a_colleague_sees_the_totals_of_her_course(self, client, term):
        count_finished_days(limit=400)
        colleague = staff_with("view_credential")
        limit_to(colleague, KEY)
        client.force_login(colleague)
        day = {"first": timezone.localdate() - timedelta(days=1), "last": timezone.localdate() - timedelta(days=1)}
        assert self.total(show(client, **day))["issued"] == 1
        assert self.total(show(client, **day, course="run:other"))["issued"] == 0

    def test_the_sweep_counts_some_days_and_the_latest_again(self, term):
        today = timezone.localdate()
        assert sweep_stale_credentials_task()["days_counted"] == 30
        assert DailyTotal.objects.filter(learning_context_key="").count() == 30
        assert count_finished_days(limit=400) == 341
        assert count_finished_days(limit=400) == 0
        yesterday = today - timedelta(days=1)
        late = DailyCount.objects.filter(day=yesterday).first()
        DailyCount.objects.filter(pk=late.pk).update(shares=50)
        DailyTotal.objects.update(counted_at=timezone.now() - timedelta(hours=7))
        assert 1 <= count_finished_days(limit=400) <= 3
        assert DailyTotal.objects.get(day=yesterday, learning_context_key="").shared == 51
        assert DailyTotal.objects.filter(day=yesterday).count() == 3

    def test_they_need_the_permission_to_see_credentials(self, client):
        client.force_login(staff_with("view_generationrun"))
        assert "numbers" not in show(client)


class TestActs:
    def test_who_did_what_in_one_go(self, admin, registrar):
        configuration = CredentialConfigurationFactory(learning_context_key=KEY)
        rows = CredentialFactory.create_batch(5, available=True, configuration=configuration)
        for row in rows:
            api.invalidate_credential(row.pk, reason="Exam annulled", actor=registrar)
        helper = UserFactory(username="helper", first_name="Hilda", last_name="Helper")
        course = CourseCertificateFactory(course_key=KEY)
        url = reverse("admin:learning_credentials_coursecertificate_change", args=[course.pk])
        CertificateEvent.objects.create(
            subject="course_certificate",
            subject_id=course.pk,
            learning_context_key=KEY,
            field="available_date",
            actor=helper,
        )
        first, second = show(admin)["acts"]
        assert (first["actor"], first["what"], first["context_key"]) == ("Hilda Helper (helper)", "Available date", KEY)
        assert first["url"] == url
        assert (second["actor"], second["what"], second["number"], second["reason"]) == (
            "registrar",
            "Revoked",
            5,
            "Exam annulled",
        )
        assert second["rest"] == 2
        assert admin.get(second["url"]).context["cl"].result_count == 5

    def test_an_act_in_the_admin_is_told_once(self, admin):
        row = CredentialFactory(available=True)
        url = reverse("admin:learning_credentials_credential_invalidate", args=[row.pk])
        admin.post(url, {"confirm": "yes", "reason": "Plagiarism"})
        assert LogEntry.objects.count() == 1
        (act,) = show(admin)["acts"]
        assert (act["what"], act["reason"], act["learners"]) == ("Revoked", "Plagiarism", row.user_full_name)

    def test_changes_of_settings_come_from_the_log_of_the_admin(self, admin):
        configuration = CredentialConfigurationFactory(learning_context_key=KEY)
        url = reverse("admin:learning_credentials_credentialconfiguration_generate", args=[configuration.pk])
        admin.post(url)
        (act,) = show(admin)["acts"]
        assert act["what"].startswith("Started")
        assert [each["what"] for each in show(admin, course=KEY)["acts"]] == [act["what"]]
        assert show(admin, course="run:other")["acts"] == []

    def test_the_app_itself_is_nobody(self, admin, registrar):
        event("invalidated", reason="certificate_status:notpassing")
        event("created", actor=registrar)
        assert show(admin)["acts"] == []
        assert "Nobody did anything" in admin.get(PAGE).text

    def test_filtered_by_date_course_and_person(self, admin, registrar):
        now = timezone.now()
        helper = UserFactory(username="helper")
        learner = UserFactory(username="casimir", email="casimir@example.org")
        row = CredentialFactory(invalidated=True, user=learner, configuration__learning_context_key=KEY)
        event("invalidated", now - timedelta(days=3), credential=row, actor=registrar, reason="one")
        event("block_lifted", now - timedelta(days=2), credential=row, actor=helper, reason="two")
        event("retried", now - timedelta(days=1), actor=helper, reason="three")
        event("retried", now - timedelta(days=60), actor=helper, reason="four")

        def find(**query):
            return [act["reason"] for act in show(admin, **query)["acts"]]

        assert find() == ["three", "two", "one"]
        assert find(course=KEY) == ["two", "one"]
        assert find(person="helper") == ["three", "two"]
        assert find(person="casimir@example.org") == ["two", "one"]
        assert find(person="Nobody Known") == []
        day = timezone.localdate() - timedelta(days=2)
        assert find(first=day, last=day) == ["two"]

    def test_page_by_page(self, admin, registrar):
        now = timezone.now()
        for number in range(120):
            event("retried", now - timedelta(minutes=5 * number), actor=registrar, reason=f"act {number}")
        found, query = [], {}
        while query is not None:
            overview = show(admin, **query)
            found += [act["reason"] for act in overview["acts"]]
            older = overview["older_query"]
            query = {name: values[0] for name, values in parse_qs(older).items()} if older else None
        assert found == [f"act {number}" for number in range(120)]

    def test_only_what_a_user_may_see(self, client, registrar):
        event("retried", actor=registrar, reason="credential")
        client.force_login(staff_with("view_generationrun"))
        assert show(client)["acts"] == []
        client.force_login(staff_with("view_credential"))
        assert [act["reason"] for act in show(client)["acts"]] == ["credential"]

    def test_a_colleague_with_one_course_sees_that_course(self, client, registrar):
        mine = CredentialFactory(error=True, configuration__learning_context_key=KEY)
        theirs = CredentialFactory(error=True)
        for row in (mine, theirs):
            event("issued", credential=row)
            event("retried", credential=row, actor=registrar, reason=row.learning_context_key)
            DailyCount.objects.create(credential=row, day=timezone.localdate(), verifications=1)
        CourseCertificateFactory(course_key="run:theirs")
        LogEntry.objects.create(
            user=registrar, object_repr="Somebody else", action_flag=2, content_type_id=_type_id(Credential)
        )
        colleague = staff_with("view_credential", "view_coursecertificate")
        limit_to(colleague, KEY)
        client.force_login(colleague)
        overview = show(client)
        assert [act["reason"] for act in overview["acts"]] == [KEY]
        assert {chart["name"]: chart["total"] for chart in overview["numbers"]["charts"]}["issued"] == 1
        assert {chart["name"]: chart["total"] for chart in overview["numbers"]["charts"]}["verified"] == 1
        assert [line.number for line in overview["needs"]] == ["1"]
        assert [row["reason"] for row in read_csv(client.get(CSV))] == [KEY]


def _type_id(model):
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model).pk


def limit_to(user, key):
    from learning_credentials.models import ContextGrant

    ContextGrant.objects.create(user=user, context_key=key, is_active=True, said=key)


def read_csv(response):
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


class TestCSV:
    def test_every_row_with_formulas_made_safe(self, admin, registrar):
        row = CredentialFactory(
            invalidated=True, user_full_name="=cmd|' /C calc'!A0", configuration__learning_context_key=KEY
        )
        event("invalidated", credential=row, actor=registrar, reason="Plagiarism")
        for _ in range(3):
            event("retried", actor=registrar)
        response = admin.get(CSV)
        assert response["Content-Disposition"].startswith("attachment")
        lines = read_csv(response)
        assert [line["what"] for line in lines] == ["retried"] * 3 + ["revoked"]
        assert (lines[3]["who"], lines[3]["learning_context_key"], lines[3]["reason"]) == (
            "registrar",
            KEY,
            "Plagiarism",
        )
        assert (lines[3]["detail"], lines[3]["source"]) == (row.credential_type_name, "credential")
        assert lines[3]["learner"].startswith("'=")

    def test_the_filters_of_the_page(self, admin, registrar):
        event("retried", timezone.now() - timedelta(days=40), actor=registrar)
        assert read_csv(admin.get(CSV)) == []
        overview = show(admin, first=timezone.localdate() - timedelta(days=50), last=timezone.localdate())
        assert len(read_csv(admin.get(f"{CSV}?{overview['csv_query']}"))) == 1

    def test_who_may_see_nothing_gets_nothing(self, client):
        client.force_login(staff_with())
        assert client.get(CSV).status_code == 403
        client.logout()
        assert client.get(CSV).status_code == 302


class TestPage:
    def test_lists_are_grouped_by_what_people_do(self, admin):
        groups = {
            str(group["title"]): [str(model["name"]) for model in group["models"]] for group in show(admin)["groups"]
        }
        assert list(groups) == ["Award", "Learners", "Design", "Courses", "Technical"]
        assert groups["Award"][:3] == ["Configurations", "Generation runs", "Credentials"]
        assert groups["Learners"] == ["Learners", "Certificate status", "Allowlist entries", "Barred learners"]
        assert groups["Courses"] == ["Course runs"]

    def test_only_lists_that_a_user_may_open(self, client):
        client.force_login(staff_with("view_issuer"))
        assert [[str(model["name"]) for model in group["models"]] for group in show(client)["groups"]] == [["Issuers"]]

    def test_queries_do_not_grow_with_the_rows(self, admin, registrar):
        make_trouble()
        event("retried", actor=registrar)
        LogEntry.objects.create(user=registrar, object_repr="x", action_flag=2, content_type_id=_type_id(Credential))
        admin.get(PAGE)
        few = count_queries(admin, PAGE)
        make_trouble(3)
        for _ in range(10):
            event("retried", actor=UserFactory())
            event("issued")
            LogEntry.objects.create(
                user=UserFactory(), object_repr="x", action_flag=2, content_type_id=_type_id(Credential)
            )
        assert count_queries(admin, PAGE) == few
        assert few <= 23

    def test_a_box_finds_learners(self, admin, client):
        assert f'action="{reverse("admin:learning_credentials_learner_changelist")}"' in admin.get(PAGE).text
        client.force_login(staff_with("view_issuer"))
        assert "lcred-q" not in client.get(PAGE).text

    def test_links_of_periods_keep_the_filters(self, admin):
        for period in show(admin, course=KEY, person="helper")["periods"]:
            query = parse_qs(urlsplit(f"?{period['query']}").query)
            assert (query["course"], query["person"]) == ([KEY], ["helper"])
