"""Says what would be enough for a credential: the counterfactual of the reasons.

All changes together are enough. An entry on the allowlist can replace those that are about grades and completion. What the app cannot know
makes the answer unknown, instead of a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.services.desk.story_needs import find_changes
from learning_credentials.services.desk.story_values import (
    UNKNOWN,
    WAIVED,
    Change,
    ChangeKind,
    Counterfactual,
    ReasonCode,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from learning_credentials.lms import Grade
    from learning_credentials.services.desk.story_values import Award

_BY_REASON = {
    ReasonCode.BARRED: ChangeKind.LIFT_BAR,
    ReasonCode.BLOCKED: ChangeKind.LIFT_BLOCK,
    ReasonCode.NO_COURSE_CERTIFICATES: ChangeKind.SWITCH_ON,
    ReasonCode.NOT_ENROLLED: ChangeKind.ENROL,
    ReasonCode.MODE: ChangeKind.MODE,
    ReasonCode.RESTRICTED: ChangeKind.UNRESTRICT,
    ReasonCode.NAME_MISSING: ChangeKind.NAME,
    ReasonCode.IDENTITY: ChangeKind.IDENTITY,
    ReasonCode.GRADE: ChangeKind.PASS,
}
#: Reasons that an entry on the allowlist removes.
_WAIVED_REASONS = frozenset(
    {ReasonCode.GRADE, ReasonCode.GRADE_UNKNOWN, ReasonCode.CRITERIA, ReasonCode.CRITERIA_UNKNOWN}
)


def find_enough(award: Award, grades: Mapping[str, Grade]) -> Counterfactual | None:
    """Return what would be enough, or None if nothing prevents the credential.

    Args:
        award: with its reasons and needs.
        grades: the learner's grades by course run, for the weights of the categories.
    """
    if not any(reason.prevents for reason in award.reasons):
        return None
    changes = [*_list_circumstances(award)]
    is_known = not award.has(*UNKNOWN)
    if award.has(ReasonCode.CRITERIA):
        is_known = is_known and bool(award.needs)
        for run in award.needs:
            found = find_changes(run, grades.get(run.run_key))
            is_known = is_known and found is not None
            changes += found or ()
        is_known = is_known and any(change.kind in WAIVED for change in changes)
    can_be_allowed = award.entry is None and award.invalidation is None and award.has(*_WAIVED_REASONS)
    return Counterfactual(tuple(changes), is_known=is_known, can_be_allowed=can_be_allowed)


def _list_circumstances(award: Award) -> Iterator[Change]:
    """Yield what must change beside the criteria. A passing grade is here too, because only the LMS knows what passes."""
    for reason in award.reasons:
        kind = _BY_REASON.get(reason.code)
        # Lifting a bar lifts the blocks of the course certificates too.
        if kind is None or (kind is ChangeKind.LIFT_BLOCK and award.has(ReasonCode.BARRED)):
            continue
        modes: tuple[str, ...] = ()
        if award.is_course_certificate and kind in {ChangeKind.MODE, ChangeKind.ENROL}:
            modes, asks_identity = _choose_modes()
            if asks_identity:
                yield Change(ChangeKind.IDENTITY, award.context_key, award.context_name)
        have = award.facts.get("grade") if kind is ChangeKind.PASS else None
        yield Change(kind, award.context_key, award.context_name, have=have, modes=modes)


def _choose_modes() -> tuple[tuple[str, ...], bool]:
    """Return the modes that earn a certificate, and whether they also need a verified identity. Modes without that need come first."""
    settings = get_settings()
    earning = tuple(settings.EARNING_MODES)
    if not settings.IDENTITY_REQUIRED:
        return earning, False
    exempt = tuple(mode for mode in earning if mode in settings.IDENTITY_EXEMPT_MODES)
    return (exempt, False) if exempt else (earning, True)
