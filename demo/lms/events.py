"""Tells the app what happened to a learner, with the signals that it offers to hosts.

Called where this LMS changes its records. A signal only says that something changed: the app reads the facts itself, after commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.lms.backend import DemoLMS
from learning_credentials import signals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.lms.models import Enrolment, IdentityVerification, Score


def tell_grades(scores: Iterable[Score]) -> None:
    """Tell of each learner and run with a changed score whether the grade is passing now."""
    for user_id, run_key in sorted({(score.user_id, score.category.run.key) for score in scores}):
        grade = DemoLMS().get_grades(run_key, [user_id]).get(user_id)
        if grade is not None:
            signal = signals.grade_now_passing if grade.is_passed else signals.grade_now_failing
            signal.send(sender=None, user_id=user_id, course_key=run_key)


def tell_mode(enrolment: Enrolment) -> None:
    """Tell that a learner takes part in another way, or again."""
    signals.enrolment_mode_changed.send(sender=None, user_id=enrolment.user_id, course_key=enrolment.run.key)


def tell_identity(verification: IdentityVerification) -> None:
    """Tell that a learner's identity was verified. One that expires is not told: it takes nothing away."""
    if verification.holds:
        signals.identity_verified.send(sender=None, user_id=verification.user_id)
