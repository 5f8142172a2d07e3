"""Apply what the registrar's office did about course certificates, through the app as staff would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from demo.lms.cast import CAST
from demo.lms.catalogue import AVAILABLE_DATES, COURSE_CERTIFICATE
from learning_credentials import api
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    CredentialConfiguration,
)

if TYPE_CHECKING:
    from demo.lms.cast import Role


def act(actor_id: int) -> None:
    """Set dates, add to the allowlist and invalidate, if that was never done.

    Later changes by staff stay as they are.
    """
    for key, date in AVAILABLE_DATES.items():
        if not CourseCertificate.objects.filter(course_key=key).exists():
            api.set_certificate_available_date(key, date, actor=actor_id, reason="Results are released together.")
    users = get_user_model().objects.filter(username__in=[role.username for role in CAST])
    ids = dict(users.values_list("username", "pk"))
    for role in CAST:
        if role.allowlist_notes:
            _allowlist(role, ids[role.username], actor_id)
        if role.invalidation_notes:
            _invalidate(role, ids[role.username], actor_id)


def _allowlist(role: Role, user_id: int, actor_id: int) -> None:
    if not AllowlistEntry.objects.filter(user_id=user_id, learning_context_key=role.run_key).exists():
        api.add_allowlist_entry(user_id, role.run_key, notes=role.allowlist_notes, actor=actor_id)


def _invalidate(role: Role, user_id: int, actor_id: int) -> None:
    """Invalidate a certificate that was issued before, so that there is an example of one."""
    if CertificateInvalidation.objects.filter(user_id=user_id, learning_context_key=role.run_key).exists():
        return
    configuration = CredentialConfiguration.objects.get(
        learning_context_key=role.run_key, credential_type__slug=COURSE_CERTIFICATE
    )
    api.evaluate_course_certificate(role.run_key, user_id, actor=actor_id)
    api.issue_credential(configuration.pk, user_id, actor=actor_id)
    api.invalidate_certificate(user_id, role.run_key, notes=role.invalidation_notes, actor=actor_id)
