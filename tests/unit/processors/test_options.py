"""The processors' options: what operators have works unchanged, and every mistake is named by its path."""

from __future__ import annotations

import pytest

from learning_credentials.exceptions import OptionsError
from learning_credentials.options import OptionsContext, describe, find_problems
from learning_credentials.processors import (
    retrieve_completions,
    retrieve_completions_and_grades,
    retrieve_subsection_grades,
)

from .conftest import LEARNER, RUN

GRADES = retrieve_subsection_grades
COMPLETIONS = retrieve_completions
BOTH = retrieve_completions_and_grades
RANGE = "must be from 0 to 1"
NUMBER = "must be a number from 0 to 1"


def problems_of(retrieve, options, **kwargs):
    return [str(problem) for problem in find_problems(options, [retrieve.options_model], OptionsContext(), **kwargs)]


@pytest.mark.parametrize(
    ("retrieve", "options"),
    [
        (GRADES, {"required_grades": {"Homework": 0.4, "Exam": 0.9, "Total": 0.8}}),
        (GRADES, {"required_grades": {"Total": 1}, "steps": {RUN: {"required_grades": {"Total": 0}}}}),
        (GRADES, {"steps": {RUN: {"required_grades": {"Total": 0.5}}}}),
        (COMPLETIONS, {}),
        (COMPLETIONS, {"required_completion": 0.8}),
        (COMPLETIONS, {"required_completion": 0.7, "steps": {RUN: {"required_completion": 0.9}}}),
        (BOTH, {"required_completion": 0.7, "required_grades": {"Total": 0.8}}),
        (BOTH, {"required_grades": {"Total": 0.8}, "steps": {RUN: {"required_completion": 0.9}}}),
        (
            BOTH,
            {
                "required_completion": 0.7,
                "required_grades": {"Total": 0.8},
                "steps": {RUN: {"required_grades": {"Exam": 0.9}, "required_completion": 0.5}},
            },
        ),
    ],
)
def test_what_operators_write_is_accepted(world, retrieve, options):
    assert problems_of(retrieve, options) == []


@pytest.mark.parametrize(
    ("retrieve", "options", "problem"),
    [
        (GRADES, {}, "required_grades: a value is required"),
        (GRADES, {"required_grades": {}}, "required_grades: must name at least one assignment category, or Total"),
        (GRADES, {"required_grades": None}, "required_grades: must be an object with a number"),
        (GRADES, {"required_grades": 0.5}, "required_grades: must be an object with a number"),
        (GRADES, {"required_grades": {"Exam": 1.01}}, f"required_grades.Exam: {RANGE}"),
        (GRADES, {"required_grades": {"Exam": 80}}, f"required_grades.Exam: {RANGE}"),
        (GRADES, {"required_grades": {"Exam": -0.1}}, f"required_grades.Exam: {RANGE}"),
        (GRADES, {"required_grades": {"Exam": float("nan")}}, f"required_grades.Exam: {RANGE}"),
        (GRADES, {"required_grades": {"Exam": 10**400}}, f"required_grades.Exam: {RANGE}"),
        (GRADES, {"required_grades": {"Exam": "0.5"}}, f"required_grades.Exam: {NUMBER}"),
        (GRADES, {"required_grades": {"Exam": True}}, f"required_grades.Exam: {NUMBER}"),
        (GRADES, {"required_grades": {"Exam": None}}, f"required_grades.Exam: {NUMBER}"),
        (GRADES, {"required_grades": {" ": 0.5}}, "required_grades: has a category without a name"),
        (GRADES, {"required_grades": {"Exam": 0.5, "EXAM": 0.6}}, "required_grades: has one category twice"),
        (GRADES, {"Required_Grades": {"Exam": 0.5}}, "Required_Grades: unknown option"),
        (
            GRADES,
            {"required_grades": {"Exam": 0.5}, "required_completion": 0.5},
            "required_completion: unknown option. The known options are record_categories, required_grades, steps",
        ),
        (GRADES, {"steps": {}}, "required_grades: a value is required"),
        (GRADES, {"required_grades": {"Exam": 0.5}, "steps": [RUN]}, "steps: must be an object"),
        (GRADES, {"required_grades": {"Exam": 0.5}, "steps": {RUN: 0.5}}, f"steps.{RUN}: must be an object"),
        (
            GRADES,
            {"required_grades": {"Exam": 0.5}, "steps": {RUN: {"required_grades": {}}}},
            f"steps.{RUN}.required_grades: must name at least one",
        ),
        (
            GRADES,
            {"required_grades": {"Exam": 0.5}, "steps": {RUN: {"required_grades": {"Exam": 2}}}},
            f"steps.{RUN}.required_grades.Exam: {RANGE}",
        ),
        (
            GRADES,
            {"required_grades": {"Exam": 0.5}, "steps": {RUN: {"required_completion": 0.5}}},
            f"steps.{RUN}.required_completion: unknown option",
        ),
        (COMPLETIONS, {"required_completion": 90}, f"required_completion: {RANGE}"),
        (COMPLETIONS, {"required_completion": "90%"}, f"required_completion: {NUMBER}"),
        (COMPLETIONS, {"required_completion": None}, f"required_completion: {NUMBER}"),
        (COMPLETIONS, {"required_completion": False}, f"required_completion: {NUMBER}"),
        (
            COMPLETIONS,
            {"steps": {RUN: {"required_completion": 1.5}}},
            f"steps.{RUN}.required_completion: {RANGE}",
        ),
        (BOTH, {"required_completion": 0.5}, "required_grades: a value is required"),
        (BOTH, {"required_grades": {"Exam": 0.5}, "required_completion": 2}, f"required_completion: {RANGE}"),
        (
            BOTH,
            {"required_grades": {"Exam": 0.5}, "steps": {RUN: {"completion": 0.5}}},
            f"steps.{RUN}.completion: unknown option",
        ),
    ],
)
def test_a_mistake_is_named_by_its_path(world, retrieve, options, problem):
    found = problems_of(retrieve, options)

    assert any(text.startswith(problem) for text in found), found
    if "unknown option. The known" not in problem and "Required_Grades" not in problem:
        # Keys that no function declares are found on saving; the rest stops a run as well.
        with pytest.raises(OptionsError):
            retrieve(RUN, options, user_id=LEARNER)


def test_a_type_may_leave_the_grades_to_its_configurations():
    assert problems_of(GRADES, {}, is_partial=True) == []
    assert problems_of(GRADES, {"required_grades": {}}, is_partial=True) != []


@pytest.mark.parametrize("retrieve", [GRADES, COMPLETIONS, BOTH])
def test_every_option_is_described(retrieve):
    described = describe(retrieve.options_model)

    assert {option.name for option in described} == set(retrieve.options_model.model_fields)
    assert all(option.help for option in described)
    assert {option.name for option in described if option.is_required} <= {"required_grades"}
