"""Make PDF certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from learning_credentials.badges.composing import sign_badge
from learning_credentials.badges.documents import MEDIA_TYPE
from learning_credentials.badges.keys import load_keys
from learning_credentials.conf import get_settings
from learning_credentials.options import parse
from learning_credentials.pdf import AttachedFile, PDFOptions, find_signer, prepare_renderer
from learning_credentials.plugins import generator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from learning_credentials.data import Artifact, AssetReader, CredentialData


BADGE_NAME = "badge.json"


def prepare_certificates(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Read the options, the assets and the signer once. Return a function that makes one certificate.

    Raises like `generate_pdf_credential`.
    """
    draw = prepare_renderer(options, assets)
    render = _attach_badges(draw) if has_badge(options) else draw
    signer = find_signer()
    if signer is None:
        return render

    def make(credential: CredentialData) -> Artifact:
        artifact = render(credential)
        return replace(artifact, content=signer.sign(artifact.content))

    return make


def has_badge(options: Mapping[str, Any]) -> bool:
    """Return whether the options ask for a badge in each certificate. Raises `OptionsError` like `generate_pdf_credential`."""
    return parse(PDFOptions, options).attach_badge


def _attach_badges(
    draw: Callable[[CredentialData, AttachedFile | None], Artifact],
) -> Callable[[CredentialData], Artifact]:
    """Return a renderer that attaches the signed badge of each credential. A preview has no badge.

    Raises:
        ConfigurationError: there is no key that signs.
    """
    key = load_keys(get_settings()).signing_key

    def make(credential: CredentialData) -> Artifact:
        if credential.badge is None:
            return draw(credential, None)
        badge = sign_badge(credential, key, created=datetime.now(UTC))
        return draw(credential, AttachedFile(BADGE_NAME, MEDIA_TYPE, badge.encode(), credential.credential_type_name))

    return make


@generator(title="PDF certificate", options=PDFOptions, prepare=prepare_certificates, needs_badge=has_badge)
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
        ConfigurationError: ``PDF_SIGNER`` is wrong, or there is no key that signs the badge.
        TimestampUnavailableError: the signature needs a timestamp, and the timestamp authority gave none.
    """
    return prepare_certificates(options, credential.assets)(credential)
