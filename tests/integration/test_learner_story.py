"""The page of one learner says what there is, why there is nothing, and what would be enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.lms.world import Fact
from learning_credentials.models import CourseCertificate, LearnerCertificate
from learning_credentials.services.desk import PAGE_SIZE, ReasonCode, story_asking, tell_story
from tests.factories import (
    AllowlistEntryFactory,
    CertificateInvalidationFactory,
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialEventFactory,
    CredentialFactory,
    GenerationRunFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.admin_pages import staff_with

pytestmark = pytest.mark.django_db(transaction=True)

GRADES = "learning_credentials.processors.retrieve_subsection_grades"
BOTH = "learning_credentials.processors.retrieve_completions_and_grades"
PATH = "path-v1:Tests+Path"


def url(user, page="change", *args):
    return reverse(f"admin:learning_credentials_learner_{page}", args=[user.pk, *args])


def read(client, user, **query):
    """Return the text of a learner's page, with single spaces."""
    response = client.get(url(user), query)
    assert response.status_code == 200
    return " ".join(response.text.split())


def codes_of(user, configuration):
    """Return the reasons of the story about one configuration."""
    story = tell_story(user.pk)
    (award,) = [each for each in story.awards if each.configuration == configuration]
    return {reason.code for reason in award.reasons}


@pytest.fixture
def graded(world):
    """Return a configuration that requires grades. Its course run is in the LMS."""
    key = "course-v1:Demo+Biology+2026"
    world.add_course_run(key, "Biology", categories={"Homework": 0.4, "Exam": 0.6})
    return CredentialConfigurationFactory(
        learning_context_key=key,
        credential_type__retrieval_func=GRADES,
        custom_options={"required_grades": {"Total": 0.7, "Exam": 0.4}},
    )


@pytest.fixture
def learner(world, graded):
    """Return a learner who is enrolled in the graded course."""
    user = UserFactory(username="ada", first_name="Ada", last_name="Example")
    world.enrol(user.pk, graded.learning_context_key)
    return user


class TestHaveAndNeed:
    def test_in_words_with_what_would_be_enough(self, admin, world, learner, graded):
        world.set_grade(learner.pk, graded.learning_context_key, {"Homework": 0.9, "Exam": 0.12})
        page = read(admin, learner)
        assert "The criteria are not met, and the learner is not on the allowlist." in page
        assert "Total 43.2 of 70: 27 more points would do; Exam 12 of 40: 28 more points would do." in page
        assert "57 instead of 12 in Exam." in page
        assert "Or an entry on the allowlist, which waives grades and completion." in page
        assert url(learner, "allow", graded.pk) in page
        assert url(learner, "issue", graded.pk) not in page

    def test_a_total_that_the_categories_do_not_explain(self, admin, world, learner, graded):
        world.set_grade(learner.pk, graded.learning_context_key, {"Homework": 0.9, "Exam": 0.5}, percent=0.67)
        page = read(admin, learner)
        assert "Total 67 of 70: 3 more points would do" in page
        assert "A total of 70 instead of 67." in page

    def test_nothing_looks_as_if_it_were_enough(self, admin, world, learner, graded):
        world.set_grade(learner.pk, graded.learning_context_key, {"Homework": 1.0, "Exam": 0.5}, percent=0.69996)
        page = read(admin, learner)
        assert "Total 69.996 of 70: 1 more point would do" in page

    def test_what_was_never_attempted(self, admin, world, learner, graded):
        world.set_grade(learner.pk, graded.learning_context_key, {"Homework": 0.9})
        page = read(admin, learner)
        assert "Exam not attempted, needs 40" in page
        assert "57 in Exam." in page

    def test_a_category_that_the_run_lacks(self, admin, world, learner, graded):
        graded.custom_options = {"required_grades": {"Essay": 0.4}}
        graded.save()
        page = read(admin, learner)
        assert "has no such assignment category" in page
        assert "The app cannot tell what else is missing." in page

    def test_completion(self, admin, world, learner, graded):
        graded.credential_type.retrieval_func = "learning_credentials.processors.retrieve_completions"
        graded.credential_type.save()
        graded.custom_options = {"required_completion": 0.9}
        graded.save()
        world.set_completion(learner.pk, graded.learning_context_key, 0.5)
        page = read(admin, learner)
        assert "Completed 50% of 90%: 40% more would do." in page
        assert "90% completed instead of 50%." in page

    def test_each_step_of_a_learning_path(self, admin, world, learner, graded):
        keys = [f"course-v1:Steps+S{number}+2026" for number in (1, 2)]
        for number, key in enumerate(keys, 1):
            world.add_course_run(key, f"Step {number}", categories={"Exam": 1.0})
            world.set_grade(learner.pk, key, {"Exam": 0.2 * number})
        world.add_learning_path(PATH, "The path", steps=keys)
        world.enrol(learner.pk, PATH)
        CredentialConfigurationFactory(
            learning_context_key=PATH,
            credential_type__retrieval_func=GRADES,
            custom_options={"required_grades": {"Total": 0.4}},
        )
        page = read(admin, learner)
        assert "Step 1: Total 20 of 40: 20 more points would do." in page
        assert "Step 2: Total 40 of 40." in page
        assert "40 instead of 20 in Exam." in page

    def test_a_function_of_the_host_is_quoted(self, admin, world, learner, graded):
        graded.credential_type.retrieval_func = "tests.plugins.retrieve_nobody_with_fields"
        graded.credential_type.save()
        graded.custom_options = {}
        graded.save()
        page = read(admin, learner)
        assert "is_enrolled:" in page
        assert "The app cannot tell what else is missing." in page


