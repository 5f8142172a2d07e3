"""Check texts in several languages: ``translations`` of types and configurations, and names that the LMS gives.

A translation is stored under a language tag in lower case, such as ``fr`` or ``pt-br``. The texts outside of ``translations`` are in the
site's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from babel import Locale, UnknownLocaleError
from django.conf import settings
from pydantic import AfterValidator, Field

from learning_credentials.data import normalise_tag
from learning_credentials.exceptions import OptionProblem
from learning_credentials.options import Options, OptionsContext, StrictOptions, find_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Bounds: languages, characters of a name, characters of another text.
MOST_LANGUAGES = 50
LONGEST_NAME = 255
LONGEST_TEXT = 10_000
#: Bound of all texts together, in characters, because every credential stores them.
MOST_CHARACTERS = 40_000
#: Characters that databases refuse: NUL and lone surrogates.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
#: The first part of the path of a mistake.
_FIELD = "translations"


def _check_tag(tag: str) -> str:
    if normalise_tag(tag) != tag:
        msg = f"'{tag[:50]}' is not a language code. Use a code in lower case, such as 'fr' or 'pt-br'"
        raise ValueError(msg)
    if tag not in dict(settings.LANGUAGES):
        try:
            Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            msg = f"'{tag}' is not a known language"
            raise ValueError(msg) from None
    return tag


def _check_text(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty. Leave it out to use the text in the site's language")
    if _UNSTORABLE.search(text):
        raise ValueError("has a character that cannot be stored. Enter the text again")
    return text


Tag = Annotated[str, AfterValidator(_check_tag)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_check_text)]
Name = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(_check_text)]


class ConfigurationTexts(StrictOptions):
    """The texts of a configuration in one language."""

    description: Text | None = None
    criteria: Text | None = None


class TypeTexts(ConfigurationTexts):
    """The texts of a type in one language."""

    name: Name | None = None


class _OfConfiguration(Options):
    translations: dict[Tag, ConfigurationTexts] = Field(max_length=MOST_LANGUAGES)


class _OfType(Options):
    translations: dict[Tag, TypeTexts] = Field(max_length=MOST_LANGUAGES)


def find_translation_problems(
    translations: object, originals: Mapping[str, str], *, has_name: bool
) -> list[OptionProblem]:
    """Return every mistake in the translations of a type or a configuration, each with its path, such as ``translations.fr.name``.

    Args:
        translations: the JSON value to check.
        originals: the texts in the site's language, by name. A text without an original cannot have a translation.
        has_name: whether the name can be translated: True for a type.
    """
    if not isinstance(translations, Mapping):
        return [OptionProblem(_FIELD, "must be a JSON object")]
    found = find_problems({_FIELD: translations}, [_OfType if has_name else _OfConfiguration], OptionsContext())
    problems = [OptionProblem(problem.path.removesuffix(".[key]"), problem.message) for problem in found]
    return problems or _find_excess(translations) or list(_find_missing(translations, originals))


def _find_excess(translations: Mapping[str, Mapping[str, Any]]) -> list[OptionProblem]:
    count = sum(len(text) for texts in translations.values() for text in texts.values() if isinstance(text, str))
    if count <= MOST_CHARACTERS:
        return []
    message = (
        f"have {count:,} characters. At most {MOST_CHARACTERS:,} are accepted, because every credential stores them"
    )
    return [OptionProblem(_FIELD, message)]


def _find_missing(
    translations: Mapping[str, Mapping[str, Any]], originals: Mapping[str, str]
) -> Iterator[OptionProblem]:
    for tag, texts in translations.items():
        for name, text in texts.items():
            if text and not originals.get(name):
                yield OptionProblem(
                    f"{_FIELD}.{tag}.{name}", f"has no text to translate. Enter the {name} in the site's language first"
                )


def read_names(names: object) -> dict[str, str]:
    """Return names by language as the LMS gave them, without those that cannot be used."""
    items: Iterable[tuple[object, object]] = names.items() if isinstance(names, Mapping) else ()
    read = {normalise_tag(tag): " ".join(str(name).split()) for tag, name in items if isinstance(name, str)}
    usable = [(tag, name[:LONGEST_NAME]) for tag, name in read.items() if tag and name]
    return dict(usable[:MOST_LANGUAGES])
