"""Load and check the certificate that signs documents. Errors name the option with the mistake, and never contain secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12
from django.conf import settings as django_settings

from learning_credentials.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from learning_credentials.conf import PDFSigner

    Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class KeyMaterial:
    """A certificate, its private key and the certificates above it."""

    key: Key = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    def check_validity(self, now: datetime) -> None:
        """Check that the certificate is valid at a moment.

        Raises:
            ConfigurationError: it is not.
        """
        if now < self.certificate.not_valid_before_utc:
            msg = f"PDF_SIGNER: the certificate is only valid from {self.certificate.not_valid_before_utc:%Y-%m-%d}"
            raise ConfigurationError(msg)
        if now > self.certificate.not_valid_after_utc:
            msg = f"PDF_SIGNER: the certificate expired on {self.certificate.not_valid_after_utc:%Y-%m-%d}"
            raise ConfigurationError(msg)

    def list_certificates(self) -> list[bytes]:
        """Return the certificates as DER, the signer's own first."""
        return [each.public_bytes(Encoding.DER) for each in (self.certificate, *self.chain)]

    def sign(self, content: bytes) -> bytes:
        """Return the signature of some bytes over their SHA-256."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(content, ec.ECDSA(hashes.SHA256()))


def list_files(options: PDFSigner) -> dict[str, Path]:
    """Return the files of a signer, by the path of the option that names each."""
    chain = {f"['chain'][{index}]": path for index, path in enumerate(options.chain)}
    return list_secret_files(options) | _locate({"['certificate']": options.certificate, **chain})


def list_secret_files(options: PDFSigner) -> dict[str, Path]:
    """Return the secret files of a signer. Only the workers should be able to read them."""
    named = {"pkcs12": options.pkcs12, "key": options.key, "passphrase_file": options.passphrase_file}
    return _locate({f"['{name}']": path for name, path in named.items()})


def _locate(files: dict[str, Path | None]) -> dict[str, Path]:
    base = Path(getattr(django_settings, "BASE_DIR", ""))
    return {f"PDF_SIGNER{name}": base / path for name, path in files.items() if path}


def load_material(options: PDFSigner) -> KeyMaterial:
    """Load and check the certificate with its key.

    Raises:
        ConfigurationError: a file cannot be read or is of another kind, the passphrase is wrong, the key does not belong to the
            certificate, or the certificate is not for signing documents.
    """
    try:
        return _load(options)
    except ConfigurationError as error:
        # Error reports show local variables. In the functions below these are the key and its passphrase.
        raise error.with_traceback(None) from None


def _load(options: PDFSigner) -> KeyMaterial:
    contents = {name: _read(name, path) for name, path in list_files(options).items()}
    # Editors end files with a newline, which is not a part of the passphrase.
    passphrase = contents.get("PDF_SIGNER['passphrase_file']", b"").rstrip(b"\r\n") or None
    if options.pkcs12:
        material = _load_archive(contents["PDF_SIGNER['pkcs12']"], passphrase)
    else:
        certificates = _load_certificates(contents, "PDF_SIGNER['certificate']")
        key = _load_key(contents["PDF_SIGNER['key']"], passphrase)
        material = KeyMaterial(key, certificates[0], tuple(certificates[1:]))
    chain = [
        each
        for index in range(len(options.chain))
        for each in _load_certificates(contents, f"PDF_SIGNER['chain'][{index}]")
    ]
    material = KeyMaterial(material.key, material.certificate, (*material.chain, *chain))
    _check_use(material)
    return material


def _read(name: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{name}: {path} cannot be read: {error.strerror or type(error).__name__}"
        raise ConfigurationError(msg) from None


def _load_archive(content: bytes, passphrase: bytes | None) -> KeyMaterial:
    name = "PDF_SIGNER['pkcs12']"
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, passphrase)
    except Exception:
        msg = f"{name}: the file is not a PKCS #12 archive, or the passphrase in PDF_SIGNER['passphrase_file'] is wrong"
        raise ConfigurationError(msg) from None
    if key is None or certificate is None:
        msg = f"{name}: the archive does not contain a private key with its certificate"
        raise ConfigurationError(msg)
    return KeyMaterial(_check_key(name, key), certificate, tuple(others))


def _load_key(content: bytes, passphrase: bytes | None) -> Key:
    name = "PDF_SIGNER['key']"
    try:
        key: object = load_pem_private_key(content, passphrase)
    except TypeError:
        said = (
            ("the key has no passphrase. Remove passphrase_file")
            if passphrase
            else ("the key has a passphrase. Put it into a file and name the file in passphrase_file")
        )
        msg = f"{name}: {said}"
        raise ConfigurationError(msg) from None
    except Exception:
        msg = (
            f"{name}: the file is not a private key in PEM, or the passphrase in PDF_SIGNER['passphrase_file'] is wrong"
        )
        raise ConfigurationError(msg) from None
    return _check_key(name, key)


def _check_key(name: str, key: object) -> Key:
    if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        msg = (
            f"{name}: the key must be an RSA key or an elliptic curve (ECDSA) key, because PDF readers know only these"
        )
        raise ConfigurationError(msg)
    return key


def _load_certificates(contents: dict[str, bytes], name: str) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(contents[name])
    except ValueError:
        msg = f"{name}: the file is not a certificate in PEM"
        raise ConfigurationError(msg) from None


def _check_use(material: KeyMaterial) -> None:
    public = cast("rsa.RSAPublicKey", material.certificate.public_key())
    own, named = (
        each.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for each in (material.key.public_key(), public)
    )
    if own != named:
        raise ConfigurationError("PDF_SIGNER: the key does not belong to the certificate")
    try:
        usage = material.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise ConfigurationError("PDF_SIGNER: the certificate does not permit signatures")