class TestReasons:
    def test_nothing_prevents_it(self, admin, world, learner, graded):
        world.set_grade(learner.pk, graded.learning_context_key, {"Homework": 1.0, "Exam": 1.0})
        page = read(admin, learner)
        assert "Nothing prevents it. The next run issues it." in page
        assert url(learner, "issue", graded.pk) in page

    def test_not_enrolled(self, admin, world, learner, graded):
        CredentialFactory(invalidated=True, user=learner, configuration=graded)
        world.unenrol(learner.pk, graded.learning_context_key)
        assert "The learner is not enrolled." in read(admin, learner)
        assert "An enrolment in Biology." in read(admin, learner)

    def test_restricted(self, admin, world, learner, graded):
        world.set_profile(learner.pk, certificates_allowed=False)
        assert "does not allow this learner certificates." in read(admin, learner)

    def test_a_profile_that_the_lms_does_not_return(self, admin, world, learner, graded):
        world.hide(Fact.PROFILE, learner.pk)
        assert codes_of(learner, graded) >= {ReasonCode.PROFILE_UNKNOWN}
        assert "not known: the LMS did not return the profile" in read(admin, learner)

    def test_no_name_that_can_be_printed(self, admin, world, learner, graded):
        world.set_profile(learner.pk, display_name="ada@example.com")
        page = read(admin, learner)
        assert "The account has no name that can be printed" in page
        assert "none that can be printed" in page

    def test_a_grade_that_the_lms_does_not_know(self, admin, world, learner, graded):
        world.hide(Fact.GRADE, learner.pk, graded.learning_context_key)
        assert "The LMS could not tell what was achieved" in read(admin, learner)

    def test_blocked_by_whom_and_when(self, admin, learner, graded):
        row = CredentialFactory(available=True, user=learner, configuration=graded)
        api.invalidate_credential(row.pk, reason="Copied work", actor=UserFactory(username="dean"))
        page = read(admin, learner)
        assert "The credential was revoked, and a new one is blocked (by dean " in page
        assert "Copied work." in page
        assert reverse("admin:learning_credentials_credential_lift_block", args=[row.pk]) in page

    def test_a_failed_credential(self, admin, learner, graded):
        row = CredentialFactory(error=True, user=learner, configuration=graded)
        page = read(admin, learner)
        assert "The credential could not be made: It could not be made." in page
        assert reverse("admin:learning_credentials_credential_change", args=[row.pk]) in page

    def test_one_in_work(self, learner, graded):
        CredentialFactory(user=learner, configuration=graded)
        assert ReasonCode.GENERATING in codes_of(learner, graded)
        assert ReasonCode.READY not in codes_of(learner, graded)

    def test_an_expired_one(self, admin, learner, graded):
        CredentialFactory(
            available=True, user=learner, configuration=graded, expires_at=timezone.now() - timedelta(days=1)
        )
        assert "The credential has expired" in read(admin, learner)

    def test_a_valid_one(self, admin, learner, graded):
        row = CredentialFactory(available=True, user=learner, configuration=graded)
        page = read(admin, learner)
        assert "The learner has it" in page
        assert api.get_verification_url(row.verify_uuid) in page
        assert reverse("admin:learning_credentials_credential_artifact", args=[row.pk]) in page
        assert reverse("admin:learning_credentials_credential_invalidate", args=[row.pk]) in page
        assert url(learner, "allow", graded.pk) not in page

    def test_a_hidden_one(self, admin, learner, graded):
        CredentialFactory(available=True, user=learner, configuration=graded)
        settings = CourseCertificateFactory(
            course_key=graded.learning_context_key, available_date=timezone.now() + timedelta(days=9)
        )
        page = read(admin, learner)
        assert "It is hidden until the available date of the course run" in page
        assert reverse("admin:learning_credentials_coursecertificate_change", args=[settings.pk]) in page

    def test_passed_over_by_which_run_and_why(self, admin, learner, graded):
        run = GenerationRunFactory(
            finished=True,
            configuration=graded,
            skipped_detail={"counts": {"restricted": 1}, "learners": {"restricted": [learner.pk]}},
        )
        page = read(admin, learner)
        assert f"Run {run.pk} of " in page
        assert "passed the learner over. The account is inactive in the LMS" in page

    def test_a_configuration_that_is_not_enabled(self, admin, learner, graded):
        AllowlistEntryFactory(user=learner, configuration=graded, notes="Exam by mouth")
        graded.is_enabled = False
        graded.save()
        page = read(admin, learner)
        assert "The configuration is not enabled" in page
        assert "On the allowlist: the criteria are waived" in page
        assert "Exam by mouth." in page

    def test_a_configuration_with_a_mistake(self, admin, learner, graded):
        graded.custom_options = {"required_grades": {"Total": 7}}
        graded.save()
        assert "The configuration has a mistake:" in read(admin, learner)

    def test_a_context_without_configuration(self, admin, world, learner):
        key = "course-v1:Old+Run+2020"
        CertificateInvalidationFactory(user=learner, learning_context_key=key, notes="Plagiarism")
        page = read(admin, learner)
        assert key in page
        assert "Barred from the course certificate" in page


