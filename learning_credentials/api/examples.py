"""Shows staff what credentials will look like before any is issued: previews, and examples for a made-up learner."""

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
    """Render a configuration's credential for a made-up learner; return the artifact. Nothing is stored.

    Raises:
        ConfigurationError, GenerationError, TransientError.
    """
    return issuing.preview_credential(issuing.get_configuration(configuration_id))


def create_examples(context_key: str, *, actor: Actor = None) -> ExampleCredentialSet:
    """Make and store one example for each configuration of a learning context; return the set of examples.

    An example that cannot be made has the error code and the reason.

    Raises:
        ConfigurationError: the context has no configuration.
    """
    return issuing.create_examples(compose(context_key), actor=actor)


def get_latest_example_status(context_key: str) -> str | None:
    """Return the status of the newest set of examples: ``started``, ``success`` or ``error``. None: the context has no examples."""
    return issuing.get_latest_example_status(compose(context_key))


def can_offer_self_generation(context_key: str) -> bool:
    """Return whether to offer self-generation to staff: whether all of the newest examples succeeded. Nothing enforces it."""
    return issuing.can_offer_self_generation(compose(context_key))


def open_example_artifact(example_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Return an example's open file, its media type, and a name to save it under. It is for staff only.

    Raises:
        CredentialNotFoundError, StorageUnavailableError.
    """
    return issuing.open_example_artifact(example_uuid)
