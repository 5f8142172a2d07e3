"""Define and read the options of a type's public page: the typed form of ``CredentialType.page_options``."""

from __future__ import annotations

import logging
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from learning_credentials.exceptions import OptionProblem, OptionsError
from learning_credentials.option_types import Look, ShownAs
from learning_credentials.options import Options, OptionsContext, StrictOptions, find_problems, merge, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

#: The key of the text for readers of all languages without their own text.
DEFAULT_LANGUAGE = "default"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LONGEST_LANGUAGE = 35
_MOST_LANGUAGES = 100
_MOST_MODES = 50
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class LogoPosition(StrEnum):
    """Position of the issuer's logo."""

    START = "start"
    CENTRE = "centre"
    HIDDEN = "hidden"


class Section(StrEnum):
    """Parts of the page that a type can hide. The parts that verify the credential cannot be hidden."""

    PICTURE = "picture"
    DESCRIPTION = "description"
    CRITERIA = "criteria"
    RESULTS = "results"
    BADGE = "badge"
    SHARE = "share"
    QR = "qr"


class FilePart(StrEnum):
    """Parts of the name under which a file is saved."""

    LEARNER = "learner"
    TYPE = "type"
    CONTEXT = "context"


def _check_colour(value: str) -> str:
    if not _COLOUR.fullmatch(value):
        msg = f"'{value[:50]}' is not a colour. Use a hex value such as #1d5fa8"
        raise ValueError(msg)
    return value.lower()


def _check_language(key: str) -> str:
    if key != DEFAULT_LANGUAGE and (len(key) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(key)):
        msg = f"'{key[:50]}' is not a language code. Use 'default' or a code such as 'fr' or 'pt-br'"
        raise ValueError(msg)
    return key


Colour = Annotated[str, AfterValidator(_check_colour), ShownAs(Look.COLOUR)]
Language = Annotated[str, AfterValidator(_check_language)]
Text = Annotated[str, Field(max_length=2000), ShownAs(Look.LONG_TEXT)]
_INTRO = "Plain text above the facts, in the reader’s language. Each text can have 2,000 characters."
_FILE_NAME = "What the name of a saved file consists of, in order."
_MODES = "Other options for learners of single enrolment modes, such as verified. What is empty there is as above."
_PARTS = {"learner": "Name of the learner", "type": "Name of the type", "context": "Name of the course"}
_SECTIONS = {
    "picture": "Picture of the certificate",
    "description": "Description",
    "criteria": "Criteria",
    "results": "Results",
    "badge": "Badge",
    "share": "Buttons to share",
    "qr": "QR code",
}


class _Look(StrictOptions):
    """Options that a type or one of its modes can set. A mode without a value uses the type's value."""

    accent: Colour | None = Field(
        None,
        description="Colour of links, buttons and the upper edge, as #rrggbb. If text in this colour would be "
        "hard to read, the page uses another shade of it.",
    )
    logo: LogoPosition = Field(
        LogoPosition.START, title="Issuer’s logo", description="Position of the issuer's logo: start, centre or hidden."
    )
    sections: Annotated[frozenset[Section], ShownAs(labels=_SECTIONS, help="Parts of the page to show.")] = Field(
        frozenset(Section),
        title="Parts of the page",
        description="Parts to show: any of picture, description, criteria, results, badge, share and qr. The "
        "default is all of them.",
    )
    intro: Annotated[
        dict[Language, Text], ShownAs(keys=Look.LANGUAGE, labels={DEFAULT_LANGUAGE: "All other languages"}, help=_INTRO)
    ] = Field(
        default_factory=dict,
        title="Introduction",
        max_length=_MOST_LANGUAGES,
        description="Plain text above the facts, by language code. Each text can have 2,000 characters. "
        "Readers of all other languages see the text of the key 'default'.",
    )


class ModeOptions(_Look):
    """Options of the page for learners of one enrolment mode."""


def _check_parts(parts: tuple[FilePart, ...]) -> tuple[FilePart, ...]:
    if len(set(parts)) < len(parts):
        raise ValueError("each part can be there once")
    return parts


class PageOptions(_Look, Options):
    """Options of a type's page."""

    file_name: Annotated[
        tuple[FilePart, ...], AfterValidator(_check_parts), ShownAs(labels=_PARTS, help=_FILE_NAME)
    ] = Field(
        (FilePart.TYPE, FilePart.CONTEXT),
        title="Name of the saved file",
        min_length=1,
        description="Parts of the name under which the file is saved, in order: any of learner, type and context.",
    )

    modes: Annotated[dict[Annotated[str, Field(min_length=1, max_length=64)], ModeOptions], ShownAs(help=_MODES)] = (
        Field(
            default_factory=dict,
            title="Single enrolment modes",
            max_length=_MOST_MODES,
            description="Different options for single enrolment modes, by mode. Each mode can have any of the "
            "other options.",
        )
    )

    def has(self, section: str) -> bool:
        """Return whether the page shows a section."""
        return section in self.sections

    def get_intro(self, language: str) -> str:
        """Return the introduction in the reader's language.

        If there is none, return the text for the language without its region. If there is none either, return the default text.
        """
        for key in (language.lower(), language.lower().partition("-")[0], DEFAULT_LANGUAGE):
            if text := self.intro.get(key):
                return text
        return ""


_DEFAULTS = PageOptions()


def find_page_problems(options: object) -> list[OptionProblem]:
    """Return every mistake in the options of a page, each with its path, such as ``modes.verified.accent``."""
    problems = find_problems(options, [PageOptions], OptionsContext())
    return [OptionProblem(problem.path.removesuffix(".[key]"), problem.message) for problem in problems]


def get_page_options(options: Mapping[str, Any], mode: str = "") -> PageOptions:
    """Return a type's page options for learners of one mode. Merge nested objects in depth.

    If stored options cannot be read, log them and use the defaults: a page that verifies must not fail because of its design.
    """
    if not options:  # most types have none
        return _DEFAULTS
    try:
        modes = options.get("modes") or {}
        own = modes.get(mode) or {} if mode else {}
        return parse(PageOptions, merge({**options, "modes": {}}, own))
    except (OptionsError, AttributeError, TypeError, ValueError) as error:
        logger.warning("Wrong page options are ignored: %s", error)
        return _DEFAULTS