class TestCourseCertificates:
    @pytest.fixture
    def standing(self, world, run, learner):
        """Let the learner enrol in the run, with a grade that does not pass."""

        def enrol(mode="honor", **grade):
            world.enrol(learner.pk, run.learning_context_key, mode)
            world.set_grade(learner.pk, run.learning_context_key, {"Exam": 0.3}, **grade)

        return enrol

    def test_the_grade_decides(self, admin, learner, run, standing):
        standing()
        page = read(admin, learner)
        assert "The grade is not a passing one, and the learner is not on the allowlist." in page
        assert "A passing grade instead of 18." in page
        facts = page[page.index("lcred-facts") :]
        assert "Grade</dt><dd>18%" in facts
        assert 'Passing grade</dt><dd>no <span class="lcred-badge">decides</span>' in facts
        assert url(learner, "allow", run.pk) in page
        assert url(learner, "bar", run.pk) in page

    def test_the_mode(self, admin, learner, run, standing, app_settings):
        app_settings(EARNING_MODES=("honor", "verified"))
        standing("audit", is_passed=True)
        page = read(admin, learner)
        assert "The enrolment mode earns no certificate: audit." in page
        assert "An enrolment in one of the modes honor, verified." in page

    def test_the_identity(self, admin, learner, run, standing, app_settings):
        app_settings(IDENTITY_REQUIRED=True)
        standing("verified", is_passed=True)
        page = read(admin, learner)
        assert "The identity is not verified." in page
        assert "A verified identity." in page

    def test_barred_by_whom_and_when(self, admin, learner, run, standing):
        standing(is_passed=True)
        api.evaluate_course_certificate(run.learning_context_key, learner.pk)
        api.invalidate_certificate(
            learner.pk, run.learning_context_key, notes="Plagiarism", actor=UserFactory(username="dean")
        )
        page = read(admin, learner)
        assert "Barred from the course certificate (by dean " in page
        assert "Plagiarism." in page
        assert "Lift the bar." in page

    def test_none_are_issued_in_the_run(self, admin, learner, run, standing):
        standing(is_passed=True)
        api.evaluate_course_certificate(run.learning_context_key, learner.pk)
        row = CourseCertificate.objects.get(course_key=run.learning_context_key)
        api.change_course_certificate(row.course_key, is_active=False, reason="No certificates")
        page = read(admin, UserFactory())
        assert "enrolled in no context" in page
        api.invalidate_credential(learner.learning_credentials.get().pk, reason="x", blocks_reissue=False)
        page = read(admin, learner)
        assert "The course run issues no course certificates" in page

    def test_what_was_earned_before_is_kept(self, admin, learner, run, standing):
        standing()
        certificate = CourseCertificateFactory(course_key=run.learning_context_key)
        LearnerCertificateFactory(user=learner, course_certificate=certificate)
        page = read(admin, learner)
        assert "The learner has earned it before and keeps it" in page
        assert "Nothing prevents it." in page

    def test_ready(self, learner, run, standing):
        standing(is_passed=True)
        assert codes_of(learner, run) == {ReasonCode.READY}
        assert not LearnerCertificate.objects.exists()


