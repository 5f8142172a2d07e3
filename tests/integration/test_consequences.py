"""What is said about an act before it is done agrees exactly with what the act then does, in random worlds."""

from __future__ import annotations

import io
import random
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_credentials import api
from learning_credentials.exceptions import CredentialsError
from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    GenerationRun,
    LearnerCertificate,
    MailHold,
)
from learning_credentials.services.course_runs import filter_visible
from learning_credentials.services.desk import (
    foresee_allowlist_import,
    foresee_available_date,
    foresee_configuration,
    foresee_invalidations,
    foresee_reissues,
    list_changes,
)
from learning_credentials.services.notices import announce_pending_credentials
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.mails import let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
LEARNERS = 8
COMPLETIONS, CERTIFICATES = (
    f"learning_credentials.processors.retrieve_{name}" for name in ("completions", "course_certificates")
)
FATES = ("nothing", "pass", "fail", "expire", "fail to make", "revoke", "no address", "leave", "rename", "no name")


class World:
    """A course with learners, some of whom have credentials, after much has changed since."""

    def __init__(self, lms, processor, draw):
        self.lms = lms
        self.draw = draw
        self.configuration = CredentialConfigurationFactory(credential_type__retrieval_func=processor)
        self.key = self.configuration.learning_context_key
        lms.add_course_run(self.key, "Introduction to Tests")
        self.registrar = UserFactory(superuser=True, email="")
        self.users = [UserFactory(first_name=f"Ada {number}") for number in range(LEARNERS)]
        for user in self.users:
            lms.enrol(user.pk, self.key, mode="verified")
            lms.set_identity(user.pk, True)
            self.set_result(user, is_passing=draw.random() < 0.6)
        # Some were e-mailed, for others the e-mail waits, and it is hidden or not.
        api.issue_pending_credentials(self.configuration.pk, actor=draw.choice([None, self.registrar]))
        for user in self.users:
            self.change(user, draw.choice(FATES))
        if draw.random() < 0.4:
            days = draw.choice([-3, -1, 1, 3])
            CourseCertificate.objects.update(
                available_date=timezone.now() + timedelta(days=days), pacing=draw.choice(["instructor", "self"])
            )
        mail.outbox.clear()

    def set_result(self, user, *, is_passing):
        share = 0.95 if is_passing else 0.1
        self.lms.set_grade(user.pk, self.key, {"Homework": share, "Exam": share})
        self.lms.set_completion(user.pk, self.key, share)

    def change(self, user, what):
        held = Credential.objects.filter(user=user, is_current=True)
        acts = {
            "nothing": lambda: None,
            "pass": lambda: self.set_result(user, is_passing=True),
            "fail": lambda: self.set_result(user, is_passing=False),
            "expire": lambda: held.update(expires_at=timezone.now() - timedelta(days=1)),
            "fail to make": lambda: held.update(status="error", error_code="generation_failed"),
            "revoke": lambda: [api.invalidate_credential(row.pk, reason="A misprint") for row in held],
            "no address": lambda: type(user).objects.filter(pk=user.pk).update(email=""),
            "leave": lambda: self.lms.unenrol(user.pk, self.key),
            "rename": lambda: self.lms.set_profile(user.pk, display_name="Grace Hopper"),
            "no name": lambda: self.lms.set_profile(user.pk, display_name=""),
        }
        acts[what]()

    def send(self):
        """Let the e-mails that wait for staff be sent, and count what was sent."""
        let_time_pass(3600)
        announce_pending_credentials()
        return len(mail.outbox)


def dump_tables():
    models = apps.get_app_config("learning_credentials").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def empty():
    Credential.objects.update(replaces=None)
    for model in (
        Credential,
        GenerationRun,
        AllowlistEntry,
        CertificateInvalidation,
        LearnerCertificate,
        CourseCertificate,
        CredentialConfiguration,
        MailHold,
    ):
        model.objects.all().delete()


