"""The PDF certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.pdf import PDFOptions, prepare_renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.data import Artifact, CredentialData


def generate_pdf_credential(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make a PDF certificate over the built-in template or an operator's own.

    ``generate_pdf_credential.prepare(options, assets)`` does what many credentials share once and returns what renders one.

    Args:
        credential: what is certified.
        options: see `PDFOptions`.

    Returns:
        The PDF. Its ``warnings`` say what could only be printed imperfectly: a preview should treat them as errors.

    Raises:
        OptionsError: the options are wrong.
        AssetError: an asset that the options name is missing or cannot be used.
        GenerationError: this learner's certificate cannot be made; ``code`` says why.
        StorageUnavailableError: an asset could not be read.
    """
    return prepare_renderer(options, credential.assets)(credential)


generate_pdf_credential.options_model = PDFOptions  # type: ignore[attr-defined]
generate_pdf_credential.prepare = prepare_renderer  # type: ignore[attr-defined]