class TestTheLMS:
    def test_down(self, admin, world, learner, graded):
        CredentialFactory(invalidated=True, user=learner, configuration=graded)
        world.outage = True
        page = read(admin, learner)
        assert "The LMS could not be asked everything: the LMS does not answer." in page
        assert "The LMS could not be asked: The LMS does not answer." in page
        assert "Issued in error." in page
        assert "The learner is not enrolled" not in page

    def test_slow(self, admin, world, learner, graded, monkeypatch):
        CredentialFactory(invalidated=True, user=learner, configuration=graded)
        monkeypatch.setattr(story_asking, "BUDGET", -1.0)
        assert "the LMS answers slowly" in read(admin, learner)
        assert not world.calls

    def test_no_transaction_is_open(self, admin, world, learner, graded, monkeypatch):
        open_blocks = []
        original = FakeLMS.get_grades

        def spy(self, *args):
            open_blocks.append(connection.in_atomic_block)
            return original(self, *args)

        monkeypatch.setattr(FakeLMS, "get_grades", spy)
        read(admin, learner)
        assert open_blocks
        assert not any(open_blocks)


class TestTheTimeLine:
    def test_events_and_mails_in_one(self, admin, learner, graded):
        row = CredentialFactory(available=True, user=learner, configuration=graded, notified_at=timezone.now())
        CredentialEventFactory(credential=row, action="issued", reason="Because", actor=UserFactory(username="dean"))
        api.add_allowlist_entry(learner.pk, graded.learning_context_key, configuration_id=graded.pk, notes="Oral exam")
        page = read(admin, learner)
        line = page[page.index('id="timeline"') :]
        for text in ("e-mail done", "Because", "dean", "Allowlist: active", "Oral exam"):
            assert text in line

    def test_a_failed_mail(self, admin, learner, graded):
        row = CredentialFactory(
            available=True, user=learner, configuration=graded, notification_attempts=20, notification_error="refused"
        )
        page = read(admin, learner)
        assert "e-mail failed 20 times" in page
        assert "refused" in page
        response = admin.post(url(learner, "mail", row.pk), follow=True)
        assert "The e-mail will be sent again soon." in response.text
        row.refresh_from_db()
        assert row.notification_attempts == 0


class TestBounds:
    def test_queries_do_not_grow(self, admin, world, learner, graded):
        def fill(number):
            for index in range(number):
                key = f"course-v1:Many+{number}x{index}+2026"
                world.add_course_run(key, categories={"Exam": 1.0})
                world.enrol(learner.pk, key)
                configuration = CredentialConfigurationFactory(
                    learning_context_key=key,
                    credential_type=graded.credential_type,
                    custom_options={"required_grades": {"Exam": 0.5}},
                )
                CredentialFactory(invalidated=True, user=learner, configuration=configuration)

        fill(PAGE_SIZE)
        with CaptureQueriesContext(connection) as few:
            read(admin, learner)
        fill(PAGE_SIZE + 5)
        for _ in range(5):
            CredentialFactory(invalidated=True, user=learner, configuration=graded)
        with CaptureQueriesContext(connection) as many:
            page = read(admin, learner)
        assert len(many) <= len(few) <= 30 + 2 * PAGE_SIZE
        assert "Page 1 of 3" in page
        assert "Page 3 of 3" in read(admin, learner, p=3)

    def test_one_context_can_be_picked(self, admin, world, learner, graded, run):
        world.enrol(learner.pk, run.learning_context_key)
        page = read(admin, learner, context="Biology")
        assert graded.learning_context_key in page
        assert run.learning_context_key not in page


class TestPermissions:
    def test_only_who_may_view_credentials_sees_learners(self, client, learner):
        client.force_login(staff_with("view_learnercertificate"))
        assert client.get(url(learner)).status_code == 403
        assert client.get(reverse("admin:learning_credentials_learner_changelist")).status_code == 403
        assert client.get("/admin/learning_credentials/").text.count("learner/") == 0

    def test_progress_needs_its_own(self, client, world, learner, graded):
        world.set_grade(learner.pk, graded.learning_context_key, {"Homework": 0.9, "Exam": 0.12})
        AllowlistEntryFactory(user=learner, configuration=graded, notes="A secret")
        client.force_login(staff_with("view_credential"))
        page = read(client, learner)
        assert "You may not see the learner’s progress in this context." in page
        assert "Exam 12" not in page
        assert "criteria are not met" not in page
        assert "A secret" not in page
        assert url(learner, "allow", graded.pk) not in page
        client.force_login(staff_with("view_credential", "view_learnercertificate"))
        assert "Exam 12 of 40" in read(client, learner)

    def test_unknown_learners(self, admin):
        for key in ("0", "nobody", "99999999999999999999999"):
            assert admin.get(f"/admin/learning_credentials/learner/{key}/change/").status_code == 404
