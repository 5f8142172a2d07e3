"""Sign finished documents by PAdES (ETSI EN 319 142-1): with an invisible signature, added as a separate revision.

It is a certifying signature: readers report every later change except further signatures. Nothing is signed unless ``PDF_SIGNER`` names a
certificate. pyHanko from the extra ``sign`` makes the signature. The checks of the certificate do not need it.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, GenerationError, TimestampUnavailableError
from learning_credentials.pdf.digital_signatures.certificates import KeyMaterial, list_files, load_material

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning_credentials.conf import PDFSigner

EXTRA = "sign"
_FIELD_NAME = "Issuer"
_DIGEST = "sha256"
#: Bytes that are reserved for the signature without its certificates, and for a timestamp with its certificates.
_ROOM = 3 * 1024
_ROOM_FOR_TIMESTAMP = 12 * 1024


def find_signer() -> Signer | None:
    """Return the signer of documents, or None if ``PDF_SIGNER`` is not set. It is cached until one of its files changes.

    Raises:
        ConfigurationError: ``PDF_SIGNER`` is wrong, its certificate is not valid now, or the extra is not installed.
    """
    options = get_settings().PDF_SIGNER
    if options is None:
        return None
    signer = _load_signer(options, tuple(_identify(options)))
    signer.check_validity()
    return signer


def check_signer() -> datetime:
    """Check the files that ``PDF_SIGNER`` names, without pyHanko. Return when the certificate expires.

    Raises:
        ConfigurationError: as in `find_signer`, and if ``PDF_SIGNER`` is not set.
    """
    options = get_settings().PDF_SIGNER
    if options is None:
        raise ConfigurationError("PDF_SIGNER is not set")
    if find_spec("pyhanko") is None:
        raise ConfigurationError(_say_missing())
    material = load_material(options)
    material.check_validity(datetime.now(UTC))
    return material.certificate.not_valid_after_utc


class Signer:
    """Sign documents, in any thread.

    Raises:
        ConfigurationError: the certificate or its key cannot be used, or the extra is not installed.
    """

    def __init__(self, options: PDFSigner) -> None:
        self._material = load_material(options)
        self._sign = _make_sign(options, self._material)

    def check_validity(self) -> None:
        """Check that the certificate is valid now.

        Raises:
            ConfigurationError: it is not.
        """
        self._material.check_validity(datetime.now(UTC))

    def sign(self, content: bytes) -> bytes:
        """Return a document with the signature appended. The bytes before it do not change.

        Raises:
            TimestampUnavailableError: the timestamp authority gave no timestamp.
            GenerationError: ``signing_failed``.
        """
        return self._sign(content)


def _identify(options: PDFSigner) -> list[tuple[str, int, int]]:
    """Return values that change when one of the files does."""
    found = []
    for path in list_files(options).values():
        try:
            status = path.stat()
        except OSError:
            continue  # reading the file reports this
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return found


@lru_cache(maxsize=1)
def _load_signer(options: PDFSigner, _files: tuple[tuple[str, int, int], ...]) -> Signer:
    return Signer(options)


def _say_missing() -> str:
    return f"PDF_SIGNER: pyHanko is not installed. Install it with pip install 'django-learning-credentials[{EXTRA}]'"


def _make_sign(options: PDFSigner, material: KeyMaterial) -> Callable[[bytes], bytes]:
    try:
        from asn1crypto import x509
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
        from pyhanko_certvalidator.registry import SimpleCertificateStore
    except ImportError as error:
        raise ConfigurationError(_say_missing()) from error

    class KeySigner(signers.Signer):  # type: ignore[misc]
        """Sign with the loaded key. pyHanko's own signer loads and checks the key for each signature, which takes 50 ms."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
            return material.sign(data)

    certificates = [x509.Certificate.load(content) for content in material.list_certificates()]
    signer = KeySigner(
        signing_cert=certificates[0],
        cert_registry=SimpleCertificateStore.from_certs(certificates[1:]),
        # Anyone who trusts the root has it.
        embed_roots=False,
    )
    metadata = signers.PdfSignatureMetadata(
        field_name=_FIELD_NAME,
        md_algorithm=_DIGEST,
        reason=options.reason or None,
        location=options.location or None,
        certify=True,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
        subfilter=fields.SigSeedSubFilter.PADES,
        # The key usage was checked when the certificate was loaded.
        signer_key_usage=set(),
    )
    timestamper: Any = None
    if options.timestamp_url:
        from learning_credentials.pdf.digital_signatures.timestamps import TimestampClient

        timestamper = TimestampClient(options.timestamp_url)
    room = _ROOM + sum(map(len, material.list_certificates())) + (_ROOM_FOR_TIMESTAMP if timestamper else 0)
    pdf_signer = signers.PdfSigner(metadata, signer, timestamper=timestamper)

    def sign(content: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        try:
            writer.encrypt(b"")
            # Two hexadecimal digits for each byte.
            signed: bytes = pdf_signer.sign_pdf(writer, bytes_reserved=2 * room).getvalue()
        except TimestampUnavailableError:
            raise
        except Exception as error:
            msg = f"the certificate could not be signed: {type(error).__name__}: {error}"
            raise GenerationError(msg, code="signing_failed") from error
        return signed

    return sign
