"""Genuine badges of this site in what wallets and programs put around them, and files that are two things."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
import zlib

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.data import Finding, Verdict
from tests import foreign_badges as foreign
from tests.app_settings import override_app_settings
from tests.factories import CredentialFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY = create_key()


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    keys = [{"private_key": KEY.export(), "is_active": True}]
    with override_app_settings(SIGNING_KEYS=keys):
        yield


@pytest.fixture
def row():
    return CredentialFactory(available=True)


def get_badge(row):
    return json.loads(api.get_badge(row.verify_uuid))


def present(*badges, **more):
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": "did:example:wallet",
        "verifiableCredential": list(badges),
        **more,
    }


def look(content):
    found = api.inspect_file(content if isinstance(content, bytes) else json.dumps(content).encode())
    return found.verdict, found.finding, found.verification and found.verification.verify_uuid


def embed(document, media_type="application/vc+ld+json"):
    text = base64.b64encode(json.dumps(document).encode()).decode()
    return {"type": "EnvelopedVerifiableCredential", "id": f"data:{media_type};base64,{text}"}


SECOND = {
    "type": "DataIntegrityProof",
    "cryptosuite": "ecdsa-rdfc-2019",
    "proofPurpose": "authentication",
    "verificationMethod": "did:key:zDn#zDn",
    "proofValue": "z2",
}
WRAPPINGS = {
    "a presentation": present,
    "a signed presentation": lambda badge: present(badge, proof=SECOND),
    "a presentation of one": lambda badge: {**present(), "verifiableCredential": badge},
    "a list": lambda badge: [badge],
    "lists": lambda badge: [[[badge]]],
    "the same twice": lambda badge: [badge, badge],
    "a wallet's record": lambda badge: {"id": "1", "credential": badge, "added": 5},
    "a second signature": lambda badge: {**badge, "proof": [*badge["proof"], SECOND]},
    "a second signature before": lambda badge: {**badge, "proof": [SECOND, *badge["proof"]]},
    "an envelope": embed,
    "an envelope in a presentation": lambda badge: present(embed(badge)),
    "a token of the holder": lambda badge: foreign.make_token(
        {"iss": "did:example:wallet", "vp": present(badge)}
    ).encode(),
    "a token in a presentation": lambda badge: present(foreign.make_token({"vp": present(badge)})),
    "a transcript of another": lambda badge: [badge, present()],
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_a_genuine_badge_is_found_in_what_is_around_it(row, wrap):
    badge = get_badge(row)
    wrapped = wrap(badge)
    assert look(wrapped) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE_WITHIN, row.verify_uuid)
    content = wrapped if isinstance(wrapped, bytes) else json.dumps(wrapped).encode()
    assert "was not checked" in api.inspect_file(content).message
    # And a changed one too.
    assert look(wrap({**badge, "name": "Doctor of Medicine"})) == (
        Verdict.CHANGED,
        Finding.BAD_SIGNATURE,
        row.verify_uuid,
    )
    api.invalidate_credential(row.pk, reason="Issued in error.")
    assert look(wrapped)[::2] == (Verdict.REVOKED, row.verify_uuid)


def test_a_badge_alone_is_unchanged_as_before(row):
    badge = get_badge(row)
    for alone in (badge, {**badge, "proof": badge["proof"][0]}, dict(reversed(badge.items()))):
        assert look(alone) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE, row.verify_uuid)
    assert look({**badge, "@context": badge["@context"][::-1]}) == (
        Verdict.CHANGED,
        Finding.OTHER_CONTENT,
        row.verify_uuid,
    )


def test_each_of_several_badges_has_its_answer(row, client, tmp_path, capsys):
    other, revoked = CredentialFactory(available=True), CredentialFactory(available=True)
    badges = [get_badge(item) for item in (row, other, revoked)]
    api.invalidate_credential(revoked.pk, reason="Issued in error.")

    found = api.inspect_file(json.dumps(present(*badges[:2])).encode())
    assert (found.verdict, found.finding, found.is_valid) == (Verdict.UNCHANGED, Finding.SEVERAL_BADGES, True)
    assert [part.verification.verify_uuid for part in found.badges] == [row.verify_uuid, other.verify_uuid]

    content = json.dumps(present(*badges, foreign.sign_by_name())).encode()
    found = api.inspect_file(content)
    assert (found.verdict, found.finding, found.verification) == (Verdict.REVOKED, Finding.SEVERAL_BADGES, None)
    assert [part.verdict for part in found.badges] == [
        Verdict.UNCHANGED,
        Verdict.UNCHANGED,
        Verdict.REVOKED,
        Verdict.UNKNOWN,
    ]
    assert found.badges[3].claims.issuer_name == "Harbour College"
    assert "4 badges" in found.message

    answer = client.post("/api/learning_credentials/v1/verify/", {"file": SimpleUploadedFile("x", content)}).json()
    assert answer["is_valid"] is False
    assert [part["verdict"] for part in answer["badges"]] == ["unchanged", "unchanged", "revoked", "unknown"]
    assert answer["badges"][1]["credential"]["verify_uuid"] == str(other.verify_uuid)
    page = client.post("/credentials/verify/", {"file": SimpleUploadedFile("x", content)}).content.decode()
    assert "Several badges" in page
    for number in range(1, 5):
        assert f"Badge {number}:" in page
    assert f"/credentials/{other.verify_uuid}/" in page
    path = tmp_path / "badges.json"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_credential", str(path))
    assert ended.value.code == 1
    assert "Badge 4:" in capsys.readouterr().out


def test_somebody_elses_badge_beside_ours_is_never_valid_with_it(row):
    found = api.inspect_file(json.dumps(present(get_badge(row), foreign.make_credential())).encode())
    assert (found.verdict, found.is_valid) == (Verdict.UNKNOWN, False)
    assert [part.is_valid for part in found.badges] == [True, False]


def test_ours_within_somebody_elses_is_found_and_its_own_parts_are_not_counted(row):
    transcript = foreign.make_credential(endorsement=[foreign.make_credential()])
    alone = api.inspect_file(json.dumps(transcript).encode())
    assert (alone.finding, alone.badges) == (Finding.OTHER_ISSUER, ())
    transcript["credentialSubject"]["verifiableCredential"] = [get_badge(row)]
    found = api.inspect_file(json.dumps(transcript).encode())
    assert [part.finding for part in found.badges] == [Finding.OTHER_ISSUER, Finding.GOOD_SIGNATURE_WITHIN]


# Pictures that a program saved again


def bake(row, media_type):
    return api.bake_badge(row.verify_uuid, media_type)[0]


SVG_11 = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'


def escape(content, text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return content.replace(f"<![CDATA[{text}]]>".encode(), escaped.encode())


def save_again(content, text, *, kind):
    """The picture with its badge packed or written anew."""
    with Image.open(io.BytesIO(content)) as image:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
    head = b"openbadgecredential\0"
    data = {
        b"iTXt": head + b"\1\0en\0\0" + zlib.compress(text.encode()),
        b"zTXt": head + b"\0" + zlib.compress(text.encode()),
        b"tEXt": head + text.encode(),
    }
    return foreign.add_to_png(buffer.getvalue(), kind, data[kind])


SAVED = {
    "a document type": lambda png, svg, text: SVG_11 + svg,
    "a declaration and a comment": lambda png, svg, text: b"<?xml version='1.0'?>\n<!-- saved -->" + svg,
    "without CDATA": lambda png, svg, text: escape(svg, text),
    "in UTF-16": lambda png, svg, text: svg.decode().encode("utf-16"),
    "packed": lambda png, svg, text: save_again(png, text, kind=b"iTXt"),
    "packed in the old way": lambda png, svg, text: save_again(png, text, kind=b"zTXt"),
    "as a plain text": lambda png, svg, text: save_again(png, text, kind=b"tEXt"),
    "with a date and a density": lambda png, svg, text: foreign.add_to_png(
        foreign.add_to_png(png, b"tIME", b"\x07\xea\1\1\0\0\0"), b"pHYs", b"\0\0\1\0\0\0\1\0\1", is_first=True
    ),
}


@pytest.mark.parametrize("save", SAVED.values(), ids=SAVED)
def test_a_picture_that_a_program_saved_again_is_still_good(row, save):
    content = save(bake(row, "image/png"), bake(row, "image/svg+xml"), api.get_badge(row.verify_uuid))
    assert look(content) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE, row.verify_uuid)
    assert "not signed" in api.inspect_file(content).message


def test_pictures_with_two_badges_are_answered_for_both(row):
    other = CredentialFactory(available=True)
    text = api.get_badge(other.verify_uuid)
    both = foreign.add_to_png(bake(row, "image/png"), b"iTXt", b"openbadgecredential\0\0\0\0\0" + text.encode())
    found = api.inspect_file(both)
    assert found.finding is Finding.SEVERAL_BADGES
    assert {part.verification.verify_uuid for part in found.badges} == {row.verify_uuid, other.verify_uuid}


# Files that are two things

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def make_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("diploma.txt", "DOCTOR OF MEDICINE")
    return buffer.getvalue()


def junk(text):
    return b'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">' + text + b"</o:credential>"


def insert_svg(svg, what, place=b"</svg>"):
    return svg.replace(place, what + place, 1)


TWO_THINGS = {
    "a PDF in the first part of a PNG": lambda png, svg: foreign.add_to_png(
        png, b"tEXt", b"Comment\0" + PDF, is_first=True
    ),
    "a PDF in a part of its own": lambda png, svg: foreign.add_to_png(png, b"pdFx", PDF, is_first=True),
    "a PDF in a profile": lambda png, svg: foreign.add_to_png(png, b"iCCP", b"x\0\0" + PDF, is_first=True),
    "a PDF between pixels": lambda png, svg: foreign.add_to_png(png, b"IDAT", PDF),
    "a PDF in the language of the badge": lambda png, svg: png.replace(
        foreign.pack(b"iTXt", get_part(png)),
        foreign.pack(b"iTXt", get_part(png).replace(b"\0\0\0\0\0", b"\0\0\0" + PDF + b"\0\0", 1)),
    ),
    "a PDF behind a PNG": lambda png, svg: png + PDF,
    "a ZIP behind a PNG": lambda png, svg: png + make_zip(),
    "a ZIP in a PNG": lambda png, svg: foreign.add_to_png(png, b"zIPx", make_zip()),
    "a ZIP in a text": lambda png, svg: foreign.add_to_png(png, b"tEXt", b"x\0" + make_zip()),
    "a page in a PNG": lambda png, svg: foreign.add_to_png(png, b"tEXt", b"x\0<html><body>DOCTOR</body></html>"),
    "tags in a PNG": lambda png, svg: foreign.add_to_png(png, b"iTXt", b"x\0\0\0\0\0<h1>DOCTOR</h1>"),
    "an odd part": lambda png, svg: foreign.add_to_png(png, b"abCd", b"x" * 100),
    "a PDF in a comment": lambda png, svg: insert_svg(svg, b"<!-- " + PDF + b" -->"),
    "a PDF before the drawing": lambda png, svg: b"<!-- " + PDF + b" -->" + svg,
    "a PDF in CDATA": lambda png, svg: insert_svg(svg, b"<desc><![CDATA[" + PDF + b"]]></desc>"),
    "a PDF in an instruction": lambda png, svg: insert_svg(svg, b"<?x " + PDF + b"?>"),
    "a page in a comment": lambda png, svg: b"<!--><html><body><h1>DOCTOR OF MEDICINE</h1></body></html>-->" + svg,
    "tags in a comment": lambda png, svg: insert_svg(svg, b"<!--><h1>DOCTOR</h1>-->"),
    "a page in the drawing": lambda png, svg: insert_svg(
        svg, b'<foreignObject><body xmlns="http://www.w3.org/1999/xhtml">DOCTOR</body></foreignObject>'
    ),
    "a script in the drawing": lambda png, svg: insert_svg(svg, b"<script>alert(1)</script>"),
    "a ZIP behind a drawing": lambda png, svg: svg + make_zip(),
    "a text that would hide a PDF": lambda png, svg: insert_svg(
        svg, junk(b"%PDF-") + junk(b"PDF") + b"<!-- " + PDF + b" -->"
    ),
    "a text that would hide tags": lambda png, svg: insert_svg(svg, junk(b"h1") + b"<!--><h1>DOCTOR</h1>-->"),
    "a text that would hide the end of a comment": lambda png, svg: insert_svg(
        svg, junk(b"--&gt;") + b"<!--><h1>DOCTOR</h1>-->"
    ),
    "a text that would hide a PDF in a PNG": lambda png, svg: foreign.add_to_png(
        png, b"iTXt", b"openbadgecredential\0\0\0" + PDF + b"\0\0DF-", is_first=True
    ),
    "PostScript": lambda png, svg: insert_svg(svg, b"<!-- %!PS-Adobe-3.0 -->"),
}


def get_part(png):
    start = png.index(b"iTXtopenbadgecredential")
    length = int.from_bytes(png[start - 4 : start])
    return png[start + 4 : start + 4 + length]


@pytest.mark.parametrize("make", TWO_THINGS.values(), ids=TWO_THINGS)
def test_a_picture_that_is_something_else_too_is_not_called_unchanged(row, make):
    png, svg = bake(row, "image/png"), bake(row, "image/svg+xml")
    assert look(png)[0] is look(svg)[0] is Verdict.UNCHANGED
    content = make(png, svg)
    assert content not in (png, svg)
    found = api.inspect_file(content)
    assert (found.verdict, found.is_valid) == (Verdict.CHANGED, False)
    assert found.verification.verify_uuid == row.verify_uuid
    if found.finding is Finding.MORE_THAN_A_BADGE:
        assert "The badge in this file is genuine" in found.message
    api.invalidate_credential(row.pk, reason="Issued in error.")
    assert not api.inspect_file(content).is_valid
    assert api.inspect_file(content).verification.invalidation_reason


@pytest.mark.parametrize(
    "wrap",
    [
        lambda badge: {"a": PDF.decode(), "b": badge},
        lambda badge: [PDF.decode(), badge],
        lambda badge: {PDF.decode(): badge},
        lambda badge: present(badge, holder="<script>document.write('DOCTOR')</script>"),
        lambda badge: [badge, "<h1>DOCTOR</h1>"],
        lambda badge: {**badge, "proof": [{**SECOND, "domain": PDF.decode()}, *badge["proof"]]},
        lambda badge: present(foreign.make_credential(name=PDF.decode()), badge),
    ],
)
def test_a_text_that_is_something_else_too_is_not_called_unchanged(row, wrap):
    content = json.dumps(wrap(get_badge(row))).encode()
    found = api.inspect_file(content)
    own = next(part for part in (*found.badges, found) if part.verification)
    assert (own.verdict, own.finding) == (Verdict.CHANGED, Finding.MORE_THAN_A_BADGE)
    assert not found.is_valid


def test_a_pdf_with_a_badge_in_it_is_a_pdf(row):
    for content in (PDF + bake(row, "image/png"), PDF + json.dumps(get_badge(row)).encode()):
        assert look(content)[0] is Verdict.UNKNOWN


# Bounds

HOSTILE = {
    "deep lists": lambda badge: b"[" * 100_000,
    "lists around a badge": lambda badge: b"[" * 500 + json.dumps(badge).encode() + b"]" * 500,
    "thousands of badges": lambda badge: json.dumps(
        present(*[{**badge, "name": str(n)} for n in range(3000)])
    ).encode(),
    "thousands of foreign ones": lambda badge: json.dumps(
        [foreign.make_credential(name=str(n)) for n in range(4000)]
    ).encode(),
    "thousands of signatures": lambda badge: json.dumps(
        {**badge, "proof": [{**badge["proof"][0], "created": f"2026-01-01T00:00:00.{n:04}Z"} for n in range(4000)]}
    ).encode(),
    "thousands of tokens": lambda badge: json.dumps(
        [foreign.make_token({"n": n, "vp": present()}) for n in range(2000)]
    ).encode(),
    "tokens in tokens": lambda badge: nest_tokens(badge, 12).encode(),
    "envelopes in envelopes": lambda badge: json.dumps(nest_envelopes(badge, 12)).encode(),
    "an endless token": lambda badge: b"eyJ" + b"A" * 3_000_000 + b".A.A",
    "a token of dots": lambda badge: b"eyJ" + b"." * 1_000_000,
    "a megabyte of names": lambda badge: json.dumps(
        {"proof": [{"verificationMethod": "did:x#" + str(n)} for n in range(60_000)]}
    ).encode(),
    "too much": lambda badge: json.dumps([badge, "x" * 5_000_000]).encode(),
    "a packed bomb": lambda badge: foreign.add_to_png(
        foreign.bake_png("x"), b"zTXt", b"openbadgecredential\0\0" + zlib.compress(bytes(100_000_000))
    ),
    "packed bombs": lambda badge: (
        foreign.bake_png("x")[:-12]
        + foreign.pack(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(bytes(1_000_000))) * 3000
        + foreign.bake_png("x")[-12:]
    ),
    "a drawing of drawings": lambda badge: foreign.bake_svg(
        "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 2 + "</g>" for n in range(1, 40))
        + f'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0"><![CDATA[{json.dumps(badge)}]]></o:credential>'
    ),
    "comments without an end": lambda badge: hide_in_svg(badge, "<?xmla " + "<!--" * 300_000 + "?>"),
    "comments in CDATA": lambda badge: hide_in_svg(badge, "<desc><![CDATA[" + "<!--" * 300_000 + "]]></desc>"),
    "comments": lambda badge: hide_in_svg(badge, "<!--><a>-->" * 100_000),
    "a thousand drawings of badges": lambda badge: foreign.bake_svg(
        '<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">{}</o:credential>' * 10_000
    ),
}


def hide_in_svg(badge, what):
    """A drawing with a genuine badge and much that a reader passes over."""
    credential = '<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0"><![CDATA[{}]]></o:credential>'
    return foreign.bake_svg(what + credential.format(json.dumps(badge)))


def nest_tokens(badge, number):
    payload = present(badge)
    for _ in range(number):
        payload = {"vp": present(foreign.make_token({"vp": payload}))}
    return foreign.make_token(payload)


def nest_envelopes(document, number):
    for _ in range(number):
        document = embed(document)
    return document


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_wrappings_take_no_time_and_are_never_valid(row, make):
    content = make(get_badge(row))
    started = time.process_time()
    with CaptureQueriesContext(connection) as queries:
        found = api.inspect_file(content)
    assert time.process_time() - started < 6
    assert len(queries) <= 3
    if make is not HOSTILE["lists around a badge"]:
        assert not found.is_valid


def test_too_many_badges_are_said_to_be_too_many(row):
    badge = get_badge(row)
    for name in ("thousands of badges", "thousands of foreign ones", "too much"):
        found = api.inspect_file(HOSTILE[name](badge))
        assert (found.verdict, found.finding) == (Verdict.UNKNOWN, Finding.TOO_MANY_BADGES), name
        assert "smaller files" in found.message


def test_queries_do_not_grow_with_the_badges_in_a_file():
    rows = CredentialFactory.create_batch(8, available=True)
    badges = [get_badge(item) for item in rows]
    counts = []
    for number in (2, 8):
        with CaptureQueriesContext(connection) as queries:
            found = api.inspect_file(json.dumps(present(*badges[:number])).encode())
        assert found.is_valid
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3
