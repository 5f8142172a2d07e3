"""The demo LMS: its backend keeps the contract, its seed is steady, its plug-ins are found, its pages show what the app says."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.forms.models import model_to_dict

from demo.lms import models
from demo.lms.backend import DemoLMS
from demo.lms.cast import CAST
from demo.lms.catalogue import ASTRONOMY, BOTANY, CONFIGURATIONS, COURSE_CERTIFICATE, PATH
from demo.lms.expected import list_expected_holders
from demo.lms.people import make_person, make_username
from demo.lms.seed import seed_demo
from learning_credentials import api, discovery
from learning_credentials.lms.contract import LMSBackendContract
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    CredentialType,
    GenerationRun,
    LearnerCertificate,
)
from learning_credentials.services.standings.rules import Cause

pytestmark = pytest.mark.django_db


@pytest.fixture
def college(app_settings):
    """The app set up as the demo sets it up."""
    app_settings(
        LMS_BACKEND="demo.lms.backend.DemoLMS",
        PROCESSOR_MODULES=["demo.lms.credentials"],
        GENERATOR_MODULES=["demo.lms.credentials"],
        IDENTITY_REQUIRED=True,
    )


class TestDemoLMSContract(LMSBackendContract):
    def make_backend(self):
        return DemoLMS()

    def arrange_course_run(self, run):
        course, _ = models.Course.objects.get_or_create(
            key=run.parent_course_key, defaults={"uuid": run.parent_course_uuid, "name": run.parent_course_key}
        )
        row = models.CourseRun.objects.create(
            course=course,
            key=run.key,
            uuid=run.uuid,
            name=run.name,
            pacing=run.pacing,
            shows_certificates_early=run.shows_certificates_early,
            starts_at=run.starts_at,
            ends_at=run.ends_at,
            pass_mark=round(run.pass_mark * 100),
            organisation=run.organisation,
            effort=run.effort,
        )
        for position, (name, weight) in enumerate(run.weights.items()):
            row.categories.create(name=name, weight=round(weight * 100), position=position)

    def arrange_administrator(self, user_id, context_key):
        models.TeamMember.objects.create(user_id=user_id, run=models.CourseRun.objects.get(key=context_key))

    def arrange_learning_path(self, path):
        row = models.LearningPath.objects.create(key=path.key, uuid=path.uuid, name=path.name)
        for position, step in enumerate(path.steps):
            run = models.CourseRun.objects.get(key=step.context_key)
            row.steps.create(run=run, position=position, is_excluded=step.is_excluded)

    def arrange_enrolments(self, user_ids, context_key, *, mode="honor", is_active=True):
        run = models.CourseRun.objects.filter(key=context_key).first()
        for user_id in user_ids:
            if run:
                models.Enrolment.objects.create(user_id=user_id, run=run, mode=mode, is_active=is_active)
            else:
                path = models.LearningPath.objects.get(key=context_key)
                models.PathEnrolment.objects.create(user_id=user_id, path=path, mode=mode, is_active=is_active)

    def arrange_grade(self, user_id, run_key, scores):
        for category in models.AssignmentCategory.objects.filter(run__key=run_key):
            percent = round(scores[category.name] * 100) if category.name in scores else None
            models.Score.objects.create(user_id=user_id, category=category, percent=percent)

    def arrange_completion(self, user_id, run_key, share):
        run = models.CourseRun.objects.get(key=run_key)
        models.Completion.objects.create(user_id=user_id, run=run, percent=round(share * 100))

    def arrange_identity(self, user_id, *, is_verified):
        models.IdentityVerification.objects.create(user_id=user_id, is_approved=is_verified)

    def arrange_profile(self, user_id, *, display_name, language, is_active, certificates_allowed):
        get_user_model().objects.filter(pk=user_id).update(is_active=is_active)
        models.LearnerProfile.objects.create(
            user_id=user_id, display_name=display_name, language=language, certificates_allowed=certificates_allowed
        )


def test_staff_may_see_every_context_that_is_there(college):
    seed_demo(5)
    admin = get_user_model().objects.get(username="admin")

    assert DemoLMS().has_access(admin.pk, ASTRONOMY)
    assert DemoLMS().has_access(admin.pk, PATH)
    assert not DemoLMS().has_access(admin.pk, "run:nowhere")


SEEDED = (
    models.Course,
    models.CourseRun,
    models.AssignmentCategory,
    models.LearningPath,
    models.PathStep,
    models.LearnerProfile,
    models.IdentityVerification,
    models.Enrolment,
    models.PathEnrolment,
    models.Score,
    models.Completion,
    CredentialType,
    CredentialConfiguration,
    CourseCertificate,
    LearnerCertificate,
    AllowlistEntry,
    CertificateInvalidation,
    Credential,
)


def read_everything():
    rows = {model.__name__: [model_to_dict(row) for row in model.objects.order_by("pk")] for model in SEEDED}
    rows["User"] = list(get_user_model().objects.order_by("pk").values("pk", "username", "password", "is_active"))
    return rows


def test_seeding_again_changes_nothing(college):
    first = seed_demo(40)
    CredentialConfiguration.objects.update(next_run_at="2026-01-01T00:00Z")
    before = read_everything()

    again = seed_demo(40)

    assert (first.learners, first.added) == (40 + len(CAST), 40 + len(CAST))
    assert (again.learners, again.added) == (40 + len(CAST), 0)
    assert read_everything() == before


def test_more_learners_are_added_to_those_that_are_there_and_make_the_schedule_due(college):
    seed_demo(10)
    names = dict(models.LearnerProfile.objects.values_list("user__username", "display_name"))
    CredentialConfiguration.objects.update(next_run_at="2126-01-01T00:00Z")

    assert seed_demo(15).added == 5

    assert names.items() <= dict(models.LearnerProfile.objects.values_list("user__username", "display_name")).items()
    assert not CredentialConfiguration.objects.filter(next_run_at__isnull=False).exists()


def test_a_seed_always_makes_the_same_learners():
    assert make_person(7, 12) == make_person(7, 12)
    assert make_person(7, 12) != make_person(8, 12)


def test_names_come_in_many_scripts():
    letters = Counter(
        unicodedata.name(character).partition(" ")[0]
        for number in range(1, 501)
        for character in make_person(2026, number).name
        if character.isalpha()
    )

    assert set(letters) >= {
        "LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW", "DEVANAGARI",
        "BENGALI", "TAMIL", "THAI", "GEORGIAN", "ARMENIAN", "ETHIOPIC",
    }  # fmt: skip
    assert not set(letters) & {"CJK", "HIRAGANA", "KATAKANA", "HANGUL"}


def test_every_weight_adds_up(college):
    seed_demo(1)

    totals = Counter()
    for run_id, weight in models.AssignmentCategory.objects.values_list("run_id", "weight"):
        totals[run_id] += weight
    assert len(totals) == models.CourseRun.objects.count() >= 4
    assert set(totals.values()) == {100}


def test_the_hosts_own_functions_are_found(college):
    assert "demo.lms.credentials.retrieve_early_finishers" in discovery.list_processors()
    assert "demo.lms.credentials.generate_card" in discovery.list_generators()
    assert discovery.get_processor("demo.lms.credentials.retrieve_early_finishers").accepts_user_ids


def record_standings(configuration):
    """Evaluate everyone in a run, and issue nothing."""
    CredentialConfiguration.objects.filter(pk=configuration.pk).update(is_enabled=False)
    for batch in DemoLMS().iter_enrolments(configuration.learning_context_key, batch_size=500):
        api.evaluate_course_certificates(
            configuration.learning_context_key, [enrolment.user_id for enrolment in batch], cause=Cause.SCHEDULE
        )


def test_the_app_finds_eligible_exactly_those_whom_plain_arithmetic_finds(college):
    seed_demo(300)
    for plan in CONFIGURATIONS:
        with transaction.atomic():
            check_eligible(plan)
            transaction.set_rollback(True)


def check_eligible(plan):
    configuration = CredentialConfiguration.objects.get(
        learning_context_key=plan.context_key, credential_type__slug=plan.type_slug
    )
    expected = list_expected_holders(configuration)
    if plan.type_slug == COURSE_CERTIFICATE:
        record_standings(configuration)

    found = [item.user_id for item in api.list_eligible_learners(configuration.pk) if item.is_eligible]

    assert len(found) == len(set(found)), plan
    assert set(found) == expected, plan
    enrolled = sum(len(batch) for batch in DemoLMS().iter_enrolments(plan.context_key, batch_size=500))
    assert 0 < len(expected) < enrolled, plan


def test_the_hosts_own_card_is_issued(college):
    seed_demo(60)
    configuration = CredentialConfiguration.objects.get(credential_type__slug="early-finisher")

    run = api.issue_pending_credentials(configuration.pk)

    issued = Credential.objects.filter(configuration=configuration, status=Credential.Status.AVAILABLE)
    assert {row.user_id for row in issued} == list_expected_holders(configuration) != set()
    assert GenerationRun.objects.get(pk=run.pk).failed == 0
    credential = issued.first()
    file, media_type, filename = api.open_artifact(credential.verify_uuid)
    with file:
        card = file.read().decode()
    assert media_type == "image/svg+xml"
    assert filename.endswith(".svg")
    assert credential.learning_context_name in card


@pytest.fixture
def learner(college):
    """The learner whom one can log in as."""
    seed_demo(30, learner_password="let me in")
    return get_user_model().objects.get(username=make_username(1))


@pytest.mark.urls("demo.urls")
class TestPages:
    def test_a_learner_logs_in_and_sees_own_courses(self, client, learner, settings):
        settings.LOGIN_REDIRECT_URL = "demo_lms:home"

        response = client.post("/login/", {"username": learner.username, "password": "let me in"}, follow=True)

        page = response.content.decode()
        assert "Zoë Ångström-Łuczak" in page
        assert page.count(">enrolled<") == models.CourseRun.objects.count() + 1

    def test_a_run_shows_results_and_what_can_be_earned(self, client, learner):
        client.force_login(learner)

        page = client.get(f"/runs/{ASTRONOMY}/").content.decode()

        grade = DemoLMS().get_grades(ASTRONOMY, [learner.pk])[learner.pk]
        assert f"{100 * grade.percent:.4g} %" in page
        assert "Certificate of Achievement" in page
        assert "You have met the criteria." in page
        assert "70 %" in page

    def test_an_earned_credential_is_linked(self, client, learner):
        configuration = CredentialConfiguration.objects.get(
            learning_context_key=ASTRONOMY, credential_type__slug="achievement"
        )
        credential = api.issue_credential(configuration.pk, learner.pk)
        client.force_login(learner)

        page = client.get(f"/runs/{ASTRONOMY}/").content.decode()

        assert f"/credentials/{credential.verify_uuid}/" in page
        assert client.get(f"/credentials/{credential.verify_uuid}/").status_code == 200

    def test_a_credential_can_be_asked_for(self, client, learner, django_capture_on_commit_callbacks):
        configuration = CredentialConfiguration.objects.get(
            learning_context_key=ASTRONOMY, credential_type__slug="achievement"
        )
        client.force_login(learner)
        assert "Make it now" in client.get(f"/runs/{ASTRONOMY}/").content.decode()

        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(f"/request/{ASTRONOMY}/{configuration.pk}/")

        assert response.status_code == 302
        page = client.get(response.url).content.decode()
        assert "It is being made" in page
        assert api.list_credentials(learner.pk)[0].learning_context_key == ASTRONOMY

    def test_a_credential_is_not_made_for_who_may_not_ask(self, client, learner):
        configuration = CredentialConfiguration.objects.get(learning_context_key=PATH)
        client.force_login(learner)

        response = client.post(f"/request/{PATH}/{configuration.pk}/", follow=True)

        assert response.redirect_chain == [(f"/paths/{PATH}/", 302)]
        assert 'class="note"' in response.content.decode()
        assert not Credential.objects.filter(user=learner).exists()
        assert client.post(f"/request/{BOTANY}/{configuration.pk}/").status_code == 404

    def test_a_path_shows_its_steps_and_the_programme(self, client, learner):
        client.force_login(learner)

        page = client.get(f"/paths/{PATH}/").content.decode()

        assert "Programme Certificate" in page
        assert "Foundations of Statistics" in page
        assert "(does not count)" in page

    def test_a_context_is_closed_to_others(self, client, learner):
        models.Enrolment.objects.filter(user=learner, run__key=BOTANY).update(is_active=False)

        assert client.get(f"/runs/{BOTANY}/").status_code == 302
        client.force_login(learner)
        assert client.get(f"/runs/{BOTANY}/").status_code == 404
        assert client.get("/runs/nowhere/").status_code == 404

    def test_staff_see_every_page_and_the_admin(self, client, learner):
        client.force_login(get_user_model().objects.get(username="admin"))

        assert "/admin/" in client.get("/").content.decode()
        for path in (f"/runs/{BOTANY}/", f"/paths/{PATH}/", "/admin/demo_lms/score/", "/admin/demo_lms/courserun/"):
            assert client.get(path).status_code == 200
