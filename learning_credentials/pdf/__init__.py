"""Everything about PDF files, behind a narrow surface: check an asset, describe and parse the options, render a credential.

What draws (reportlab, pypdf, Pillow, fontTools) is imported at the first call, so that starting Django stays light.
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
    """Check in a child process, which has limits of time and memory, that a file can be used as an asset of that kind.

    Raises:
        AssetError: it cannot; the message says why.
        TransientError: too much else is going on to tell.
    """
    from learning_credentials.pdf.assets.checking import check

    check(kind, content)


def prepare_renderer(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Do once what many credentials with the same options share, and return what renders one of them.

    The renderer raises `GenerationError` for a learner whose credential cannot be made. What it could only make imperfectly, such as a
    character that no font has, it says in ``Artifact.warnings``: issuing records them, a preview treats them as errors.

    Raises:
        OptionsError: the options are wrong.
        AssetError: an asset that the options name is missing or cannot be used.
        StorageUnavailableError: an asset could not be read.
    """
    from learning_credentials.pdf.rendering import get_renderer

    return get_renderer(options, assets)


def find_signer() -> Signer | None:
    """Return what signs finished documents, or nothing if ``PDF_SIGNER`` names no certificate.

    Raises:
        ConfigurationError: ``PDF_SIGNER`` is wrong, its certificate is not valid now, or the extra ``sign`` is not installed.
    """
    from learning_credentials.conf import get_settings

    if get_settings().PDF_SIGNER is None:
        return None
    from learning_credentials.pdf.digital_signatures import signer

    return signer.find_signer()
