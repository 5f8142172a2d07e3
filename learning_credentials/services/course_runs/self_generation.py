"""Decides whether learners can request a credential themselves.

The setting ``ALLOW_SELF_GENERATION`` must be on. Then each configuration has its own switch. For a course certificate, the switch of the
configuration or the switch of the course run is enough, so that the staff of the course run need not change the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.models import CourseCertificate
from learning_credentials.services.course_runs import course_certificates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.models import CredentialConfiguration


def find_self_generating(configurations: Iterable[CredentialConfiguration]) -> set[int]:
    """Return the ids of the configurations whose credential learners can request. Whether a learner has earned it is not checked."""
    if not get_settings().ALLOW_SELF_GENERATION:
        return set()
    rows = list(configurations)
    keys = {row.learning_context_key for row in rows if course_certificates.issues_course_certificates(row)}
    open_runs = CourseCertificate.objects.filter(course_key__in=keys, is_active=True, allows_self_generation=True)
    open_keys = set(open_runs.values_list("course_key", flat=True)) if keys else set()
    return {
        row.pk
        for row in rows
        if row.allow_self_generation
        or (course_certificates.issues_course_certificates(row) and row.learning_context_key in open_keys)
    }


def is_self_generation_allowed(configuration: CredentialConfiguration) -> bool:
    """Return whether learners can request the configuration's credential."""
    return configuration.pk in find_self_generating([configuration])
