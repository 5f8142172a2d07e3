"""`retrieve_subsection_grades` in a course run."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.lms.fake import Fact, fake_lms
from learning_credentials.processors import retrieve_subsection_grades

from .conftest import LEARNER, RUN


def ask(required, key=RUN, user_id=LEARNER):
    return retrieve_subsection_grades(key, {"required_grades": required}, user_id=user_id)[user_id]


@pytest.mark.parametrize(
    ("scores", "required", "is_eligible"),
    [
        ({"Homework": 0.9, "Exam": 0.8}, {"Homework": 0.9, "Exam": 0.8}, True),
        ({"Homework": 0.9, "Exam": 0.79}, {"Homework": 0.9, "Exam": 0.8}, False),
        ({"Homework": 1.0, "Exam": None}, {"Homework": 0.5, "Exam": 0.1}, False),
        ({"Homework": 1.0, "Exam": None}, {"Homework": 0.5}, True),
        ({"Homework": 0.0, "Exam": None}, {"Homework": 0}, True),
        ({"Homework": 0.5, "Exam": 0.5}, {"Total": 0.5}, True),
        ({"Homework": 1.0, "Exam": 0.1}, {"Total": 0.47}, False),
        ({"Homework": 1.0, "Exam": None}, {"Total": 0.4}, True),
        ({"Homework": 0.9, "Exam": 0.9}, {"Total": 0.5, "Exam": 0.95}, False),
        ({"Homework": 0.9, "Exam": 0.9}, {"hOMEwork": 0.9, "EXAM": 0.9, "total": 0.9}, True),
    ],
)
def test_every_required_grade_must_be_reached(world, scores, required, is_eligible):
    world.set_grade(LEARNER, RUN, scores)

    assert ask(required)["is_eligible"] is is_eligible


def test_a_category_never_attempted_fails_even_where_nothing_is_asked(world):
    world.set_grade(LEARNER, RUN, {"Homework": 1.0, "Exam": None})

    assert ask({"Exam": 0}) == {
        "is_eligible": False,
        "current_grades": {"Exam": None},
        "required_grades": {"Exam": 0.0},
    }


def test_a_learner_is_told_what_is_missing_in_the_operators_words(world):
    world.set_grade(LEARNER, RUN, {"Homework": 0.9, "Exam": 0.5})

    assert ask({"homework": 0.8, "EXAM": 0.6, "Total": 0.7}) == {
        "is_eligible": False,
        "current_grades": {"homework": 0.9, "EXAM": 0.5, "Total": 0.66},
        "required_grades": {"homework": 0.8, "EXAM": 0.6, "Total": 0.7},
    }


def test_a_category_that_the_run_lacks_cannot_be_met_and_is_named(world):
    world.set_grade(LEARNER, RUN, {"Homework": 1.0, "Exam": 1.0})

    assert ask({"Homework": 0.5, "Essay": 0.1}) == {
        "is_eligible": False,
        "current_grades": {"Homework": 1.0, "Essay": None},
        "required_grades": {"Homework": 0.5, "Essay": 0.1},
        "problems": [f"required_grades.Essay: {RUN} has no such assignment category"],
    }


def test_categories_are_the_same_however_their_accents_are_coded(world):
    world.add_course_run(RUN, categories={"Pr\u00fcfung": 1.0})
    world.set_grade(LEARNER, RUN, {"Pr\u00fcfung": 0.8})

    assert ask({"PRU\u0308FUNG": 0.8})["is_eligible"]


def test_categories_of_a_run_that_differ_in_case_are_told_apart(world):
    world.add_course_run(RUN, categories={"Quiz": 0.5, "QUIZ": 0.5})
    world.set_grade(LEARNER, RUN, {"Quiz": 0.2, "QUIZ": 0.8})

    assert ask({"Quiz": 0.1})["current_grades"] == {"Quiz": 0.2}
    assert ask({"QUIZ": 0.1})["current_grades"] == {"QUIZ": 0.8}


def test_a_grade_that_the_lms_cannot_tell_is_unknown(world):
    world.enrol(LEARNER, RUN)
    world.hide(Fact.GRADE, LEARNER, RUN)

    assert ask({"Exam": 0.5}) == {
        "is_eligible": False,
        "current_grades": {"Exam": None},
        "required_grades": {"Exam": 0.5},
        "is_unknown": True,
    }


def test_a_total_that_the_lms_cannot_tell_is_unknown(world):
    world.set_grade(LEARNER, RUN, {"Homework": 1.0, "Exam": 1.0}, percent=None)

    assert ask({"Exam": 0.5})["is_eligible"]
    assert ask({"Exam": 0.5, "Total": 0.5}) == {
        "is_eligible": False,
        "current_grades": {"Exam": 1.0, "Total": None},
        "required_grades": {"Exam": 0.5, "Total": 0.5},
        "is_unknown": True,
    }


def test_a_learner_of_whom_the_lms_never_heard_is_unknown(world):
    assert ask({"Exam": 0.5})["is_unknown"] is True


@given(st.lists(st.integers(min_value=1, max_value=20), min_size=1, max_size=8), st.integers(0, 100))
def test_a_weighted_sum_at_the_threshold_is_enough(parts, percent):
    """However the weights add up: the same score everywhere is that score in total."""
    whole = sum(parts)
    with fake_lms() as world:
        world.add_course_run(RUN, categories={f"C{number}": part / whole for number, part in enumerate(parts)})
        world.set_grade(LEARNER, RUN, {f"C{number}": percent / 100 for number in range(len(parts))})

        assert ask({"Total": percent / 100})["is_eligible"]
        if percent < 100:
            assert not ask({"Total": (percent + 1) / 100})["is_eligible"]


@given(
    st.dictionaries(
        st.sampled_from(["Homework", "Exam"]), st.none() | st.floats(min_value=0, max_value=1), min_size=2, max_size=2
    ),
    st.dictionaries(st.sampled_from(["Homework", "Exam"]), st.floats(min_value=0, max_value=1), min_size=1),
)
def test_eligible_means_that_no_current_value_is_below_what_is_required(scores, required):
    with fake_lms() as world:
        world.add_course_run(RUN, categories={"Homework": 0.4, "Exam": 0.6})
        world.set_grade(LEARNER, RUN, scores)
        result = ask(required)

    met = [scores[name] is not None and round(scores[name], 6) >= round(least, 6) for name, least in required.items()]
    assert result["is_eligible"] is all(met)
    assert result["required_grades"] == required
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize("score", [0.7 - 4e-16, math.nextafter(0.7, 0), 0.1 + 0.6, 0.35 * 2])
def test_representation_noise_fails_nobody(world, score):
    world.set_grade(LEARNER, RUN, {"Exam": score})

    assert ask({"Exam": 0.7})["is_eligible"]
