"""Options have bounds: each number, count and length, and the whole. What is out of bounds is refused at once, with its path."""

import json
import time

import pytest

from learning_credentials.exceptions import OptionsError
from learning_credentials.generators import generate_open_badge, generate_pdf_credential
from learning_credentials.options import MAX_DEPTH, OptionsContext, find_problems, merge, parse
from learning_credentials.page_options import find_page_problems, get_page_options
from learning_credentials.processors import (
    retrieve_completions,
    retrieve_completions_and_grades,
    retrieve_course_certificates,
    retrieve_subsection_grades,
)

PDF = generate_pdf_credential.options_model
BADGE = generate_open_badge.options_model
GRADES = retrieve_subsection_grades.options_model
COMPLETIONS = retrieve_completions.options_model
MODELS = [
    PDF,
    BADGE,
    GRADES,
    COMPLETIONS,
    retrieve_completions_and_grades.options_model,
    retrieve_course_certificates.options_model,
]
HUGE = 10**400
#: A check that takes longer has looked at what it should have refused.
SECONDS = 2.0


def nest(levels):
    options = {}
    for _ in range(levels):
        options = {"a": options}
    return options


def list_problems(model, options):
    return [str(problem) for problem in find_problems(options, [model], OptionsContext())]


def refuse(model, options):
    """The one problem; refused on save and past it, and both at once."""
    start = time.process_time()
    (problem,) = list_problems(model, options)
    with pytest.raises(OptionsError) as caught:
        parse(model, options)
    assert time.process_time() - start < SECONDS
    assert caught.value.code == "invalid_options"
    assert len(str(caught.value)) < 1000
    return problem


NUMBERS = [
    ("text_elements.name.size", [0, 0.5, 1e-9, 2001, 1e308, HUGE, -1]),
    ("text_elements.name.char_space", [1000, 101, -101, 1e308, -1e6, -HUGE]),
    ("text_elements.name.line_height", [0, 1e-9, 11, 1e308]),
    ("text_elements.name.max_width", [0, 1e-9, 20001, 1e308]),
    ("text_elements.name.x", [1e308, -1e308, 20001, HUGE]),
    ("text_elements.name.y", [1e308, -1e308, 20001]),
    ("defaults.size", [1e-9, 1e9]),
    ("defaults.char_space", [1000, -1e6]),
    ("defaults.line_height", [1e-9, 1e9]),
    ("qr.x", [1e308]),
    ("qr.y", [-1e308]),
    ("qr.size", [1e-9, 1e308]),
    ("image.x", [1e308]),
    ("image.y", [-20001]),
    ("image.width", [1e-9, 1e308]),
    ("image.height", [0, HUGE]),
    ("images.logo.width", [1e-9]),
]


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in NUMBERS for value in values], ids=str)
def test_each_number_has_bounds(path, value):
    *outer, key = path.split(".")
    element = {"issuer_logo": True, "x": 0, "y": 0, "width": 10} if outer[0].startswith("image") else {}
    options = {**element, key: value}
    for name in reversed(outer):
        options = {name: options}

    assert refuse(PDF, options).startswith(f"{path}: Input should be ")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("key", ["size", "char_space", "line_height", "max_width", "x", "y"])
def test_what_is_no_number_is_refused(key, value):
    assert "finite" in refuse(PDF, {"text_elements": {"name": {key: value}}})


