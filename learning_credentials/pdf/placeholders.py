"""Define the placeholders in the texts of a PDF, such as ``{name}``, with a label and a sample for each.

The syntax is a small, safe part of Python's format strings: ``{identifier}``, and ``{{`` and ``}}`` for literal braces. Only the
operator's text is parsed, never a learner's data.

``{field.hours}`` stands for the type's custom field ``hours``. The parser accepts every such name, because only the type knows its fields.

``{issue_date|de}`` is the value in another language than that of the text. Dates, the grade, the criteria, custom
fields, and the names of the type and the context can have one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import _StrPromise

#: A credential shows at most this many signatories. Each has its own placeholders.
MAX_SIGNATORIES = 8

#: Placeholders whose values differ between the learners of a cohort.
OWN_FIELDS = frozenset(("name", "given_name", "family_name", "verify_uuid", "verify_url", "verify_code", "grade"))
#: Placeholders that show the learner's name, or a part of it.
NAME_FIELDS = frozenset(("name", "given_name", "family_name"))
#: Placeholders whose values are dates.
DATE_FIELDS = frozenset(("issue_date", "expiry_date", "context_start", "context_end"))
#: Placeholders whose values read differently in another language.
LOCALISED_FIELDS = DATE_FIELDS | {"grade", "criteria"}
#: Placeholders of names that can be translated, and where a credential has them. Most read the same in every language.
TRANSLATED_FIELDS = {"credential_type": "credential_type_name", "context_name": "learning_context_name"}
#: What the placeholders of custom fields begin with. Their values can read differently in another language too.
CUSTOM_PREFIX = "field."

#: What separates a placeholder and the language of its value.
LANGUAGE_MARK = "|"

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_CUSTOM = re.compile(r"field\.[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder. ``label`` tells operators what it means. ``sample`` is a value for examples."""

    name: str
    label: str | _StrPromise
    sample: str


class Field(NamedTuple):
    """A placeholder in a text. ``language`` is the tag after ``|``, if its value is in another language than the text."""

    name: str
    language: str = ""

    @property
    def key(self) -> str:
        """Return the placeholder as it is written, without braces. `Values` has its value under this key."""
        return f"{self.name}{LANGUAGE_MARK}{self.language}" if self.language else self.name


class PlaceholderError(ValueError):
    """A text with an unknown placeholder or a stray brace."""


_GENERAL = (
    Placeholder("name", _("Learner's full name"), "Zoë Adjei-Łukasiewicz"),
    Placeholder("context_name", _("Name of the course or learning path"), "Foundations of Marine Biology"),
    Placeholder(
        "issue_date",
        _("Date of issue, in the document's language. {issue_date|de} prints it in German"),
        "November 22, 2026",
    ),
    Placeholder("verify_uuid", _("Public id of the credential"), "8a6e0804-2bd0-4672-b79d-d97027f9071a"),
    Placeholder(
        "verify_url",
        _("Address at which anyone can verify the credential"),
        "https://credentials.example.org/credentials/8a6e0804-2bd0-4672-b79d-d97027f9071a/",
    ),
    Placeholder("verify_code", _("Short code that anyone can type to verify the credential"), "7K3QF-9XW2M"),
    Placeholder("grade", _("Grade that earned the credential. {grade|de} prints it in German"), "92%"),
    Placeholder("credential_type", _("Name of the credential type"), "Certificate of Achievement"),
    Placeholder(
        "expiry_date",
        _("Date on which the credential expires. {expiry_date|de} prints it in German"),
        "November 22, 2029",
    ),
    Placeholder("issuer_name", _("Name of the issuer"), "Example University"),
    Placeholder("given_name", _("Learner's given name, if the LMS has it"), "Zoë"),
    Placeholder("family_name", _("Learner's family name, if the LMS has it"), "Adjei-Łukasiewicz"),
    Placeholder("context_key", _("Key of the course run or learning path"), "course-v1:Example+BIO101+2026"),
    Placeholder("course_key", _("Key of the course that the run belongs to"), "Example+BIO101"),
    Placeholder(
        "context_organisation", _("Organisation that offers the course or learning path"), "Example University"
    ),
    Placeholder(
        "context_start", _("First day of the course or learning path, in the document's language"), "September 1, 2026"
    ),
    Placeholder(
        "context_end", _("Last day of the course or learning path, in the document's language"), "November 20, 2026"
    ),
    Placeholder(
        "criteria",
        _("What a learner must do to earn it. {criteria|fr} prints it in French"),
        "At least 80% of the course completed.",
    ),
    Placeholder("effort", _("Effort that the LMS states for the course or learning path"), "4 hours a week"),
)
_SAMPLE_SIGNATORIES = (("Prof. Ada Example", "Dean of Science"), ("Dr. Max Muster", "Course director"))


