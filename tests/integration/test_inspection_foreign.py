"""Badges of other issuers are told in their own words, and never called issued by anyone or changed without a check."""

from __future__ import annotations

import io
import json
import time

import pypdf
import pytest
from cryptography.hazmat.primitives import serialization
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.data import ClaimFormat, Finding, SignatureCheck, Verdict
from tests import foreign_badges as foreign
from tests.app_settings import override_app_settings
from tests.factories import CredentialFactory
from tests.pdf_signers import make_authority

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY = create_key()
DID = "did:web:credentials.example.org:credentials"


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    keys = [{"private_key": KEY.export(), "is_active": True}]
    with override_app_settings(SIGNING_KEYS=keys):
        yield


def look(content):
    found = api.inspect_file(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert (found.verdict, found.finding, found.verification) == (Verdict.UNKNOWN, Finding.OTHER_ISSUER, None)
    assert "was issued by another" not in found.message
    assert "cannot vouch" in found.message
    return found.claims


SIGNED = {
    **foreign.make_credential(),
    "proof": {"type": "DataIntegrityProof", "verificationMethod": "did:web:college.example#1"},
}
HOSTED = foreign.ASSERTION
SIGNED_2 = {**HOSTED, "verification": {"type": "SignedBadge", "creator": "https://college.example/key"}}
TOKEN = foreign.make_token(foreign.make_credential())
OLD_TOKEN = foreign.make_token({"iss": "did:web:college.example", "nbf": 1714979289, "vc": foreign.make_credential()})
FILES = {
    "an embedded proof": (SIGNED, ClaimFormat.OPEN_BADGES_3),
    "an older context": (
        {**SIGNED, "@context": ["https://www.w3.org/2018/credentials/v1"], "issuanceDate": "2020-01-01T00:00:00Z"},
        ClaimFormat.OPEN_BADGES_3,
    ),
    "another proof": (
        {**SIGNED, "proof": {"type": "Ed25519Signature2020", "proofValue": "z1"}},
        ClaimFormat.OPEN_BADGES_3,
    ),
    "no badge": (
        {**SIGNED, "type": ["VerifiableCredential", "PermanentResidentCard"]},
        ClaimFormat.VERIFIABLE_CREDENTIAL,
    ),
    "a token": (TOKEN.encode(), ClaimFormat.OPEN_BADGES_3_JWT),
    "a token with a line end": (f"{TOKEN}\n".encode(), ClaimFormat.OPEN_BADGES_3_JWT),
    "an older token": (OLD_TOKEN.encode(), ClaimFormat.OPEN_BADGES_3_JWT),
    "a token in JSON": ({"jwt": TOKEN}, ClaimFormat.OPEN_BADGES_3_JWT),
    "a token in a picture": (foreign.bake_png(TOKEN, b"openbadgecredential"), ClaimFormat.OPEN_BADGES_3_JWT),
    "a token in a drawing": (
        foreign.bake_svg(f'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0" verify="{TOKEN}"/>'),
        ClaimFormat.OPEN_BADGES_3_JWT,
    ),
    "an enveloped token": (
        {"type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{TOKEN}"},
        ClaimFormat.OPEN_BADGES_3_JWT,
    ),
    "2.0": (HOSTED, ClaimFormat.OPEN_BADGES_2),
    "2.0 in a picture": (foreign.bake_png(json.dumps(HOSTED)), ClaimFormat.OPEN_BADGES_2),
    "2.0 as an address": (foreign.bake_png("https://college.example/assertions/1"), ClaimFormat.OPEN_BADGES_2),
    "2.0 in a drawing": (
        foreign.bake_svg(
            f'<o:assertion xmlns:o="http://openbadges.org" verify=""><![CDATA[{json.dumps(HOSTED)}]]></o:assertion>'
        ),
        ClaimFormat.OPEN_BADGES_2,
    ),
    "2.0 signed": (SIGNED_2, ClaimFormat.OPEN_BADGES_2_SIGNED),
    "2.0 as a token": (foreign.make_token(SIGNED_2, header={}).encode(), ClaimFormat.OPEN_BADGES_2_SIGNED),
    "on a chain": (foreign.CHAINED, ClaimFormat.BLOCKCERTS),
    "a European one": (foreign.EUROPEAN, ClaimFormat.EUROPEAN_DIGITAL_CREDENTIAL),
}


@pytest.mark.parametrize("name", FILES)
def test_each_format_is_named_with_what_it_says(name):
    content, expected = FILES[name]
    claims = look(content)
    assert claims.format is expected
    assert claims.verifiers
    assert all(url.startswith("https://") for url in claims.verifiers)
    if name == "2.0 as an address":
        assert claims.status_url == "https://college.example/assertions/1"
        return
    if expected is not ClaimFormat.BLOCKCERTS and expected is not ClaimFormat.EUROPEAN_DIGITAL_CREDENTIAL:
        assert (claims.issuer_name, claims.name) == ("Harbour College", "Knots and ropes")
    assert claims.issuer_id
    assert claims.valid_from[:2] == "20"
    if expected is ClaimFormat.EUROPEAN_DIGITAL_CREDENTIAL:
        assert claims.issuer_name == "Harbour College"
    if expected is ClaimFormat.OPEN_BADGES_2:
        assert claims.valid_until == "2020-01-02T00:00:00Z"
        assert claims.status_url == "https://college.example/assertions/1"


@pytest.mark.parametrize("algorithm", foreign.KEYS)
def test_a_token_with_its_key_is_checked(algorithm):
    token = foreign.make_token(foreign.make_credential(), algorithm)
    assert look(token.encode()).signature is SignatureCheck.GOOD
    assert "Its signature matches the key" in api.inspect_file(token.encode()).message
    head, _, signature = token.split(".")
    forged = foreign.encode(json.dumps(foreign.make_credential(issuer_name="Harvest College")).encode())
    changed = f"{head}.{forged}.{signature}".encode()
    assert look(changed).signature is SignatureCheck.BAD
    assert "does not match" in api.inspect_file(changed).message


def test_a_key_that_is_its_own_name_is_the_issuers_or_none():
    key = foreign.KEYS["EdDSA"]
    multikey = create_key().verifying_key.multikey
    own = f"did:jwk:{foreign.encode(json.dumps(foreign.make_jwk(key)).encode())}"
    good = foreign.make_token(foreign.make_credential(own), header={"kid": f"{own}#0"})
    assert look(good.encode()).signature is SignatureCheck.GOOD
    other = foreign.make_token(foreign.make_credential(f"did:key:{multikey}"), header={})
    assert look(other.encode()).signature is SignatureCheck.BAD
    borrowed = foreign.make_token(foreign.make_credential(), header={"kid": f"{own}#0"})
    assert look(borrowed.encode()).signature is SignatureCheck.NOT_CHECKED


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "none"},
        {"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}},
        {"jwk": {"kty": "RSA", "n": "AA", "e": "AQAB"}},
        {"jwk": {"kty": "RSA", "n": foreign.encode(b"\xff" * 100_000), "e": "AQAB"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"jwk": {"kty": "OKP", "crv": "Ed25519"}},
        {"jwk": []},
        {"alg": "RS256", "jwk": foreign.make_jwk(foreign.KEYS["EdDSA"])},
        {"kid": "did:key:zzz"},
    ],
)
def test_what_cannot_be_checked_is_said_to_be_unchecked(header):
    started = time.process_time()
    claims = look(foreign.make_token(foreign.make_credential(), header=header).encode())
    assert claims.signature is SignatureCheck.NOT_CHECKED
    assert time.process_time() - started < 2


