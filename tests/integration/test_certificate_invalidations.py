"""Staff bar learners from the course certificate of a run, and let them in again."""

from __future__ import annotations

import pytest
from django.db import transaction

from learning_credentials import api
from learning_credentials.data import VerificationStatus
from learning_credentials.exceptions import (
    ContextNotFoundError,
    EntryNotFoundError,
    InvalidTransitionError,
    LearnerNotFoundError,
    NotEligibleError,
    ReasonRequiredError,
)
from learning_credentials.models import CertificateEvent, CertificateInvalidation, Credential, LearnerCertificate
from tests.factories import CertificateInvalidationFactory, CredentialConfigurationFactory, UserFactory
from tests.integration.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"


@pytest.fixture
def holder(world, key):
    """A learner with a course certificate."""
    user = UserFactory()
    world.enrol(user.pk, key)
    world.set_grade(user.pk, key, {"Homework": 0.9, "Exam": 0.9})
    api.evaluate_course_certificate(key, user.pk)
    return user


def get_status(user):
    return LearnerCertificate.objects.values_list("status", flat=True).get(user=user)


def get_history(row):
    events = CertificateEvent.objects.filter(subject="invalidation", subject_id=row.pk)
    return [(event.field, event.from_value, event.to_value, event.actor_id, event.reason) for event in events]


class TestInvalidate:
    def test_standing_credential_and_history(self, holder, key):
        staff = UserFactory(staff=True)
        credential = Credential.objects.get(user=holder, status="available")
        row = api.invalidate_certificate(holder.pk, key, notes=" Copied the exam ", actor=staff)
        assert (row.is_active, row.notes, row.created_by) == (True, "Copied the exam", staff)
        assert get_history(row) == [("is_active", "", "active", staff.pk, "Copied the exam")]
        assert get_status(holder) == "unavailable"
        assert api.verify_credential(credential.verify_uuid).status is VerificationStatus.INVALIDATED
        moved = CertificateEvent.objects.filter(subject="standing").last()
        assert (moved.from_value, moved.to_value, moved.actor) == ("downloadable", "unavailable", staff)

    def test_neither_schedule_nor_grade_nor_allowlist_brings_it_back(self, run, holder, key, world):
        api.invalidate_certificate(holder.pk, key, notes="Plagiarism")
        with pytest.raises(NotEligibleError, match="Plagiarism"):
            api.add_allowlist_entry(holder.pk, key)
        world.set_grade(holder.pk, key, {"Homework": 1.0, "Exam": 1.0})
        api.evaluate_course_certificate(key, holder.pk, cause=api.Cause.GRADE_PASSING)
        api.start_run(run.pk)
        assert get_status(holder) == "unavailable"
        assert not Credential.objects.filter(is_current=True).exists()

    def test_one_who_is_on_the_allowlist(self, holder, key, world):
        world.set_grade(holder.pk, key, {"Homework": 0.0, "Exam": 0.0})
        api.add_allowlist_entry(holder.pk, key)
        api.invalidate_certificate(holder.pk, key, notes="Plagiarism")
        assert get_status(holder) == "unavailable"

    def test_one_without_a_record_has_none_afterwards(self, key, world):
        user = UserFactory()
        world.enrol(user.pk, key)
        world.set_grade(user.pk, key, {"Homework": 0.9, "Exam": 0.9})
        api.invalidate_certificate(user.pk, key, notes="Plagiarism")
        api.evaluate_course_certificate(key, user.pk)
        assert not LearnerCertificate.objects.exists()

    def test_takes_effect_while_the_lms_is_out(self, holder, key, world):
        world.outage = True
        api.invalidate_certificate(holder.pk, key, notes="Plagiarism")
        assert get_status(holder) == "unavailable"
        assert not Credential.objects.filter(is_current=True).exists()

    def test_twice_is_refused_and_leaves_one_entry(self, holder, key):
        row = api.invalidate_certificate(holder.pk, key, notes="First")
        with pytest.raises(InvalidTransitionError):
            api.invalidate_certificate(holder.pk, key, notes="Second")
        assert CertificateInvalidation.objects.get().notes == "First"
        assert len(get_history(row)) == 1

    def test_by_two_at_once(self, holder, key):
        results = at_once(*[lambda: api.invalidate_certificate(holder.pk, key, notes="x")] * 3)
        assert sum(isinstance(result, InvalidTransitionError) for result in results) == 2
        assert CertificateEvent.objects.filter(subject="invalidation").count() == 1
        assert CertificateInvalidation.objects.count() == 1
        assert get_status(holder) == "unavailable"

    @pytest.mark.parametrize("notes", ["", "  ", None])
    def test_notes_are_required(self, holder, key, notes):
        with pytest.raises(ReasonRequiredError):
            api.invalidate_certificate(holder.pk, key, notes=notes)
        row = CertificateInvalidationFactory(user=holder, learning_context_key=key)
        with pytest.raises(ReasonRequiredError):
            api.lift_certificate_invalidation(row.pk, notes=notes)
        assert get_status(holder) == "downloadable"

    def test_unknown_learner_or_context(self, holder, key):
        with pytest.raises(LearnerNotFoundError):
            api.invalidate_certificate(999_999, key, notes="x")
        with pytest.raises(ContextNotFoundError):
            api.invalidate_certificate(holder.pk, "course-v1:No+Such", notes="x")
        assert not CertificateInvalidation.objects.exists()

    def test_in_a_transaction_that_is_rolled_back_nothing_happened(self, holder, key):
        with transaction.atomic():
            api.invalidate_certificate(holder.pk, key, notes="x")
            transaction.set_rollback(True)
        assert get_status(holder) == "downloadable"
        assert not CertificateEvent.objects.filter(subject="invalidation").exists()