def in_random_worlds(processors=(COMPLETIONS, CERTIFICATES)):
    """Call a test with several worlds."""

    def decorate(test):
        @given(st.sampled_from(processors), st.integers(0, 10_000))
        @settings(
            max_examples=max(settings().max_examples // 6, 3),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        def run(app_settings, processor, seed):
            app_settings(MAIL_DELAY=600)
            with fake_lms() as lms:
                try:
                    test(World(lms, processor, random.Random(seed)))
                finally:
                    empty()

        return run

    return decorate


def owners(rows):
    return sorted(user_id for user_id in rows.values_list("user", flat=True) if user_id is not None)


def read(foresee, *args, **kwargs):
    """Return what is said. Nothing changes, and nobody is told."""
    before = dump_tables()
    found = foresee(*args, **kwargs)
    assert dump_tables() == before
    assert mail.outbox == []
    return found


@in_random_worlds()
def test_a_run_with_criteria_that_are_not_saved(world):
    configuration = CredentialConfiguration.objects.select_related("credential_type").get()
    configuration.custom_options = {"required_completion": world.draw.choice([0.05, 0.5, 0.99])}
    found = read(foresee_configuration, configuration)
    dry = api.start_run(configuration.pk, is_dry_run=True, changes=list_changes(configuration))
    dry.refresh_from_db()
    invalid = set(Credential.objects.filter(status=Status.INVALIDATED).values_list("pk", flat=True))
    waiting = world.send()
    mail.outbox.clear()
    configuration.save()
    run = api.issue_pending_credentials(configuration.pk)
    issued = Credential.objects.filter(generation_run=run)
    assert waiting >= 0
    assert sorted(user for kind in ("new", "retried", "renewed") for user in found.learners[kind]) == owners(issued)
    lost = Credential.objects.filter(status=Status.INVALIDATED).exclude(pk__in=invalid)
    assert sorted(found.learners["lost"]) == sorted({*owners(lost)})
    assert (found.checked, dry.checked) == (run.checked, run.checked)
    assert dry.forecast["counts"] == found.counts
    assert dry.skipped_detail == run.skipped_detail
    assert found.mails == (len(mail.outbox) if found.mails_from is None else found.mails)


@in_random_worlds()
def test_invalidations(world):
    retrieval_func = world.configuration.credential_type.retrieval_func
    other = CredentialConfigurationFactory(
        learning_context_key=world.key, credential_type__retrieval_func=retrieval_func
    )
    api.issue_pending_credentials(other.pk)
    mail.outbox.clear()
    rows = list(Credential.objects.order_by("pk").values_list("pk", flat=True))
    chosen = world.draw.sample(rows, len(rows) // 2)
    blocks = world.draw.choice([True, False])
    found = read(foresee_invalidations, chosen, blocks_reissue=blocks)
    invalid = set(Credential.objects.filter(status=Status.INVALIDATED).values_list("pk", flat=True))
    issued = set(Credential.objects.filter(status=Status.AVAILABLE).values_list("pk", flat=True))
    refused = 0
    for pk in chosen:
        try:
            api.invalidate_credential(pk, reason="A misprint", blocks_reissue=blocks)
        except CredentialsError:
            refused += 1
    gone = Credential.objects.filter(status=Status.INVALIDATED).exclude(pk__in=invalid)
    assert sorted(found.learners.get("revoked", [])) == owners(gone.filter(pk__in=issued))
    assert sorted(found.learners.get("cancelled", [])) == owners(gone.exclude(pk__in=issued))
    assert sum(found.left_out_counts.values()) == refused


@in_random_worlds()
def test_reissues(world):
    rows = list(Credential.objects.order_by("pk").values_list("pk", flat=True))
    chosen = world.draw.sample(rows, len(rows) // 2)
    notify = world.draw.choice([True, False])
    found = read(foresee_reissues, chosen, notify=notify)
    before = {row.pk: row.user_full_name for row in Credential.objects.all()}
    world.send()
    mail.outbox.clear()
    found_again = foresee_reissues(chosen, notify=notify)
    done, renamed = [], []
    for pk in sorted(chosen):
        try:
            new = api.reissue_credential(pk, reason="A font", actor=world.registrar, notify=notify)
        except CredentialsError:
            continue
        done.append(new.user_id)
        if new.user_full_name != before[pk]:
            renamed.append((before[pk], new.user_full_name))
    assert sorted(found.learners.get("reissued", [])) == sorted(done)
    assert sorted(found.renamed) == sorted(renamed)  # databases order ids differently
    assert mail.outbox == []
    sent = world.send()
    assert found_again.mails == (sent if found_again.mails_from is None else found_again.mails)


@in_random_worlds()
def test_an_available_date(world):
    if not CourseCertificate.objects.exists():
        return
    let_time_pass(3600)
    date = world.draw.choice([None, *(timezone.now() + timedelta(days=days) for days in (-2, 2))])
    found = read(foresee_available_date, world.key, date)
    visible = set(owners(filter_visible(Credential.objects.filter(status=Status.AVAILABLE))))
    api.set_certificate_available_date(world.key, date)
    now = set(owners(filter_visible(Credential.objects.filter(status=Status.AVAILABLE))))
    assert set(found.learners.get("shown", [])) == now - visible
    assert set(found.learners.get("hidden", [])) == visible - now
    if found.counts.get("shown"):
        announce_pending_credentials()
        assert found.mails == len(mail.outbox)


@in_random_worlds()
def test_an_allowlist(world):
    chosen = world.draw.sample(world.users, LEARNERS // 2)
    text = "\n".join([*(f"{user.username},why" for user in chosen), "nobody,why"])
    arguments = {"configuration_id": world.configuration.pk, "actor": world.registrar}
    world.send()
    mail.outbox.clear()
    results, found = read(foresee_allowlist_import, world.key, io.StringIO(text), **arguments)
    is_certificate = world.configuration.credential_type.retrieval_func == CERTIFICATES
    before = set(Credential.objects.values_list("pk", flat=True))
    retried = set(Credential.objects.filter(status=Status.ERROR).values_list("pk", flat=True))
    done = api.import_allowlist(world.key, io.StringIO(text), **arguments)
    # The workers of the tests issue at once, so later messages can say less.
    assert [(row.line, row.status) for row in done] == [(row.line, row.status) for row in results]
    if not is_certificate:
        others = {each.user_id for each in api.list_eligible_learners(world.configuration.pk)}
        assert set(found.learners.get("new", [])) <= others
        api.issue_pending_credentials(world.configuration.pk)
    given_ = Credential.objects.exclude(pk__in=before) | Credential.objects.filter(pk__in=retried).exclude(
        status="error"
    )
    received = set(owners(given_)) & {user.pk for user in chosen}
    added = {user.pk for user in chosen if AllowlistEntry.objects.filter(user=user, is_active=True).exists()}
    assert set(found.learners.get("new", [])) == received & added
