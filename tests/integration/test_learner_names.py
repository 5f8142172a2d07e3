"""Which names are published: what the LMS says, never a login name in its place, and no e-mail address."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from learning_credentials import api
from learning_credentials.exceptions import GenerationError, LMSUnavailableError
from learning_credentials.models import Credential
from learning_credentials.services.issuing.chunks import issue_chunk
from tests.factories import CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
ADDRESS = "ada@example.org"


@pytest.fixture
def name_learner(world, course):
    """Enrol a learner who logs in with an address, with what the LMS says of the name."""

    def make(display_name, username=ADDRESS, **profile):
        user = UserFactory(username=username)
        world.enrol(user.pk, course.learning_context_key)
        world.set_profile(user.pk, username=username, display_name=display_name, **profile)
        return user

    return make


@pytest.mark.parametrize(
    "display_name",
    [
        "",
        "   ",
        None,
        "\u200b\u2060",
        "\N{NO-BREAK SPACE}\ufeff",
        ADDRESS,
        " Ada@Example.org ",
        "mailto:ada@example.org",
        "Ada Example <ada@example.org>",
        "ada@example.org (Ada)",
        "юрий@пример.рф",
        "ada\N{FULLWIDTH COMMERCIAL AT}example.org",
        "ada@[192.0.2.1]",
        "ada@localhost",
    ],
)
@pytest.mark.parametrize("username", [ADDRESS, "ada"])
def test_a_learner_without_a_name_is_issued_nothing(course, name_learner, display_name, username):
    name_learner(display_name, username)
    run = api.issue_pending_credentials(course.pk)
    credential = Credential.objects.get()
    assert (credential.status, credential.error_code) == (Status.ERROR, "name_missing")
    assert "Enter the learner's name in the LMS" in credential.error_message
    assert username not in (credential.user_full_name, credential.error_message)
    assert (credential.user_full_name, credential.artifact_name, mail.outbox) == ("", "", [])
    run.refresh_from_db()
    assert (run.checked, run.total, run.done, run.failed) == (1, 1, 0, 1)


def test_the_own_address_is_no_name_whatever_its_form(course, name_learner):
    name_learner("ada@intranet", "ada", email="Ada@intranet")
    api.issue_pending_credentials(course.pk)
    assert Credential.objects.get().error_code == "name_missing"


@pytest.mark.parametrize("name", ["Sukarno", "王", "Ada", "M@tt", "Ada @ Example", "X Æ A-12", "أحمد"])
def test_a_name_of_one_word_passes_though_it_is_the_user_name(course, name_learner, name):
    name_learner(name, name)
    api.issue_pending_credentials(course.pk)
    credential = Credential.objects.get()
    assert (credential.status, credential.user_full_name) == (Status.AVAILABLE, name)


def test_the_run_issues_to_the_others_and_lists_those_without_a_name(course, name_learner, enrol, admin_client):
    enrol("Ada", "Bea")
    nameless = [name_learner("", f"login{number}") for number in range(3)]
    run = api.issue_pending_credentials(course.pk)
    run.refresh_from_db()
    assert (run.total, run.done, run.failed) == (5, 2, 3)
    page = admin_client.get(f"/admin/learning_credentials/generationrun/{run.pk}/change/")
    text = page.content.decode()
    assert "finished, 3 failed" in text
    (group,) = page.context["not_issued"]
    assert (group.reason, group.number, group.is_failed) == ("name_missing", 3, True)
    assert "Enter the learner&#x27;s name in the LMS" in text
    for user in nameless:
        credential = Credential.objects.get(user=user)
        assert f'credential/{credential.pk}/change/">{user.username}</a>' in text
    listed = admin_client.get(group.url).content.decode()
    assert all(user.username in listed for user in nameless)


def test_a_run_says_that_another_one_tried_its_failures_again(course, name_learner, admin_client):
    name_learner("")
    first, second = (api.issue_pending_credentials(course.pk) for _number in range(2))
    pages = [admin_client.get(f"/admin/learning_credentials/generationrun/{run.pk}/change/") for run in (first, second)]
    assert "1 credential failed in this run and was retried later" in pages[0].content.decode()
    assert [len(page.context["not_issued"]) for page in pages] == [0, 1]
    assert all("finished, 1 failed" in page.content.decode() for page in pages)


def test_the_command_says_why_credentials_failed(course, name_learner, enrol, capsys):
    enrol("Ada")
    name_learner("")
    with pytest.raises(CommandError):
        call_command("generate_credentials", configuration=course.pk)
    assert "1 issued, 1 failed (1 name_missing), 0 skipped" in capsys.readouterr().out


def test_the_next_run_issues_once_the_lms_says_a_name(course, name_learner, world):
    user = name_learner("")
    other = name_learner("", "bea")
    api.issue_pending_credentials(course.pk)
    api.issue_pending_credentials(course.pk)
    assert Credential.objects.filter(error_code="name_missing").count() == 2, "tried again in vain"
    world.set_profile(user.pk, display_name="Ada Example")
    api.issue_pending_credentials(course.pk)
    credential = Credential.objects.get(user=user)
    assert (credential.status, credential.user_full_name) == (Status.AVAILABLE, "Ada Example")
    assert len(mail.outbox) == 1
    assert Credential.objects.get(user=other).error_code == "name_missing"


def test_staff_try_again(course, name_learner, world):
    user = name_learner("")
    api.issue_pending_credentials(course.pk)
    credential = Credential.objects.get()
    world.outage = True
    with pytest.raises(LMSUnavailableError):
        api.retry_credentials([credential.pk])
    world.outage = False
    world.set_profile(user.pk, display_name="Ada Example")
    assert api.retry_credentials([credential.pk]) == 1
    credential.refresh_from_db()
    assert (credential.status, credential.user_full_name) == (Status.AVAILABLE, "Ada Example")


def test_issuing_to_one_learner_says_so(course, name_learner):
    user = name_learner(ADDRESS)
    with pytest.raises(GenerationError) as caught:
        api.issue_credential(course.pk, user.pk)
    assert caught.value.code == "name_missing"


@pytest.mark.parametrize("published", [ADDRESS, "ada"])
def test_a_reissue_publishes_a_login_name_no_more(course, name_learner, world, published):
    user = name_learner("", published)
    issued = CredentialFactory(available=True, configuration=course, user=user, user_full_name=published)
    for _attempt in range(2):
        with pytest.raises(GenerationError) as caught:
            api.reissue_credential(issued.pk, reason="The name")
        assert caught.value.code == "name_missing"
    issued.refresh_from_db()
    assert issued.status == Status.AVAILABLE
    world.set_profile(user.pk, display_name="Ada Example")
    assert api.reissue_credential(issued.pk, reason="The name").user_full_name == "Ada Example"


def test_a_reissue_keeps_a_name_that_the_lms_does_not_say_any_more(course, name_learner):
    user = name_learner("", "ada")
    issued = CredentialFactory(available=True, configuration=course, user=user, user_full_name="Ada Example")
    assert api.reissue_credential(issued.pk, reason="The template").user_full_name == "Ada Example"


def test_what_waits_from_before_is_looked_at_too(course):
    waiting = CredentialFactory(configuration=course, user_full_name=ADDRESS)
    issue_chunk([waiting.pk])
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == (Status.ERROR, "name_missing")
