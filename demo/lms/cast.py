"""Define the learners who show special cases of course certificates.

They always exist. All other learners are random.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.lms.catalogue import ASTRONOMY, ASTRONOMY_PILOT, GEOLOGY, PATH, STATISTICS, WRITING
from demo.lms.models import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Role:
    """One learner, the special case of the certificate in ``run_key``, and what staff did about it.

    ``percents`` is the score in every category, by run.
    """

    username: str
    name: str
    run_key: str
    what: str
    mode: str = Mode.HONOR
    is_verified: bool | None = None
    percents: Mapping[str, int] = field(default_factory=dict)
    path_keys: tuple[str, ...] = ()
    allowlist_notes: str = ""
    invalidation_notes: str = ""


CAST = (
    Role("oriel", "Oriel Fenwick-Saar", GEOLOGY, "passed; shown from a date to come", percents={GEOLOGY: 86}),
    Role(
        "marisol",
        "Marisol Quintavar",
        ASTRONOMY,
        "does not pass; allowlisted",
        percents={ASTRONOMY: 58},
        allowlist_notes="Sat the exam at a partner college; marks on file.",
    ),
    Role(
        "casimir",
        "Casimir Holloway-Fenn",
        ASTRONOMY,
        "passed; invalidated by staff",
        percents={ASTRONOMY: 88},
        invalidation_notes="The project was handed in under another learner's name.",
    ),
    Role(
        "ngaire",
        "Ngaire Abernethy-Lund",
        ASTRONOMY,
        "passed, verified mode; no identity verified",
        mode=Mode.VERIFIED,
        is_verified=False,
        percents={ASTRONOMY: 91},
    ),
    Role(
        "teodor",
        "Teodor Ashgrove-Vale",
        ASTRONOMY_PILOT,
        "passed a run that the path excludes",
        percents={ASTRONOMY_PILOT: 84, STATISTICS: 78, WRITING: 75},
        path_keys=(PATH,),
    ),
)