def test_an_embedded_signature_by_a_key_that_is_its_own_name_is_checked():
    good = foreign.sign_by_name()
    assert look(good).signature is SignatureCheck.GOOD
    assert look({**good, "name": "Splices"}).signature is SignatureCheck.BAD
    assert look(foreign.sign_by_name(validUntil="2025-01-01T00:00:00Z")).valid_until == "2025-01-01T00:00:00Z"
    assert look({**good, "more": "x"}).signature is SignatureCheck.NOT_CHECKED
    assert look(SIGNED).signature is SignatureCheck.NOT_CHECKED


@pytest.mark.parametrize("place", ["name", "description"])
def test_a_text_that_mentions_this_site_does_not_make_a_badge_its_own(place):
    row = CredentialFactory(available=True)
    said = f"As good as one of {DID}: {row.verify_uuid.urn}"
    assert look(foreign.sign_by_name(**{place: said})).issuer_name == "Harbour College"
    assert look({**SIGNED, place: [{"id": said, "note": DID}]})
    assert look(foreign.make_token({**foreign.make_credential(), place: said}).encode())
    assert look({**HOSTED, place: said})


def test_a_text_alone_is_no_badge():
    row = CredentialFactory(available=True)
    for said in ({"note": f"{DID} {row.verify_uuid.urn}"}, [DID, row.verify_uuid.urn], {"a": {"b": DID}}):
        found = api.inspect_file(json.dumps(said).encode())
        assert (found.verdict, found.finding) == (Verdict.UNKNOWN, Finding.UNKNOWN_FILE)


