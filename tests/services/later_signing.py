"""Sign a PDF that was issued, as somebody else would do it later."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

if TYPE_CHECKING:
    from tests.pdf_signers import Authority


def sign_later(content: bytes, authority: Authority) -> bytes:
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
