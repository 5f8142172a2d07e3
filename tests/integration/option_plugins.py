"""Provide a host's plug-ins whose options have every kind of field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from learning_credentials.data import Artifact
from learning_credentials.option_types import (
    CategoryPercents,
    Colour,
    CourseKey,
    Duration,
    LongText,
    Percent,
    TextsByLanguage,
)
from learning_credentials.options import Options, StrictOptions
from learning_credentials.plugins import generator, processor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from learning_credentials.data import CredentialData


class Shelf(StrictOptions):
    """Where the book stands."""

    room: str = Field("Hall", description="The room.")
    height: float = Field(1.5, ge=0, le=3)


class ReadingOptions(Options):
    """Options of `retrieve_readers`."""

    share: Percent = Field(0.8, title="Share of the book", description="How much learners must read.")
    grades: CategoryPercents = Field(default={}, title="Grades")
    course: CourseKey | None = Field(None, title="Course with the book")
    lent_for: Duration | None = Field(None, title="Lent for")
    reminded: timedelta | None = Field(None, title="Reminded before")
    pages: int = Field(10, ge=1, le=500)
    is_new: bool = Field(default=False, title="Only new books")


class CoverOptions(Options):
    """Options of `generate_cover`."""

    cover: Colour = Field("#123456", title="Colour of the cover")
    size: Literal["small", "large"] = "small"
    printed: date | None = None
    words: list[str] = Field(default=["calm"], title="Words")
    parts: frozenset[Literal["spine", "back", "front"]] = Field(default=frozenset({"front"}), title="Parts")
    greetings: TextsByLanguage = Field(default={}, title="Greetings")
    shelf: Shelf = Shelf()
    shelves: dict[str, Shelf] = Field(default={}, title="More shelves")
    notes: list[Shelf] = Field(default=[], title="Notes")
    summary: LongText = ""
    anything: Any = None


@processor(title="Readers of the book", options=ReadingOptions)
def retrieve_readers(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Nobody."""
    return {}


@generator(options=CoverOptions)
def generate_cover(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """The cover of the `book`.

    Nothing else.
    """
    return Artifact(b"cover", "text/plain", "txt")
