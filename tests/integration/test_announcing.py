"""What the mails say, in which language, and what becomes of those that cannot be sent."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from learning_credentials import api
from learning_credentials.models import Credential, CredentialType
from learning_credentials.services.notices import announce_credentials, announce_pending_credentials
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quiet(settings):
    """Issue without telling anyone; call it to have telling switched on again."""
    told = settings.LEARNING_CREDENTIALS
    settings.LEARNING_CREDENTIALS = {**told, "NOTIFY_LEARNERS": False}

    def speak() -> list[str]:
        settings.LEARNING_CREDENTIALS = told
        Credential.objects.update(notified_at=None)
        return [str(pk) for pk in Credential.objects.values_list("pk", flat=True)]

    return speak


def test_signs_of_html_are_left_as_they_are(course, enrol, world):
    CredentialType.objects.update(name='"R&D" <basic>')
    enrol("O'Hara & Söhne")
    api.issue_pending_credentials(course.pk)
    (message,) = mail.outbox
    assert message.subject == 'Your credential is ready: "R&D" <basic>, Introduction to Tests'
    assert message.body.startswith("Hello O'Hara & Söhne Tester,\n\nYou have earned")
    assert '"R&D" <basic> for Introduction to Tests.' in message.body
    assert api.get_verification_url(Credential.objects.get().verify_uuid) in message.body.splitlines()
    assert message.message()["To"] == message.to[0]


def test_each_in_the_learners_language(course, enrol, quiet, settings, tmp_path):
    folder = tmp_path / "learning_credentials" / "email"
    folder.mkdir(parents=True)
    for part in ("subject", "body"):
        text = "{% load i18n %}{% get_current_language as code %}{{ code }} {{ credential.user_full_name }}"
        (folder / f"credential_issued_{part}.txt").write_text(text)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    names = {"Ada": "es", "Bea": "", "Cai": "ar", "Dee": "es", "Eve": "xx-none"}
    enrol(*names)
    api.issue_pending_credentials(course.pk)
    for name, language in names.items():
        Credential.objects.filter(user_full_name=f"{name} Tester").update(language=language)
    assert announce_credentials(quiet()) == 5
    assert sorted(message.subject for message in mail.outbox) == [
        "ar Cai Tester",
        "en Bea Tester",
        "en Eve Tester",
        "es Ada Tester",
        "es Dee Tester",
    ]


def test_one_that_is_refused_stops_nobody_and_is_sent_later(course, enrol, use_mail_backend):
    use_mail_backend("tests.integration.chunk_plugins.PickyMail")
    users = enrol("Ada", "Bea", "Cai")
    users[1].email = "refused@example.com"
    users[1].save()
    api.issue_pending_credentials(course.pk)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([users[0].email, users[2].email])
    waiting = Credential.objects.get(notified_at=None)
    assert waiting.user == users[1]
    assert announce_pending_credentials() == 0

    Credential.objects.update(notification_held_until=None)
    users[1].email = "found@example.com"
    users[1].save()
    assert announce_pending_credentials() == 1
    assert mail.outbox[-1].to == ["found@example.com"]


def test_who_cannot_be_told_is_not_tried_again(course, enrol, quiet):
    inactive, without = enrol("Ada", "Bea")
    api.issue_pending_credentials(course.pk)
    without.email = ""
    without.save()
    inactive.is_active = False
    inactive.save()
    assert announce_credentials(quiet()) == 0
    assert mail.outbox == []
    assert Credential.objects.filter(notified_at__isnull=False).count() == 2


def test_two_workers_with_chunks_that_overlap_tell_each_once(course, enrol, quiet):
    enrol(count=30)
    api.issue_pending_credentials(course.pk)
    uuids = quiet()
    parts = (uuids[:20], uuids[10:], uuids[5:25], uuids)
    results = at_once(*[lambda part=part: announce_credentials(part) for part in parts])
    assert_no_errors(results)
    assert sum(results) == 30
    assert len({message.to[0] for message in mail.outbox}) == len(mail.outbox) == 30
    assert not Credential.objects.filter(notified_at=None).exists()


def test_a_connection_that_is_dropped_is_made_again_and_nobody_is_told_twice(course, enrol, quiet, use_mail_backend):
    use_mail_backend("tests.integration.chunk_plugins.ForgetfulMail")
    users = enrol(count=6)
    api.issue_pending_credentials(course.pk)
    assert announce_credentials(quiet()) == 4
    told = [message.to[0] for message in mail.outbox]
    assert len(told) == len(set(told)) == 4  # two met the dropped connection
    Credential.objects.update(notification_held_until=None)
    assert announce_pending_credentials() == 2
    assert sorted(message.to[0] for message in mail.outbox) == sorted(user.email for user in users)


def test_the_address_is_where_the_projects_user_model_has_it(course, enrol, quiet, monkeypatch, world):
    monkeypatch.setattr(get_user_model(), "EMAIL_FIELD", "last_name")
    (user,) = enrol("Ada")
    world.set_profile(user.pk, display_name="Ada Tester")
    user.last_name = "ada@example.org"
    user.save()
    api.issue_pending_credentials(course.pk)
    assert announce_credentials(quiet()) == 1
    assert mail.outbox[0].to == ["ada@example.org"]
