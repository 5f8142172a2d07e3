"""Define the acts that concern others, such as invalidating a learner's credential.

REST and the pages ask the LMS backend who may do them. The admin asks for Django's permissions.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from collections.abc import Mapping


class Act(StrEnum):
    """Something that an account does and that concerns others."""

    VIEW_CONTEXT = "view_context"
    """See which credentials a learning context grants without access to it."""
    VIEW_ELIGIBILITY = "view_eligibility"
    """See another learner's progress towards the credentials of a context, grades included."""
    REQUEST_CREDENTIAL = "request_credential"
    """Request a credential for another learner."""
    DOWNLOAD_FILE = "download_file"
    """Download a file that is only for its learner."""
    VIEW_LEARNER_STATUS = "view_learner_status"
    """See any learner's status in courses and programs."""
    VIEW_COURSE_CERTIFICATE = "view_course_certificate"
    """See the certificate settings of a run."""
    ADD_COURSE_CERTIFICATE = "add_course_certificate"
    """Add the certificate settings of a run that has none."""
    CHANGE_COURSE_CERTIFICATE = "change_course_certificate"
    """Change the certificate settings of a run. Their date shows or hides every credential of the run."""

    # In the admin only.
    START_RUN = "start_run"
    """Start a run, a dry run, or examples, and pause and cancel runs."""
    ISSUE_CREDENTIAL = "issue_credential"
    """Issue a credential to a learner."""
    INVALIDATE_CREDENTIAL = "invalidate_credential"
    """Invalidate credentials, and undo awards."""
    REISSUE_CREDENTIAL = "reissue_credential"
    """Reissue, renew and render credentials again, also with a corrected name."""
    LIFT_BLOCK = "lift_block"
    """Lift the block of a credential that staff invalidated."""
    CHANGE_DATES = "change_dates"
    """Change the expiry of credentials, and the date that their pages show."""
    RETRY_CREDENTIAL = "retry_credential"
    """Retry credentials that failed."""
    SEND_MAIL = "send_mail"
    """Send e-mails to learners again, and call them back."""
    EXPORT_CREDENTIALS = "export_credentials"
    """Download lists of learners and credentials, and archives of their files."""
    VIEW_PERSONAL_DATA = "view_personal_data"
    """See all about one learner on one page, e-mails and e-mail address included."""
    ALLOW_LEARNER = "allow_learner"
    """Add learners to the allowlist."""
    END_ALLOWING = "end_allowing"
    """Remove learners from the allowlist."""
    BAR_LEARNER = "bar_learner"
    """Bar learners from the course certificate of a run."""
    END_BARRING = "end_barring"
    """Lift what bars a learner from the course certificate of a run."""
    EVALUATE_LEARNER = "evaluate_learner"
    """Evaluate learners' statuses in a run again."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """Return Django's permissions for this act.

        By default one of them is enough. An act of the admin has a permission of its own. The model permission that comes with it was
        the only one before there were such permissions. With the setting ``ACTS_NEED_OWN_PERMISSIONS`` it is no longer enough.
        """
        names = _PERMISSIONS[self]
        if self in _HAS_OWN and get_settings().ACTS_NEED_OWN_PERMISSIONS:
            names = names[:1]
        return tuple(f"learning_credentials.{name}" for name in names)


#: The first permission of these acts is their own.
_HAS_OWN = frozenset(
    {
        Act.DOWNLOAD_FILE,
        Act.START_RUN,
        Act.ISSUE_CREDENTIAL,
        Act.INVALIDATE_CREDENTIAL,
        Act.REISSUE_CREDENTIAL,
        Act.LIFT_BLOCK,
        Act.CHANGE_DATES,
        Act.RETRY_CREDENTIAL,
        Act.SEND_MAIL,
        Act.EXPORT_CREDENTIALS,
        Act.VIEW_PERSONAL_DATA,
        Act.EVALUATE_LEARNER,
    }
)

_PERMISSIONS: Mapping[Act, tuple[str, ...]] = {
    Act.VIEW_CONTEXT: ("view_credentialconfiguration", "change_credentialconfiguration"),
    Act.VIEW_ELIGIBILITY: ("view_learnercertificate", "change_learnercertificate"),
    Act.REQUEST_CREDENTIAL: ("add_credential",),
    Act.DOWNLOAD_FILE: ("download_file", "view_credential", "change_credential"),
    Act.VIEW_LEARNER_STATUS: ("view_learnercertificate", "change_learnercertificate"),
    Act.VIEW_COURSE_CERTIFICATE: ("view_coursecertificate", "change_coursecertificate"),
    Act.ADD_COURSE_CERTIFICATE: ("add_coursecertificate",),
    Act.CHANGE_COURSE_CERTIFICATE: ("change_coursecertificate",),
    Act.START_RUN: ("start_run", "change_credentialconfiguration"),
    Act.ISSUE_CREDENTIAL: ("issue_credential", "add_credential"),
    Act.INVALIDATE_CREDENTIAL: ("invalidate_credential", "change_credential"),
    Act.REISSUE_CREDENTIAL: ("reissue_credential", "change_credential"),
    Act.LIFT_BLOCK: ("lift_block", "change_credential"),
    Act.CHANGE_DATES: ("change_dates", "change_credential"),
    Act.RETRY_CREDENTIAL: ("retry_credential", "change_credential"),
    Act.SEND_MAIL: ("send_mail", "change_credential"),
    Act.EXPORT_CREDENTIALS: ("export_credentials", "view_credential", "change_credential"),
    Act.VIEW_PERSONAL_DATA: ("view_personal_data", "view_credential", "change_credential"),
    Act.ALLOW_LEARNER: ("add_allowlistentry",),
    Act.END_ALLOWING: ("change_allowlistentry",),
    Act.BAR_LEARNER: ("add_certificateinvalidation",),
    Act.END_BARRING: ("change_certificateinvalidation",),
    Act.EVALUATE_LEARNER: ("evaluate_learner", "change_learnercertificate"),
}
