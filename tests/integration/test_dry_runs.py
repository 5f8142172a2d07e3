"""A dry run says what a run would do, changes nothing, and the run that follows does exactly that."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.lms.world import Fact
from learning_credentials.models import CourseCertificate, Credential, CredentialConfiguration, GenerationRun
from learning_credentials.services.issuing import start_due_runs
from tests.factories import CredentialConfigurationFactory, GenerationRunFactory, UserFactory
from tests.integration.admin_pages import staff_with

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSORS = [f"learning_credentials.processors.retrieve_{name}" for name in ("completions", "course_certificates")]
CHANGES = (
    "nothing",
    "pass",
    "fail",
    "unknown",
    "expire",
    "fail to make",
    "revoke",
    "bar",
    "identity",
    "no address",
    "leave",
)


def dump_tables():
    """Return all rows of the app but the runs."""
    models = [model for model in apps.get_app_config("learning_credentials").get_models() if model is not GenerationRun]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def forecast(configuration):
    run = api.start_run(configuration.pk, is_dry_run=True)
    run.refresh_from_db()
    assert run.finished_at
    assert not run.error_code
    return run


def set_result(world, user_id, key, *, is_passing):
    share = 0.95 if is_passing else 0.1
    world.set_grade(user_id, key, {"Homework": share, "Exam": share})
    world.set_completion(user_id, key, share)


def make_world(world, processor, draw):
    """Issue to some learners. Then change much."""
    configuration = CredentialConfigurationFactory(credential_type__retrieval_func=processor)
    key = configuration.learning_context_key
    world.add_course_run(key, "Introduction to Tests")
    users = [UserFactory(first_name=f"Ada {number}") for number in range(16)]
    for user in users:
        world.enrol(user.pk, key, mode="verified")
        world.set_identity(user.pk, True)
        set_result(world, user.pk, key, is_passing=draw.random() < 0.6)
    api.issue_pending_credentials(configuration.pk)
    for user in users:
        change(world, configuration, user, draw.choice(CHANGES))
    mail.outbox.clear()
    return configuration


def change(world, configuration, user, what):
    key = configuration.learning_context_key
    held = Credential.objects.filter(user=user, is_current=True)
    acts = {
        "nothing": lambda: None,
        "pass": lambda: set_result(world, user.pk, key, is_passing=True),
        "fail": lambda: set_result(world, user.pk, key, is_passing=False),
        "unknown": lambda: world.hide(Fact.PROFILE, user.pk),
        "expire": lambda: held.update(expires_at=timezone.now() - timedelta(days=1)),
        "fail to make": lambda: held.update(status="error", error_code="generation_failed"),
        "revoke": lambda: [api.invalidate_credential(row.pk, reason="A misprint") for row in held],
        "bar": lambda: world.set_profile(user.pk, certificates_allowed=False),
        "identity": lambda: world.set_identity(user.pk, False),
        "no address": lambda: type(user).objects.filter(pk=user.pk).update(email=""),
        "leave": lambda: world.unenrol(user.pk, key),
    }
    acts[what]()


@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("seed", range(3))
def test_the_run_that_follows_does_exactly_that(world, processor, seed):
    configuration = make_world(world, processor, random.Random(seed))
    before = dump_tables()
    found = forecast(configuration)
    assert dump_tables() == before
    assert mail.outbox == []
    listed = {learner.user_id for learner in api.list_eligible_learners(configuration.pk)}
    invalid = set(Credential.objects.filter(status="invalidated").values_list("user_id", flat=True))

    run = api.issue_pending_credentials(configuration.pk)

    counts, learners = found.forecast["counts"], found.forecast["learners"]
    issued = Credential.objects.filter(generation_run=run)
    awarded = {user_id for kind in ("new", "retried", "renewed") for user_id in learners[kind]}
    assert awarded == set(issued.values_list("user_id", flat=True)) == listed
    assert (found.checked, found.total, found.skipped) == (run.checked, run.total, run.skipped)
    assert found.skipped_detail == run.skipped_detail
    assert counts == {kind: len(user_ids) for kind, user_ids in learners.items()}
    assert set(learners["renewed"]) == set(issued.filter(is_renewal=True).values_list("user_id", flat=True))
    lost = set(Credential.objects.filter(status="invalidated").values_list("user_id", flat=True)) - invalid
    assert set(learners["lost"]) == lost
    assert found.forecast["mails"] == len(mail.outbox)
    assert found.forecast["unreachable"] == issued.filter(user__email="").count()


def test_in_some_of_the_worlds_credentials_are_lost_and_renewed(world):
    counts = forecast(make_world(world, PROCESSORS[1], random.Random(0))).forecast["counts"]
    assert all(counts.values()), counts


def test_mails_wait_for_the_available_date(world, run, app_settings):
    tomorrow = timezone.now() + timedelta(days=1)
    CourseCertificate.objects.create(course_key=run.learning_context_key, available_date=tomorrow, pacing="instructor")
    user = UserFactory(email="ada@example.org")
    world.enrol(user.pk, run.learning_context_key)
    set_result(world, user.pk, run.learning_context_key, is_passing=True)
    found = forecast(run).forecast
    assert (found["mails"], found["mails_from"]) == (1, tomorrow.isoformat())
    app_settings(NOTIFY_LEARNERS=False)
    assert forecast(run).forecast["mails"] == 0


def test_the_command_uses_the_standings_of_now(world, run, capsys):
    user = UserFactory(username="ada")
    world.enrol(user.pk, run.learning_context_key)
    set_result(world, user.pk, run.learning_context_key, is_passing=True)
    call_command("generate_credentials", configuration=run.pk, dry_run=True)
    assert "would issue to ada" in capsys.readouterr().out
    assert not Credential.objects.exists()


def test_a_dry_run_does_not_hold_up_the_schedule(course):
    GenerationRunFactory(configuration=course, is_dry_run=True)
    CredentialConfiguration.objects.update(is_enabled=True, next_run_at=None)
    assert len(start_due_runs()) == 1


class TestPages:
    def post(self, client, configuration):
        url = reverse("admin:learning_credentials_credentialconfiguration_dry_run", args=[configuration.pk])
        return client.post(url, follow=True)

    def test_it_is_started_by_a_button_and_shown(self, admin, course, enrol):
        learners = enrol(count=3)
        page = admin.get(reverse("admin:learning_credentials_credentialconfiguration_change", args=[course.pk])).text
        assert "Dry run</button>" in page
        page = self.post(admin, course).text
        assert "A dry run was started. It issues nothing." in page
        assert "dry run, finished" in page
        assert "3 e-mails would be sent at once." in page
        for learner in learners:
            assert f">{learner.username}</a>" in page
        assert "Generate now</button>" in page
        assert not Credential.objects.exists()
        listing = admin.get(reverse("admin:learning_credentials_generationrun_changelist"), {"is_dry_run__exact": "1"})
        assert "3 would be issued" in listing.text

    def test_names_need_a_permission(self, client, course, enrol):
        (learner,) = enrol(count=1)
        client.force_login(staff_with("change_credentialconfiguration", "view_generationrun"))
        page = self.post(client, course).text
        assert "1 e-mail would be sent at once." in page
        assert learner.username not in page

    def test_it_needs_the_permission_to_generate(self, client, course):
        client.force_login(staff_with("view_credentialconfiguration", "view_generationrun"))
        assert self.post(client, course).status_code == 403
        assert not GenerationRun.objects.exists()
