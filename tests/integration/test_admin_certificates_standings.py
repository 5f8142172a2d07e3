"""The admin of standings: read-only, filtered by statuses of now and of the past, evaluated, invalidated and re-validated."""

from __future__ import annotations

import pytest
from django.urls import resolve, reverse

from learning_credentials import api
from learning_credentials.models import CertificateEvent, CertificateInvalidation, Credential, LearnerCertificate
from tests.factories import (
    AllowlistEntryFactory,
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, left_out_of, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
LIST = reverse("admin:learning_credentials_learnercertificate_changelist")
PASSING = {"Homework": 0.9, "Exam": 0.9}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(world):
    world.add_course_run(KEY, "Algebra")
    CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=RETRIEVAL_FUNC, is_enabled=True
    )
    return CourseCertificateFactory(course_key=KEY)


@pytest.fixture
def passing(world, run):
    """A learner who stands downloadable and holds the credential."""

    def make(**values):
        user = UserFactory(**values)
        world.enrol(user.pk, KEY)
        world.set_grade(user.pk, KEY, PASSING)
        api.evaluate_course_certificate(KEY, user.pk)
        return LearnerCertificate.objects.get(user=user)

    return make


def url(page, row):
    return reverse(f"admin:learning_credentials_learnercertificate_{page}", args=[row.pk])


def act(client, name, rows, **answer):
    data = {"action": name, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, data | ({"confirm": "yes", **answer} if answer else {"index": "0"}), follow=True)


def listed(client, **query):
    return set(client.get(LIST, query).context["cl"].result_list)


def status(row):
    return LearnerCertificate.objects.get(pk=row.pk).status


def live(row):
    return Credential.objects.filter(user_id=row.user_id, is_current=True).first()


class TestList:
    def test_filters_by_status_historical_ones_apart(self, admin, run):
        rows = {
            value: LearnerCertificateFactory(course_certificate=run, status=value)
            for value in LearnerCertificate.Status.values
        }
        current = {"downloadable", "notpassing", "unavailable", "unverified"}
        for value in current:
            assert listed(admin, status=value) == {rows[value]}
        for value in set(rows) - current:
            assert listed(admin, historical=value) == {rows[value]}
        assert listed(admin, historical="any") == {row for value, row in rows.items() if value not in current}
        assert listed(admin) == set(rows.values())

    def test_filters_by_run_and_mode(self, admin, run):
        wanted = LearnerCertificateFactory(course_certificate=run, mode="verified")
        LearnerCertificateFactory(course_certificate=run)
        LearnerCertificateFactory(mode="verified")
        assert listed(admin, course_key=KEY, mode="verified") == {wanted}

    @pytest.mark.parametrize("search", ["sought-login", "sought@example.org", "S+1+2026"])
    def test_search(self, admin, search):
        wanted = LearnerCertificateFactory(
            user=UserFactory(username="sought-login", email="sought@example.org"),
            course_certificate__course_key="course-v1:S+1+2026",
        )
        LearnerCertificateFactory.create_batch(2)
        assert listed(admin, q=search) == {wanted}

    def test_queries_do_not_grow_with_the_rows(self, admin, django_assert_num_queries):
        LearnerCertificateFactory.create_batch(10)
        few = count_queries(admin, LIST)
        LearnerCertificateFactory.create_batch(50)
        with django_assert_num_queries(few):
            assert len(admin.get(LIST).context["cl"].result_list) == 50


class TestPage:
    def test_shows_history_credentials_and_what_waives(self, admin, passing):
        row = passing(username="ada")
        AllowlistEntryFactory(user=row.user, learning_context_key=KEY, notes="By the board")
        page = admin.get(url("change", row)).content.decode()
        assert "– → downloadable" in page[page.index('id="history"') :]
        assert reverse("admin:learning_credentials_credential_change", args=[live(row).pk]) in page
        assert "By the board" in page
        assert "90%" in page
        assert url("revalidate", row) not in page
        api.invalidate_certificate(row.user_id, KEY, notes="Plagiarism")
        page = admin.get(url("change", row)).content.decode()
        assert "downloadable → unavailable" in page[page.index('id="history"') :]
        assert "Plagiarism" in page
        assert url("invalidate", row) not in page
        assert url("revalidate", row) in page

    def test_nothing_can_be_added_changed_or_deleted_by_form(self, admin, run):
        row = LearnerCertificateFactory(course_certificate=run)
        assert admin.get(reverse("admin:learning_credentials_learnercertificate_add")).status_code == 403
        assert admin.post(url("change", row), {"status": "notpassing"}).status_code == 403
        assert admin.post(url("delete", row), {"post": "yes"}).status_code == 403
        act(admin, "delete_selected", [row])
        assert status(row) == "downloadable"

    def test_a_historical_status_is_readable(self, admin):
        row = LearnerCertificateFactory(status="audit_notpassing")
        assert "audit, not passing" in admin.get(url("change", row)).content.decode()


