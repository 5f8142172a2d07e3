"""Define the acts that concern others, such as downloading another learner's file. The app asks the LMS backend who may do them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Act(StrEnum):
    """Something that an account does over REST or on a page and that concerns others.

    The admin does not use acts. It checks Django's model permissions itself.
    """

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

    @property
    def permissions(self) -> tuple[str, ...]:
        """Return Django's model permissions for this act.

        By default one of them is enough. The admin asks for the same permissions.
        """
        return tuple(f"learning_credentials.{name}" for name in _PERMISSIONS[self])


_PERMISSIONS: Mapping[Act, tuple[str, ...]] = {
    Act.VIEW_CONTEXT: ("view_credentialconfiguration", "change_credentialconfiguration"),
    Act.VIEW_ELIGIBILITY: ("view_learnercertificate", "change_learnercertificate"),
    Act.REQUEST_CREDENTIAL: ("add_credential",),
    Act.DOWNLOAD_FILE: ("view_credential", "change_credential"),
    Act.VIEW_LEARNER_STATUS: ("view_learnercertificate", "change_learnercertificate"),
    Act.VIEW_COURSE_CERTIFICATE: ("view_coursecertificate", "change_coursecertificate"),
    Act.ADD_COURSE_CERTIFICATE: ("add_coursecertificate",),
    Act.CHANGE_COURSE_CERTIFICATE: ("change_coursecertificate",),
}
