"""The processors over learning paths: every step that counts, with overrides by step."""

from __future__ import annotations

import pytest

from learning_credentials.exceptions import OptionsError
from learning_credentials.lms import Step
from learning_credentials.lms.fake import Fact
from learning_credentials.processors import (
    retrieve_completions,
    retrieve_completions_and_grades,
    retrieve_subsection_grades,
)

from .conftest import BONUS_RUN, LEARNER, OTHER_RUN, PATH, RUN


def grades(options, key=PATH):
    return retrieve_subsection_grades(key, options, user_id=LEARNER)[LEARNER]


def completions(options, key=PATH):
    return retrieve_completions(key, options, user_id=LEARNER)[LEARNER]


@pytest.fixture
def learner(world):
    world.enrol(LEARNER, PATH)
    for key in (RUN, OTHER_RUN):
        world.set_grade(LEARNER, key, {"Homework": 0.8, "Exam": 0.6})
        world.set_completion(LEARNER, key, 0.9)
    return LEARNER


def test_every_step_that_counts_must_be_met(world, learner):
    options = {"required_grades": {"Exam": 0.6}}
    assert grades(options)["is_eligible"]

    world.set_grade(learner, OTHER_RUN, {"Homework": 0.8, "Exam": 0.5})

    assert grades(options) == {
        "is_eligible": False,
        "steps": {
            RUN: {
                "name": "Alpha",
                "is_met": True,
                "current_grades": {"Exam": 0.6},
                "required_grades": {"Exam": 0.6},
            },
            OTHER_RUN: {
                "name": "Beta",
                "is_met": False,
                "current_grades": {"Exam": 0.5},
                "required_grades": {"Exam": 0.6},
            },
        },
    }


def test_completion_counts_in_every_step(world, learner):
    assert completions({})["is_eligible"]

    world.set_completion(learner, RUN, 0.5)

    assert completions({}) == {
        "is_eligible": False,
        "steps": {
            RUN: {"name": "Alpha", "is_met": False, "current_completion": 0.5, "required_completion": 0.9},
            OTHER_RUN: {"name": "Beta", "is_met": True, "current_completion": 0.9, "required_completion": 0.9},
        },
    }


def test_an_excluded_step_does_not_count(world, learner):
    world.set_completion(learner, BONUS_RUN, 0.0)

    result = completions({})

    assert result["is_eligible"]
    assert BONUS_RUN not in result["steps"]


def test_a_steps_grades_replace_the_paths_category_by_category(world, learner):
    options = {
        "required_grades": {"Homework": 0.7, "Exam": 0.6},
        "steps": {OTHER_RUN: {"required_grades": {"exam": 0.9, "Total": 0.5}}},
    }

    result = grades(options)

    assert not result["is_eligible"]
    assert result["steps"][RUN]["required_grades"] == {"Homework": 0.7, "Exam": 0.6}
    assert result["steps"][OTHER_RUN]["required_grades"] == {"Homework": 0.7, "Exam": 0.9, "Total": 0.5}
    assert result["steps"][OTHER_RUN]["is_met"] is False


def test_a_steps_completion_replaces_the_paths(world, learner):
    world.set_completion(learner, OTHER_RUN, 0.8)

    assert completions({"steps": {OTHER_RUN: {"required_completion": 0.8}}})["is_eligible"]
    assert not completions({"required_completion": 0.5, "steps": {OTHER_RUN: {"required_completion": 0.9}}})[
        "is_eligible"
    ]


def test_a_step_may_override_one_of_two_requirements(world, learner):
    options = {
        "required_grades": {"Exam": 0.6},
        "required_completion": 0.8,
        "steps": {RUN: {"required_completion": 0.3}, OTHER_RUN: {"required_grades": {"Exam": 0.1}}},
    }

    steps = retrieve_completions_and_grades(PATH, options, user_id=learner)[learner]["steps"]

    assert {key: (step["required_grades"], step["required_completion"]) for key, step in steps.items()} == {
        RUN: ({"Exam": 0.6}, 0.3),
        OTHER_RUN: ({"Exam": 0.1}, 0.8),
    }


