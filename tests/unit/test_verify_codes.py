"""The short codes that people type: what they are made of, how they are read, and which mistakes their check character catches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.verify_codes import (
    ALPHABET,
    LENGTH,
    Problem,
    TypedCode,
    format_code,
    make_code,
    read_code,
)

codes = st.builds(lambda _: make_code(), st.integers())


def test_a_code_has_ten_characters_without_those_that_people_confuse():
    code = make_code()
    assert len(code) == LENGTH == 10
    assert len(ALPHABET) == 32
    assert set(code) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert read_code(code) == TypedCode(code, None)


def test_a_code_is_random_in_each_of_its_characters():
    made = [make_code() for _ in range(2000)]
    assert len(set(made)) == 2000
    for place in range(LENGTH):
        assert {code[place] for code in made} == set(ALPHABET)


def test_the_check_character_catches_every_wrong_character():
    for code in (make_code() for _ in range(50)):
        for place in range(LENGTH):
            for char in ALPHABET.replace(code[place], ""):
                wrong = code[:place] + char + code[place + 1 :]
                assert read_code(wrong) == TypedCode(wrong, Problem.CHECK)


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_in_any_code(code, place, char):
    typed = code[:place] + char + code[place + 1 :]
    found = read_code(typed)
    assert found is not None
    assert (found.problem is None) == (typed == code)


@given(st.text(ALPHABET, min_size=9, max_size=9))
def test_each_payload_has_exactly_one_check_character(payload):
    good = [char for char in ALPHABET if read_code(payload + char) == TypedCode(payload + char, None)]
    assert len(good) == 1


@given(codes, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_exchanged_characters_are_caught_beside_each_other_or_not(code, first, second):
    chars = list(code)
    chars[first], chars[second] = chars[second], chars[first]
    typed = "".join(chars)
    found = read_code(typed)
    assert found is not None
    assert (found.problem is None) == (typed == code)


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        format_code,
        lambda code: f"  {code[:5]}  {code[5:]}\n",
        lambda code: f"{code[:5]}–{code[5:]}",
        lambda code: f"{code[:5]}\u00ad-\u200b{code[5:]}",
        lambda code: f"({format_code(code)}).",
        lambda code: f"“{code}”",
        lambda code: "".join(chr(ord(char) + 0xFEE0) for char in code),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: "".join(chr(0x660 + int(char)) if char.isdecimal() else char for char in code),
    ],
)
def test_a_code_is_read_in_any_spelling(spell):
    for code in (make_code() for _ in range(40)):
        assert read_code(spell(code)) == TypedCode(code, None)


def test_a_code_is_shown_in_two_groups():
    assert format_code("7K3QF9XW2M") == "7K3QF-9XW2M"
    assert format_code(None) == format_code("") == ""


@pytest.mark.parametrize(
    ("text", "problem"), [("7K3QF-9XW2", "length"), ("7K3QF-9XW2MM", "length"), ("7K3QF-9XWUM", "character")]
)
def test_other_mistakes_are_named(text, problem):
    found = read_code(text)
    assert found is not None
    assert found.problem == problem


@pytest.mark.parametrize(
    "text",
    ["", "-", "hello", "https://example.org/", "8a6e0804-2bd0-4672-b79d-d97027f9071a", "é" * 10, "中" * 10, "A" * 5000],
)
def test_other_texts_are_no_codes(text):
    assert read_code(text) is None


@given(st.text())
def test_any_text_can_be_read(text):
    found = read_code(text)
    assert found is None or isinstance(found, TypedCode)
