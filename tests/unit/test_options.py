"""Options are merged in depth, checked with paths, and described for people."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from learning_credentials.data import Asset, AssetKind, StaticAssets
from learning_credentials.exceptions import AssetNotFoundError, OptionProblem, OptionsError
from learning_credentials.options import (
    Options,
    OptionsContext,
    StrictOptions,
    describe,
    find_problems,
    merge,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
OBJECTS = st.recursive(
    st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=2), max_size=3),
    lambda children: st.dictionaries(KEYS, SCALARS | children, max_size=3),
    max_leaves=8,
)


class Shade(StrictOptions):
    color: str = "black"
    weight: int = Field(default=1, ge=0)


class Painting(Options):
    """Options of a made-up generator."""

    title: str = Field(description="What stands below.")
    size: int | str = Field(default=12, description="Points, or a word.")
    shades: dict[str, Shade] = Field(default={}, description="By name.")
    image: str | None = None

    def find_problems(self, context: OptionsContext) -> Iterable[OptionProblem]:
        if self.image is not None:
            try:
                context.assets.get(self.image)
            except AssetNotFoundError as error:
                yield OptionProblem("image", str(error))


class Hanging(Options):
    """Options of a made-up processor."""

    wall: str = "north"


def texts(options, models=(Painting, Hanging), context=None, **kwargs):
    return [str(problem) for problem in find_problems(options, models, context or OptionsContext(), **kwargs)]


def test_later_layers_win_in_depth():
    assert merge(
        {"a": {"x": 1, "y": {"deep": 1}}, "list": [1, 2], "kept": None},
        {"a": {"x": 2, "y": {"more": 2}}, "list": [3]},
        {"a": {"z": 3}},
    ) == {"a": {"x": 2, "y": {"deep": 1, "more": 2}, "z": 3}, "list": [3], "kept": None}


def test_an_object_and_a_scalar_replace_each_other():
    assert merge({"a": {"x": 1}}, {"a": 5}) == {"a": 5}
    assert merge({"a": 5}, {"a": {"x": 1}}) == {"a": {"x": 1}}
    assert merge({"a": {"x": 1}}, {"a": None}) == {"a": None}


@given(OBJECTS)
def test_nothing_changes_nothing(options):
    assert merge(options) == merge({}, options) == merge(options, {}) == merge(options, options) == options


@given(OBJECTS, OBJECTS)
def test_what_the_later_layer_says_holds(base, override):
    def holds(part, whole):
        return all(
            holds(value, whole[key]) if isinstance(value, dict) and value else key in whole
            for key, value in part.items()
        )

    merged = merge(base, override)

    assert holds(override, merged)
    assert set(merged) == set(base) | set(override)
    for key, value in override.items():
        if not isinstance(value, dict):
            assert merged[key] == value


def same_shape(*layers):
    """Whether no key holds an object in one layer and something else in another."""
    keys = {key for layer in layers for key in layer}
    for key in keys:
        values = [layer[key] for layer in layers if key in layer]
        objects = [value for value in values if isinstance(value, dict)]
        if objects and (len(objects) != len(values) or not same_shape(*objects)):
            return False
    return True


@given(OBJECTS, OBJECTS, OBJECTS)
def test_layers_merge_one_by_one_or_all_at_once(first, second, third):
    assert merge(first, second, third) == merge(merge(first, second), third)
    # The grouping is free as long as nobody puts a scalar where another has an object: that forgets what was below.
    if same_shape(first, second, third):
        assert merge(first, second, third) == merge(first, merge(second, third))


@given(OBJECTS, OBJECTS)
def test_merging_leaves_the_layers_alone(first, second):
    before = copy.deepcopy((first, second))

    merged = merge(first, second)
    for value in merged.values():
        if isinstance(value, dict):
            value["new"] = True
    merged["new"] = True

    assert (first, second) == before


def test_options_are_parsed_into_types():
    parsed = parse(Painting, {"title": "Sea", "shades": {"sky": {"color": "blue"}}, "wall": "south"})

    assert (parsed.title, parsed.size, parsed.shades["sky"]) == ("Sea", 12, Shade(color="blue"))


def test_parsing_names_every_mistake():
    with pytest.raises(OptionsError) as caught:
        parse(Painting, {"shades": {"sky": {"weight": -1, "hue": 1}}})

    assert [problem.path for problem in caught.value.problems] == ["title", "shades.sky.weight", "shades.sky.hue"]
    assert str(caught.value).startswith("title: ")
    assert caught.value.code == "invalid_options"


def test_good_options_have_no_problems():
    assert texts({"title": "Sea", "size": "large", "wall": "south"}) == []


@pytest.mark.parametrize("options", [None, [], "title", 5, True])
def test_options_must_be_an_object(options):
    assert texts(options) == ["must be a JSON object"]


def test_a_key_that_no_function_declares_is_a_mistake():
    assert texts({"title": "Sea", "tilte": "Sea"}) == [
        "tilte: unknown option. Did you mean title? The known options are image, shades, size, title, wall"
    ]
    assert texts({"x": 1}, models=[Options]) == ["x: unknown option. The known options are none"]


def test_a_function_without_a_model_takes_any_key():
    assert texts({"title": "Sea", "tilte": "Sea"}, models=[Painting, None]) == []
    assert texts({"size": []}, models=[None]) == []


def test_mistakes_of_both_functions_are_found_at_once():
    problems = find_problems({"title": 5, "wall": 5}, [Painting, Hanging], OptionsContext())

    assert [problem.path for problem in problems] == ["title", "wall"]


def test_a_layer_that_another_completes_may_lack_required_keys():
    assert texts({}, is_partial=True) == []
    assert texts({}) == ["title: a value is required"]
    assert len(texts({"size": [], "shades": {"sky": {"weight": "x"}}}, is_partial=True)) > 1


def test_problems_that_need_assets_are_found_with_them():
    image = Asset.of("sea", AssetKind.IMAGE, b"...")
    context = OptionsContext(assets=StaticAssets({"sea": image}))

    assert texts({"title": "Sea", "image": "sea"}, context=context) == []
    assert texts({"title": "Sea", "image": "lake"}, context=context) == [
        "image: there is no asset with the slug 'lake'"
    ]


def test_a_problem_is_told_once():
    assert texts({"title": 5}, models=[Painting, Painting]) == texts({"title": 5}, models=[Painting])


def test_options_are_described_for_people():
    described = {option.name: option for option in describe(Painting)}

    assert list(described) == ["title", "size", "shades", "image"]
    assert (described["title"].type, described["title"].is_required) == ("string", True)
    assert described["title"].help == "What stands below."
    assert (described["size"].type, described["size"].default) == ("integer or string", "12")
    assert (described["shades"].type, described["shades"].is_required) == ("object", False)
    assert (described["image"].type, described["image"].default) == ("string or null", "null")