def test_an_override_for_what_is_no_step_is_named(world, learner):
    options = {"steps": {"course-v1:Unit+Typo+2026": {"required_completion": 0.1}, BONUS_RUN: {}}}

    result = completions(options)

    assert result["is_eligible"]
    assert result["problems"] == [
        f"steps.course-v1:Unit+Typo+2026: {PATH} has no such step. Correct the key or remove the entry"
    ]


def test_overrides_do_not_touch_a_course_run_on_its_own(world, learner):
    result = completions({"required_completion": 0.5, "steps": {RUN: {"required_completion": 1}}}, key=RUN)

    assert (result["is_eligible"], result["required_completion"]) == (True, 0.5)


def test_grades_may_be_required_in_the_steps_alone(world, learner):
    both = {RUN: {"required_grades": {"Exam": 0.6}}, OTHER_RUN: {"required_grades": {"Homework": 0.8}}}

    assert grades({"steps": both})["is_eligible"]
    with pytest.raises(OptionsError, match=r"required_grades: a value is required for the step .*Beta"):
        grades({"steps": {RUN: both[RUN]}})
    with pytest.raises(OptionsError, match="required_grades: a value is required for a course run"):
        grades({"steps": both}, key=RUN)


@pytest.mark.parametrize("steps", [[], [Step(RUN, is_excluded=True)]])
def test_a_path_that_requires_nothing_makes_nobody_eligible(world, learner, steps):
    world.add_learning_path(PATH, steps=steps)

    for result in (completions({"required_completion": 0}), grades({"required_grades": {"Exam": 0}})):
        assert result == {"is_eligible": False, "steps": {}, "problems": [f"{PATH} has no step that counts"]}


def test_an_unknown_fact_in_one_step_is_unknown_for_the_path(world, learner):
    world.hide(Fact.GRADE, learner, OTHER_RUN)

    result = grades({"required_grades": {"Exam": 0.6}})

    assert (result["is_eligible"], result["is_unknown"]) == (False, True)
    assert "is_unknown" not in result["steps"][RUN]
    assert result["steps"][OTHER_RUN]["is_unknown"] is True


def test_a_step_that_the_lms_cannot_find_is_unknown_and_named_by_its_key(world, learner):
    world.add_learning_path(PATH, steps=[RUN, "course-v1:Unit+Gone+2026"])

    result = completions({})

    assert result["is_unknown"] is True
    assert result["steps"]["course-v1:Unit+Gone+2026"]["name"] == "course-v1:Unit+Gone+2026"


def test_a_category_that_one_step_lacks_is_named_with_the_run(world, learner):
    world.add_course_run(OTHER_RUN, "Beta", categories={"Project": 1.0})
    world.set_grade(learner, OTHER_RUN, {"Project": 1.0})

    result = grades({"required_grades": {"Exam": 0.6}})

    assert result["is_eligible"] is False
    assert result["problems"] == [f"required_grades.Exam: {OTHER_RUN} has no such assignment category"]


@pytest.mark.parametrize("retrieve", [retrieve_subsection_grades, retrieve_completions_and_grades])
def test_every_category_is_recorded_if_a_table_is_to_print_it(world, learner, retrieve):
    world.set_grade(learner, OTHER_RUN, {"Homework": 0.81234567, "Exam": None})
    options = {"required_grades": {"Total": 0.1}, "record_categories": True}

    steps = retrieve(PATH, options, user_id=learner)[learner]["steps"]

    assert steps[RUN]["categories"] == [
        {"name": "Homework", "grade": 0.8, "weight": 0.4},
        {"name": "Exam", "grade": 0.6, "weight": 0.6},
    ]
    assert [row["grade"] for row in steps[OTHER_RUN]["categories"]] == [0.812346, None]
    assert retrieve(RUN, options, user_id=learner)[learner]["categories"] == steps[RUN]["categories"]
