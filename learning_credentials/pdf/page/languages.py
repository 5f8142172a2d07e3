"""Define the languages of one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.locales import to_tag

if TYPE_CHECKING:
    from babel import Locale


class Languages(NamedTuple):
    """The languages of one document.

    ``document`` is the language of its texts, dates and direction, and ``document_tag`` its BCP 47 tag. ``is_rtl`` says whether it runs
    to the left. ``learner`` and ``site`` are tags too. They decide how capitals, and letters with several forms, are written:
    ``learner`` in the learner's name, ``site`` in other names. ``problem`` says why the document is not in the language that the
    options ask for. It is empty if the document is in that language.
    """

    document: Locale
    document_tag: str
    is_rtl: bool
    learner: str
    site: str
    problem: str = ""

    @classmethod
    def of(cls, document: Locale, learner: str, site: str, problem: str = "") -> Languages:
        """Return the languages of a document in one language."""
        return cls(document, to_tag(document), document.text_direction == "rtl", learner, site, problem)
