"""Acts on the page of a learner stand beside their cause, ask first, are logged, and are refused without permission."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from learning_credentials import api
from learning_credentials.models import AllowlistEntry, CertificateInvalidation, Credential
from tests.factories import (
    AllowlistEntryFactory,
    CertificateInvalidationFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.admin_pages import messages_of, staff_with

pytestmark = pytest.mark.django_db(transaction=True)

GRADES = "learning_credentials.processors.retrieve_subsection_grades"
Status = Credential.Status
ALL = ("view_credential", "issue_credential", "add_allowlistentry", "view_learnercertificate")


def url(user, page="change", *args):
    return reverse(f"admin:learning_credentials_learner_{page}", args=[user.pk, *args])


@pytest.fixture
def learner(enrol):
    (user,) = enrol("Ada")
    return user


@pytest.fixture
def graded(world, course, learner):
    """Require a grade that the learner lacks."""
    course.credential_type.retrieval_func = GRADES
    course.credential_type.save()
    course.custom_options = {"required_grades": {"Total": 0.5}}
    course.save()
    return course


class TestIssue:
    def test_it_asks_and_then_issues(self, admin, course, learner):
        page = admin.get(url(learner, "issue", course.pk))
        assert "now, with the name that the LMS has" in page.text
        assert not Credential.objects.exists()
        response = admin.post(url(learner, "issue", course.pk), {"confirm": "yes"}, follow=True)
        assert messages_of(response) == ["The credential was issued."]
        credential = Credential.objects.get()
        assert (credential.user, credential.status) == (learner, Status.AVAILABLE)
        assert credential.events.get(action="created").actor.username == "registrar"
        entry = LogEntry.objects.get()
        assert entry.object_repr.startswith("Issued to one learner: ")
        assert entry.object_id == str(credential.pk)

    def test_twice_does_nothing_twice(self, admin, course, learner):
        for _ in range(2):
            response = admin.post(url(learner, "issue", course.pk), {"confirm": "yes"}, follow=True)
        assert messages_of(response) == ["Nothing was done: the learner has the credential, or it is being made."]
        assert Credential.objects.count() == LogEntry.objects.count() == 1

    def test_a_failed_one_is_tried_again(self, admin, course, learner):
        CredentialFactory(error=True, user=learner, configuration=course)
        admin.post(url(learner, "issue", course.pk), {"confirm": "yes"})
        assert Credential.objects.get().status == Status.AVAILABLE

    def test_what_changed_meanwhile_is_said(self, admin, world, graded, learner):
        response = admin.post(url(learner, "issue", graded.pk), {"confirm": "yes"})
        assert "the learner is not eligible: criteria not met" in response.text
        world.outage = True
        response = admin.post(url(learner, "issue", graded.pk), {"confirm": "yes"})
        assert "the LMS does not answer" in response.text
        assert not LogEntry.objects.exists()

    def test_only_with_permission_for_the_context(self, client, course, learner):
        clerk = staff_with("view_credential")
        client.force_login(clerk)
        page = url(learner, "issue", course.pk)
        assert page not in client.get(url(learner)).text
        assert client.get(page).status_code == client.post(page, {"confirm": "yes"}).status_code == 403
        client.force_login(staff_with("view_credential", "issue_credential"))
        assert page in client.get(url(learner)).text
        client.post(page, {"confirm": "yes"})
        assert Credential.objects.get().status == Status.AVAILABLE


class TestAllow:
    def test_with_notes_and_then_issued(self, admin, graded, learner):
        page = url(learner, "allow", graded.pk)
        assert "The history keeps the notes." in admin.post(page, {"confirm": "yes", "notes": " "}).text
        response = admin.post(page, {"confirm": "yes", "notes": "Oral exam"}, follow=True)
        assert messages_of(response) == ["The learner is on the allowlist. The next run issues the credential."]
        entry = AllowlistEntry.objects.get()
        assert (entry.user, entry.configuration, entry.notes) == (learner, graded, "Oral exam")
        assert entry.created_by.username == "registrar"
        assert "On the allowlist: the criteria are waived (by registrar" in response.text
        assert url(learner, "issue", graded.pk) in response.text
        admin.post(url(learner, "issue", graded.pk), {"confirm": "yes"})
        assert Credential.objects.get().evidence["is_allowlisted"] is True
        assert LogEntry.objects.count() == 2

    def test_a_course_certificate_is_issued_by_the_evaluation(self, admin, world, run, learner):
        world.enrol(learner.pk, run.learning_context_key)
        response = admin.post(url(learner, "allow", run.pk), {"confirm": "yes", "notes": "Ill"}, follow=True)
        assert AllowlistEntry.objects.get().scope == ""
        assert Credential.objects.get().configuration == run
        assert "The learner has it" in response.text

    def test_what_is_still_missing_is_said(self, admin, world, graded, learner):
        world.unenrol(learner.pk, graded.learning_context_key)
        response = admin.post(url(learner, "allow", graded.pk), {"confirm": "yes", "notes": "Ill"}, follow=True)
        assert any("the learner is not enrolled" in text for text in messages_of(response))

    def test_not_for_someone_who_is_barred(self, admin, graded, learner):
        CertificateInvalidationFactory(user=learner, learning_context_key=graded.learning_context_key)
        assert url(learner, "allow", graded.pk) not in admin.get(url(learner)).text
        response = admin.post(url(learner, "allow", graded.pk), {"confirm": "yes", "notes": "Ill"})
        assert "Lift the" in response.text
        assert not AllowlistEntry.objects.exists()

    def test_only_with_permission(self, client, graded, learner):
        client.force_login(staff_with("view_credential", "view_learnercertificate", "change_credential"))
        assert url(learner, "allow", graded.pk) not in client.get(url(learner)).text
        assert client.post(url(learner, "allow", graded.pk), {"confirm": "yes", "notes": "x"}).status_code == 403
        assert not AllowlistEntry.objects.exists()

    def test_an_entry_is_removed_on_its_page(self, admin, graded, learner):
        entry = AllowlistEntryFactory(user=learner, configuration=graded)
        assert reverse("admin:learning_credentials_allowlistentry_end", args=[entry.pk]) in admin.get(url(learner)).text


class TestLimits:
    """An account that is limited to one course reaches nothing of another."""

    @pytest.fixture
    def clerk(self, client, world, course, learner, graded):
        other = CredentialConfigurationFactory()
        world.add_course_run(other.learning_context_key, "Another course")
        world.enrol(learner.pk, other.learning_context_key)
        CredentialFactory(invalidated=True, user=learner, configuration=other, user_full_name="A former name")
        clerk = UserFactory(superuser=False, staff=True, permissions=ALL)
        world.limit(clerk.pk, course.learning_context_key)
        client.force_login(clerk)
        clerk.other = other
        return clerk

    def test_only_the_own_course_is_shown(self, client, clerk, course, learner):
        page = client.get(url(learner)).text
        assert course.learning_context_key in page
        assert clerk.other.learning_context_key not in page
        assert "A former name" not in page
        assert url(learner, "allow", course.pk) in page

    def test_only_acts_in_the_own_course(self, client, clerk, course, learner):
        for page in ("issue", "allow"):
            assert client.get(url(learner, page, course.pk)).status_code == 200
            assert client.post(url(learner, page, clerk.other.pk), {"confirm": "yes", "notes": "x"}).status_code == 403
        assert not AllowlistEntry.objects.exists()

    def test_only_learners_of_the_own_course_are_found(self, client, clerk, learner):
        stranger = UserFactory(last_name="Tester")
        row = CredentialFactory(available=True, user=stranger)
        search = reverse("admin:learning_credentials_learner_changelist")
        response = client.get(search, {"q": "tester"})
        assert [line.user for line in response.context["lines"]] == [learner]
        assert client.get(search, {"q": str(row.verify_uuid)}).context["lines"] == []
        assert client.get(url(stranger)).status_code == 404


class TestBarring:
    def test_bar_and_lift(self, admin, world, run, learner):
        key = run.learning_context_key
        world.enrol(learner.pk, key)
        world.set_grade(learner.pk, key, {"Exam": 1.0})
        api.evaluate_course_certificate(key, learner.pk)
        response = admin.post(url(learner, "bar", run.pk), {"confirm": "yes", "notes": "Plagiarism"}, follow=True)
        assert messages_of(response) == ["The learner is barred."]
        row = CertificateInvalidation.objects.get()
        assert Credential.objects.get().status == Status.INVALIDATED
        assert url(learner, "lift", row.pk) in response.text
        again = admin.post(url(learner, "bar", run.pk), {"confirm": "yes", "notes": "Again"})
        assert "already" in again.text
        response = admin.post(url(learner, "lift", row.pk), {"confirm": "yes", "notes": "Cleared"}, follow=True)
        assert messages_of(response) == ["The bar was lifted. The learner is evaluated again."]
        assert Credential.objects.get(is_current=True).status == Status.AVAILABLE
        assert [entry.object_repr.split(":")[0] for entry in LogEntry.objects.order_by("pk")] == [
            "Barred",
            "Bar lifted",
        ]

    def test_only_course_certificates(self, admin, course, learner):
        assert admin.get(url(learner, "bar", course.pk)).status_code == 404

    def test_only_ones_own_bar(self, admin, learner):
        row = CertificateInvalidationFactory()
        assert admin.get(url(learner, "lift", row.pk)).status_code == 404

    def test_only_with_permission(self, client, world, run, learner):
        world.enrol(learner.pk, run.learning_context_key)
        row = CertificateInvalidationFactory(user=learner, learning_context_key=run.learning_context_key)
        client.force_login(staff_with("view_credential", "view_certificateinvalidation"))
        text = client.get(url(learner)).text
        for page in (url(learner, "bar", run.pk), url(learner, "lift", row.pk)):
            assert page not in text
            assert client.post(page, {"confirm": "yes", "notes": "x"}).status_code == 403
        assert CertificateInvalidation.objects.get().is_active


class TestName:
    def test_it_is_corrected_and_reissued(self, admin, course, learner):
        admin.post(url(learner, "issue", course.pk), {"confirm": "yes"})
        old = Credential.objects.get()
        page = url(learner, "name", old.pk)
        assert page in admin.get(url(learner)).text
        assert 'value="Ada Tester"' in admin.get(page).text
        refused = admin.post(page, {"confirm": "yes", "full_name": "ada@example.com", "reason": "Misspelt"})
        assert "no e-mail address" in refused.text
        response = admin.post(page, {"confirm": "yes", "full_name": "Adá Tester", "reason": "Misspelt"}, follow=True)
        assert messages_of(response) == ["The credential was reissued with the name “Adá Tester”."]
        assert Credential.objects.get(is_current=True).user_full_name == "Adá Tester"
        old.refresh_from_db()
        assert (old.status, old.user_full_name) == (Status.INVALIDATED, "Ada Tester")
        assert LogEntry.objects.latest("pk").object_repr.startswith("Name corrected: ")

    def test_only_with_permission_and_of_this_learner(self, client, course, learner):
        row = CredentialFactory(available=True, user=learner, configuration=course)
        client.force_login(staff_with("view_credential"))
        assert url(learner, "name", row.pk) not in client.get(url(learner)).text
        assert client.get(url(learner, "name", row.pk)).status_code == 403
        assert client.get(url(learner, "name", CredentialFactory(available=True).pk)).status_code == 404


class TestMail:
    def test_only_a_failed_one_of_this_learner(self, admin, course, learner):
        row = CredentialFactory(available=True, user=learner, configuration=course)
        response = admin.post(url(learner, "mail", row.pk), follow=True)
        assert messages_of(response) == [
            "Nothing was done: the e-mail did not fail, or will be sent again soon anyway."
        ]
        assert admin.post(url(learner, "mail", CredentialFactory(available=True).pk)).status_code == 404
        assert admin.get(url(learner, "mail", row.pk)).status_code == 405

    def test_only_with_permission(self, client, course, learner):
        row = CredentialFactory(available=True, user=learner, configuration=course, notification_attempts=20)
        client.force_login(staff_with("view_credential"))
        assert url(learner, "mail", row.pk) not in client.get(url(learner)).text
        assert client.post(url(learner, "mail", row.pk)).status_code == 403


@pytest.mark.parametrize(
    ("make", "page"),
    [
        (lambda: CredentialFactory(available=True), "credential"),
        (LearnerCertificateFactory, "learnercertificate"),
        (AllowlistEntryFactory, "allowlistentry"),
        (CertificateInvalidationFactory, "certificateinvalidation"),
    ],
)
def test_every_row_leads_to_its_learner(admin, make, page):
    row = make()
    address = reverse(f"admin:learning_credentials_{page}_change", args=[row.pk])
    assert url(row.user) in admin.get(address).text
    admin.force_login(staff_with(f"view_{page}"))
    assert (url(row.user) in admin.get(address).text) is (page == "credential")


def test_a_credential_without_an_account_leads_nowhere(admin):
    row = CredentialFactory(available=True, user=None)
    page = admin.get(reverse("admin:learning_credentials_credential_change", args=[row.pk])).text
    assert "This learner" not in page


def test_unknown_configurations(admin):
    user = UserFactory()
    for page in ("issue", "allow", "bar", "lift"):
        assert admin.get(url(user, page, 999999)).status_code == 404
    other = CredentialConfigurationFactory()
    assert admin.get(f"/admin/learning_credentials/learner/0/issue/{other.pk}/").status_code == 404
