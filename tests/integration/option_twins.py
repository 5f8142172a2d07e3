"""Provide plug-ins with titles that are used twice or lazily, and an LMS backend that was written before grading policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from learning_credentials.lms import LMSBackend
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.plugins import processor

if TYPE_CHECKING:
    from collections.abc import Mapping


class OldLMS(FakeLMS):
    """A backend without a grading policy of its own."""

    get_grading_policy = LMSBackend.get_grading_policy


@processor
def retrieve_all(
    learning_context_key: str, options: Mapping[str, Any], user_id: int | None = None
) -> dict[int, dict[str, Any]]:
    """Everyone who is enrolled."""
    return {}


@processor(title=gettext_lazy("Learners"))
def retrieve_lazy(
    learning_context_key: str, options: Mapping[str, Any], user_id: int | None = None
) -> dict[int, dict[str, Any]]:
    """Nobody."""
    return {}
