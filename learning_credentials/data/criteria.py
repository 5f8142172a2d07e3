"""Define the criteria of a credential: what the writer of a processor receives, and the text that is written from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from learning_credentials.data.translations import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class CriteriaSource:
    """The options in force, from which a processor's writer collects the criteria.

    The key and the name of the learning context are empty in the preview of a type, which has no context. ``learning_context_names`` are
    the name in other languages by language tag, as the LMS gave them. ``progress`` contains what the
    processor returned for one learner who meets the criteria. ``user_id`` is that learner. In a preview, ``progress`` is empty and
    ``user_id`` is None.
    """

    learning_context_key: str
    learning_context_name: str
    options: Mapping[str, Any]
    progress: Mapping[str, Any] = field(default_factory=dict)
    user_id: int | None = None
    learning_context_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriteriaText:
    """The criteria of one credential. Call `write` for the text in a language.

    ``own`` is the operator's text in the site's language, and ``own_translations`` are the operator's texts by language tag. If there is
    an operator's text, the app writes no other. ``facts`` are the values from which the app writes the text. All are empty if the
    credential says nothing about its criteria.
    """

    own: str = ""
    own_translations: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    writer: Callable[[str], str] | None = field(default=None, repr=False, compare=False)

    def write(self, language: str) -> str:
        """Return the text in a language, such as ``fr`` or ``pt-BR``. If there are no texts in that language, it is in another one."""
        if self.own:
            return choose(self.own_translations, language) or self.own
        if self.writer is None:
            return ""
        return self.writer(language)
