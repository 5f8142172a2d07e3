"""Certificates are signed where a setting names a certificate, and each mistake in that setting is named."""

from __future__ import annotations

import io
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from learning_credentials.exceptions import ConfigurationError, TransientError
from learning_credentials.generators import generate_pdf_credential
from tests.error_reports import list_variables
from tests.pdf_signers import Authority, make_authority
from tests.unit.pdf.support import assert_sound, make_assets, make_credential, make_pdf, read_with_pdfium, render

DER = serialization.Encoding.DER


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


@pytest.fixture
def sign_with(app_settings):
    """Put a signer into the settings."""

    def put(**signer: object) -> None:
        app_settings(PDF_SIGNER=signer)

    return put


def validate(content: bytes, authority: Authority):
    """What a library for signatures says of the only one."""
    root = asn1_x509.Certificate.load(authority.root.public_bytes(DER))
    reader = PdfFileReader(io.BytesIO(content))
    reader.decrypt(b"")
    (signature,) = reader.embedded_signatures
    return validate_pdf_signature(
        signature, ValidationContext(trust_roots=[root]), ValidationContext(trust_roots=[root])
    )


def test_nothing_is_signed_unless_asked_for():
    assert b"/ByteRange" not in render({}).content


@pytest.mark.parametrize("passphrase", ["", "correct horse ✓"])
def test_a_certificate_is_signed_as_a_whole(authority, sign_with, tmp_path, passphrase):
    sign_with(**authority.write_pem(tmp_path, passphrase), reason="Issued", location="Example Town")
    artifact = render({}, user_full_name="عمر Example")
    assert_sound(artifact.content)
    assert "Example" in read_with_pdfium(artifact.content)
    status = validate(artifact.content, authority)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.signing_cert.subject.native["common_name"] == "Example Registrar"
    with pikepdf.open(io.BytesIO(artifact.content)) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert field.V.SubFilter == "/ETSI.CAdES.detached"
        assert (str(field.V.Reason), str(field.V.Location)) == ("Issued", "Example Town")
        assert [float(value) for value in field.Rect] == [0, 0, 0, 0]
        assert pdf.is_encrypted
        assert not pdf.allow.modify_other


def test_every_page_is_signed(authority, sign_with, tmp_path):
    sign_with(**authority.write_pem(tmp_path))
    assets = make_assets(template_a=make_pdf(595, 842, pages=2))
    table = {"rows": "steps", "x": 40, "y": 800, "width": 500, "page": 2, "columns": [{"value": "name"}]}
    steps = {str(number): {"name": f"Course {number}."} for number in range(1, 101)}
    artifact = render({"template": "template_a", "tables": {"a": table}}, assets, evidence={"steps": steps})
    assert artifact.pages == 4
    assert_sound(artifact.content, pages=4)
    assert "Course 100." in read_with_pdfium(artifact.content, 4)
    status = validate(artifact.content, authority)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


def test_an_archive_and_a_key_on_an_elliptic_curve(sign_with, tmp_path):
    authority = make_authority(ec.generate_private_key(ec.SECP256R1()))
    sign_with(**authority.write_archive(tmp_path, "opens it"))
    assert validate(render({}).content, authority).bottom_line


def test_a_cohort_is_signed_one_by_one_and_hashed_as_signed(authority, sign_with, tmp_path):
    sign_with(**authority.write_pem(tmp_path))
    credential = make_credential()
    make = generate_pdf_credential.prepare({}, credential.assets)
    artifacts = [make(make_credential(user_full_name=name)) for name in ("Ada Example", "Grace Sample")]
    for artifact in artifacts:
        assert validate(artifact.content, authority).bottom_line
    assert len({artifact.sha256 for artifact in artifacts}) == 2


def test_a_later_change_is_noticed(authority, sign_with, tmp_path):
    sign_with(**authority.write_pem(tmp_path))
    content = render({}).content
    changed = bytearray(content)
    changed[content.index(b"%%EOF") + 2] ^= 1
    assert not validate(bytes(changed), authority).intact


def test_files_are_relative_to_the_project(authority, sign_with, tmp_path, settings):
    settings.BASE_DIR = tmp_path
    names = {name: Path(path).name for name, path in authority.write_pem(tmp_path).items()}
    sign_with(**names)
    assert validate(render({}).content, authority).bottom_line


def test_a_new_certificate_counts_without_a_restart(authority, sign_with, tmp_path):
    sign_with(**authority.write_pem(tmp_path))
    render({})
    new = make_authority()
    for path in new.write_pem(tmp_path).values():
        os.utime(path, ns=(0, 0))
    assert validate(render({}).content, new).bottom_line


class TimestampAuthority(BaseHTTPRequestHandler):
    """Answers as one does, from a library's stand-in."""

    def do_POST(self) -> None:
        query = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.server.stand_in.request_tsa_response(query).dump() if self.server.stand_in else b"closed"
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def timestamps(authority):
    """The address of a timestamp authority, and the server behind it."""
    with HTTPServer(("127.0.0.1", 0), TimestampAuthority) as server:
        key = authority.key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        certificate = asn1_x509.Certificate.load(authority.certificate.public_bytes(DER))
        server.stand_in = DummyTimeStamper(certificate, asn1_keys.PrivateKeyInfo.load(key))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_timestamp_is_asked_for(authority, sign_with, tmp_path, timestamps):
    sign_with(**authority.write_pem(tmp_path), timestamp_url=f"http://127.0.0.1:{timestamps.server_port}/")
    status = validate(render({}).content, authority)
    assert status.intact
    assert status.valid
    assert status.timestamp_validity.intact
    assert status.timestamp_validity.valid


