"""Renders a configuration's credential for a made-up learner, so that staff see what learners will get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from learning_credentials.exceptions import ContextNotFoundError, GenerationError, TransientError
from learning_credentials.lms import LearnerProfile, LearningContext
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.course_runs import get_local_date
from learning_credentials.services.credentials import (
    Snapshot,
    SnapshotFactory,
    get_context,
    get_expiry,
    get_renderer,
    make_artifact,
)
from learning_credentials.services.issuing.configurations import get_configuration
from learning_credentials.verify_codes import LENGTH, format_code

if TYPE_CHECKING:
    from datetime import datetime

    from learning_credentials.data import Artifact, AssetReader, CredentialData
    from learning_credentials.models import CredentialConfiguration

DUMMY = LearnerProfile(0, "", "John Doë", given_name="John", family_name="Doë")
DUMMY_UUID = UUID(int=0)
DUMMY_CODE = "0" * LENGTH
DUMMY_EVIDENCE = {"current_grades": {"Total": 0.92}, "current_completion": 1.0}


def preview_credential(configuration_id: int) -> Artifact:
    """Render a configuration's credential for a made-up learner. Return the artifact. Nothing is stored.

    Raises:
        TransientError: the LMS could not answer.
        ConfigurationError: there is no such configuration, or the options or assets cannot be used.
        GenerationError: the generator failed or warned. A warning when a credential is issued is an error here, where it can still be
            corrected.
    """
    configuration = get_configuration(configuration_id)
    context = find_context(configuration.learning_context_key)
    return render(configuration, make_dummy_snapshot(configuration, context), issued_at=timezone.now())


def find_context(key: str) -> LearningContext:
    """Return the context. If the LMS does not answer or does not know it, its key is its name."""
    try:
        return get_context(key)
    except (ContextNotFoundError, TransientError):
        return LearningContext(key, key)


def make_dummy_snapshot(
    configuration: CredentialConfiguration, context: LearningContext, *, mode: str = "", profile: LearnerProfile = DUMMY
) -> Snapshot:
    """Return the snapshot of a made-up learner. ``mode`` is the learner's enrolment mode, for a course certificate."""
    evidence = {**DUMMY_EVIDENCE, "mode": mode} if mode else DUMMY_EVIDENCE
    return SnapshotFactory(configuration, context).make_sample(profile, evidence)


def render(configuration: CredentialConfiguration, snapshot: Snapshot, *, issued_at: datetime) -> Artifact:
    """Render the credential. Return the artifact.

    Raises:
        ConfigurationError, GenerationError: as in `preview_credential`.
    """
    assets = DatabaseAssets()
    artifact = make_artifact(
        get_renderer(configuration, assets), make_sample_data(configuration, snapshot, assets, issued_at=issued_at)
    )
    if artifact.warnings:
        raise GenerationError("; ".join(artifact.warnings), code="generator_warning")
    return artifact


def make_sample_data(
    configuration: CredentialConfiguration, snapshot: Snapshot, assets: AssetReader, *, issued_at: datetime
) -> CredentialData:
    """Return what a generator gets for a sample, which has no id of its own."""
    return snapshot.as_data(
        verify_uuid=DUMMY_UUID,
        verify_url=get_verification_url(DUMMY_UUID),
        verify_code=format_code(DUMMY_CODE),
        issued_at=issued_at,
        issue_date=get_local_date(issued_at),
        expires_at=get_expiry(configuration.credential_type, issued_at),
        assets=assets,
        is_sample=True,
    )


def describe_inputs(configuration: CredentialConfiguration, snapshot: Snapshot) -> dict[str, Any]:
    """Return, as JSON, everything that the rendering depends on: functions, merged options, texts."""
    credential_type = configuration.credential_type
    return {
        "retrieval_func": credential_type.retrieval_func,
        "generation_func": credential_type.generation_func,
        "options": configuration.options,
        "texts": snapshot.as_printed(),
    }
