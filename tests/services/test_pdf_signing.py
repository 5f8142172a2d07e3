"""A certificate can be signed afterwards: the permissions allow it, and what is added leaves what we wrote as it was."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from learning_credentials.generators import generate_pdf_credential
from tests.pdf_signers import make_authority
from tests.services.later_signing import sign_later
from tests.services.pdf_documents import KINDS, load_assets, make_document
from tests.services.pdf_names import NAMES
from tests.services.pdf_tools import ask, ask_pdfjs
from tests.unit.pdf.support import make_credential

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pdf_signers import Authority

pytestmark = pytest.mark.services

CASES = [("built-in template", "Arabic and Latin"), ("everything", "Chinese"), ("standard font", "Latin")]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


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


@pytest.mark.parametrize("case", CASES, ids=": ".join)
def test_a_signature_is_added_and_holds(
    case: tuple[str, str], authority: Authority, trust: Path, tmp_path: Path
) -> None:
    content = make_document(*case).content
    signed = sign_later(content, authority)
    assert signed.startswith(content)
    files = {"plain": content, "signed": signed}
    for name, written in files.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(written)
        answer = ask("qpdf", "--check", path)
        assert (answer.status, answer.complaints) == (0, ""), answer.output
    _check(signed, tmp_path / "signed.pdf", authority, trust)


@pytest.mark.parametrize("case", CASES, ids=": ".join)
def test_certificates_signed_by_the_setting_hold(
    case: tuple[str, str], authority: Authority, trust: Path, tmp_path: Path, app_settings: Any
) -> None:
    signer = authority.write_archive(tmp_path, "opens it")
    app_settings(PDF_SIGNER=signer)
    path = tmp_path / "signed.pdf"
    kind, name = KINDS[case[0]], NAMES[case[1]].text
    assets = load_assets()
    credential = make_credential(user_full_name=name, assets=assets, **kind.credential)
    path.write_bytes(generate_pdf_credential.prepare(kind.options, assets)(credential).content)
    answer = ask("qpdf", "--check", path)
    assert (answer.status, answer.complaints) == (0, ""), answer.output
    _check(path.read_bytes(), path, authority, trust)
    # A registrar may still add a signature.
    path.write_bytes(sign_later(path.read_bytes(), make_authority()))
    answer = ask("pdfsig", "-nocert", path)
    assert answer.output.count("Signature is Valid") == 2, answer.output


def _check(signed: bytes, path: Path, authority: Authority, trust: Path) -> None:
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
    signed = bytearray(sign_later(make_document("standard font", "Latin").content, authority))
    signed[signed.index(b"%%EOF") + 2] ^= 1
    path = tmp_path / "changed.pdf"
    path.write_bytes(signed)
    answer = ask("pdfsig", "-nssdir", f"sql:{trust}", path)
    assert "Signature is Valid" not in answer.output
    assert "Digest Mismatch" in answer.output
