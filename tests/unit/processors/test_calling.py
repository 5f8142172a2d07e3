"""What holds for every processor: how it is called, what it costs, how it fails."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from learning_credentials.discovery import get_processor
from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError, LMSUnavailableError
from learning_credentials.lms import Capability
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.processors import (
    retrieve_completions,
    retrieve_completions_and_grades,
    retrieve_subsection_grades,
)
from tests.app_settings import override_app_settings

from .conftest import LEARNER, PATH, RUN

GRADES = {"required_grades": {"Exam": 0.5}}
CASES = [
    (retrieve_subsection_grades, GRADES, {"get_grades"}),
    (retrieve_completions, {"required_completion": 0.5}, {"get_completions"}),
    (retrieve_completions_and_grades, GRADES, {"get_grades", "get_completions"}),
]
every_processor = pytest.mark.parametrize(("retrieve", "options", "asks"), CASES, ids=lambda case: "")


class LMSWithoutGrades(FakeLMS):
    capabilities: ClassVar = frozenset({Capability.COMPLETION, Capability.LEARNING_PATHS})


class LMSWithoutPaths(FakeLMS):
    capabilities: ClassVar = frozenset({Capability.COMPLETION, Capability.GRADES})


class LMSWithoutCompletion(FakeLMS):
    capabilities: ClassVar = frozenset({Capability.GRADES, Capability.LEARNING_PATHS})


def with_lms(name):
    return override_app_settings(LMS_BACKEND=f"{__name__}.{name}")


@every_processor
def test_learners_are_asked_for_one_many_or_all(world, retrieve, options, asks):
    world.enrol_many([1, 2, 3], RUN)

    assert set(retrieve(RUN, options, user_id=2)) == {2}
    assert set(retrieve(RUN, options, 2)) == {2}
    assert set(retrieve(RUN, options, user_ids=[1, 3, 1, 99])) == {1, 3, 99}
    assert set(retrieve(RUN, options)) == {1, 2, 3}
    assert set(retrieve(RUN, options, user_ids=[])) == set()


@every_processor
def test_a_batch_answers_what_each_alone_would(world, retrieve, options, asks):
    world.enrol_many([1, 2, 3], PATH)
    world.set_grade(1, RUN, {"Exam": 0.7})
    world.set_completion(2, RUN, 1.0)

    batch = retrieve(PATH, options, user_ids=[1, 2, 3])

    assert batch == {user_id: retrieve(PATH, options, user_id=user_id)[user_id] for user_id in (1, 2, 3)}
    assert json.loads(json.dumps(batch[1])) == batch[1]


@every_processor
@pytest.mark.parametrize("key", [RUN, PATH])
def test_what_a_batch_costs_does_not_depend_on_its_learners(world, retrieve, options, asks, key):
    world.enrol_many(range(1, 301), key)

    def calls(count):
        world.calls.clear()
        retrieve(key, options, user_ids=range(1, count + 1))
        return dict(world.calls)

    steps = 1 if key == RUN else 2
    expected = {"find_contexts": steps, **dict.fromkeys(asks, steps)}
    assert calls(1) == calls(300) == expected


@every_processor
def test_more_learners_than_a_batch_are_asked_for_in_batches(world, retrieve, options, asks):
    world.enrol_many(range(1, 26), RUN)

    with override_app_settings(ELIGIBILITY_BATCH_SIZE=10):
        world.calls.clear()
        everyone = retrieve(RUN, options)
        some = retrieve(RUN, options, user_ids=range(1, 26))

    assert everyone == some
    assert len(everyone) == 25
    assert {world.calls[method] for method in asks} == {6}


@every_processor
def test_an_unknown_context_is_an_error(world, retrieve, options, asks):
    with pytest.raises(ContextNotFoundError, match="nowhere"):
        retrieve("nowhere", options, user_id=LEARNER)


@every_processor
def test_an_outage_is_no_answer(world, retrieve, options, asks):
    world.enrol(LEARNER, RUN)
    world.outage = True

    with pytest.raises(LMSUnavailableError):
        retrieve(RUN, options, user_id=LEARNER)


@every_processor
def test_silence_makes_everyone_unknown(world, retrieve, options, asks):
    world.enrol(LEARNER, RUN)
    world.set_grade(LEARNER, RUN, {"Exam": 1.0})
    world.set_completion(LEARNER, RUN, 1.0)
    world.silence = True

    result = retrieve(RUN, options)[LEARNER]

    assert (result["is_eligible"], result["is_unknown"]) == (False, True)


@pytest.mark.parametrize(
    ("retrieve", "options", "lms", "lacking", "key"),
    [
        (retrieve_subsection_grades, GRADES, "LMSWithoutGrades", "grades", RUN),
        (retrieve_completions_and_grades, GRADES, "LMSWithoutGrades", "grades", RUN),
        (retrieve_completions, {}, "LMSWithoutCompletion", "completion", RUN),
        (retrieve_completions_and_grades, GRADES, "LMSWithoutCompletion", "completion", RUN),
        (retrieve_completions, {}, "LMSWithoutPaths", "learning_paths", PATH),
    ],
)
def test_a_backend_that_cannot_tell_is_named(world, retrieve, options, lms, lacking, key):
    with with_lms(lms), pytest.raises(ConfigurationError, match=f"{lms} does not provide: {lacking}"):
        retrieve(key, options, user_id=LEARNER)


@pytest.mark.parametrize(
    ("retrieve", "lms"), [(retrieve_completions, "LMSWithoutGrades"), (retrieve_subsection_grades, "LMSWithoutPaths")]
)
def test_a_backend_need_not_tell_what_is_not_asked(world, retrieve, lms):
    options = {} if retrieve is retrieve_completions else GRADES
    with with_lms(lms):
        assert set(retrieve(RUN, options, user_id=LEARNER)) == {LEARNER}


@pytest.mark.parametrize("name", [retrieve.__name__ for retrieve, *_ in CASES])
def test_discovery_finds_it_with_its_options(name):
    plugin = get_processor(f"learning_credentials.processors.{name}")

    assert plugin.accepts_user_ids
    assert plugin.options_model is not None
    assert plugin.summary
