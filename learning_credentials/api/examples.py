"""What credentials will look like, before any is issued: previews, and examples for made-up learners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import issuing

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.data import Artifact
    from learning_credentials.models import ExampleCredentialSet
    from learning_credentials.services.common import Actor


def preview_credential(configuration_id: int) -> Artifact:
    """Render a configuration's credential for a made-up learner; nothing is stored.

    Raises:
        ConfigurationError, GenerationError, TransientError.
    """
    return issuing.preview_credential(issuing.get_configuration(configuration_id))


def create_examples(context_key: str, *, actor: Actor = None) -> ExampleCredentialSet:
    """Make and keep one example for each configuration of a context, for a made-up learner; what fails says why on the example.

    Raises:
        ConfigurationError: the context has no configuration.
    """
    return issuing.create_examples(compose(context_key), actor=actor)


def get_latest_example_status(context_key: str) -> str | None:
    """Return ``started``, ``success`` or ``error`` for the context's newest set of examples; None: there is none."""
    return issuing.get_latest_example_status(compose(context_key))


def can_offer_self_generation(context_key: str) -> bool:
    """Whether the switch for self-generation should be offered to staff: the newest examples all succeeded. Nothing enforces it."""
    return issuing.can_offer_self_generation(compose(context_key))


def open_example_artifact(example_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open an example's artifact, for staff only: the file, its media type, a name to save it under.

    Raises:
        CredentialNotFoundError, StorageUnavailableError.
    """
    return issuing.open_example_artifact(example_uuid)
