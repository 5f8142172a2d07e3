"""Renders a configuration's credential for a made-up learner, so that staff see what learners will get."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from learning_credentials.data import Artifact, CredentialData, IssuerData, SignatoryData
from learning_credentials.exceptions import ContextNotFoundError, GenerationError, TransientError
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.course_runs import get_local_date
from learning_credentials.services.credentials import (
    get_context,
    get_expiry,
    get_renderer,
    make_artifact,
    snapshot_parties,
)

if TYPE_CHECKING:
    from datetime import datetime

    from learning_credentials.models import CredentialConfiguration

DUMMY_NAME = "John Doë"
DUMMY_UUID = UUID(int=0)
DUMMY_EVIDENCE = {"current_grades": {"Total": 0.92}, "current_completion": 1.0}


@dataclass(frozen=True)
class DummyTexts:
    """What stands on the credential of the made-up learner, beside what the options say."""

    learning_context_name: str
    credential_type_name: str
    issuer: dict[str, str]
    signatories: list[dict[str, str]]
    evidence: dict[str, Any]
    user_full_name: str = DUMMY_NAME


def preview_credential(configuration: CredentialConfiguration) -> Artifact:
    """Render a credential of the configuration for a made-up learner; nothing is stored.

    Raises:
        ConfigurationError: the options or assets do not serve.
        GenerationError: the generator failed, or warned: what is a warning at issue is an error here, where it can still be mended.
    """
    name = find_context_name(configuration.learning_context_key)
    return render(configuration, get_texts(configuration, name), issued_at=timezone.now())


def find_context_name(key: str) -> str:
    """Return the context's name; its key where the LMS does not answer or does not know it."""
    try:
        return get_context(key).name
    except (ContextNotFoundError, TransientError):
        return key


def get_texts(configuration: CredentialConfiguration, context_name: str, *, mode: str = "") -> DummyTexts:
    """Gather what is to stand on the credential. ``mode`` is the made-up learner's enrolment mode, for a course certificate."""
    credential_type = configuration.credential_type
    evidence = {**DUMMY_EVIDENCE, "mode": mode} if mode else DUMMY_EVIDENCE
    return DummyTexts(
        learning_context_name=context_name,
        credential_type_name=credential_type.name,
        **snapshot_parties(credential_type),
        evidence=evidence,
    )


def render(configuration: CredentialConfiguration, texts: DummyTexts, *, issued_at: datetime) -> Artifact:
    """Render the credential.

    Raises:
        As `preview`.
    """
    assets = DatabaseAssets()
    artifact = make_artifact(
        get_renderer(configuration, assets),
        CredentialData(
            verify_uuid=DUMMY_UUID,
            verify_url=get_verification_url(DUMMY_UUID),
            user_full_name=texts.user_full_name,
            learning_context_key=configuration.learning_context_key,
            learning_context_name=texts.learning_context_name,
            credential_type_name=texts.credential_type_name,
            issued_at=issued_at,
            issue_date=get_local_date(issued_at),
            assets=assets,
            issuer=IssuerData(**texts.issuer),
            signatories=tuple(SignatoryData(**person) for person in texts.signatories),
            evidence=texts.evidence,
            expires_at=get_expiry(configuration.credential_type, issued_at),
        ),
    )
    if artifact.warnings:
        raise GenerationError("; ".join(artifact.warnings), code="generator_warning")
    return artifact


def describe_inputs(configuration: CredentialConfiguration, texts: DummyTexts) -> dict[str, Any]:
    """Return, as JSON, all that goes into the rendering: functions, merged options, texts."""
    credential_type = configuration.credential_type
    return {
        "retrieval_func": credential_type.retrieval_func,
        "generation_func": credential_type.generation_func,
        "options": configuration.options,
        "texts": asdict(texts),
    }
