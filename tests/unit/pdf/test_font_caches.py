"""What a process keeps of fonts is bounded, whatever it remembers of texts in them."""

import gc
import hashlib
import weakref

from learning_credentials.pdf.content.graphics import TextLine
from learning_credentials.pdf.content.sections import Group, Role, Section
from learning_credentials.pdf.content.streams import make_page_content
from learning_credentials.pdf.fonts.loading import get_font
from learning_credentials.pdf.text.lines import make_line

from .font_making import make_variable_font

#: More than are kept open.
MANY = 70


def open_font(number):
    content = make_variable_font(padding=number)
    return get_font(content, hashlib.sha256(content).hexdigest())


def _make_section(line):
    return Section(Role.PARAGRAPH, [TextLine(line, 0, 0, 12, "#000000", 0)])


def test_a_font_that_was_closed_is_not_kept_for_the_texts_in_it():
    font = open_font(1)
    line, _ = make_line("ABab", (font,))
    assert make_page_content([Group([_make_section(line)])], "F", [0]).fonts
    closed = weakref.ref(font)
    assert open_font(1) is font
    del font, line

    for number in range(2, MANY):
        open_font(number)
    gc.collect()

    assert closed() is None
