"""Provide a certificate authority for the tests, and signers with its certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

    Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

PEM = serialization.Encoding.PEM


class Authority(NamedTuple):
    """A certificate authority, and the key and certificate of a signer."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: Key

    def write_pem(self, directory: Path, passphrase: str = "") -> dict[str, str]:
        """Write the key and the certificates. Return the setting that names them."""
        encryption = (
            serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
        )
        files = {
            "key": self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption),
            "certificate": self.certificate.public_bytes(PEM) + self.root.public_bytes(PEM),
        }
        return _write(directory, files, passphrase)

    def write_archive(self, directory: Path, passphrase: str) -> dict[str, str]:
        """Write a PKCS #12 archive. Return the setting that names it."""
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
        archive = pkcs12.serialize_key_and_certificates(
            b"registrar", self.key, self.certificate, [self.root], encryption
        )
        return _write(directory, {"pkcs12": archive}, passphrase)


def _write(directory: Path, files: dict[str, bytes], passphrase: str) -> dict[str, str]:
    if passphrase:
        files["passphrase_file"] = f"{passphrase}\n".encode()
    for name, content in files.items():
        (directory / name).write_bytes(content)
        (directory / name).chmod(0o600)
    return {name: str(directory / name) for name in files}


def make_authority(key: Key | None = None, *, days: int = 30, is_for_signing: bool = True) -> Authority:
    """Return an authority and a signer. The signer's certificate is valid for ``days`` from yesterday."""
    root_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root = _issue("Example Root", "Example Root", root_key, root_key, is_root=True, days=days)
    certificate = _issue(
        "Example Registrar", "Example Root", key, root_key, is_root=False, days=days, is_for_signing=is_for_signing
    )
    return Authority(root, certificate, key)


def _issue(
    name: str,
    issuer: str,
    key: Key,
    signing_key: Key,
    *,
    is_root: bool,
    days: int,
    is_for_signing: bool = True,
) -> x509.Certificate:
    start = datetime.now(UTC) - timedelta(days=max(1, 1 - days))
    signs = is_for_signing and not is_root
    usage = dict.fromkeys(("data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=signs,
                content_commitment=signs,
                key_encipherment=not is_root and not is_for_signing,
                key_cert_sign=is_root,
                crl_sign=is_root,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(signing_key, hashes.SHA256())
