"""The order in which mixed text is drawn, as the examples of UAX 9 and readers of these scripts expect it."""

import pytest

from learning_credentials.pdf.bidi import find_base_level, find_levels, order_runs

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
