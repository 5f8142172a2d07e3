"""`retrieve_completions` and `retrieve_completions_and_grades` in a course run."""

from __future__ import annotations

import pytest

from learning_credentials.lms.fake import Fact
from learning_credentials.processors import retrieve_completions, retrieve_completions_and_grades

from .conftest import LEARNER, RUN


@pytest.mark.parametrize(
    ("options", "share", "is_eligible", "required"),
    [
        ({}, 0.9, True, 0.9),
        ({}, 0.89, False, 0.9),
        ({"required_completion": 0.5}, 0.5, True, 0.5),
        ({"required_completion": 1}, 0.99, False, 1.0),
        ({"required_completion": 0}, 0.0, True, 0.0),
        ({"required_completion": 0.3}, 0.1 + 0.2, True, 0.3),
        ({"required_completion": 0.1 + 0.2}, 0.3, True, 0.1 + 0.2),
    ],
)
def test_the_required_share_must_be_completed(world, options, share, is_eligible, required):
    world.set_completion(LEARNER, RUN, share)

    assert retrieve_completions(RUN, options, user_id=LEARNER) == {
        LEARNER: {
            "is_eligible": is_eligible,
            "current_completion": pytest.approx(share),
            "required_completion": required,
        }
    }


def test_who_has_not_begun_has_completed_nothing(world):
    world.enrol(LEARNER, RUN)

    assert retrieve_completions(RUN, {}, user_id=LEARNER)[LEARNER] == {
        "is_eligible": False,
        "current_completion": 0.0,
        "required_completion": 0.9,
    }


def test_a_completion_that_the_lms_cannot_tell_is_unknown(world):
    world.enrol(LEARNER, RUN)
    world.hide(Fact.COMPLETION, LEARNER, RUN)

    # Not even where nothing is asked: nothing is concluded from what is not known.
    assert retrieve_completions(RUN, {"required_completion": 0}, user_id=LEARNER)[LEARNER] == {
        "is_eligible": False,
        "current_completion": None,
        "required_completion": 0.0,
        "is_unknown": True,
    }


@pytest.mark.parametrize(
    ("share", "exam", "is_eligible"), [(0.9, 0.5, True), (0.89, 0.5, False), (0.9, 0.49, False), (0.9, None, False)]
)
def test_both_must_be_met_together(world, share, exam, is_eligible):
    world.set_completion(LEARNER, RUN, share)
    world.set_grade(LEARNER, RUN, {"Exam": exam})

    result = retrieve_completions_and_grades(RUN, {"required_grades": {"exam": 0.5}}, user_id=LEARNER)[LEARNER]

    assert result == {
        "is_eligible": is_eligible,
        "current_grades": {"exam": exam},
        "required_grades": {"exam": 0.5},
        "current_completion": share,
        "required_completion": 0.9,
    }


@pytest.mark.parametrize("fact", [Fact.GRADE, Fact.COMPLETION])
def test_either_may_be_unknown(world, fact):
    world.set_completion(LEARNER, RUN, 1.0)
    world.set_grade(LEARNER, RUN, {"Exam": 1.0})
    world.hide(fact, LEARNER, RUN)

    result = retrieve_completions_and_grades(RUN, {"required_grades": {"Exam": 0.5}}, user_id=LEARNER)[LEARNER]

    assert (result["is_eligible"], result["is_unknown"]) == (False, True)