def test_odd_values_are_told_as_one_line_or_not_at_all():
    odd = {
        **SIGNED,
        "issuer": {"id": ["x", 1], "name": {"@value": "A\u202eB\n\x00C" + "x" * 5000}},
        "validFrom": {"a": []},
        "validUntil": 10**30,
        "name": None,
        "credentialStatus": [None, {"id": 5}],
        "credentialSubject": [{"achievement": [3]}],
    }
    claims = look(odd)
    assert claims.issuer_name.startswith("A B C")
    assert len(claims.issuer_name) == 200
    assert claims.valid_until == ""


def test_the_signers_of_a_pdf_are_named():
    authority = make_authority()
    content = _sign_pdf(authority)
    claims = look(content)
    assert claims.format is ClaimFormat.SIGNED_PDF
    name = authority.certificate.subject.rfc4514_string()
    assert claims.issuer_name
    assert claims.issuer_name.split(", ")[0] in name
    # Damaged ones name nobody, and take no time.
    place = content.index(b"/Contents")
    for changed in (content[: place + 500], content[: place + 60] + b"ff" * 50 + content[place + 160 :]):
        found = api.inspect_file(changed)
        assert found.verdict is Verdict.UNKNOWN


def _sign_pdf(authority):
    signers = pytest.importorskip("pyhanko.sign.signers")
    from asn1crypto import keys, x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    der = serialization.Encoding.DER
    private = authority.key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = [x509.Certificate.load(item.public_bytes(der)) for item in (authority.root, authority.certificate)]
    signer = signers.SimpleSigner(
        signing_cert=chain[1],
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    buffer = io.BytesIO()
    writer.write(buffer)
    metadata = signers.PdfSignatureMetadata(field_name="Registrar", md_algorithm="sha256")
    return signers.sign_pdf(IncrementalPdfFileWriter(buffer), metadata, signer=signer).getvalue()


@pytest.mark.parametrize(
    "ranges",
    [b"[0 1 2 3]", b"[0 0 0 0]", b"[0 9 1 0]", b"[0 10 999999999 1]", b"[ 0  10 400000 1 ]"],
)
def test_odd_places_of_signatures_name_nobody(ranges):
    content = b"%PDF-1.7\n/ByteRange " * 5 + b"/ByteRange " + ranges + b"<30" + b"80" * 300_000 + b">"
    found = api.inspect_file(content)
    assert (found.verdict, found.finding) == (Verdict.UNKNOWN, Finding.UNKNOWN_FILE)


def test_people_and_programs_are_told_the_same(client, tmp_path, capsys):
    content = json.dumps(foreign.sign_by_name(name="<b>Harbour</b>")).encode()
    answer = client.post("/api/learning_credentials/v1/verify/", {"file": SimpleUploadedFile("x", content)}).json()
    assert (answer["is_valid"], answer["verdict"], answer["credential"], answer["badges"]) == (
        False,
        "unknown",
        None,
        [],
    )
    assert answer["claims"]["format"] == "open_badges_3"
    assert answer["claims"]["signature"] == "good"
    assert answer["claims"]["issuer_name"] == "Harbour College"
    page = client.post("/credentials/verify/", {"file": SimpleUploadedFile("x", content)}).content.decode()
    for said in (
        "Not known here",
        "What the file says about itself",
        "Harbour College",
        "did:key:",
        "2024-05-06",
        "https://verifierplus.org/",
    ):
        assert said in page
    assert "<b>Harbour" not in page
    path = tmp_path / "badge.json"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_credential", str(path))
    assert ended.value.code == 2
    printed = capsys.readouterr().out
    assert "Says issuer:    Harbour College" in printed
    assert "Signature:      good" in printed
