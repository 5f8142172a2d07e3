"""Signs finished certificates as PAdES defines it (ETSI EN 319 142-1): an invisible signature, added as a revision of its own.

It certifies: readers tell of every later change but further signatures. Off unless ``PDF_SIGNER`` names a certificate. What signs is
pyHanko, from the extra ``sign``; what can be said of the certificate itself needs it not.
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
#: Bytes for the signature besides its certificates, and for a timestamp with its own; the room is reserved before either is known.
_ROOM = 3 * 1024
_ROOM_FOR_TIMESTAMP = 12 * 1024


def find_signer() -> Signer | None:
    """Return what signs documents now, or nothing if they are not to be signed. It is kept until a file that it was read from changes.

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
    """Read what ``PDF_SIGNER`` names without importing what signs; return when the certificate expires.

    Raises:
        ConfigurationError: as `find_signer`, and if there is no ``PDF_SIGNER``.
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
    """Signs documents, from any thread.

    Raises:
        ConfigurationError: the certificate or its key cannot be used, or the extra is not installed.
    """

    def __init__(self, options: PDFSigner) -> None:
        self._material = load_material(options)
        self._sign = _make_sign(options, self._material)

    def check_validity(self) -> None:
        """Refuse to sign with a certificate whose time has not come or is over.

        Raises:
            ConfigurationError: it is.
        """
        self._material.check_validity(datetime.now(UTC))

    def sign(self, content: bytes) -> bytes:
        """Return a document with the signature appended; the bytes before it stay as they were.

        Raises:
            TimestampUnavailableError: the timestamp authority did not answer, or not with a timestamp.
            GenerationError: ``signing_failed``.
        """
        return self._sign(content)


def _identify(options: PDFSigner) -> list[tuple[str, int, int]]:
    """What tells that files were exchanged."""
    found = []
    for path in list_files(options).values():
        try:
            status = path.stat()
        except OSError:
            continue  # named when it is read
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return found


@lru_cache(maxsize=1)
def _load_signer(options: PDFSigner, _files: tuple[tuple[str, int, int], ...]) -> Signer:
    return Signer(options)


def _say_missing() -> str:
    return f"PDF_SIGNER: pyHanko is not installed; it comes with the extra: pip install 'django-learning-credentials[{EXTRA}]'"


def _make_sign(options: PDFSigner, material: KeyMaterial) -> Callable[[bytes], bytes]:
    try:
        from asn1crypto import x509
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
        from pyhanko_certvalidator.registry import SimpleCertificateStore
    except ImportError as error:
        raise ConfigurationError(_say_missing()) from error

    class KeySigner(signers.Signer):  # type: ignore[misc]
        """Signs with the key as it was read: pyHanko's own signer reads and checks it anew for each signature, which takes 50 ms."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
            return material.sign(data)

    certificates = [x509.Certificate.load(content) for content in material.list_certificates()]
    signer = KeySigner(
        signing_cert=certificates[0],
        cert_registry=SimpleCertificateStore.from_certs(certificates[1:]),
        # Who trusts the root has it.
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
        # What the certificate says of its use was looked at when it was read.
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
            # Two characters a byte.
            signed: bytes = pdf_signer.sign_pdf(writer, bytes_reserved=2 * room).getvalue()
        except TimestampUnavailableError:
            raise
        except Exception as error:
            msg = f"the certificate could not be signed: {type(error).__name__}: {error}"
            raise GenerationError(msg, code="signing_failed") from error
        return signed

    return sign
