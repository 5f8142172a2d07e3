"""Counts and lists the learners whom a generation run skipped, by reason: those who may have earned the credential but received none.

Learners who have the credential already, and learners who do not meet the criteria, are only counted.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

#: How many learners are listed for one run. All are counted.
MAX_LISTED = 1000


class SkipReason(StrEnum):
    """Why a learner was skipped."""

    REISSUE_BLOCKED = "reissue_blocked"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    PROFILE_UNKNOWN = "profile_unknown"
    RESTRICTED = "restricted"
    EVALUATION_FAILED = "evaluation_failed"
    NO_ACCOUNT = "no_account"
    CANNOT_BE_STORED = "cannot_be_stored"


class Skipped:
    """The learners whom a run has skipped so far."""

    def __init__(self) -> None:
        self.total = self.already_held = self.not_eligible = 0
        self._counts: dict[str, int] = {}
        self._listed: dict[str, list[int]] = {}
        self._left = MAX_LISTED

    def add(self, reason: SkipReason, user_ids: Collection[int]) -> None:
        """Count learners, and list them if fewer than `MAX_LISTED` are listed."""
        if not user_ids:
            return
        self.total += len(user_ids)
        self._counts[reason.value] = self._counts.get(reason.value, 0) + len(user_ids)
        listed = sorted(user_ids)[: self._left]
        if listed:
            self._listed.setdefault(reason.value, []).extend(listed)
            self._left -= len(listed)

    def dump(self) -> dict[str, Any]:
        """Return the values for the run's fields."""
        numbers = {"already_held": self.already_held, "not_eligible": self.not_eligible}
        return {
            "skipped": self.total,
            "skipped_detail": {**numbers, "counts": dict(self._counts), "learners": self._listed},
        }
