"""The order in which mixed text is drawn, as the examples of UAX 9 and readers of these scripts expect it."""

import sys
import unicodedata

import pytest

from learning_credentials.pdf.text.bidi import find_base_level, find_levels, mirror, order_runs

ORDERS = {
    "car is מכונית in": "car is תינוכמ in",
    "אבג abc 123 דה": "הד abc 123 גבא",
    "אב 12-34 ג": "ג 12-34 בא",
    "אב 12%, ג": "ג ,12% בא",
    "abc (אב) def": "abc (בא) def",
    "א (ab) ב": "ב )ab( א",
    "א (ab [cd] ב)": ")ב ab [cd]( א",
    "ab אב 1,234.5": "ab 1,234.5 בא",
    "مرحبا 12+3": "3+12 ابحرم",
    "אב\u200d": "\u200dבא",
}


@pytest.mark.parametrize("text", ORDERS)
def test_each_character_is_where_its_readers_look_for_it(text):
    levels = find_levels(text, find_base_level(text))
    assert "".join(order_runs(text, levels)) == ORDERS[text]


#: Brackets that Unicode counts as punctuation and draws the same way round in every line.
NOT_TURNED = {"\ufd3e", "\ufd3f"}
BRACKETS = [
    character
    for character in map(chr, range(sys.maxunicode))
    if unicodedata.category(character) == "Ps" and mirror(character) != character
]


@pytest.mark.parametrize("opening", BRACKETS)
def test_brackets_of_every_kind_go_with_what_they_enclose(opening):
    closing = mirror(opening)
    assert unicodedata.category(closing) == "Pe"
    assert mirror(closing) == opening
    # Without the rule for brackets they would go with the line, and stand on both sides of its other words.
    assert find_levels(f"a {opening}א{closing} ב", 0)[2:5] == [0, 1, 0]
    assert find_levels(f"א {opening}a{closing} b", 1)[2:5] == [1, 2, 1]
    assert find_levels(f"א b {opening}א b{closing}", 1)[4:9] == [1, 1, 1, 2, 1]


def test_brackets_that_are_not_turned_and_other_characters_stay():
    for character in (*NOT_TURNED, "a", "א", " ", "!"):
        assert mirror(character) == character
    assert mirror("<") == ">"
    assert mirror("≤") == "≥"
