"""Provide a host's processor that writes its own criteria, in English and German."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from learning_credentials.options import Options, parse
from learning_credentials.plugins import processor
from tests.plugins import retrieve_everyone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from learning_credentials.data import CriteriaSource

#: The sources that the writer received. Tests clear the list.
SOURCES: list[CriteriaSource] = []
#: Replaces what `collect` and `write` return. Tests clear it.
INSTEAD: dict[str, Callable[[], Any]] = {}


class SessionsOptions(Options):
    """Options of `retrieve_attendance`."""

    sessions: int = Field(3, ge=1, le=99, description="How many sessions a learner must attend.")


class SessionsWriter:
    """Writes how many sessions a learner must attend."""

    def collect(self, source: CriteriaSource) -> dict[str, Any]:
        """Return the number of sessions."""
        SOURCES.append(source)
        if "collect" in INSTEAD:
            return INSTEAD["collect"]()
        return {"sessions": parse(SessionsOptions, source.options).sessions}

    def write(self, facts: Mapping[str, Any], language: str) -> str:
        """Return the sentence."""
        if "write" in INSTEAD:
            return INSTEAD["write"]()
        if language.startswith("de"):
            return f"Teilnahme an {facts['sessions']} Sitzungen."
        return f"{facts['sessions']} sessions attended."


@processor(options=SessionsOptions, criteria=SessionsWriter())
def retrieve_attendance(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Everyone who is enrolled."""
    return retrieve_everyone(learning_context_key, options, user_id, user_ids)
