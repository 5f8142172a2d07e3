"""What happens when the same thing is asked for twice at the same moment, on databases that really run things at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from demo.lms.models import Enrolment
from learning_credentials import api, tasks
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential, CredentialEvent, GenerationRun
from tests.services.world import enrol_learners, make_configuration

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LEARNERS = 150
AT_ONCE = 4
TEXT = "tests.plugins.generate_text_credential"

Status = Credential.Status
Action = CredentialEvent.Action


def at_the_same_moment(function: Callable[[], Any], times: int = AT_ONCE) -> list[Any]:
    """Call a function in threads with connections of their own; return what each returned, or the error of this app that it raised."""
    barrier = Barrier(times)

    def call(_number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait()
            return function()
        except CredentialsError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(call, range(times)))


def test_runs_started_at_the_same_moment_issue_nothing_twice() -> None:
    enrol_learners(LEARNERS)
    configuration = make_configuration(TEXT)

    at_the_same_moment(lambda: api.issue_pending_credentials(configuration.pk))

    holders = list(configuration.credentials.values_list("user_id", flat=True))
    assert len(set(holders)) == len(holders) == LEARNERS
    assert configuration.credentials.filter(status=Status.AVAILABLE, attempts=1).count() == LEARNERS
    assert CredentialEvent.objects.filter(action=Action.ISSUED).count() == LEARNERS
    assert sum(GenerationRun.objects.values_list("done", flat=True)) == LEARNERS
    assert not GenerationRun.objects.filter(finished_at=None).exists()


def test_one_learner_asked_for_at_the_same_moment_gets_one_credential() -> None:
    enrol_learners(1)
    configuration = make_configuration(TEXT)
    user_id = get_only_learner()

    at_the_same_moment(lambda: api.issue_credential(configuration.pk, user_id))

    assert configuration.credentials.count() == 1


def test_ticks_at_the_same_moment_start_one_run() -> None:
    enrol_learners(1)
    make_configuration(TEXT, is_enabled=True)

    at_the_same_moment(tasks.generate_all_credentials_task)

    assert GenerationRun.objects.count() == 1


def test_invalidated_at_the_same_moment_happens_once() -> None:
    credential = issue_one()

    answers = at_the_same_moment(lambda: api.invalidate_credential(credential.pk, reason="Issued in error."))

    assert sum(not isinstance(answer, CredentialsError) for answer in answers) == 1
    assert credential.events.filter(action=Action.INVALIDATED).count() == 1


def test_reissued_at_the_same_moment_has_one_successor() -> None:
    credential = issue_one()

    answers = at_the_same_moment(lambda: api.reissue_credential(credential.pk, reason="The name was wrong."))

    made = {answer.pk for answer in answers if not isinstance(answer, CredentialsError)}
    assert len(made) == 1
    assert Credential.objects.filter(is_current=True).values_list("pk", flat=True).get() in made
    assert Credential.objects.get(is_current=True).replaces_id == credential.pk


def issue_one() -> Credential:
    """Issue a credential to a single learner."""
    enrol_learners(1)
    return api.issue_credential(make_configuration(TEXT).pk, get_only_learner())


def get_only_learner() -> int:
    """The id of the only learner."""
    return Enrolment.objects.values_list("user_id", flat=True).get()
