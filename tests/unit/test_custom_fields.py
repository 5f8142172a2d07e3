"""What operators can define, which values each kind accepts, and how they are written for people."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.custom_fields import (
    MAX_DEFINITIONS,
    find_definition_problems,
    find_value_problems,
    format_field,
    load_fields,
    make_sample,
    parse_definitions,
    read_values,
)
from learning_credentials.data import FieldData, FieldKind
from learning_credentials.exceptions import OptionsError
from learning_credentials.pdf import choose_locale

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from([*FieldKind, "other"])
KEYS = st.sampled_from(["name", "label", "kind", "required", "on_page", "limits", "choices", "badge", "extra"])
DEFINITIONS = st.lists(
    st.dictionaries(KEYS, JSON | KINDS | st.just("hours") | st.just({"min": 1, "max": 3}), max_size=6) | JSON,
    max_size=4,
)
ALL_KINDS = parse_definitions(
    [
        {"name": "licence", "label": "Licence number", "kind": "text", "limits": {"max_length": 9}},
        {"name": "credits", "label": "Credits", "kind": "number", "limits": {"min": 0, "max": 30000, "decimals": 1}},
        {"name": "held_on", "label": "Held on", "kind": "date", "limits": {"min": "2026-01-01"}},
        {"name": "hours", "label": "Hours", "kind": "duration", "limits": {"max": "4 weeks"}},
        {
            "name": "level",
            "label": "Level",
            "kind": "choice",
            "choices": [{"value": "b", "label": "Beginner"}, {"value": "m", "label": "Master"}],
        },
    ]
)


def define(**changes):
    return [{"name": "hours", "label": "Hours", "kind": "number", **changes}]


def list_problems(definitions):
    return [str(problem) for problem in find_definition_problems(definitions)]


class TestDefinitions:
    @pytest.mark.parametrize(
        ("definitions", "problem"),
        [
            ({}, "custom_fields: must be a JSON list of objects"),
            ([5], "custom_fields.0: Input should be a valid dictionary or object to extract fields from"),
            (define(kind="colour"), "custom_fields.0.kind: must be text, number, date, duration or choice"),
            ([{"name": "a", "label": "A"}], "custom_fields.0.kind: must be text, number, date, duration or choice"),
            (define(label=" "), "custom_fields.0.label: must not be empty"),
            (define(label="a\nb"), "custom_fields.0.label: 'a\\nb' contains a line break"),
            (define(colour="red"), "custom_fields.0.colour: unknown option"),
            (define(required="yes"), "custom_fields.0.required: Input should be a valid boolean"),
            (define(limits={"max": "ten"}), "custom_fields.0.limits.max: Input should be a valid number"),
            (define(limits={"min": 2, "max": 1}), "custom_fields.0.limits: min is greater than max"),
            (
                define(limits={"decimals": 7}),
                "custom_fields.0.limits.decimals: Input should be less than or equal to 6",
            ),
            (define(badge="licenseNumber"), "custom_fields.0.badge: Input should be '', 'result' or 'creditsEarned'"),
            (define(kind="choice"), "custom_fields.0.choices: a value is required"),
            (define(kind="choice", choices=[]), "custom_fields.0.choices: List should have at least 1 item"),
            (
                define(kind="duration", limits={"min": "two"}),
                "custom_fields.0.limits.min: 'two' is not a duration such as '12 hours' or '2 weeks'",
            ),
            (define() + define(), "custom_fields.1.name: another field is called 'hours' already"),
            (
                define(badge="creditsEarned") + define(name="b", badge="creditsEarned"),
                "custom_fields.1.badge: another field fills 'creditsEarned' already",
            ),
            (define() * (MAX_DEFINITIONS + 1), "custom_fields: has 51 fields. At most 50 are accepted"),
        ],
    )
    def test_a_mistake_is_named_by_its_path(self, definitions, problem):
        assert list_problems(definitions)[0].startswith(problem)

    @pytest.mark.parametrize("name", ["", "Hours", "1st", "two words", "a.b", "a}", "é", "a" * 41, "a\n", "_a"])
    def test_a_name_must_be_usable_in_texts(self, name):
        assert list_problems(define(name=name))[0].startswith("custom_fields.0.name: ")

    def test_every_mistake_is_named(self):
        problems = list_problems([*define(label=""), {"name": "X", "label": "X", "kind": "text"}])
        assert [problem.partition(":")[0] for problem in problems] == ["custom_fields.0.label", "custom_fields.1.name"]

    def test_nothing_is_no_definition(self):
        assert parse_definitions([]) == parse_definitions(None) == ()

    @given(DEFINITIONS)
    def test_anything_is_read_or_refused_with_a_path(self, definitions):
        problems = find_definition_problems(definitions)
        if problems:
            assert all(problem.path.startswith("custom_fields") and problem.message for problem in problems)
            with pytest.raises(OptionsError):
                parse_definitions(definitions or [None])
        else:
            for definition in parse_definitions(definitions):
                assert format_field(make_sample(definition), choose_locale("en"))


class TestValues:
    @pytest.mark.parametrize(
        ("given_values", "stored"),
        [
            ({"licence": " AB-1 "}, {"licence": "AB-1"}),
            ({"licence": ""}, {}),
            ({"licence": None, "hours": " "}, {}),
            ({"credits": 12}, {"credits": 12}),
            ({"credits": 12.0}, {"credits": 12}),
            ({"credits": 12.25}, {"credits": 12.3}),
            ({"credits": Decimal("0.5")}, {"credits": 0.5}),
            ({"held_on": date(2026, 5, 31)}, {"held_on": "2026-05-31"}),
            ({"held_on": "2026-05-31"}, {"held_on": "2026-05-31"}),
            ({"hours": "12 hours"}, {"hours": "PT12H"}),
            ({"hours": "P2W"}, {"hours": "P2W"}),
            ({"hours": timedelta(minutes=90)}, {"hours": "PT1H30M"}),
            ({"level": "m"}, {"level": "m"}),
        ],
    )
    def test_values_are_stored_as_json(self, given_values, stored):
        assert read_values(ALL_KINDS, given_values) == (stored, [])

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ([], "field_values: must be a JSON object"),
            (
                {"size": 1},
                "field_values.size: unknown field. The fields of the type are credits, held_on, hours, level,",
            ),
            ({"licence": 5}, "field_values.licence: 5 is not a text"),
            ({"licence": "AB\n1"}, "field_values.licence: 'AB\\n1' contains a line break"),
            ({"licence": "AB-1234567"}, "field_values.licence: 'AB-1234567' has 10 characters. At most 9 are accepted"),
            ({"credits": "12"}, "field_values.credits: '12' is not a number"),
            ({"credits": True}, "field_values.credits: True is not a number"),
            ({"credits": float("nan")}, "field_values.credits: nan is not a number from"),
            ({"credits": 10**400}, "field_values.credits: 1000000"),
            ({"credits": -1}, "field_values.credits: -1 is less than the minimum, 0"),
            ({"credits": 30000.1}, "field_values.credits: 30000.1 is more than the maximum, 30000"),
            ({"held_on": "31.5.2026"}, "field_values.held_on: '31.5.2026' is not a date such as 2026-05-31"),
            ({"held_on": "2026-02-30"}, "field_values.held_on: '2026-02-30' is not a date"),
            ({"held_on": "1066-01-01"}, "field_values.held_on: 1066-01-01 is not between the years 1900 and 2200"),
            ({"held_on": "2025-12-31"}, "field_values.held_on: 2025-12-31 is less than the minimum, 2026-01-01"),
            ({"hours": "long"}, "field_values.hours: 'long' is not a duration such as '12 hours' or '2 weeks'"),
            ({"hours": 12}, "field_values.hours: 12 is not a duration"),
            ({"hours": "until 31 May"}, "field_values.hours: 'until 31 May' is not a duration"),
            ({"hours": timedelta(hours=-1)}, "field_values.hours: datetime.timedelta("),
            ({"hours": "5 weeks"}, "field_values.hours: 5 weeks is more than the maximum, 4 weeks"),
            ({"level": "x"}, "field_values.level: 'x' is not one of the choices, such as b, m"),
        ],
    )
    def test_a_wrong_value_is_named_by_its_path(self, values, problem):
        (found,) = find_value_problems(ALL_KINDS, values)
        assert str(found).startswith(problem)

    @given(st.dictionaries(st.sampled_from([item.name for item in ALL_KINDS]) | st.text(max_size=5), JSON, max_size=5))
    def test_anything_is_read_or_refused(self, values):
        found, problems = read_values(ALL_KINDS, values)
        json.dumps(found, allow_nan=False)
        assert read_values(ALL_KINDS, found) == (found, [])
        said = {
            name for name, value in values.items() if value is not None and not str(value).isspace() and value != ""
        }
        assert said <= {*found, *(problem.path for problem in problems)} | {
            name for name, value in values.items() if isinstance(value, str) and not value.strip()
        }

    @given(st.floats(0, 30000) | st.integers(0, 30000) | st.decimals(0, 30000, places=4))
    def test_numbers_within_the_limits_are_kept_to_the_decimals(self, number):
        found, problems = read_values(ALL_KINDS, {"credits": number})
        assert problems == []
        assert abs(float(number) - found["credits"]) <= 0.0501

    @given(st.dates(date(2026, 1, 1), date(2200, 12, 31)))
    def test_dates_are_kept(self, day):
        assert read_values(ALL_KINDS, {"held_on": day}) == ({"held_on": day.isoformat()}, [])

    @given(st.timedeltas(timedelta(), timedelta(weeks=4)))
    def test_durations_are_kept_to_the_minute(self, duration):
        found, problems = read_values(ALL_KINDS, {"hours": duration})
        assert problems == [] or duration > timedelta(weeks=4) - timedelta(minutes=1)
        assert read_values(ALL_KINDS, found) == (found, [])

    @given(JSON)
    def test_what_a_credential_stores_is_shown_or_left_out(self, stored):
        locale = choose_locale("ar")
        for field in load_fields(stored):
            format_field(field, locale)


class TestFormats:
    @pytest.mark.parametrize(
        ("language", "texts"),
        [
            ("en", ["12,345.6", "May 31, 2026", "2 weeks, 12 hours", "1 day"]),
            ("de", ["12.345,6", "31. Mai 2026", "2 Wochen, 12 Stunden", "1 Tag"]),
            ("fr", ["12\u202f345,6", "31 mai 2026", "2\xa0semaines et 12\xa0heures", "1\xa0jour"]),
            ("ar", ["12,345.6", "31 مايو 2026", "أسبوعان و12 ساعة", "يوم"]),
        ],
    )
    def test_each_kind_is_written_in_the_language(self, language, texts):
        values = [("number", 12345.6), ("date", "2026-05-31"), ("duration", "P2WT12H"), ("duration", "P1D")]
        written = [
            format_field(FieldData("x", "X", FieldKind(kind), value), choose_locale(language)) for kind, value in values
        ]
        # Older versions of babel do not know the Arabic dual.
        assert [text.replace("2 أسابيع", "أسبوعان") for text in written] == texts

    def test_a_choice_is_written_with_its_label(self):
        assert format_field(FieldData("x", "X", FieldKind.CHOICE, "m", "Master"), choose_locale("fr")) == "Master"