def test_an_authority_without_timestamps_is_worth_another_try(authority, sign_with, tmp_path, timestamps):
    timestamps.stand_in = None
    sign_with(**authority.write_pem(tmp_path), timestamp_url=f"http://127.0.0.1:{timestamps.server_port}/")
    with pytest.raises(TransientError, match="timestamp") as caught:
        render({})
    assert caught.value.code == "timestamp_unavailable"


def test_an_authority_that_is_down_is_worth_another_try(authority, sign_with, tmp_path):
    sign_with(**authority.write_pem(tmp_path), timestamp_url="http://127.0.0.1:9/")
    with pytest.raises(TransientError, match="timestamp"):
        render({})


def refuse(match: str) -> None:
    with pytest.raises(ConfigurationError, match=match) as caught:
        render({})
    assert "opens it" not in str(caught.value)


def test_files_that_are_not_there_are_named(authority, sign_with, tmp_path):
    files = authority.write_pem(tmp_path)
    for name in ("key", "certificate"):
        sign_with(**{**files, name: "/no/such/file.pem"})
        refuse(rf"PDF_SIGNER\['{name}'\]: /no/such/file.pem cannot be read")
    sign_with(**files, chain=["/no/such/chain.pem"])
    refuse(r"PDF_SIGNER\['chain'\]\[0\]: /no/such/chain.pem")


def test_files_of_another_kind_are_named(authority, sign_with, tmp_path):
    files = authority.write_pem(tmp_path)
    sign_with(**{**files, "key": files["certificate"]})
    refuse(r"PDF_SIGNER\['key'\]: the file is not a private key")
    sign_with(**{**files, "certificate": files["key"]})
    refuse(r"PDF_SIGNER\['certificate'\]: the file is not a certificate")
    sign_with(pkcs12=files["key"])
    refuse(r"PDF_SIGNER\['pkcs12'\]: the file is not a PKCS #12 archive")


def test_passphrases_must_fit(authority, sign_with, tmp_path):
    files = authority.write_archive(tmp_path, "opens it")
    (tmp_path / "wrong").write_text("does not")
    sign_with(**{**files, "passphrase_file": str(tmp_path / "wrong")})
    refuse("the passphrase in PDF_SIGNER")
    files = authority.write_pem(tmp_path, "opens it")
    sign_with(**{**files, "passphrase_file": str(tmp_path / "wrong")})
    refuse("the passphrase in PDF_SIGNER")
    sign_with(key=files["key"], certificate=files["certificate"])
    refuse(r"PDF_SIGNER\['key'\]: the key has a passphrase")
    passphrase_file = files["passphrase_file"]
    sign_with(**authority.write_pem(tmp_path), passphrase_file=passphrase_file)
    refuse(r"PDF_SIGNER\['key'\]: the key has no passphrase. Remove passphrase_file")


def test_a_report_of_wrong_files_shows_no_secret(authority, sign_with, tmp_path):
    files = authority.write_pem(tmp_path)
    (tmp_path / "words").write_text("correct horse")
    sign_with(**files, passphrase_file=str(tmp_path / "words"))

    with pytest.raises(ConfigurationError, match="the key has no passphrase") as caught:
        generate_pdf_credential(make_credential(), {})

    shown = str(list_variables(caught.value))
    assert "correct horse" not in shown
    assert "PRIVATE KEY" not in shown


def test_certificates_that_cannot_sign(sign_with, tmp_path, authority):
    sign_with(**make_authority(days=-1).write_pem(tmp_path))
    refuse("expired on")
    sign_with(**make_authority(is_for_signing=False).write_pem(tmp_path))
    refuse("does not permit signatures")
    files = authority.write_pem(tmp_path)
    (tmp_path / "certificate").write_bytes(make_authority().certificate.public_bytes(serialization.Encoding.PEM))
    sign_with(**files)
    refuse("does not belong")
    key = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    refuse("must be an RSA key")


@pytest.mark.parametrize(
    ("signer", "said"),
    [
        ({}, r"\['PDF_SIGNER'\]: must have either 'pkcs12', or both 'key' and 'certificate'"),
        ({"key": "a.pem"}, "must have either"),
        ({"pkcs12": "a.p12", "key": "a.pem"}, "must have either"),
        ({"pkcs12": "a.p12", "passphrase": "opens it"}, r"\['PDF_SIGNER'\]\['passphrase'\]: unknown key"),
        ({"pkcs12": "a.p12", "timestamp_url": "tsa.example.org"}, r"\['PDF_SIGNER'\]\['timestamp_url'\]"),
        ({"pkcs12": 7}, r"\['PDF_SIGNER'\]\['pkcs12'\]"),
    ],
)
def test_a_wrong_setting_is_named(sign_with, signer, said):
    sign_with(**signer)
    refuse(said)


def test_without_the_extra_it_is_named(authority, sign_with, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyhanko.sign", None)
    sign_with(**authority.write_pem(tmp_path))
    refuse(r"django-learning-credentials\[sign\]")


def test_the_certificate_in_the_signature_has_its_issuers_but_not_the_root(sign_with, tmp_path, authority):
    sign_with(**authority.write_pem(tmp_path))
    reader = PdfFileReader(io.BytesIO(render({}).content))
    reader.decrypt(b"")
    (signature,) = reader.embedded_signatures
    embedded = [each.chosen.dump() for each in signature.signed_data["certificates"]]
    assert [x509.load_der_x509_certificate(each).subject.rfc4514_string() for each in embedded] == [
        "CN=Example Registrar"
    ]
