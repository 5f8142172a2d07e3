"""The options of functions as form fields: which input each type of value has, and what is left to JSON."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from learning_credentials.admin.option_fields import describe_fields
from learning_credentials.generators.open_badge import OpenBadgeOptions
from learning_credentials.option_types import (
    CategoryName,
    CategoryPercents,
    Colour,
    CourseKey,
    Duration,
    LongText,
    Look,
    Percent,
    ShownAs,
    TextsByLanguage,
)
from learning_credentials.options import Options, OptionsContext, StrictOptions, find_problems, parse
from learning_credentials.page_options import PageOptions
from learning_credentials.pdf import PDFOptions
from learning_credentials.periods import Period
from learning_credentials.processors.combined import CompletionsAndGradesOptions


class Tone(StrEnum):
    """How to speak."""

    WARM = "warm"
    PLAIN_ENGLISH = "plain_english"


class Author(StrictOptions):
    """Who wrote it."""

    name: str
    born: date | None = None


class Chain(StrictOptions):
    """A link of a chain."""

    next: Chain | None = None
    length: int = 1


class BookOptions(Options):
    share: Percent = Field(0.8, description="How much is read.")
    pages: int = Field(10, ge=1, le=500)
    price: Annotated[float, ShownAs(unit="euro")] = 2.5
    title: Annotated[str, Field(max_length=80)] = Field(description="On the cover.", title="Title on the cover")
    isbn_url: str = ""
    summary: LongText = ""
    is_new: bool | None = None
    tone: Tone = Tone.WARM
    size: Literal[1, 2] = 1
    tones: frozenset[Tone] = frozenset()
    words: list[str] = Field(default=[])
    cover: Colour | None = None
    lent_for: Duration | None = None
    warned: timedelta | None = None
    printed: date | None = None
    course: CourseKey = "course-v1:A+B+C"
    category: CategoryName = "Exam"
    grades: CategoryPercents = Field(default={})
    greetings: TextsByLanguage = Field(default={})
    author: Author | None = None
    others: list[Author] = Field(default=[])
    shelves: dict[str, Author] = Field(default={})
    anything: Any = None
    either: int | str = 1
    pair: tuple[int, str] = (1, "a")
    chain: Chain = Chain()
    place: Annotated[dict[str, float], ShownAs(Look.LAYOUT)] = Field(default={})


@pytest.fixture
def fields():
    return {field["name"]: field for field in describe_fields(BookOptions)}


@pytest.mark.parametrize(
    ("name", "kind"),
    {
        "share": "percent",
        "pages": "integer",
        "price": "number",
        "title": "text",
        "summary": "long_text",
        "is_new": "boolean",
        "tone": "choice",
        "size": "choice",
        "tones": "choices",
        "words": "list",
        "cover": "colour",
        "lent_for": "period",
        "warned": "duration",
        "printed": "date",
        "course": "context",
        "category": "category",
        "grades": "map",
        "greetings": "map",
        "author": "group",
        "others": "list",
        "shelves": "map",
        "anything": "json",
        "either": "json",
        "pair": "json",
        "chain": "group",
        "place": "layout",
    }.items(),
)
def test_each_type_of_value_has_its_input(fields, name, kind):
    assert fields[name]["kind"] == kind


def test_fields_come_in_the_order_of_the_model(fields):
    assert list(fields) == list(BookOptions.model_fields)


def test_bounds_labels_and_helps_are_told(fields):
    assert fields["pages"] == {
        "kind": "integer", "minimum": 1, "maximum": 500, "name": "pages", "label": "Pages", "default": 10,
    }  # fmt: skip
    assert fields["title"]["is_required"] is True
    assert (fields["title"]["label"], fields["title"]["help"]) == ("Title on the cover", "On the cover.")
    assert fields["title"]["max_length"] == 80
    assert fields["isbn_url"]["label"] == "ISBN URL"
    assert fields["price"]["unit"] == "euro"
    assert fields["is_new"]["is_nullable"] is True
    assert "is_nullable" not in fields["share"]


def test_choices_have_texts(fields):
    assert fields["tone"]["choices"] == [["warm", "Warm"], ["plain_english", "Plain english"]]
    assert fields["tones"]["choices"] == fields["tone"]["choices"]
    assert fields["size"]["choices"] == [[1, "1"], [2, "2"]]
    (form, _decimals) = describe_fields(OpenBadgeOptions)
    assert form["choices"][0] == ["json", "A document"]


def test_nested_models_are_groups(fields):
    assert [(field["name"], field["kind"]) for field in fields["author"]["fields"]] == [
        ("name", "text"),
        ("born", "date"),
    ]
    assert fields["author"]["help"] == "Who wrote it."
    assert fields["others"]["item"]["kind"] == "group"
    assert fields["shelves"]["item"]["fields"] == fields["author"]["fields"]


def test_a_model_in_itself_ends_in_json(fields):
    inner, length = fields["chain"]["fields"]
    assert (inner["name"], inner["kind"], length["kind"]) == ("next", "json", "integer")


def test_keys_of_mappings_have_a_meaning(fields):
    assert (fields["grades"]["keys"], fields["grades"]["item"]["kind"]) == ("category", "percent")
    assert (fields["greetings"]["keys"], fields["greetings"]["item"]["kind"]) == ("language", "long_text")
    assert fields["shelves"]["keys"] == "text"


def test_the_built_in_functions_need_no_json():
    described = {field["name"]: field for field in describe_fields(CompletionsAndGradesOptions)}
    assert described["required_completion"]["kind"] == "percent"
    assert described["required_grades"]["keys"] == "category"
    assert described["steps"]["keys"] == "context"
    assert [field["kind"] for field in described["steps"]["item"]["fields"]] == ["map", "percent"]
    assert "from 0 to 1" not in described["required_completion"]["help"]


def test_the_layout_of_a_pdf_is_left_to_its_own_tab():
    kinds = {field["name"]: field["kind"] for field in describe_fields(PDFOptions)}
    assert {name for name, kind in kinds.items() if kind == "layout"} == {
        "background", "defaults", "text_elements", "tables", "qr", "image", "images", "signatories",
    }  # fmt: skip
    assert "json" not in kinds.values()
    assert kinds["template"] == "asset"
    template = describe_fields(PDFOptions)[0]
    assert template["asset_kind"] == "pdf_template"


def test_the_options_of_the_page_need_no_json():
    described = {field["name"]: field for field in describe_fields(PageOptions)}
    assert "json" not in {field["kind"] for field in described.values()}
    assert described["intro"]["key_choices"] == [["default", "All other languages"]]
    assert described["file_name"]["item"]["choices"][0] == ["learner", "Name of the learner"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"share": 1.5}, "share: Input should be less than or equal to 1"),
        ({"share": "0.5"}, "share: Input should be a valid number"),
        ({"cover": "red"}, "cover: 'red' is not a colour. Use a hex value such as #1a2b3c"),
        ({"lent_for": "soon"}, "lent_for: 'soon' is not a period such as '1 year 6 months'"),
        ({"lent_for": 3}, "lent_for: must be a period in words, such as '1 year 6 months'"),
        ({"course": ""}, "course: String should have at least 1 character"),
    ],
)
def test_the_types_for_hosts_refuse_what_does_not_fit(options, problem):
    assert [str(each) for each in find_problems({"title": "Sea", **options}, [BookOptions], OptionsContext())] == [
        problem
    ]


def test_the_types_for_hosts_are_read():
    parsed = parse(BookOptions, {"title": "Sea", "lent_for": "18 months", "cover": "#abc", "grades": {"Exam": 0.5}})
    assert parsed.lent_for == Period(months=18)
    assert (parsed.cover, parsed.grades, parsed.share) == ("#abc", {"Exam": 0.5}, 0.8)
    assert parsed.model_dump(mode="json")["lent_for"] == "18 months"
