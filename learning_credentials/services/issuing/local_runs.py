"""Runs a configuration in the calling process, without workers, for commands and scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services.credentials import cut_into_chunks
from learning_credentials.services.issuing import runs
from learning_credentials.services.issuing.chunks import issue_chunk

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from learning_credentials.models import GenerationRun
    from learning_credentials.services.common import Actor


def issue_pending_credentials(
    configuration_id: int, *, actor: Actor = None, on_progress: Callable[[GenerationRun], None] | None = None
) -> GenerationRun:
    """Issue all credentials of a configuration in this process, without workers. Return the generation run with its counts.

    Args:
        configuration_id: the configuration.
        actor: who asks.
        on_progress: called with the generation run after every chunk.

    Raises:
        ConfigurationError: there is no such configuration.
        TransientError: the LMS could not answer. The sweep resumes the run later.
    """
    mine = runs.create_run(configuration_id, actor=actor)

    def issue(uuids: list[UUID]) -> None:
        for chunk in cut_into_chunks(uuids):
            issue_chunk(chunk)
            if on_progress:
                mine.refresh_from_db()
                on_progress(mine)

    runs.evaluate_run(mine.pk, issue)
    mine.refresh_from_db()
    return mine
