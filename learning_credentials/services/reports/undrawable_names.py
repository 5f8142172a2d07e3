"""Finds names that no font can draw, before the certificates with them fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.conf import get_settings
from learning_credentials.folding import compose
from learning_credentials.lms import get_lms
from learning_credentials.models import CredentialConfiguration
from learning_credentials.models.batches import in_batches
from learning_credentials.pdf import find_undrawable

if TYPE_CHECKING:
    from collections.abc import Iterator


class UndrawableName(NamedTuple):
    """A name with characters that no font can draw. ``user_id`` is the learner's, or None for the name of the context."""

    learning_context_key: str
    user_id: int | None
    name: str
    characters: str


def iter_undrawable_names(context_key: str | None = None) -> Iterator[UndrawableName]:
    """Yield names of contexts, and of learners enrolled in them, that no font can draw, neither a shipped one nor one of the server.

    Args:
        context_key: one context. Default: all that have an enabled configuration.

    Raises:
        TransientError: the LMS could not answer.
    """
    context_key = None if context_key is None else compose(context_key)
    rows = CredentialConfiguration.objects.filter(is_enabled=True).order_by("learning_context_key")
    keys = [context_key] if context_key else list(rows.values_list("learning_context_key", flat=True).distinct())
    for batch in in_batches(keys):
        contexts = get_lms().find_contexts(batch)
        for key in batch:
            if key in contexts and (found := find_undrawable(contexts[key].name)):
                yield UndrawableName(key, None, contexts[key].name, found)
            yield from _iter_learners(key)


def _iter_learners(key: str) -> Iterator[UndrawableName]:
    lms = get_lms()
    for enrolments in lms.iter_enrolments(key, batch_size=get_settings().ELIGIBILITY_BATCH_SIZE):
        profiles = lms.get_profiles([enrolment.user_id for enrolment in enrolments])
        for user_id, profile in sorted(profiles.items()):
            if found := find_undrawable(profile.display_name or ""):
                yield UndrawableName(key, user_id, profile.display_name or "", found)
