"""Shows what a configuration's credentials will look like, with a made-up learner; stores nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from learning_credentials.data import Artifact, CredentialData, IssuerData, SignatoryData
from learning_credentials.exceptions import ContextNotFoundError, GenerationError, TransientError
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.services import eligibility, pending
from learning_credentials.services.rendering import get_renderer, make
from learning_credentials.services.verification import get_issue_date, get_verification_url

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration

PREVIEW_NAME = "John Doë"
PREVIEW_UUID = UUID(int=0)
PREVIEW_EVIDENCE = {"current_grades": {"Total": 0.92}, "current_completion": 1.0}


def preview(configuration: CredentialConfiguration) -> Artifact:
    """Render a credential of the configuration for a made-up learner.

    Raises:
        ConfigurationError: the options or assets do not serve.
        GenerationError: the generator failed, or warned: what is a warning at issue is an error here, where it can still be mended.
    """
    assets = DatabaseAssets()
    key = configuration.learning_context_key
    try:
        name = eligibility.get_context(key).name
    except (ContextNotFoundError, TransientError):
        name = key
    credential_type = configuration.credential_type
    parties = pending.snapshot_parties(credential_type)
    now = timezone.now()
    artifact = make(
        get_renderer(configuration, assets),
        CredentialData(
            verify_uuid=PREVIEW_UUID,
            verify_url=get_verification_url(PREVIEW_UUID),
            user_full_name=PREVIEW_NAME,
            learning_context_key=key,
            learning_context_name=name,
            credential_type_name=credential_type.name,
            issued_at=now,
            issue_date=get_issue_date(now),
            assets=assets,
            issuer=IssuerData(**parties["issuer"]),
            signatories=tuple(SignatoryData(**person) for person in parties["signatories"]),
            evidence=PREVIEW_EVIDENCE,
            expires_at=now + credential_type.valid_for if credential_type.valid_for else None,
        ),
    )
    if artifact.warnings:
        raise GenerationError("; ".join(artifact.warnings), code="generator_warning")
    return artifact
