"""A certificate can be signed afterwards: the permissions allow it, and what is added leaves what we wrote as it was."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.services.pdf_documents import make_document
from tests.services.pdf_tools import ask, ask_pdfjs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.services

CASES = [("built-in template", "Arabic and Latin"), ("everything", "Chinese"), ("standard font", "Latin")]


class Authority(NamedTuple):
    """Who vouches for the signer, and what the signer signs with."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def _issue(
    name: str, issuer: str, key: rsa.RSAPrivateKey, signing_key: rsa.RSAPrivateKey, *, is_root: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_root,
                content_commitment=not is_root,
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


@pytest.fixture(scope="module")
def authority() -> Authority:
    root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    root = _issue("Example Root", "Example Root", root_key, root_key, is_root=True)
    return Authority(root, _issue("Example Registrar", "Example Root", key, root_key, is_root=False), key)


@pytest.fixture(scope="module")
def trust(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of NSS that trusts the authority."""
    directory = tmp_path_factory.mktemp("trust")
    file = directory / "root.pem"
    file.write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
    for arguments in (("-N", "--empty-password"), ("-A", "-n", "root", "-t", "C,C,C", "-i", file)):
        answer = ask("certutil", "-d", f"sql:{directory}", *arguments)
        assert answer.status == 0, answer.complaints
    return directory


def _sign(content: bytes, authority: Authority) -> bytes:
    der = serialization.Encoding.DER
    private = authority.key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    certificates = [
        asn1_x509.Certificate.load(certificate.public_bytes(der))
        for certificate in (authority.certificate, authority.root)
    ]
    signer = signers.SimpleSigner(
        signing_cert=certificates[0],
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore.from_certs(certificates),
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.encrypt(b"")
    metadata = signers.PdfSignatureMetadata(field_name="Registrar", reason="Issued", md_algorithm="sha256")
    signed: bytes = signers.sign_pdf(writer, metadata, signer=signer).getvalue()
    return signed


@pytest.mark.parametrize("case", CASES, ids=": ".join)
def test_a_signature_is_added_and_holds(
    case: tuple[str, str], authority: Authority, trust: Path, tmp_path: Path
) -> None:
    content = make_document(*case).content
    signed = _sign(content, authority)
    assert signed.startswith(content)
    files = {"plain": content, "signed": signed}
    for name, written in files.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(written)
        answer = ask("qpdf", "--check", path)
        assert (answer.status, answer.complaints) == (0, ""), answer.output
    path = tmp_path / "signed.pdf"
    answer = ask("pdfsig", "-nssdir", f"sql:{trust}", path)
    assert answer.status == 0, answer.output + answer.complaints
    for line in (
        "Signer Certificate Common Name: Example Registrar",
        "Total document signed",
        "Signature Validation: Signature is Valid.",
        "Certificate Validation: Certificate is Trusted.",
    ):
        assert line in answer.output
    assert ask_pdfjs([str(path)])[str(path)]["complaints"] == []
    _check_with_signers_library(signed, authority)


def _check_with_signers_library(signed: bytes, authority: Authority) -> None:
    """It tells what was added after what: nothing but the signature."""
    root = asn1_x509.Certificate.load(authority.root.public_bytes(serialization.Encoding.DER))
    reader = PdfFileReader(io.BytesIO(signed))
    reader.decrypt(b"")
    (signature,) = reader.embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root]))
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


def test_a_change_after_the_signature_is_noticed(authority: Authority, trust: Path, tmp_path: Path) -> None:
    signed = bytearray(_sign(make_document("standard font", "Latin").content, authority))
    signed[signed.index(b"%%EOF") + 2] ^= 1
    path = tmp_path / "changed.pdf"
    path.write_bytes(signed)
    answer = ask("pdfsig", "-nssdir", f"sql:{trust}", path)
    assert "Signature is Valid" not in answer.output
    assert "Digest Mismatch" in answer.output