@lru_cache(maxsize=1)
def list_placeholders() -> tuple[Placeholder, ...]:
    """Return all placeholders, the most used first."""
    found = list(_GENERAL)
    for number in range(1, MAX_SIGNATORIES + 1):
        name, title = _SAMPLE_SIGNATORIES[(number - 1) % len(_SAMPLE_SIGNATORIES)]
        found += [
            Placeholder(f"signatory_{number}_name", _("Name of a signatory, by position"), name),
            Placeholder(f"signatory_{number}_title", _("Title of a signatory, by position"), title),
            Placeholder(
                f"signatory_{number}_organisation", _("Organisation of a signatory, by position"), "Example University"
            ),
        ]
    return tuple(found)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(placeholder.name for placeholder in list_placeholders())


@lru_cache(maxsize=512)
def parse_text(text: str) -> tuple[str | Field, ...]:
    """Split a text into literal pieces and placeholders.

    Raises:
        PlaceholderError: there is an unknown placeholder or a brace without its partner. The message names it.
    """
    parts: list[str | Field] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            parts.append(text[end : match.start()])
        end = match.end()
        token = match.group()
        if token in {"{{", "}}"}:
            parts.append(token[0])
        elif match.group(1) in _names() or _CUSTOM.fullmatch(match.group(1) or ""):
            parts.append(Field(match.group(1)))
        else:
            parts.append(_parse_localised(token, match.start()))
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def _parse_localised(token: str, start: int) -> Field:
    """Return a placeholder with a language, such as ``{issue_date|de}``. Raise PlaceholderError for anything else."""
    from learning_credentials.pdf.locales import parse_text_language

    name, mark, language = token.strip("{}").partition(LANGUAGE_MARK)
    if not mark or not (name in _names() or _CUSTOM.fullmatch(name)):
        raise PlaceholderError(_explain(token, start))
    if not is_localised(name) and name not in TRANSLATED_FIELDS:
        known = ", ".join(f"{{{field}{LANGUAGE_MARK}de}}" for field in sorted({*LOCALISED_FIELDS, *TRANSLATED_FIELDS}))
        msg = f"{token} is the same in every language. Only these have a language: {known}, {{field.NAME{LANGUAGE_MARK}de}}"
        raise PlaceholderError(msg)
    try:
        parse_text_language(language)
    except ValueError as error:
        msg = f"{token}: {error}"
        raise PlaceholderError(msg) from None
    return Field(name, language)


def _explain(token: str, start: int) -> str:
    if token in {"{", "}"}:
        return f"'{token}' at character {start + 1} has no partner. Write '{token * 2}' for a single brace"
    known = ", ".join(f"{{{item.name}}}" for item in _GENERAL)
    return (
        f"unknown placeholder {token}. The known placeholders are {known} and, with a number from 1 to "
        f"{MAX_SIGNATORIES}, {{signatory_1_name}}, {{signatory_1_title}}, {{signatory_1_organisation}}. "
        "For a custom field write {field.NAME}"
    )


def is_custom(name: str) -> bool:
    """Return whether a placeholder stands for a custom field."""
    return name.startswith(CUSTOM_PREFIX)


def is_localised(name: str) -> bool:
    """Return whether the value of a placeholder reads differently in another language."""
    return name in LOCALISED_FIELDS or is_custom(name)


def explain_unknown_field(name: str, fields: Iterable[str]) -> str:
    """Return what is wrong with the placeholder of a custom field that the type does not have.

    Args:
        name: of the placeholder.
        fields: names of the type's custom fields.
    """
    known = ", ".join(f"{{{CUSTOM_PREFIX}{field}}}" for field in sorted(fields)) or "none"
    return f"the type has no custom field for {{{name}}}. The placeholders of its custom fields are: {known}"


def list_fields(text: str) -> list[str]:
    """Return the names of the placeholders in a text, in order. Raises the errors of `parse_text`."""
    return [part.name for part in parse_text(text) if isinstance(part, Field)]


def list_keys(text: str) -> list[str]:
    """Return the placeholders in a text as they are written, with their languages. Raises the errors of `parse_text`."""
    return [part.key for part in parse_text(text) if isinstance(part, Field)]


def find_sole_language(text: str) -> str:
    """Return the language of a text that has no words, and whose placeholders all ask for the same language. Else return an empty text."""
    languages: set[str] = set()
    for part in parse_text(text):
        if isinstance(part, Field):
            languages.add(part.language)
        elif any(map(str.isalpha, part)):
            return ""
    return languages.pop() if len(languages) == 1 else ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values in place of its placeholders. Raises the errors of `parse_text`."""
    return "".join(values[part.key] if isinstance(part, Field) else part for part in parse_text(text))
