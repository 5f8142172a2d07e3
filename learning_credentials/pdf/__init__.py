"""The PDF engine: checks assets, describes and parses the options, renders credentials, and signs documents.

The libraries that draw (reportlab, pypdf, Pillow, fontTools, HarfBuzz) are imported at the first call, so that Django starts quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.pdf.options import PDFOptions
from learning_credentials.pdf.placeholders import Placeholder, list_placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from learning_credentials.data import Artifact, AssetKind, AssetReader, CredentialData
    from learning_credentials.pdf.digital_signatures.signer import Signer

__all__ = ("PDFOptions", "Placeholder", "check_asset", "find_signer", "list_placeholders", "prepare_renderer")


def check_asset(kind: AssetKind, content: bytes) -> None:
    """Check that a file can be used as an asset of a kind. A child process with limits of time and memory reads it.

    Raises:
        AssetError: it cannot; the message says why.
        TransientError: the server is too busy to check it now.
    """
    from learning_credentials.pdf.assets.checking import check

    check(kind, content)


def prepare_renderer(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Return a function that renders credentials. It does once what all credentials with these options share.

    The function raises `GenerationError` for a credential that cannot be made. Imperfections, such as a missing image, are in
    ``Artifact.warnings``: issuing records them, a preview treats them as errors.

    Raises:
        OptionsError: the options are wrong.
        AssetError: an asset that the options name is missing or cannot be used.
        StorageUnavailableError: an asset could not be read.
    """
    from learning_credentials.pdf.rendering import get_renderer

    return get_renderer(options, assets)


def find_signer() -> Signer | None:
    """Return the signer of finished documents; None if ``PDF_SIGNER`` is not set.

    Raises:
        ConfigurationError: ``PDF_SIGNER`` is wrong, its certificate is not valid now, or the extra ``sign`` is not installed.
    """
    from learning_credentials.conf import get_settings

    if get_settings().PDF_SIGNER is None:
        return None
    from learning_credentials.pdf.digital_signatures import signer

    return signer.find_signer()
