"""Send the app signals about learners, as a host does.

The LMS calls these functions where it changes its records. A signal only says that something changed. The app reads the facts itself after
commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.lms.backend import DemoLMS
from learning_credentials import signals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.lms.models import Enrolment, IdentityVerification, Score


def tell_grades(scores: Iterable[Score]) -> None:
    """Send, for each learner and run with a changed score, whether the grade is passing now."""
    for user_id, run_key in sorted({(score.user_id, score.category.run.key) for score in scores}):
        grade = DemoLMS().get_grades(run_key, [user_id]).get(user_id)
        if grade is not None:
            signal = signals.grade_now_passing if grade.is_passed else signals.grade_now_failing
            signal.send(sender=None, user_id=user_id, course_key=run_key)


def tell_mode(enrolment: Enrolment) -> None:
    """Send that a learner's mode changed, or that the learner enrolled again."""
    signals.enrolment_mode_changed.send(sender=None, user_id=enrolment.user_id, course_key=enrolment.run.key)


def tell_identity(verification: IdentityVerification) -> None:
    """Send that a learner's identity was verified. An expiry is not sent, because it takes nothing away."""
    if verification.holds:
        signals.identity_verified.send(sender=None, user_id=verification.user_id)