class TestEvaluate:
    def test_one(self, admin, world, run):
        user = UserFactory()
        world.enrol(user.pk, KEY)
        world.set_grade(user.pk, KEY, PASSING)
        row = LearnerCertificateFactory(user=user, course_certificate=run, status="notpassing")
        response = admin.post(url("evaluate", row), follow=True)
        assert messages_of(response) == ["1 learner was evaluated, 1 changed."]
        assert status(row) == "downloadable"
        assert live(row).status == "available"
        event = CertificateEvent.objects.get()
        assert (event.actor.username, event.reason) == ("registrar", "staff")

    def test_many_of_several_runs(self, admin, world, passing):
        kept, other = passing(), "course-v1:Demo+Biology+2026"
        world.add_course_run(other)
        raised = LearnerCertificateFactory(course_certificate__course_key=other, status="notpassing")
        world.enrol(raised.user_id, other)
        world.set_grade(raised.user_id, other, PASSING)
        response = act(admin, "evaluate_selected", [kept, raised])
        assert messages_of(response) == ["2 learners were evaluated, 1 changed."]
        assert (status(kept), status(raised)) == ("downloadable", "downloadable")

    def test_an_outage_changes_nothing_and_is_told(self, admin, passing, world):
        row = passing()
        world.outage = True
        response = admin.post(url("evaluate", row), follow=True)
        assert len(messages_of(response)) == 1
        assert KEY in messages_of(response)[0]
        assert status(row) == "downloadable"


class TestInvalidate:
    def test_takes_notes_and_takes_the_credential(self, admin, passing):
        row = passing()
        credential = live(row)
        assert "until you lift the bar" in admin.get(url("invalidate", row)).content.decode()
        assert status(row) == "downloadable", "GET changes nothing"
        response = admin.post(url("invalidate", row), {"confirm": "yes", "notes": " Plagiarism "}, follow=True)
        assert messages_of(response) == ["1 learner was barred."]
        assert status(row) == "unavailable"
        credential.refresh_from_db()
        assert credential.status == "invalidated"
        invalidation = CertificateInvalidation.objects.get()
        assert (invalidation.notes, invalidation.created_by.username) == ("Plagiarism", "registrar")

    def test_blank_notes_are_refused(self, admin, passing):
        row = passing()
        response = admin.post(url("invalidate", row), {"confirm": "yes", "notes": "  "})
        assert response.context["form"].errors["notes"]
        assert status(row) == "downloadable"

    def test_one_refusal_stops_no_other(self, admin, passing):
        barred, first, second = passing(username="barred"), passing(), passing()
        api.invalidate_certificate(barred.user_id, KEY, notes="Before")
        asked = act(admin, "invalidate_selected", [barred, first, second])
        assert asked.status_code == 200
        assert status(first) == "downloadable"
        response = act(admin, "invalidate_selected", [barred, first, second], notes="Exam annulled")
        assert (status(first), status(second)) == ("unavailable", "unavailable")
        assert messages_of(response) == ["2 learners were barred."]
        (refused,) = left_out_of(response)
        assert "barred" in refused

    def test_revalidation_issues_a_new_credential(self, admin, passing):
        row = passing()
        old = live(row)
        api.invalidate_certificate(row.user_id, KEY, notes="Plagiarism")
        response = admin.post(url("revalidate", row), {"confirm": "yes", "notes": "Appeal granted"}, follow=True)
        assert messages_of(response) == ["1 bar was lifted."]
        assert status(row) == "downloadable"
        assert live(row).pk != old.pk
        events = CertificateEvent.objects.filter(subject="invalidation").values_list("to_value", "reason")
        assert list(events) == [("active", "Plagiarism"), ("withdrawn", "Appeal granted")]

    def test_revalidation_without_an_invalidation_is_refused(self, admin, passing):
        row = passing()
        response = act(admin, "revalidate_selected", [row], notes="Appeal granted")
        assert messages_of(response) == []
        (refused,) = left_out_of(response)
        assert "not barred" in refused

    def test_too_many_at_once_are_refused(self, admin, run):
        users = UserFactory._meta.model.objects.bulk_create(
            UserFactory._meta.model(username=f"many-{number}") for number in range(501)
        )
        LearnerCertificate.objects.bulk_create(
            LearnerCertificate(user=user, course_certificate=run, status="notpassing") for user in users
        )
        for name in ("evaluate_selected", "invalidate_selected"):
            data = {"action": name, "_selected_action": ["x"], "select_across": "1", "index": "0"}
            response = admin.post(LIST, data, follow=True)
            assert any("At most 500" in text for text in messages_of(response)), name


class TestPermissions:
    @pytest.mark.parametrize("page", ["evaluate", "invalidate", "revalidate"])
    def test_who_may_only_view_cannot_act(self, client, run, page):
        row = LearnerCertificateFactory(course_certificate=run)
        client.force_login(staff_with("view_learnercertificate"))
        shown = client.get(url("change", row))
        assert shown.status_code == 200
        assert url(page, row) not in shown.content.decode()
        assert client.post(url(page, row), {"confirm": "yes", "notes": "No"}).status_code == 403
        assert act(client, f"{page}_selected", [row], notes="No").status_code == 200
        assert status(row) == "downloadable"
        assert not CertificateInvalidation.objects.exists()

    def test_to_invalidate_is_to_add_an_invalidation(self, client, passing):
        row = passing()
        client.force_login(staff_with("view_learnercertificate", "add_certificateinvalidation"))
        assert url("invalidate", row) in client.get(url("change", row)).content.decode()
        assert client.post(url("evaluate", row)).status_code == 403
        client.post(url("invalidate", row), {"confirm": "yes", "notes": "Plagiarism"})
        assert status(row) == "unavailable"
        assert client.post(url("revalidate", row), {"confirm": "yes", "notes": "Yes"}).status_code == 403

    def test_get_changes_nothing(self, admin, run):
        assert admin.get(url("evaluate", LearnerCertificateFactory(course_certificate=run))).status_code == 405

    def test_nothing_runs_in_the_transaction_of_a_request(self):
        for page in ("", "1/evaluate/", "1/invalidate/", "1/revalidate/"):
            assert resolve(LIST + page).func._non_atomic_requests == {"default"}, page
