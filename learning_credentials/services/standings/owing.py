"""Writes messages that tell the LMS about changed standings, if the LMS backend wants them. The room `notices` processes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms import LMSBackend, get_lms
from learning_credentials.services.common import put_message

if TYPE_CHECKING:
    from collections.abc import Sequence

TELL_STANDINGS = "tell_standings"


def owe_standings(course_key: str, user_ids: Sequence[int]) -> None:
    """Write a message to tell the LMS about these learners' standings, in the transaction that changes them."""
    if _is_interested():
        put_message(TELL_STANDINGS, course_key, user_ids)


def _is_interested() -> bool:
    try:
        return type(get_lms()).take_standings is not LMSBackend.take_standings
    except ConfigurationError:  # keep the message until the settings are right again
        return True
