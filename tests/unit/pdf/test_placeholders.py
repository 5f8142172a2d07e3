import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.pdf import list_placeholders
from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.elements.option_types import parse_colour
from learning_credentials.pdf.placeholders import PlaceholderError, fill, list_fields, parse_text
from learning_credentials.pdf.rendering import get_renderer
from learning_credentials.pdf.text.cleaning import clean, clean_line
from learning_credentials.pdf.text.clusters import split_clusters
from tests.unit.pdf.drawn import list_drawn

from .support import make_assets, make_credential

NAMES = [placeholder.name for placeholder in list_placeholders()]
VALUES = {placeholder.name: placeholder.sample for placeholder in list_placeholders()}


def escape(text):
    return text.replace("{", "{{").replace("}", "}}")


@given(st.text())
def test_an_escaped_text_stands_for_itself(text):
    assert fill(escape(text), {}) == text


@given(st.lists(st.tuples(st.text(alphabet="ab{}\n é"), st.sampled_from(NAMES)), max_size=6), st.text())
def test_placeholders_are_filled_between_literals(parts, tail):
    source = "".join(escape(literal) + f"{{{name}}}" for literal, name in parts) + escape(tail)
    assert fill(source, VALUES) == "".join(literal + VALUES[name] for literal, name in parts) + tail
    assert list_fields(source) == [name for _, name in parts]


@given(st.text(alphabet="{}name_. !:[]0"))
def test_a_text_is_filled_as_python_would_or_refused(text):
    """What is accepted means what Python's format strings mean; nothing reaches into a value."""
    try:
        filled = fill(text, VALUES)
    except PlaceholderError:
        return
    assert filled == text.format(**VALUES)


@given(st.text(alphabet=string.ascii_letters + "_.[]!: ", max_size=20).filter(lambda name: name not in NAMES))
def test_an_unknown_placeholder_is_refused_by_name(name):
    with pytest.raises(PlaceholderError) as caught:
        parse_text(f"a {{{name}}} b")
    assert f"unknown placeholder {{{name}}}. The known" in str(caught.value)


@given(st.dictionaries(st.just("name"), st.text(), min_size=1, max_size=1))
def test_values_are_never_parsed(values):
    assert fill("{name}", values) == values["name"]


@given(st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True), st.text())
def test_every_name_of_a_custom_field_is_a_placeholder(name, value):
    assert list_fields(f"a {{field.{name}}} b") == [f"field.{name}"]
    assert fill(f"{{field.{name}}}", {f"field.{name}": value}) == value


@given(st.text(max_size=45).filter(lambda name: not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name, re.ASCII)))
def test_nothing_else_is_one(name):
    with pytest.raises(PlaceholderError):
        parse_text(f"{{field.{name}}}")


def test_every_placeholder_has_a_label_and_a_sample():
    assert len(set(NAMES)) == len(NAMES)
    assert all(str(placeholder.label) and placeholder.sample for placeholder in list_placeholders())


@given(st.text(alphabet=string.hexdigits, min_size=6, max_size=6), st.booleans())
def test_six_digits_are_a_colour(digits, has_mark):
    assert parse_colour(("#" if has_mark else "") + digits) == f"#{digits.lower()}"


@given(st.text(alphabet=string.hexdigits, min_size=3, max_size=3))
def test_three_digits_are_doubled(digits):
    assert parse_colour(digits) == "#" + "".join(digit * 2 for digit in digits.lower())


@given(st.text())
def test_anything_else_is_no_colour(text):
    digits = text.removeprefix("#")
    if len(digits) in {3, 6} and set(digits) <= set(string.hexdigits):
        assert parse_colour(text).startswith("#")
    else:
        with pytest.raises(ValueError, match="is not a colour"):
            parse_colour(text)


@given(st.text())
def test_clusters_lose_nothing(text):
    assert "".join(split_clusters(text)) == text


@given(st.text())
def test_cleaning_leaves_no_control_character(text):
    cleaned = clean(text)
    assert all(character == "\n" or unicodedata.category(character) != "Cc" for character in cleaned)
    assert "\n" not in clean_line(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@pytest.mark.parametrize("code", ["12345-ABCDE", "12345-9XW2M", "7K3QF-9XW2M", "ABCDE-12345", "A1234-56789"])
@pytest.mark.parametrize(
    "text", ["رمز التحقق: {verify_code} هنا", "קוד: {verify_code}", "Code: {verify_code}", "{verify_code}"]
)
def test_a_code_keeps_its_order_in_any_script(code, text):
    elements = {"verification_code": False, "code": {"text": text, "y": 200}}
    lines = list_drawn(get_renderer({"text_elements": elements}, make_assets()), make_credential(verify_code=code))
    [line] = [item.line for item in lines if isinstance(item, TextLine) and code in item.line.text]
    assert code in "".join(run.text for run in line.runs).replace("\u200e", "")
