"""Collect the app's models. Each module defines models that belong together."""

from learning_credentials.models.assets import CredentialAsset
from learning_credentials.models.badges import (
    BadgeAddress,
    DailyCount,
    RevokedPlace,
    StatusList,
    TypeBadgeImage,
    UnloggedRevocation,
)
from learning_credentials.models.certificates import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    CourseCertificate,
    LearnerCertificate,
)
from learning_credentials.models.credentials import Credential, CredentialEvent
from learning_credentials.models.examples import ExampleCredential, ExampleCredentialSet
from learning_credentials.models.grants import ContextGrant, TypeContext
from learning_credentials.models.jobs import Job, JobRow
from learning_credentials.models.key_lookups import Among, BeginsWith, BeginsWithAny
from learning_credentials.models.learners import Learner
from learning_credentials.models.mail_holds import MailHold
from learning_credentials.models.mail_notes import MailNote
from learning_credentials.models.messages import HostMessage
from learning_credentials.models.runs import GenerationRun
from learning_credentials.models.strays import StrayPlace
from learning_credentials.models.totals import DailyTotal
from learning_credentials.models.types import (
    CredentialConfiguration,
    CredentialType,
    Issuer,
    Signatory,
    TypeSignatory,
)
from learning_credentials.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "AllowlistEntry",
    "Among",
    "BadgeAddress",
    "BeginsWith",
    "BeginsWithAny",
    "CertificateEvent",
    "CertificateInvalidation",
    "ContextGrant",
    "CourseCertificate",
    "Credential",
    "CredentialAsset",
    "CredentialConfiguration",
    "CredentialEvent",
    "CredentialType",
    "DailyCount",
    "DailyTotal",
    "ExampleCredential",
    "ExampleCredentialSet",
    "GenerationRun",
    "HostMessage",
    "Issuer",
    "Job",
    "JobRow",
    "Learner",
    "LearnerCertificate",
    "MailHold",
    "MailNote",
    "RevokedPlace",
    "Signatory",
    "StatusList",
    "StrayPlace",
    "TypeBadgeImage",
    "TypeContext",
    "TypeSignatory",
    "UnloggedRevocation",
    "Webhook",
    "WebhookDelivery",
]