LONG = "x" * 100_000
TOO_LONG = [
    (PDF, {"text_elements": {"name": {"text": "x" * 10_001}}}, "text_elements.name.text: String should have at most"),
    (PDF, {"text_elements": {"name": {"text": "{name}" * 10_000}}}, "text_elements.name.text: String should have"),
    (
        PDF,
        {"text_elements": {name: {"text": "x" * 9_000} for name in ("name", "context", "date")}},
        "text_elements: the texts have 27,000 characters. At most 20,000 are accepted",
    ),
    (PDF, {"text_elements": {"name": {"color": LONG}}}, "text_elements.name.color: 'xxx"),
    (PDF, {"text_elements": {"name": {"font": LONG}}}, "text_elements.name.font: String should have at most 200"),
    (
        PDF,
        {"text_elements": {"name": {"fonts": ["Helvetica"] * 11}}},
        "text_elements.name.fonts: List should have at most",
    ),
    (
        PDF,
        {"text_elements": {f"e{i}": {"text": "a", "y": 1} for i in range(101)}},
        "text_elements: Dictionary should have",
    ),
    (
        PDF,
        {"text_elements": {f"e{i}": {"text": "a", "y": 1} for i in range(20_000)}},
        "the options have too many values",
    ),
    (PDF, {"images": {f"e{i}": False for i in range(101)}}, "images: Dictionary should have at most 100"),
    (PDF, {"template": LONG}, "template: String should have at most 100"),
    (PDF, {"language": LONG}, "language: String should have at most 35"),
    (PDF, {"text_elements": {"name": {"text": "x" * 1_000_000}}}, "the options are too long. At most 200,000"),
    (BADGE, {"badge_format": "x" * 1_000_000}, "the options are too long. At most 200,000"),
    (GRADES, {"required_grades": {f"c{i}": 0.5 for i in range(201)}}, "required_grades: has 201 categories. At most"),
    (GRADES, {"required_grades": {LONG: 0.5}}, "required_grades: has a category with more than 255 characters: 'xxx"),
    (
        COMPLETIONS,
        {"steps": {f"s{i}": {} for i in range(1001)}},
        "steps: has 1,001 course runs. At most 1,000 are accepted",
    ),
    (COMPLETIONS, {"steps": {LONG: {}}}, "steps: has a key with more than 255 characters: 'xxx"),
    (COMPLETIONS, {"required_completion": HUGE}, "required_completion: must be from 0 to 1"),
]


@pytest.mark.parametrize(("model", "options", "problem"), TOO_LONG, ids=[problem for _, _, problem in TOO_LONG])
def test_counts_and_lengths_have_bounds(model, options, problem):
    assert refuse(model, options).startswith(problem)


def test_as_much_as_is_accepted_is_accepted():
    options = {
        "text_elements": {f"e{i}": {"text": "x" * 200, "y": 100, "size": 1, "char_space": -1} for i in range(100)},
        "images": {f"e{i}": False for i in range(100)},
        "defaults": {"fonts": ["Helvetica"] * 10, "line_height": 0.1},
    }

    assert list_problems(PDF, options) == []
    assert parse(PDF, options)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"text_elements": nest(60)}, f"text_elements: is nested too deeply. At most {MAX_DEPTH} levels are accepted"),
        ({"steps": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}, "steps: is nested too deeply"),
        ({"key": list(range(20_000))}, "the options have too many values. At most 10,000 are accepted"),
        ({"key": [LONG, LONG, LONG]}, "the options are too long. At most 200,000 characters are accepted"),
        ({LONG * 3: 1}, "the options are too long"),
    ],
)
def test_the_whole_has_bounds_for_every_function(model, options, problem):
    assert refuse(model, options).startswith(problem)


def test_a_function_without_a_model_takes_any_key_within_bounds():
    assert find_problems({"anything": nest(5)}, [None], OptionsContext()) == []
    assert find_problems({"anything": nest(50)}, [None], OptionsContext())


def test_deep_objects_are_merged_without_an_end_of_the_stack():
    deep = json.loads('{"a":' * 900 + "1" + "}" * 900)

    merged = merge(deep, deep)

    assert str(find_problems(merged, [PDF], OptionsContext())[0]).startswith("a: is nested too deeply")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"intro": {f"l{chr(97 + i // 26)}{chr(97 + i % 26)}": "a" for i in range(101)}},
            "intro: Dictionary should have",
        ),
        ({"intro": {"default": "x" * 2001}}, "intro.default: String should have at most 2000"),
        ({"intro": {"en-" + "a" * 1000: "a"}}, "intro.en-"),
        ({"modes": {f"m{i}": {} for i in range(51)}}, "modes: Dictionary should have at most 50"),
        ({"modes": {"m" * 65: {}}}, "modes."),
        ({"accent": LONG}, "accent: 'xxx"),
        ({"modes": nest(50)}, "modes: is nested too deeply"),
        ({"intro": {"default": "x" * 1_000_000}}, "the options are too long"),
    ],
)
def test_options_of_pages_have_bounds(options, problem):
    (found,) = find_page_problems(options)

    assert str(found).startswith(problem)
    assert get_page_options(options).intro == {}, "what was stored past the check is left out"
