"""What learners are told when a credential is replaced: that it was, and why; or nothing, if staff choose so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import CourseCertificate, Credential
from learning_credentials.services.notices import announce_pending_credentials
from tests.factories import UserFactory
from tests.integration.mails import let_time_pass

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
REASON = "The font was mended"


@pytest.fixture
def issued(course, enrol):
    """A credential of which Ada was told."""
    enrol("Ada")
    api.issue_pending_credentials(course.pk)
    mail.outbox.clear()
    return Credential.objects.get()


def by_facade(credential, notify):
    options = {} if notify else {"notify": False}
    api.reissue_credential(credential.pk, reason=REASON, **options)


def by_command(credential, notify):
    call_command(
        "reissue_credentials", str(credential.verify_uuid), reason=REASON, **({} if notify else {"no_email": True})
    )


def by_command_for_all(credential, notify):
    call_command("reissue_credentials", configuration=credential.configuration_id, reason=REASON, no_email=not notify)


def by_admin(credential, notify):
    from django.test import Client

    client = Client()
    client.force_login(UserFactory(superuser=True, email=""))
    url = f"/admin/learning_credentials/credential/{credential.pk}/reissue/"
    assert 'name="notify"' in client.get(url).content.decode()
    client.post(url, {"confirm": "1", "reason": REASON, **({"notify": "on"} if notify else {})})
    assert mail.outbox == []
    let_time_pass(601)
    announce_pending_credentials()


WAYS = [by_facade, by_command, by_command_for_all, by_admin]


@pytest.mark.parametrize("reissue", WAYS)
def test_the_mail_says_that_it_was_replaced_and_why(issued, reissue):
    reissue(issued, True)
    new = Credential.objects.get(replaces=issued, status=Status.AVAILABLE)
    (message,) = mail.outbox
    assert message.subject.startswith("Your credential was replaced: ")
    assert "was replaced by a new one" in message.body
    assert f"The reason: {REASON}" in message.body
    assert "You have earned" not in message.body
    assert api.get_verification_url(new.verify_uuid) in message.body.splitlines()


@pytest.mark.parametrize("reissue", WAYS)
def test_or_there_is_none(issued, reissue):
    reissue(issued, False)
    new = Credential.objects.get(replaces=issued, status=Status.AVAILABLE)
    assert announce_pending_credentials() == 0
    assert mail.outbox == []
    assert new.notified_at is not None


@pytest.mark.parametrize(
    ("language", "subject", "reason"),
    [
        ("es", "Su credencial se ha sustituido", "El motivo: "),
        ("fr", "Votre attestation a été remplacée", "Le motif"),
        ("ar", "استُبدلت", "السبب: "),
    ],
)
def test_in_the_learners_language(issued, world, language, subject, reason):
    world.set_profile(issued.user_id, language=language)
    api.reissue_credential(issued.pk, reason=REASON)
    (message,) = mail.outbox
    assert subject in message.subject
    assert reason in message.body
    assert REASON in message.body


def test_a_chain_of_reissues(issued):
    second = api.reissue_credential(issued.pk, reason="Once", notify=False)
    api.reissue_credential(second.pk, reason="Twice")
    (message,) = mail.outbox
    assert "The reason: Twice" in message.body


def test_the_last_who_asks_decides(issued, world):
    world.set_profile(issued.user_id, display_name="Ada Faulty")
    for _attempt in range(2):
        with pytest.raises(Exception, match="cannot be printed"):
            api.reissue_credential(issued.pk, reason=REASON, notify=True)
    Credential.objects.filter(replaces=issued).update(user_full_name="Ada Tester")
    api.reissue_credential(issued.pk, reason=REASON, notify=False)
    assert mail.outbox == []


@pytest.mark.parametrize("notify", [True, False])
def test_a_learner_who_was_not_told_yet_is_told_of_a_new_one(course, enrol, notify):
    tomorrow = timezone.now() + timedelta(days=1)
    CourseCertificate.objects.create(
        course_key=course.learning_context_key, pacing="instructor", available_date=tomorrow
    )
    enrol("Ada")
    api.issue_pending_credentials(course.pk)
    credential = Credential.objects.get()
    api.reissue_credential(credential.pk, reason=REASON, notify=notify)
    assert mail.outbox == []
    CourseCertificate.objects.update(available_date=None)
    assert announce_pending_credentials() == 1
    assert "You have earned a credential" in mail.outbox[0].body


def test_a_renewal_that_is_reissued_is_replaced(issued):
    past = timezone.now() - timedelta(days=10)
    Credential.objects.update(issued_at=past, expires_at=past + timedelta(days=1))
    renewal = api.renew_credential(issued.pk)
    api.reissue_credential(renewal.pk, reason=REASON)
    assert [message.subject.split(":")[0] for message in mail.outbox] == [
        "Your credential was renewed",
        "Your credential was replaced",
    ]
