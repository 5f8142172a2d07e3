"""Random sequences of facts, events and staff's decisions, and what must hold after each of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from learning_credentials import api, signals
from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms.fake import fake_lms
from learning_credentials.lms.world import Fact
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    CredentialEvent,
    GenerationRun,
    LearnerCertificate,
)
from learning_credentials.services.staff import allowlist, certificate_invalidations
from tests.app_settings import override_app_settings
from tests.factories import CredentialConfigurationFactory, UserFactory

RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
SET = {"downloadable", "notpassing", "unavailable", "unverified"}
MODES = ["honor", "verified", "audit", ""]
LEARNERS = st.integers(0, 1)
TABLES = [
    CredentialEvent,
    Credential,
    GenerationRun,
    CertificateEvent,
    AllowlistEntry,
    CertificateInvalidation,
    LearnerCertificate,
    CourseCertificate,
    CredentialConfiguration,
]


class CertificateMachine(RuleBasedStateMachine):
    """Two learners of one run with a course-certificate configuration."""

    def __init__(self) -> None:
        super().__init__()
        self._lms = fake_lms()
        self.world = self._lms.__enter__()
        self.configuration = CredentialConfigurationFactory(credential_type__retrieval_func=RETRIEVAL_FUNC)
        self.key = self.configuration.learning_context_key
        self.world.add_course_run(self.key, "Introduction to Tests")
        self.users = [UserFactory(), UserFactory()]
        self.mode = ["honor", "honor"]
        self.passing = [False, False]
        self.verified = [False, False]
        self.restricted = [False, False]
        self.hidden: set[tuple[int, Fact]] = set()
        self.public_ids: dict[object, object] = {}
        for number in range(2):
            self.tell(number)

    def teardown(self) -> None:
        self._lms.__exit__(None, None, None)
        Credential.objects.update(replaces=None)
        for table in TABLES:
            table.objects.all().delete()

    # The world

    def tell(self, number: int) -> None:
        """Put the facts of a learner into the LMS; what is hidden stays so."""
        user = self.users[number]
        if self.mode[number]:
            self.world.enrol(user.pk, self.key, mode=self.mode[number])
        else:
            self.world.unenrol(user.pk, self.key)
        share = 0.9 if self.passing[number] else 0.1
        self.world.set_grade(user.pk, self.key, {"Homework": share, "Exam": share})
        self.world.set_identity(user.pk, self.verified[number])
        self.world.set_profile(user.pk, certificates_allowed=not self.restricted[number])
        for hidden, fact in self.hidden:
            if hidden == number:
                self.world.hide(fact, user.pk, self.key if fact is Fact.GRADE else "")

    def standings(self) -> dict[int, str]:
        return dict(LearnerCertificate.objects.values_list("user_id", "status"))

    def granted_by(self, step) -> set[int]:
        """Numbers of the learners who became downloadable by a step."""
        before = self.standings()
        step()
        after = self.standings()
        return {
            number
            for number, user in enumerate(self.users)
            if after.get(user.pk) == "downloadable" != before.get(user.pk)
        }

    def check_grants(self, numbers: set[int]) -> None:
        """Learners receive a certificate only if they qualify for it, whatever the allowlist says."""
        for number in numbers:
            user = self.users[number]
            assert self.mode[number] in {"honor", "verified"}
            assert not self.restricted[number]
            assert self.mode[number] == "honor" or self.verified[number]
            assert not CertificateInvalidation.objects.filter(user=user, is_active=True).exists()
            assert self.passing[number] or AllowlistEntry.objects.filter(user=user, is_active=True).exists()

    # Events

    @rule(number=LEARNERS, passing=st.booleans(), is_sent=st.booleans())
    def grade(self, number, passing, is_sent):
        self.passing[number] = passing
        self.tell(number)
        signal = signals.grade_now_passing if passing else signals.grade_now_failing
        if is_sent:
            self.check_grants(
                self.granted_by(lambda: signal.send(None, user_id=self.users[number].pk, course_key=self.key))
            )

    @rule(number=LEARNERS, mode=st.sampled_from(MODES), is_sent=st.booleans())
    def change_mode(self, number, mode, is_sent):
        self.mode[number] = mode
        self.tell(number)
        if is_sent:
            event = {"user_id": self.users[number].pk, "course_key": self.key}
            self.check_grants(self.granted_by(lambda: signals.enrolment_mode_changed.send(None, **event)))

    @rule(number=LEARNERS, verified=st.booleans())
    def verify_identity(self, number, verified):
        self.verified[number] = verified
        self.tell(number)
        if verified:
            user_id = self.users[number].pk
            self.check_grants(self.granted_by(lambda: signals.identity_verified.send(None, user_id=user_id)))

    @rule(number=LEARNERS, restricted=st.booleans())
    def restrict(self, number, restricted):
        self.restricted[number] = restricted
        self.tell(number)
        self.check_grants(self.granted_by(lambda: api.evaluate_course_certificate(self.key, self.users[number].pk)))

    @rule(number=LEARNERS)
    def send_late_messages(self, number):
        """Events that come late and in any order find the facts of now."""
        event = {"user_id": self.users[number].pk, "course_key": self.key}
        late = signals.grade_now_passing if not self.passing[number] else signals.enrolment_mode_changed
        self.check_grants(self.granted_by(lambda: late.send(None, **event)))

    # Staff

    @rule(number=LEARNERS)
    def allow(self, number):
        def add():
            try:
                allowlist.add_allowlist_entry(self.users[number].pk, self.key, notes="Makes up for it")
            except CredentialsError:
                assert CertificateInvalidation.objects.filter(user=self.users[number], is_active=True).exists()

        self.check_grants(self.granted_by(add))

    @rule(number=LEARNERS)
    def disallow(self, number):
        entry = AllowlistEntry.objects.filter(user=self.users[number], is_active=True).first()
        if entry is not None:
            allowlist.remove_allowlist_entry(entry.pk, notes="A mistake")
            if not self.passing[number] and self.mode[number] in {"honor", "verified"} and not self.is_hidden(number):
                assert self.standings().get(self.users[number].pk) != "downloadable"

    @rule(number=LEARNERS)
    def invalidate(self, number):
        user = self.users[number]
        if not CertificateInvalidation.objects.filter(user=user, is_active=True).exists():
            certificate_invalidations.invalidate_certificate(user.pk, self.key, notes="Plagiarism")
        assert self.standings().get(user.pk) in {None, "unavailable"}

    @rule(number=LEARNERS)
    def lift(self, number):
        row = CertificateInvalidation.objects.filter(user=self.users[number], is_active=True).first()
        if row is not None:
            self.check_grants(
                self.granted_by(
                    lambda: certificate_invalidations.lift_certificate_invalidation(row.pk, notes="Appeal upheld")
                )
            )

    @rule(number=LEARNERS)
    def invalidate_the_credential_itself(self, number):
        credential = Credential.objects.filter(user=self.users[number], is_current=True).first()
        if credential is not None:
            api.invalidate_credential(credential.pk, reason="Plagiarism")

    @rule(number=LEARNERS)
    def reissue(self, number):
        credential = Credential.objects.filter(user=self.users[number], is_current=True).first()
        if credential is not None and (number, Fact.PROFILE) not in self.hidden:
            api.reissue_credential(credential.pk, reason="Corrected name")

    # The schedule, and what is not known

    @rule()
    def schedule(self):
        before = self.standings()
        self.check_grants(self.granted_by(lambda: api.start_run(self.configuration.pk)))
        for user_id, status in self.standings().items():
            if before.get(user_id) == "downloadable":
                assert status in {"downloadable", "unavailable"}  # no schedule takes it back for a grade

    def is_hidden(self, number: int) -> bool:
        return any(hidden == number for hidden, _fact in self.hidden)

    @precondition(lambda self: not self.hidden)
    @rule(number=LEARNERS, fact=st.sampled_from([Fact.PROFILE, Fact.GRADE]))
    def hide(self, number, fact):
        """A fact becomes unknown: nothing that is evaluated then changes, but for what does not need it."""
        self.hidden.add((number, fact))
        self.tell(number)
        user = self.users[number]
        is_decided = (
            CertificateInvalidation.objects.filter(user=user, is_active=True).exists()
            or (fact is Fact.GRADE and self.restricted[number])
            or (fact is Fact.GRADE and AllowlistEntry.objects.filter(user=user, is_active=True).exists())
        )
        before = self.standings().get(user.pk)
        api.evaluate_course_certificate(self.key, user.pk, cause=api.Cause.GRADE_FAILING)
        if not is_decided:
            assert self.standings().get(user.pk) == before

    @rule()
    def tell_all(self):
        self.hidden.clear()
        for number in range(2):
            self.tell(number)

    # What always holds

    @invariant()
    def only_the_four_are_set(self):
        assert set(self.standings().values()) <= SET

    @invariant()
    def downloadable_if_and_only_if_live(self):
        standings = self.standings()
        live = Credential.objects.filter(is_current=True)
        assert {user_id for user_id, status in standings.items() if status == "downloadable"} == set(
            live.values_list("user_id", flat=True)
        )
        assert not live.exclude(status=Credential.Status.AVAILABLE).exists()

    @invariant()
    def the_barred_hold_none(self):
        barred = CertificateInvalidation.objects.filter(is_active=True).values("user")
        assert not Credential.objects.filter(user__in=barred, is_current=True).exists()

    @invariant()
    def public_ids_stay(self):
        now = dict(Credential.objects.values_list("pk", "verify_uuid"))
        assert self.public_ids.items() <= now.items()
        self.public_ids = now

    @invariant()
    def each_change_has_one_entry(self):
        for standing in LearnerCertificate.objects.all():
            history = CertificateEvent.objects.filter(subject="standing", subject_id=standing.pk)
            status = ""
            for event in history:
                assert event.from_value == status
                assert event.to_value != status
                status = event.to_value
            assert status == standing.status


@pytest.mark.django_db(transaction=True)
def test_what_holds_after_any_sequence_of_events():
    bounds = settings(
        max_examples=settings().max_examples // 4,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    with override_app_settings(IDENTITY_REQUIRED=True, NOTIFY_LEARNERS=False):
        run_state_machine_as_test(CertificateMachine, settings=bounds)
