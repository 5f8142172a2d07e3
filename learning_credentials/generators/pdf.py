"""Make PDF certificates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from learning_credentials.pdf import PDFOptions, find_signer, prepare_renderer
from learning_credentials.plugins import generator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from learning_credentials.data import Artifact, AssetReader, CredentialData


def prepare_certificates(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Read the options, the assets and the signer once. Return a function that makes one certificate.

    Raises like `generate_pdf_credential`.
    """
    render = prepare_renderer(options, assets)
    signer = find_signer()
    if signer is None:
        return render

    def make(credential: CredentialData) -> Artifact:
        artifact = render(credential)
        return replace(artifact, content=signer.sign(artifact.content))

    return make


@generator(options=PDFOptions, prepare=prepare_certificates)
def generate_pdf_credential(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make a PDF certificate with the built-in template or an operator's own. If ``PDF_SIGNER`` names a certificate, sign the PDF.

    ``generate_pdf_credential.prepare(options, assets)`` prepares once what many credentials share. It returns a function that renders
    one.

    Args:
        credential: the credential.
        options: see `PDFOptions`.

    Returns:
        The PDF. Its ``warnings`` say what could not be printed exactly. A preview should treat them as errors.

    Raises:
        OptionsError: the options are wrong.
        AssetError: an asset that the options name is missing or cannot be used.
        GenerationError: this learner's certificate cannot be made. ``code`` says why.
        StorageUnavailableError: an asset could not be read.
        ConfigurationError: ``PDF_SIGNER`` is wrong.
        TimestampUnavailableError: the signature needs a timestamp, and the timestamp authority gave none.
    """
    return prepare_certificates(options, credential.assets)(credential)
