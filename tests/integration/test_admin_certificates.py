"""The admin of course certificates: dates and switches through the facade, counts, buttons, reports."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.lms import Pacing
from learning_credentials.models import CertificateEvent, CourseCertificate, LearnerCertificate
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, form_errors, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
LIST = reverse("admin:learning_credentials_coursecertificate_changelist")
ADD = reverse("admin:learning_credentials_coursecertificate_add")
PASSING, FAILING = {"Homework": 0.9, "Exam": 0.9}, {"Homework": 0.1, "Exam": 0.1}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


@pytest.fixture
def world(world):
    world.add_course_run(KEY, "Algebra")
    return world


@pytest.fixture
def row(world):
    return CourseCertificateFactory(course_key=KEY)


@pytest.fixture
def configuration(world):
    return CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=RETRIEVAL_FUNC, is_enabled=True
    )


def url(page, row):
    return reverse(f"admin:learning_credentials_coursecertificate_{page}", args=[row.pk])


def form(**values):
    return {"certificate_type": "honor", "is_active": "on", "available_date_0": "", "available_date_1": ""} | values


def rows_of(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


class TestList:
    def test_shows_counts_and_whether_credentials_may_be_seen(self, admin, row):
        LearnerCertificateFactory.create_batch(3, course_certificate=row)
        LearnerCertificateFactory.create_batch(2, course_certificate=row, status="notpassing")
        LearnerCertificateFactory(course_certificate=row, status="deleted")
        hidden = CourseCertificateFactory(available_date=timezone.now() + timedelta(days=1))
        result = {each.course_key: each for each in admin.get(LIST).context["cl"].result_list}
        assert (result[KEY].downloadable_total, result[KEY].other_total) == (3, 3)
        assert (result[hidden.course_key].downloadable_total, result[hidden.course_key].other_total) == (0, 0)
        page = admin.get(LIST).content.decode()
        assert page.count("lcred-visible") == 1
        assert page.count("lcred-hidden") == 1

    def test_links_lead_to_the_standings_of_the_run(self, admin, row):
        LearnerCertificateFactory(course_certificate=row)
        LearnerCertificateFactory()
        links = admin.get(LIST).content.decode()
        query = "course_key=course-v1%3ADemo%2BAlgebra%2B2026&amp;status=downloadable"
        assert query in links
        target = f"{reverse('admin:learning_credentials_learnercertificate_changelist')}?{query.replace('&amp;', '&')}"
        assert [each.course_certificate for each in admin.get(target).context["cl"].result_list] == [row]

    def test_filters_and_search(self, admin, row):
        other = CourseCertificateFactory(is_active=False, pacing="self", certificate_type="verified")
        for query in ({"is_active__exact": "0"}, {"pacing__exact": "self"}, {"certificate_type": "verified"}):
            assert list(admin.get(LIST, query).context["cl"].result_list) == [other]
        assert list(admin.get(LIST, {"q": "Algebra"}).context["cl"].result_list) == [row]

    def test_queries_do_not_grow_with_the_rows(self, admin, django_assert_num_queries):
        for made in (10, 50):
            for each in CourseCertificateFactory.create_batch(made):
                LearnerCertificateFactory(course_certificate=each)
            if made == 10:
                few = count_queries(admin, LIST)
        with django_assert_num_queries(few):
            assert len(admin.get(LIST).context["cl"].result_list) == 50


class TestForm:
    def test_a_change_goes_through_the_facade_with_its_reason(self, admin, row):
        data = form(available_date_0="2030-06-01", available_date_1="09:30:00", reason="The board meets in May")
        assert admin.post(url("change", row), data).status_code == 302
        row.refresh_from_db()
        assert row.available_date == datetime(2030, 6, 1, 9, 30, tzinfo=UTC)
        event = CertificateEvent.objects.get()
        assert (event.field, event.from_value, event.actor.username) == ("available_date", "", "registrar")
        assert event.to_value.startswith("2030-06-01T09:30")
        assert event.reason == "The board meets in May"
        page = admin.get(url("change", row)).content.decode()
        history = page[page.index('id="history"') :]
        for text in ("Available date", "– → June 1, 2030, 9:30 a.m.", "registrar", "The board meets in May"):
            assert text in history

    def test_every_value_that_changed_has_its_entry_and_no_other(self, admin, row):
        data = form(certificate_type="verified")
        del data["is_active"]
        admin.post(url("change", row), data)
        row.refresh_from_db()
        assert (row.certificate_type, row.is_active, row.available_date) == ("verified", False, None)
        events = CertificateEvent.objects.values_list("field", "from_value", "to_value")
        assert set(events) == {("certificate_type", "honor", "verified"), ("is_active", "True", "False")}
        assert "yes → no" in admin.get(url("change", row)).content.decode()

    def test_saving_what_nobody_changed_leaves_no_trace(self, admin, row):
        assert admin.post(url("change", row), form()).status_code == 302
        assert not CertificateEvent.objects.exists()

    def test_what_somebody_else_changed_meanwhile_is_not_taken_back(self, admin, row):
        seen = admin.get(url("change", row)).context["adminform"].form
        names = ("certificate_type", "is_active", "allows_self_generation")
        opened = {seen[name].html_initial_name: seen[name].value() for name in names}
        opened |= {"initial-available_date_0": "", "initial-available_date_1": ""}
        page = admin.get(url("change", row)).content.decode()
        assert all(f'name="{name}"' in page for name in opened)
        opening = datetime(2030, 6, 1, tzinfo=UTC)
        api.change_course_certificate(KEY, available_date=opening, is_active=False)
        admin.post(url("change", row), form(certificate_type="verified") | opened)
        row.refresh_from_db()
        assert (row.certificate_type, row.available_date, row.is_active) == ("verified", opening, False)
        assert [event.field for event in CertificateEvent.objects.filter(actor__isnull=False)] == ["certificate_type"]

    def test_a_reason_for_nothing_is_refused(self, admin, row):
        response = admin.post(url("change", row), form(reason="Just so"))
        assert form_errors(response, "reason") == ["You gave a reason but changed nothing."]

    @pytest.mark.parametrize("date", [("2030-02-30", "00:00:00"), ("2030-06-01", ""), ("soon", "noon")])
    def test_a_wrong_date_is_refused(self, admin, row, date):
        data = form(available_date_0=date[0], available_date_1=date[1])
        response = admin.post(url("change", row), data)
        assert form_errors(response, "available_date")
        row.refresh_from_db()
        assert row.available_date is None

    def test_a_mode_that_is_not_in_the_settings_is_refused_and_a_stored_one_kept(self, admin, row):
        assert form_errors(admin.post(url("change", row), form(certificate_type="invented")), "certificate_type")
        CourseCertificate.objects.filter(pk=row.pk).update(certificate_type="of-old")
        assert admin.post(url("change", row), form(certificate_type="of-old")).status_code == 302
        row.refresh_from_db()
        assert row.certificate_type == "of-old"

    def test_what_the_lms_tells_cannot_be_set(self, admin, row):
        admin.post(url("change", row), form(pacing="self", shows_early="on", course_key="course-v1:Other+Run+1"))
        row.refresh_from_db()
        assert (row.course_key, row.pacing, row.shows_early) == (KEY, "instructor", False)

    def test_it_shows_the_counts_by_status(self, admin, row):
        LearnerCertificateFactory.create_batch(4, course_certificate=row)
        LearnerCertificateFactory(course_certificate=row, status="honor_passing")
        page = admin.get(url("change", row)).content.decode()
        standings = page[page.index('id="standings"') : page.index('id="history"')]
        assert "status=downloadable" in standings
        assert ">4</a>" in standings
        assert "historical=honor_passing" in standings

    def test_it_cannot_be_deleted(self, admin, row):
        assert admin.post(url("delete", row), {"post": "yes"}).status_code == 403
        assert CourseCertificate.objects.exists()


class TestAdd:
    def test_asks_the_lms_about_the_run(self, admin, world):
        world.add_course_run("course-v1:Self+Paced+1", pacing=Pacing.SELF)
        data = form(course_key="course-v1:Self+Paced+1", certificate_type="verified", reason="Early", confirm="yes")
        response = admin.post(ADD, data, follow=True)
        made = CourseCertificate.objects.get()
        assert response.redirect_chain == [(url("change", made), 302)]
        assert (made.course_key, made.pacing, made.certificate_type) == ("course-v1:Self+Paced+1", "self", "verified")
        assert CertificateEvent.objects.filter(field="certificate_type", reason="Early").exists()

    def test_refuses_an_unknown_run_and_one_that_is_there(self, admin, row, world):
        unknown = admin.post(ADD, form(course_key="course-v1:No+Such+Run"))
        assert unknown.context["form"].errors["course_key"] == [
            "The LMS does not know this learning context. Check the key."
        ]
        known = admin.post(ADD, form(course_key=KEY, available_date_0="2030-06-01", available_date_1="00:00:00"))
        assert "already in the list" in known.context["form"].errors["course_key"][0]
        path = world.add_learning_path("path-v1:Demo+Path+1", "A path", steps=[KEY])
        refused = admin.post(ADD, form(course_key=path.key))
        assert refused.context["form"].non_field_errors() == [f"the LMS does not know the course run '{path.key}'"]
        row.refresh_from_db()
        assert row.available_date is None
        assert CourseCertificate.objects.count() == 1

    def test_an_lms_that_is_down_is_told(self, admin, world):
        world.outage = True
        response = admin.post(ADD, form(course_key=KEY))
        assert response.status_code == 200
        assert response.context["form"].non_field_errors()
        assert not CourseCertificate.objects.exists()


class TestRefresh:
    def test_takes_over_what_the_lms_says(self, admin, row, world):
        world.add_course_run(KEY, pacing=Pacing.SELF, shows_certificates_early=True)
        response = admin.post(url("refresh", row), follow=True)
        assert messages_of(response) == ["The LMS was asked. 1 course run changed."]
        row.refresh_from_db()
        assert (row.pacing, row.shows_early) == ("self", True)

    def test_for_many(self, admin, row, world):
        world.add_course_run(KEY, pacing=Pacing.SELF)
        data = {"action": "refresh_selected", "_selected_action": [row.pk]}
        assert messages_of(admin.post(LIST, data, follow=True)) == ["The LMS was asked. 1 course run changed."]

    def test_an_lms_that_is_down_is_told(self, admin, row, world):
        world.outage = True
        response = admin.post(url("refresh", row), follow=True)
        assert len(messages_of(response)) == 1
        assert "The LMS was asked" not in messages_of(response)[0]


class TestRegenerate:
    def test_evaluates_those_with_the_chosen_statuses(self, admin, world, row, configuration):
        learners = {}
        for status in ("notpassing", "unverified", "deleted"):
            learner = learners[status] = UserFactory()
            world.enrol(learner.pk, KEY)
            world.set_grade(learner.pk, KEY, PASSING)
            LearnerCertificateFactory(user=learner, course_certificate=row, status=status)
        page = admin.get(url("regenerate", row)).content.decode()
        assert "not passing (1)" in page
        assert "deleted (1)" in page
        assert "downloadable (" not in page
        response = admin.post(url("regenerate", row), {"statuses": ["notpassing", "deleted"]}, follow=True)
        assert messages_of(response) == ["2 learners will be evaluated again."]
        standings = dict(LearnerCertificate.objects.values_list("user_id", "status"))
        assert {status: standings[learner.pk] for status, learner in learners.items()} == {
            "notpassing": "downloadable",
            "unverified": "unverified",
            "deleted": "downloadable",
        }
        assert CertificateEvent.objects.filter(actor__username="registrar").count() == 2

    @pytest.mark.parametrize("statuses", [[], ["downloadable"], ["invented"]])
    def test_refuses_none_and_those_that_nobody_has(self, admin, row, statuses):
        LearnerCertificateFactory(course_certificate=row, status="notpassing")
        response = admin.post(url("regenerate", row), {"statuses": statuses})
        assert response.context["form"].errors["statuses"]

    def test_a_run_without_standings_leads_back(self, admin, row):
        response = admin.get(url("regenerate", row), follow=True)
        assert messages_of(response) == ["No learner of this run has a certificate status."]


class TestReports:
    def test_issued(self, admin, row, configuration):
        made = CredentialFactory.create_batch(3, available=True, configuration=configuration)
        CredentialFactory(available=True)
        api.invalidate_credential(made[0].pk, reason="=HYPERLINK(1)")
        response = admin.get(url("issued", row))
        assert response["Content-Type"].startswith("text/csv")
        assert "attachment" in response["Content-Disposition"]
        rows = rows_of(response)
        assert {each["username"] for each in rows} == {each.user.username for each in made}
        assert [each["invalidation_reason"] for each in rows if each["status"] == "invalidated"] == ["'=HYPERLINK(1)"]

    def test_kept_without_passing(self, admin, world, row, configuration):
        for grades in (PASSING, FAILING):
            learner = UserFactory()
            world.enrol(learner.pk, KEY)
            world.set_grade(learner.pk, KEY, grades)
            LearnerCertificateFactory(user=learner, course_certificate=row)
        assert [each["username"] for each in rows_of(admin.get(url("kept", row)))] == [learner.username]

    def test_an_lms_that_is_down_is_told_on_the_page(self, admin, world, row, configuration):
        LearnerCertificateFactory(course_certificate=row)
        world.outage = True
        response = admin.get(url("kept", row), follow=True)
        assert response.redirect_chain == [(url("change", row), 302)]
        assert messages_of(response)


class TestPermissions:
    BUTTONS = ("refresh", "regenerate", "examples", "issued", "kept")

    def test_who_may_only_view_sees_and_changes_nothing(self, client, world, row):
        client.force_login(staff_with("view_coursecertificate"))
        page = client.get(url("change", row))
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        assert 'name="reason"' not in page.content.decode()
        data = form(available_date_0="2030-06-01", available_date_1="00:00:00")
        assert client.post(url("change", row), data).status_code == 403
        assert client.get(ADD).status_code == 403
        assert client.post(ADD, form(course_key=KEY)).status_code == 403
        for name in self.BUTTONS:
            assert url(name, row) not in page.content.decode(), name
            assert client.post(url(name, row), {"statuses": ["notpassing"]}).status_code == 403, name
        row.refresh_from_db()
        assert row.available_date is None

    @pytest.mark.parametrize(
        ("page", "codename"),
        [
            ("refresh", "change_coursecertificate"),
            ("regenerate", "change_learnercertificate"),
            ("examples", "change_credentialconfiguration"),
            ("issued", "view_credential"),
            ("kept", "view_learnercertificate"),
        ],
    )
    def test_each_button_has_its_permission(self, client, row, page, codename):
        LearnerCertificateFactory(course_certificate=row)
        client.force_login(staff_with("view_coursecertificate", codename))
        assert url(page, row) in client.get(url("change", row)).content.decode()
        method = client.post if page in {"refresh", "examples"} else client.get
        assert method(url(page, row)).status_code in {200, 302}

    def test_without_any_permission_nothing_is_shown(self, client, row):
        client.force_login(UserFactory(staff=True))
        assert client.get(LIST).status_code == 403
        assert client.get(url("change", row)).status_code == 403

    def test_buttons_that_act_take_no_get(self, admin, row):
        for page in ("refresh", "examples"):
            assert admin.get(url(page, row)).status_code == 405

    def test_what_asks_the_lms_runs_in_no_transaction_of_a_request(self):
        for page in ("", "add/", "1/refresh/", "1/regenerate/", "1/examples/", "1/kept.csv"):
            assert resolve(LIST + page).func._non_atomic_requests == {"default"}, page

    def test_forgery_is_refused(self, world, row):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(UserFactory(superuser=True))
        for page in ("refresh", "regenerate", "examples", "change"):
            assert client.post(url(page, row)).status_code == 403, page
