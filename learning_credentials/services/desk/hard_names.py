"""Finds the names of a cohort that are hardest to print, while it looks at each name once. The memory does not grow with the cohort."""

from __future__ import annotations

import heapq
from collections import Counter
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf import get_character_facts
from learning_credentials.services.common import read_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from learning_credentials.lms import LearnerProfile

#: So many names are kept for a reason. More are kept of the widest ones, because only the engine knows in which size it prints them.
_KEPT = 2
_WIDEST_KEPT = 40


class Reason(Enum):
    """Why a name is on the proof sheet, in the order of importance."""

    UNDRAWABLE = "has characters that no font can draw"
    NO_NAME = "the LMS has no name that can be printed"
    SMALLEST = "is printed in the smallest letters"
    LONGEST = "is the longest name"
    RIGHT_TO_LEFT = "runs from right to left"
    MIXED = "has letters of several scripts"
    LONGEST_WORD = "has the longest word"
    MARKS = "has the most marks on one letter"
    SHORTEST = "is the shortest name"


class Found(NamedTuple):
    """A learner whose name is hard to print, and how much so for a reason."""

    score: float
    profile: LearnerProfile


class HardNames:
    """Collects names. Of equally hard ones, those of learners with smaller ids are kept, so that the same cohort gives the same names."""

    def __init__(self) -> None:
        self._kept: dict[Reason, list[tuple[float, int, LearnerProfile]]] = {reason: [] for reason in Reason}
        #: How many names were looked at, and how many there are for each reason that can be counted.
        self.total = 0
        self.counts: Counter[Reason] = Counter()

    def add(self, profile: LearnerProfile) -> None:
        """Look at the name of one learner."""
        self.total += 1
        name = read_name(profile)
        if not name:
            self._count(Reason.NO_NAME, 0, profile)
            return
        facts = [get_character_facts(character) for character in name]
        width = sum(fact.width for fact in facts)
        self._keep(Reason.SMALLEST, width, profile, _WIDEST_KEPT)
        self._keep(Reason.LONGEST, width, profile)
        self._keep(Reason.SHORTEST, -width, profile)
        self._keep(Reason.LONGEST_WORD, max(_measure_words(name, [fact.width for fact in facts]), default=0), profile)
        if missing := sum(not fact.is_drawable for fact in facts):
            self._count(Reason.UNDRAWABLE, missing, profile)
        if any(fact.is_rtl for fact in facts):
            self._count(Reason.RIGHT_TO_LEFT, width, profile)
        if len({fact.script for fact in facts} - {""}) > 1:
            self._count(Reason.MIXED, width, profile)
        marks = max(
            (len(list(group)) for is_mark, group in groupby(fact.is_mark for fact in facts) if is_mark), default=0
        )
        if marks > 1:
            self._keep(Reason.MARKS, marks, profile)

    def get(self, reason: Reason) -> list[Found]:
        """Return the names for a reason, the hardest first."""
        kept = sorted(self._kept[reason], key=lambda item: item[:2], reverse=True)
        return [Found(score, profile) for score, _, profile in kept]

    def _count(self, reason: Reason, score: float, profile: LearnerProfile) -> None:
        self.counts[reason] += 1
        self._keep(reason, score, profile)

    def _keep(self, reason: Reason, score: float, profile: LearnerProfile, most: int = _KEPT) -> None:
        kept = self._kept[reason]
        item = score, -profile.user_id, profile
        if len(kept) < most:
            heapq.heappush(kept, item)
        elif item[:2] > kept[0][:2]:
            heapq.heapreplace(kept, item)


def _measure_words(name: str, widths: Iterable[float]) -> Iterator[float]:
    """Yield the widths of the words of a name, of whose characters the widths are given."""
    pairs = zip(name, widths, strict=True)
    for is_blank, group in groupby(pairs, key=lambda pair: pair[0].isspace() or pair[0] == "-"):
        if not is_blank:
            yield sum(width for _, width in group)
