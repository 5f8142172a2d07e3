"""Provide a generator that renders nothing, to measure everything around the renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.data import Artifact
from learning_credentials.plugins import generator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.data import CredentialData


@generator
def generate_text_credential(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:  # noqa: ARG001
    """Return a line of text instead of a PDF."""
    return Artifact(f"{credential.user_full_name} {credential.verify_url}".encode(), "text/plain", "txt")
