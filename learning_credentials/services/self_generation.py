"""Whether learners may request a credential themselves.

The global switch ``ALLOW_SELF_GENERATION`` comes before all. Under it each configuration has a switch of its own; a course certificate may
be opened by either of two, its configuration's or its run's, so that those who look after the run need not touch the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.models import CourseCertificate
from learning_credentials.services import course_certificates

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration


def is_course_certificate(configuration: CredentialConfiguration) -> bool:
    """Whether the configuration issues for the standing in a course run."""
    return configuration.credential_type.retrieval_func == course_certificates.RETRIEVAL_FUNC


def is_allowed(configuration: CredentialConfiguration) -> bool:
    """Whether learners may request the configuration's credential; whether one of them earned it is another question."""
    if not get_settings().ALLOW_SELF_GENERATION:
        return False
    if configuration.allow_self_generation:
        return True
    if not is_course_certificate(configuration):
        return False
    runs = CourseCertificate.objects.filter(course_key=configuration.learning_context_key, is_active=True)
    return runs.filter(allows_self_generation=True).exists()
