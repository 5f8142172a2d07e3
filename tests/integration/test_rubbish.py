"""What an LMS, a processor or a generator of a host should not answer: it concerns those whom it is about, and stops nobody else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from learning_credentials import api
from learning_credentials.data import Artifact
from learning_credentials.exceptions import ConfigurationError, GenerationError
from learning_credentials.lms import Grade
from learning_credentials.models import Credential, LearnerCertificate
from tests import plugins
from tests.factories import CredentialConfigurationFactory

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from learning_credentials.data import CredentialData

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
#: What the processor here answers about learners, beside that everyone is eligible; tests clear it.
SAID: dict[int, Any] = {}
#: What the generator here returns for learners, by name; tests clear it.
MADE: dict[str, Artifact | Exception] = {}


class Rubbish:
    """Nothing that a processor may say of a learner."""


def retrieve_as_told(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> Any:
    """Everyone, with what was told of them."""
    if None in SAID:
        return SAID[None]
    return {
        learner: said if isinstance(said := SAID.get(learner), Rubbish) else {"is_eligible": True, "grade": said}
        for learner in user_ids or ()
    }


def generate_as_told(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """What was told, or plain text."""
    made = MADE.get(credential.user_full_name)
    if isinstance(made, Exception):
        raise made
    return made or plugins.generate_text_credential(credential, options)


@pytest.fixture
def host(app_settings, course):
    """A course with the processor and the generator of this module."""
    module = __name__
    app_settings(PROCESSOR_MODULES=[module], GENERATOR_MODULES=[module])
    course.credential_type.retrieval_func = f"{module}.retrieve_as_told"
    course.credential_type.generation_func = f"{module}.generate_as_told"
    course.credential_type.save()
    yield course
    SAID.clear()
    MADE.clear()


def list_issued() -> list[str]:
    return sorted(Credential.objects.filter(status=Status.AVAILABLE).values_list("user_full_name", flat=True))


@pytest.mark.parametrize(
    "profile",
    [
        {"display_name": None},
        {"display_name": "Ad\0a"},
        {"display_name": "Ä" * 300},
        {"display_name": "Ada \N{GRINNING FACE}"},
        {"language": None},
        {"language": "a-language-that-nobody-speaks"},
    ],
)
def test_a_profile_stops_no_other_learner(host, enrol, world, profile):
    ada, *_others = enrol("Ada", "Bea", "Cai")
    world.set_profile(ada.pk, **profile)
    run = api.issue_pending_credentials(host.pk)
    assert run.error_code == ""
    assert run.finished_at is not None
    assert {"Bea Tester", "Cai Tester"} <= set(list_issued())


@pytest.mark.parametrize("grade", [float("nan"), float("inf"), Decimal("0.5"), "nul \0", object(), Rubbish()])
def test_what_is_said_of_a_learner_stops_no_other(host, enrol, grade):
    ada, *_others = enrol("Ada", "Bea", "Cai")
    SAID[ada.pk] = grade
    run = api.issue_pending_credentials(host.pk)
    assert run.error_code == ""
    assert run.finished_at is not None
    assert {"Bea Tester", "Cai Tester"} <= set(list_issued())


def test_a_processor_that_says_nothing_of_use_of_anyone_ends_the_run_with_a_reason(host, enrol):
    users = enrol(count=30)
    SAID.update({user.pk: object() for user in users})
    run = api.issue_pending_credentials(host.pk)
    assert run.error_code != ""
    assert "JSON" in run.error_message


def test_a_processor_that_answers_rubbish_of_everyone_ends_the_run_with_a_reason(host, enrol):
    users = enrol(count=30)
    SAID.update({user.pk: Rubbish() for user in users})
    run = api.issue_pending_credentials(host.pk)
    assert run.error_code == "configuration_error"
    assert "must return a dict with a boolean 'is_eligible'" in run.error_message
    with pytest.raises(ConfigurationError, match="boolean 'is_eligible'"):
        api.get_eligibility(host.pk, users[0].pk)


@pytest.mark.parametrize("answer", [None, [], "nobody"])
def test_a_processor_that_answers_no_mapping_ends_the_run_with_a_reason(host, enrol, answer):
    enrol("Ada", "Bea")
    SAID[None] = answer
    run = api.issue_pending_credentials(host.pk)
    assert (run.error_code, run.error_message) == (
        "configuration_error",
        f"{__name__}.retrieve_as_told must return a dict by user id, not {answer!r}",
    )


@pytest.mark.parametrize(
    "artifact",
    [
        Artifact("text", "text/plain", "txt"),
        Artifact(None, "text/plain", "txt"),
        Artifact(b"text", "t" * 200, "txt"),
        Artifact(b"text", None, "txt"),
        Artifact(b"text", "text/plain", "e" * 300),
        Artifact(b"text", "text/plain", "../txt"),
        Artifact(b"text", "text/plain", "txt", warnings=(object(),)),
    ],
)
def test_an_artifact_stops_no_other_learner(host, enrol, artifact):
    enrol("Ada", "Bea", "Cai")
    MADE["Ada Tester"] = artifact
    run = api.issue_pending_credentials(host.pk)
    assert list_issued() == ["Bea Tester", "Cai Tester"]
    failed = Credential.objects.get(user_full_name="Ada Tester")
    assert (failed.status, failed.error_code) == (Status.ERROR, "configuration_error")
    assert (run.done, run.failed) == (2, 1)


def test_what_an_error_says_stops_no_other_learner(host, enrol):
    enrol("Ada", "Bea", "Cai")
    MADE["Ada Tester"] = GenerationError("no glyph for \0 and \ud800")
    MADE["Bea Tester"] = Artifact(b"text", "text/plain", "txt", warnings=("nothing for \0 and \ud800",))
    api.issue_pending_credentials(host.pk)
    assert list_issued() == ["Bea Tester", "Cai Tester"]
    assert Credential.objects.get(status=Status.ERROR).error_message == "no glyph for \N{REPLACEMENT CHARACTER} and ?"


def test_a_single_learner_is_told_what_is_wrong(host, enrol):
    [ada] = enrol("Ada")
    SAID[ada.pk] = float("nan")
    with pytest.raises(ConfigurationError, match=f"learner {ada.pk} cannot be stored"):
        api.issue_credential(host.pk, ada.pk)


@pytest.mark.parametrize(
    "grade",
    [
        {"percent": float("nan")},
        {"percent": float("inf")},
        {"percent": "rubbish"},
        {"letter": None},
        {"letter": "a letter of some length"},
        {"letter": "\0"},
    ],
)
def test_a_grade_stops_no_other_learner(course, enrol, world, grade):
    run_key = course.learning_context_key
    CredentialConfigurationFactory(
        learning_context_key=run_key,
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates",
    )
    users = enrol("Ada", "Bea", "Cai")
    for user in users:
        world.grades[user.pk, run_key] = Grade(user.pk, percent=0.9, letter="A", is_passed=True)
    world.grades[users[0].pk, run_key] = Grade(users[0].pk, is_passed=True, **{"percent": 0.9, "letter": "A", **grade})
    statuses = api.evaluate_course_certificates(run_key, [user.pk for user in users])
    assert statuses == dict.fromkeys((user.pk for user in users), "downloadable")
    assert Credential.objects.filter(status=Status.AVAILABLE, is_current=True).count() == 3
    version = LearnerCertificate.objects.get(user=users[0]).version
    api.evaluate_course_certificates(run_key, [user.pk for user in users])
    assert LearnerCertificate.objects.get(user=users[0]).version == version