class TestWithdraw:
    def test_a_new_credential_is_issued_and_the_old_one_stays_invalidated(self, holder, key):
        staff = UserFactory(staff=True)
        old = Credential.objects.get(user=holder)
        row = api.invalidate_certificate(holder.pk, key, notes="Plagiarism", actor=staff)
        withdrawn = api.lift_certificate_invalidation(row.pk, notes="It was another", actor=staff)
        assert withdrawn.is_active is None
        assert get_history(row)[1:] == [("is_active", "active", "withdrawn", staff.pk, "It was another")]
        assert get_status(holder) == "downloadable"
        new = Credential.objects.get(user=holder, is_current=True)
        assert (new.status, new == old) == ("available", False)
        old.refresh_from_db()
        assert old.status == "invalidated"

    def test_lifts_the_block_on_the_course_certificate_of_that_run_only(self, run, holder, key, world):
        certificate = Credential.objects.get(user=holder)
        other = CredentialConfigurationFactory(learning_context_key=key)
        badge = api.issue_credential(other.pk, holder.pk)
        api.invalidate_credential(badge.pk, reason="Wrong")
        api.invalidate_credential(certificate.pk, reason="Plagiarism")
        row = CertificateInvalidation.objects.get(user=holder, is_active=True)
        assert get_status(holder) == "unavailable"

        staff = UserFactory(staff=True)
        api.lift_certificate_invalidation(row.pk, notes="Cleared", actor=staff)
        certificate.refresh_from_db()
        badge.refresh_from_db()
        assert (certificate.blocks_reissue, badge.blocks_reissue) == (False, True)
        event = certificate.events.get(action="block_lifted")
        assert (event.actor, event.reason) == (staff, "Cleared")
        assert Credential.objects.get(configuration=run, is_current=True).status == "available"
        assert not Credential.objects.filter(configuration=other, is_current=True).exists()

    def test_one_who_does_not_pass_any_more_gets_nothing(self, holder, key, world):
        row = api.invalidate_certificate(holder.pk, key, notes="Plagiarism")
        world.set_grade(holder.pk, key, {"Homework": 0.0, "Exam": 0.0})
        api.lift_certificate_invalidation(row.pk, notes="Cleared")
        assert get_status(holder) == "notpassing"
        assert not Credential.objects.filter(is_current=True).exists()

    def test_twice_or_unknown(self, holder, key):
        row = api.invalidate_certificate(holder.pk, key, notes="Plagiarism")
        results = at_once(*[lambda: api.lift_certificate_invalidation(row.pk, notes="x")] * 3)
        assert sum(isinstance(result, InvalidTransitionError) for result in results) == 2
        assert [event[2] for event in get_history(row)] == ["active", "withdrawn"]
        with pytest.raises(EntryNotFoundError):
            api.lift_certificate_invalidation(999_999, notes="x")

    def test_invalidated_once_more_is_another_entry(self, holder, key):
        first = api.invalidate_certificate(holder.pk, key, notes="First")
        api.lift_certificate_invalidation(first.pk, notes="Cleared")
        second = api.invalidate_certificate(holder.pk, key, notes="Second")
        assert second != first
        assert get_status(holder) == "unavailable"
        assert Credential.objects.filter(user=holder, status="invalidated").count() == 2
