"""Define the languages of one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.locales import to_tag

if TYPE_CHECKING:
    from babel import Locale


class Languages(NamedTuple):
    """The languages of one document.

    ``document`` is the language of its texts, dates and direction. ``learner`` and ``site`` are tags. They decide how capitals, and
    letters
    with several forms, are written: ``learner`` in the learner's name, ``site`` in other names. ``problem`` says why the document is not
    in
    the language that the options ask for. It is empty if the document is in that language.
    """

    document: Locale
    learner: str
    site: str
    problem: str = ""

    @property
    def document_tag(self) -> str:
        """Return the BCP 47 tag of ``document``."""
        return to_tag(self.document)
