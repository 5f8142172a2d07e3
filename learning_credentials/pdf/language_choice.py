"""Choose the languages of a document: one for its texts, dates and direction, and those for the names in it."""

from __future__ import annotations

from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING

from cachetools import LRUCache
from django.utils import translation
from django.utils.functional import Promise

from learning_credentials.catalogues import has_texts
from learning_credentials.pdf.locales import choose_locale, list_locales, to_tag
from learning_credentials.pdf.page.languages import Languages
from learning_credentials.pdf.page.values import Values
from learning_credentials.pdf.text.lines import make_line

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from babel import Locale

    from learning_credentials.data import CredentialData
    from learning_credentials.pdf.elements.placed_text import Text
    from learning_credentials.pdf.options import PDFOptions

_MOST_KEPT = 64


class LanguageChooser:
    """Chooses for the credentials of one configuration.

    Args:
        options: of the configuration.
        texts: the text elements that are shown.
    """

    def __init__(self, options: PDFOptions, texts: Sequence[Text]) -> None:
        self._asked = options.language or ""
        self._texts = texts
        with translation.override(None):
            # The original texts, as in the code.
            self._written = tuple(
                str(item.text) for item in texts if item.locale is None and isinstance(item.text, Promise)
            )
        # Only the app's own texts are translated. The headings of tables are the operator's words.
        self._follows_learner = (
            options.uses_builtin_template
            and not options.list_tables()
            and not any(item.has_own_words for item in texts)
        )
        self._kept: LRUCache[Hashable, Languages] = LRUCache(_MOST_KEPT)
        self._lock = RLock()

    def choose(self, credential: CredentialData) -> Languages:
        """Return the languages of a credential's document."""
        key = credential.language, credential.issue_date, credential.expires_at
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._choose(credential)
            with self._lock:
                self._kept[key] = found
        return found

    def _choose(self, credential: CredentialData) -> Languages:
        learner = to_tag(choose_locale(self._asked, credential.language))
        site = to_tag(choose_locale(self._asked))
        if self._asked:
            document = next(filter(self._has_texts, list_locales(self._asked)))
            wanted = choose_locale(self._asked)
            problem = "" if document == wanted else self._explain(document)
            return Languages.of(document, learner, site, problem)
        if self._follows_learner and credential.language:
            locale = next(iter(list_locales(credential.language)))
            if self._has_texts(locale) and self._can_draw(locale, credential):
                return Languages.of(locale, learner, site)
        document = next(filter(self._has_texts, list_locales()))
        return Languages.of(document, learner, site)

    def _has_texts(self, locale: Locale) -> bool:
        return has_texts(to_tag(locale), self._written)

    def _can_draw(self, locale: Locale, credential: CredentialData) -> bool:
        """Return whether the fonts can draw the texts and dates of a language."""
        # The answer is kept for other learners, and these have other values.
        values = Values(replace(credential, custom_fields=()), locale)
        tag = to_tag(locale)
        with translation.override(tag.lower()):
            return not any(
                make_line(line, item.fonts, tag)[1]
                for item in self._texts
                if item.depends_on_language
                for line in item.write(values).split("\n")
            )

    def _explain(self, document: Locale) -> str:
        return (
            f"the built-in page has no texts in the language '{self._asked}', so the document is in "
            f"'{to_tag(document)}'. To print it in your language, enter or hide all texts of the page in the "
            "options"
        )
