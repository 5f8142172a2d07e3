"""Misspelt options: which option was meant, with its path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from learning_credentials.option_names import list_names, suggest
from learning_credentials.options import Options, OptionsContext, StrictOptions, find_problems, get_schema
from learning_credentials.page_options import find_page_problems
from learning_credentials.pdf import PDFOptions
from learning_credentials.processors.grades import SubsectionGradesOptions


class Leaf(StrictOptions):
    color: str = ""
    size: int = 1


class Branch(StrictOptions):
    leaves: list[Leaf] = Field(default=[])
    named: dict[str, Leaf | None] = Field(default={})


class TreeOptions(Options):
    branch: Branch = Branch()
    height: float = 1.0


def texts(options: Any, *models: Any) -> list[str]:
    return [str(problem) for problem in find_problems(options, models, OptionsContext())]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"heigth": 2.0}, "heigth: unknown option. Did you mean height? The known options are branch, height"),
        ({"Height": 2.0}, "Height: unknown option. Did you mean height? The known options are branch, height"),
        ({"width": 2.0}, "width: unknown option. The known options are branch, height"),
        ({"branch": {"leafs": []}}, "branch.leafs: unknown option. Did you mean branch.leaves?"),
        (
            {"branch": {"leaves": [{}, {"colour": "red"}]}},
            "branch.leaves.1.colour: unknown option. Did you mean branch.leaves.1.color?",
        ),
        (
            {"branch": {"named": {"low": {"zise": 1}}}},
            "branch.named.low.zise: unknown option. Did you mean branch.named.low.size?",
        ),
        ({"branch": {"named": {"low": {"weight": 1}}}}, "branch.named.low.weight: unknown option"),
    ],
)
def test_the_option_that_was_meant_is_named(options, problem):
    assert texts(options, TreeOptions) == [problem]


def test_the_options_of_both_functions_are_looked_at():
    (problem,) = texts(
        {"required_grade": {"Exam": 0.5}, "required_grades": {"Exam": 0.5}}, SubsectionGradesOptions, PDFOptions
    )
    assert problem.startswith("required_grade: unknown option. Did you mean required_grades? The known options are ")
    (problem,) = texts({"template_mutliline": "a"}, PDFOptions)
    assert "Did you mean template_multiline?" in problem


def test_the_options_of_the_page_are_helped_with_too():
    assert [str(each) for each in find_page_problems({"modes": {"honor": {"acent": "#000000"}}})] == [
        "modes.honor.acent: unknown option. Did you mean modes.honor.accent?"
    ]


@given(st.text(max_size=300), st.sets(st.text(max_size=20), max_size=8))
def test_any_name_can_be_looked_for(name, known):
    found = suggest(name, known)
    assert not found or found.removeprefix("Did you mean ").removesuffix("?") in known


@given(st.lists(st.one_of(st.integers(0, 9), st.sampled_from(["branch", "leaves", "named", "x"])), max_size=5))
def test_any_path_can_be_followed(path):
    assert list_names(get_schema(TreeOptions), path) <= {"branch", "height", "leaves", "named", "color", "size"}
