"""Define what is said about an act before it is done."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

#: How many learners are listed for each group. All are counted.
MAX_LISTED = 1000


@dataclass(frozen=True)
class Consequences:
    """What an act would do.

    ``counts`` says how many learners or credentials it concerns, by what would happen, and ``learners`` has the ids of the first of them.
    ``left_out_counts`` and ``left_out`` say the same of those who receive or lose nothing, by the reason.

    ``mails`` is how many e-mails would be sent. They are sent from ``mails_from`` on, and each waits for ``mail_delay`` after its
    credential was issued. ``unreachable`` is how many learners have no e-mail address. ``unsent`` is how many waiting e-mails would not be
    sent any more, or not yet.
    ``old_files`` is how many files stay as they are, although they would now be made differently.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    learners: Mapping[str, list[int]] = field(default_factory=dict)
    left_out_counts: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, list[int]] = field(default_factory=dict)
    checked: int = 0
    mails: int = 0
    mails_from: datetime | None = None
    mail_delay: timedelta | None = None
    unreachable: int = 0
    unsent: int = 0
    old_files: int = 0
    #: Names that change, from and to.
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Return whether the act would change nothing for any learner."""
        return not (any(self.counts.values()) or self.mails or self.unsent or self.old_files)

    def dump(self) -> dict[str, Any]:
        """Return the numbers that a page shows, to compare them with those at the time of the act."""
        return {
            "counts": dict(sorted((key, number) for key, number in self.counts.items() if number)),
            "learners": {key: sorted(ids) for key, ids in sorted(self.learners.items()) if ids},
            "left_out": dict(sorted((key, number) for key, number in self.left_out_counts.items() if number)),
            "mails": self.mails,
            "mails_from": self.mails_from.isoformat() if self.mails_from else None,
            "unsent": self.unsent,
            "old_files": self.old_files,
        }


def group(pairs: Iterable[tuple[str, int | None]]) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Return the counts and the listed learners of pairs of a group and a user id. Deleted accounts are only counted."""
    counts: dict[str, int] = {}
    learners: dict[str, list[int]] = {}
    for key, user_id in pairs:
        counts[key] = counts.get(key, 0) + 1
        listed = learners.setdefault(key, [])
        if user_id is not None and len(listed) < MAX_LISTED:
            listed.append(user_id)
    return counts, learners


@contextmanager
def rolled_back() -> Iterator[None]:
    """Roll back what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
