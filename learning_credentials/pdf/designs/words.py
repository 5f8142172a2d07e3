"""The words of the designs, in the language that the operator chooses."""

from __future__ import annotations

from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _


class Words(NamedTuple):
    """The words that designs print beside the values of a credential."""

    intro: str
    completed: str
    date: str
    verify: str
    number: str
    course: str
    assignments: str
    weight: str
    grade: str
    final_grade: str


def translate_words(language: str) -> Words:
    """Return the words in a language. Those that are not translated are in English."""
    with translation.override(language):
        return Words(
            intro=_("This is to certify that"),
            completed=_("has successfully completed"),
            date=_("Date of issue"),
            verify=_("Verify this credential at this address, or by its code"),
            number=_("No."),
            course=_("Course"),
            assignments=_("Assignments"),
            weight=_("Weight"),
            grade=_("Grade"),
            final_grade=_("Final grade"),
        )
