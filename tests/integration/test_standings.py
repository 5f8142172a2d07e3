"""Standings in course runs: what moves them, and the credentials that follow."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from learning_credentials import api, signals
from learning_credentials.exceptions import GenerationError, LMSUnavailableError, ReissueBlockedError
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.lms.world import Fact
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    LearnerCertificate,
)
from learning_credentials.services.staff import blocking
from learning_credentials.services.standings import evaluation, regenerate_certificates
from learning_credentials.services.standings.changes import StandingChange, apply_changes
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"


@pytest.fixture
def course(world):
    """A run with a course-certificate configuration."""
    configuration = CredentialConfigurationFactory(credential_type__retrieval_func=RETRIEVAL_FUNC)
    world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
    return configuration


@pytest.fixture
def key(course):
    return course.learning_context_key


@pytest.fixture
def learner(world, key):
    user = UserFactory(first_name="Ada", last_name="Tester")
    world.enrol(user.pk, key)
    return user


def set_passing(world, user, key, *, is_passing: bool) -> None:
    share = 0.9 if is_passing else 0.1
    world.set_grade(user.pk, key, {"Homework": share, "Exam": share})


def standing(user) -> str | None:
    return LearnerCertificate.objects.filter(user=user).values_list("status", flat=True).first()


def live(user) -> Credential | None:
    return Credential.objects.filter(user=user, is_current=True).first()


def assert_in_line(user) -> None:
    """Downloadable if and only if a live credential exists."""
    found = live(user)
    assert (standing(user) == "downloadable") == (found is not None)
    if found is not None:
        assert found.status == Status.AVAILABLE


class TestTriggers:
    def test_a_passing_grade_grants_and_a_failing_one_takes_back(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        signals.grade_now_passing.send(sender=None, user_id=learner.pk, course_key=key)
        assert standing(learner) == "downloadable"
        first = live(learner)
        assert first.status == Status.AVAILABLE
        assert first.evidence["certificate_status"] == "downloadable"
        assert first.evidence["current_grades"] == {"Total": pytest.approx(0.9)}

        set_passing(world, learner, key, is_passing=False)
        signals.grade_now_failing.send(sender=None, user_id=learner.pk, course_key=key)
        assert standing(learner) == "notpassing"
        first.refresh_from_db()
        assert (first.status, first.invalidation_reason) == (Status.INVALIDATED, "certificate_status:notpassing")
        assert first.blocks_reissue is False

        set_passing(world, learner, key, is_passing=True)
        signals.grade_now_passing.send(sender=None, user_id=learner.pk, course_key=key)
        second = live(learner)
        assert second.verify_uuid != first.verify_uuid
        changes = CertificateEvent.objects.filter(subject="standing").values_list("from_value", "to_value", "reason")
        assert list(changes) == [
            ("", "downloadable", "grade_passing"),
            ("downloadable", "notpassing", "grade_failing"),
            ("notpassing", "downloadable", "grade_passing"),
        ]

    def test_signals_act_after_commit(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        with transaction.atomic():
            signals.grade_now_passing.send(sender=None, user_id=learner.pk, course_key=key)
            assert standing(learner) is None
        assert standing(learner) == "downloadable"

    def test_a_message_from_staff_who_left_counts_all_the_same(self, world, learner, key):
        staff = UserFactory(staff=True)
        staff_id = staff.pk
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        set_passing(world, learner, key, is_passing=False)
        staff.delete()
        evaluation.tell_outdated(key, [learner.pk], cause=api.Cause.ALLOWLIST_REMOVED, actor=staff_id, reason="A slip")
        assert standing(learner) == "notpassing"
        assert CertificateEvent.objects.last().actor is None

    def test_messages_in_another_order_end_the_same(self, world, learner, key):
        """The facts of now are read: a passing message that comes after the grade fell again grants nothing."""
        set_passing(world, learner, key, is_passing=False)
        for signal in (signals.grade_now_failing, signals.grade_now_passing, signals.grade_now_passing):
            signal.send(sender=None, user_id=learner.pk, course_key=key)
        assert standing(learner) is None
        assert live(learner) is None

    def test_the_schedule_is_the_net_under_the_events(self, world, course, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.start_run(course.pk)
        assert_in_line(learner)
        assert standing(learner) == "downloadable"

    def test_the_schedule_demotes_nobody_for_a_grade(self, world, course, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.start_run(course.pk)
        set_passing(world, learner, key, is_passing=False)
        api.start_run(course.pk)
        assert standing(learner) == "downloadable"
        assert_in_line(learner)

    def test_moving_to_audit_never_revokes_and_never_grants(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        world.enrol(learner.pk, key, mode="audit")
        signals.enrolment_mode_changed.send(sender=None, user_id=learner.pk, course_key=key)
        assert standing(learner) == "downloadable"
        auditor = UserFactory()
        world.enrol(auditor.pk, key, mode="audit")
        set_passing(world, auditor, key, is_passing=True)
        assert api.evaluate_course_certificate(key, auditor.pk) is None

    def test_identity(self, world, learner, key, app_settings):
        app_settings(IDENTITY_REQUIRED=True)
        world.enrol(learner.pk, key, mode="verified")
        set_passing(world, learner, key, is_passing=True)
        assert api.evaluate_course_certificate(key, learner.pk) == "unverified"
        assert live(learner) is None
        world.set_identity(learner.pk, True)
        signals.identity_verified.send(sender=None, user_id=learner.pk)
        assert standing(learner) == "downloadable"
        world.set_identity(learner.pk, False)  # a later lapse revokes nothing
        assert api.evaluate_course_certificate(key, learner.pk) == "downloadable"
        assert_in_line(learner)

    def test_modes_are_configurable(self, world, learner, key, app_settings):
        app_settings(EARNING_MODES=["gold"])
        set_passing(world, learner, key, is_passing=True)
        assert api.evaluate_course_certificate(key, learner.pk) is None
        world.enrol(learner.pk, key, mode="gold")
        assert api.evaluate_course_certificate(key, learner.pk) == "downloadable"


class MilestoneLMS(FakeLMS):
    """An LMS that fulfils prerequisites when a certificate is granted."""

    told: ClassVar[list[tuple[str, dict[int, str]]]] = []

    def take_standings(self, course_key, statuses):
        self.told.append((course_key, statuses))


def test_the_lms_is_told_of_standings_if_it_wants_to_know(world, learner, key, app_settings):
    MilestoneLMS.told.clear()
    set_passing(world, learner, key, is_passing=True)
    app_settings(LMS_BACKEND=f"{__name__}.MilestoneLMS")
    api.evaluate_course_certificate(key, learner.pk)
    api.evaluate_course_certificate(key, learner.pk)
    assert MilestoneLMS.told == [(key, {learner.pk: "downloadable"})]


class TestAllowlistAndInvalidation:
    def test_an_entry_waives_the_grade_alone(self, world, learner, key):
        set_passing(world, learner, key, is_passing=False)
        AllowlistEntry.objects.create(user=learner, learning_context_key=key)
        assert api.evaluate_course_certificate(key, learner.pk, cause=api.Cause.ALLOWLIST_ADDED) == "downloadable"
        assert_in_line(learner)
        AllowlistEntry.objects.update(is_active=None)
        assert api.evaluate_course_certificate(key, learner.pk, cause=api.Cause.ALLOWLIST_REMOVED) == "notpassing"
        assert_in_line(learner)

    def test_staff_invalidation_bars_and_lifting_lets_in_again(self, world, course, learner, key):
        staff = UserFactory(staff=True)
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        first = live(learner)

        api.invalidate_credential(first.pk, reason="Plagiarism", actor=staff)

        assert standing(learner) == "unavailable"
        assert CertificateInvalidation.objects.get().created_by == staff
        assert_in_line(learner)
        AllowlistEntry.objects.create(user=learner, learning_context_key=key)
        api.start_run(course.pk)
        assert standing(learner) == "unavailable"
        with pytest.raises(ReissueBlockedError):
            api.issue_credential(course.pk, learner.pk)

        api.lift_reissue_block(first.pk, reason="Appeal upheld", actor=staff)

        assert CertificateInvalidation.objects.get().is_active is None
        assert standing(learner) == "downloadable"
        assert_in_line(learner)
        first.refresh_from_db()
        assert first.status == Status.INVALIDATED

    def test_cancelling_a_reissue_bars_nobody(self, world, course, learner, key):
        set_passing(world, learner, key, is_passing=True)
        course.credential_type.generation_func = "tests.plugins.generate_flaky"
        course.credential_type.save()
        api.evaluate_course_certificate(key, learner.pk)
        held = live(learner)
        world.set_profile(learner.pk, display_name="Ada Faulty")
        with pytest.raises(GenerationError):
            api.reissue_credential(held.pk, reason="Name corrected")
        api.invalidate_credential(held.successor.pk, reason="A slip")
        assert standing(learner) == "downloadable"
        assert live(learner) == held

    def test_barring_takes_effect_while_the_lms_is_silent(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        world.outage = True
        blocking.ensure_blocked(learner.pk, key, notes="Plagiarism")
        assert standing(learner) == "unavailable"
        assert live(learner) is None
        row, made = blocking.ensure_blocked(learner.pk, key, notes="Again")
        assert (row.notes, made) == ("Plagiarism", False)

    def test_withdrawing_without_a_pass_ends_notpassing(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        row, _made = blocking.ensure_blocked(learner.pk, key, notes="Plagiarism")
        set_passing(world, learner, key, is_passing=False)
        assert blocking.lift_block(row, notes="Mistake") is True
        assert standing(learner) == "notpassing"
        assert blocking.lift_block(row, notes="Mistake") is False

    def test_a_restricted_learner_who_holds_one_loses_it(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        world.set_profile(learner.pk, certificates_allowed=False)
        assert api.evaluate_course_certificate(key, learner.pk) == "unavailable"
        assert_in_line(learner)


class TestUnknown:
    @pytest.mark.parametrize("fact", [Fact.GRADE, Fact.PROFILE])
    def test_an_unknown_fact_changes_nothing(self, world, learner, key, fact):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        before = (standing(learner), live(learner).pk)
        context_key = key if fact is Fact.GRADE else ""
        world.hide(fact, learner.pk, context_key)
        signals.grade_now_failing.send(sender=None, user_id=learner.pk, course_key=key)
        assert (standing(learner), live(learner).pk) == before

    def test_an_outage_revokes_nobody(self, world, course, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        set_passing(world, learner, key, is_passing=False)
        world.outage = True
        with pytest.raises(LMSUnavailableError):
            api.evaluate_course_certificate(key, learner.pk, cause=api.Cause.GRADE_FAILING)
        assert standing(learner) == "downloadable"
        assert_in_line(learner)


class TestRuns:
    def test_a_run_without_course_certificates_records_nothing(self, world, learner):
        world.add_course_run("course-v1:Tests+Other+2026", "Another")
        world.enrol(learner.pk, "course-v1:Tests+Other+2026")
        set_passing(world, learner, "course-v1:Tests+Other+2026", is_passing=True)
        assert api.evaluate_course_certificate("course-v1:Tests+Other+2026", learner.pk) is None
        assert not CourseCertificate.objects.exists()

    def test_a_row_made_in_passing_is_no_course_certificate_until_there_is_a_configuration(self, world):
        other = CredentialConfigurationFactory()
        key = other.learning_context_key
        world.add_course_run(key, "Completion only")
        user = UserFactory()
        world.enrol(user.pk, key)
        set_passing(world, user, key, is_passing=True)
        api.issue_credential(other.pk, user.pk)
        assert CourseCertificate.objects.get(course_key=key).is_active is False
        assert api.evaluate_course_certificate(key, user.pk) is None

        CredentialConfigurationFactory(learning_context_key=key, credential_type__retrieval_func=RETRIEVAL_FUNC)
        assert api.evaluate_course_certificate(key, user.pk) == "downloadable"
        api.change_course_certificate(key, is_active=False)
        assert api.evaluate_course_certificate(key, user.pk) is None

    def test_one_that_staff_made_keeps_standings_without_a_configuration(self, world, learner):
        world.add_course_run("course-v1:Tests+Plain+2026", "Standings only")
        world.enrol(learner.pk, "course-v1:Tests+Plain+2026")
        set_passing(world, learner, "course-v1:Tests+Plain+2026", is_passing=True)
        api.change_course_certificate("course-v1:Tests+Plain+2026")
        assert api.evaluate_course_certificate("course-v1:Tests+Plain+2026", learner.pk) == "downloadable"

    def test_an_inactive_one_issues_nothing(self, world, course, learner, key):
        api.change_course_certificate(key, is_active=False)
        set_passing(world, learner, key, is_passing=True)
        api.start_run(course.pk)
        assert standing(learner) is None
        assert live(learner) is None

    def test_a_disabled_configuration_issues_nothing_on_events(self, world, course, learner, key):
        CredentialConfiguration.objects.update(is_enabled=False)
        set_passing(world, learner, key, is_passing=True)
        assert api.evaluate_course_certificate(key, learner.pk) == "downloadable"
        assert live(learner) is None

    def test_regenerate_for_chosen_statuses(self, world, learner, key):
        set_passing(world, learner, key, is_passing=True)
        certificate, _created = api.change_course_certificate(key)
        LearnerCertificate.objects.create(user=learner, course_certificate=certificate, status="audit_passing")
        assert regenerate_certificates(key, statuses=["generating"]) == 0
        assert regenerate_certificates(key, statuses=["audit_passing"]) == 1
        assert standing(learner) == "downloadable"
        assert_in_line(learner)


class TestBulk:
    def queries_for(self, world, key, count: int) -> int:
        users = UserFactory._meta.model.objects.bulk_create(
            UserFactory.build(username=f"bulk{count}-{number}", password="x") for number in range(count)
        )
        for number, user in enumerate(users):
            world.enrol(user.pk, key)
            world.set_grade(user.pk, key, {"Homework": number / count, "Exam": 0.9})
        ids = [user.pk for user in users]
        with CaptureQueriesContext(connection) as queries:
            granted = api.evaluate_course_certificates(key, ids, cause=api.Cause.SCHEDULE)
            for user in users:
                world.set_grade(user.pk, key, {"Homework": user.pk % 100 / 1000, "Exam": 0.1})
            taken_back = api.evaluate_course_certificates(key, ids, cause=api.Cause.GRADE_FAILING)
        assert list(granted.values()) == ["downloadable"] * count
        assert list(taken_back.values()) == ["notpassing"] * count
        return len(queries)

    def test_two_thousand_learners_cost_what_a_hundred_do(self, world, course, key):
        """Standings alone, as a schedule records them; SQLite takes fewer parameters a statement, and has its bound."""
        CredentialConfiguration.objects.update(is_enabled=False)
        api.change_course_certificate(key)
        few = self.queries_for(world, key, 100)
        many = self.queries_for(world, key, 2_000)
        if connection.vendor == "sqlite":
            assert many <= few + 2_000 // 15
        else:
            assert many == few


class TestAtOnce:
    """Real threads with connections of their own, on whatever database the suite runs on."""

    def test_evaluations_of_the_same_learners(self, world, course, key):
        users = UserFactory.create_batch(10)
        for user in users:
            world.enrol(user.pk, key)
            set_passing(world, user, key, is_passing=True)
        ids = [user.pk for user in users]
        results = at_once(*[lambda: api.evaluate_course_certificates(key, ids)] * 4)
        assert_no_errors(results)
        for user in users:
            assert standing(user) == "downloadable"
            assert_in_line(user)
            assert CertificateEvent.objects.filter(subject="standing", user=user).count() == 1
        assert Credential.objects.count() == 10
        assert CourseCertificate.objects.count() == 1

    def test_barred_between_the_decision_and_its_record(self, world, course, learner, key):
        """There is no record yet whose version could tell; the insertion looks at invalidations once more."""
        row, _created = api.change_course_certificate(key)
        decided = StandingChange(learner.pk, None, "downloadable", "honor", 0.9, "A")
        blocking.ensure_blocked(learner.pk, key, notes="Plagiarism")
        assert apply_changes(row, [decided], api.Cause.STAFF, None, "") == {learner.pk}
        assert standing(learner) is None

    def test_granting_and_barring(self, world, course, key):
        """Whichever comes first, in the end the learner is barred and holds nothing."""
        users = UserFactory.create_batch(6)
        for user in users:
            world.enrol(user.pk, key)
            set_passing(world, user, key, is_passing=True)
            at_once(
                lambda user=user: api.evaluate_course_certificate(key, user.pk),
                lambda user=user: blocking.ensure_blocked(user.pk, key, notes="Plagiarism"),
            )
            api.evaluate_course_certificate(key, user.pk)
            assert live(user) is None
            assert standing(user) in {None, "unavailable"}

    def test_a_schedule_and_a_failing_grade(self, world, course, learner, key):
        set_passing(world, learner, key, is_passing=True)
        api.evaluate_course_certificate(key, learner.pk)
        set_passing(world, learner, key, is_passing=False)
        results = at_once(
            lambda: api.issue_pending_credentials(course.pk),
            lambda: api.evaluate_course_certificate(key, learner.pk, cause=api.Cause.GRADE_FAILING),
        )
        assert_no_errors(results)
        assert standing(learner) == "notpassing"
        assert_in_line(learner)

    def test_one_learner_barred_by_two(self, world, learner, key):
        results = at_once(*[lambda: blocking.ensure_blocked(learner.pk, key, notes="Plagiarism")] * 3)
        assert_no_errors(results)
        assert sum(made for _row, made in results) == 1
        assert CertificateInvalidation.objects.count() == 1
