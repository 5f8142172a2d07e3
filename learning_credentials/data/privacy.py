"""Define what is kept when the data of a learner is erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: The reason of a credential that was withdrawn because its holder asked for it. Pages show a sentence for it.
WITHDRAWN = "withdrawn_by_holder"


class Keep(StrEnum):
    """What stays of the credentials of a retired learner."""

    #: Nothing. Their pages answer like unknown ids. Their places in the status lists stay revoked.
    NOTHING = "nothing"
    #: That there was a credential: its ids, type, course, issuer and dates, and that it was withdrawn. It names nobody.
    TOMBSTONE = "tombstone"
    #: The same, with the results and the evidence, for statistics.
    ANONYMOUS_RECORD = "anonymous_record"


@dataclass(frozen=True, slots=True)
class Retirement:
    """What the erasure of a learner's data did: how many credentials were withdrawn, and how many other rows were deleted or emptied."""

    credentials: int
    rows: int
