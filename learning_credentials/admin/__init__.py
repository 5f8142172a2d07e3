"""Provide the Django admin. Each module contains the pages of models that belong together.

State changes only through `learning_credentials.services`: pages of rows that a service manages are read-only, and their buttons and
actions call a service. Django's model permissions decide what staff can do: ``view`` to read, ``change`` to act.
"""

from learning_credentials.admin.allowlist import AllowlistEntryAdmin
from learning_credentials.admin.assets import CredentialAssetAdmin
from learning_credentials.admin.certificate_invalidations import CertificateInvalidationAdmin
from learning_credentials.admin.configurations import CredentialConfigurationAdmin
from learning_credentials.admin.course_certificates import CourseCertificateAdmin
from learning_credentials.admin.credentials import CredentialAdmin
from learning_credentials.admin.desk.learners import LearnerAdmin
from learning_credentials.admin.examples import ExampleCredentialSetAdmin
from learning_credentials.admin.grants import ContextGrantAdmin
from learning_credentials.admin.issuers import IssuerAdmin, SignatoryAdmin
from learning_credentials.admin.jobs import JobAdmin
from learning_credentials.admin.mail_holds import MailHoldAdmin
from learning_credentials.admin.messages import HostMessageAdmin
from learning_credentials.admin.runs import GenerationRunAdmin
from learning_credentials.admin.standings import LearnerCertificateAdmin
from learning_credentials.admin.status_lists import StatusListAdmin
from learning_credentials.admin.stray_places import StrayPlaceAdmin
from learning_credentials.admin.types import CredentialTypeAdmin
from learning_credentials.admin.webhooks import WebhookAdmin, WebhookDeliveryAdmin

__all__ = [
    "AllowlistEntryAdmin",
    "CertificateInvalidationAdmin",
    "ContextGrantAdmin",
    "CourseCertificateAdmin",
    "CredentialAdmin",
    "CredentialAssetAdmin",
    "CredentialConfigurationAdmin",
    "CredentialTypeAdmin",
    "ExampleCredentialSetAdmin",
    "GenerationRunAdmin",
    "HostMessageAdmin",
    "IssuerAdmin",
    "JobAdmin",
    "LearnerAdmin",
    "LearnerCertificateAdmin",
    "MailHoldAdmin",
    "SignatoryAdmin",
    "StatusListAdmin",
    "StrayPlaceAdmin",
    "WebhookAdmin",
    "WebhookDeliveryAdmin",
]
