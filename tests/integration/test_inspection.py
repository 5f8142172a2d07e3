"""What is found of files: those that were issued, those that were changed since, and those that others made up."""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pikepdf
import pypdf
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from learning_credentials import api, children
from learning_credentials.badges.did import make_did, make_key_id
from learning_credentials.badges.documents import write_document
from learning_credentials.badges.keys import create_key
from learning_credentials.badges.signing import sign
from learning_credentials.data import FileKind, Finding, Verdict
from learning_credentials.exceptions import TransientError, UploadTooLargeError
from learning_credentials.models import CourseCertificate, Credential
from learning_credentials.pdf.inspection import stranger
from tests.app_settings import override_app_settings
from tests.badge_cases import list_texts, replace
from tests.bounds import computing_within
from tests.factories import CredentialFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY, OTHER_KEY = create_key(), create_key()
PDF = "learning_credentials.generators.generate_pdf_credential"
BADGE = "learning_credentials.generators.generate_open_badge"


def sign_with(active, *listed):
    keys = [{"private_key": active.export(), "is_active": True}]
    keys += [{"public_key": key.verifying_key.multikey} for key in listed]
    return override_app_settings(SIGNING_KEYS=keys)


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    with sign_with(KEY):
        yield


@pytest.fixture
def issue(course, enrol):
    """Issue a credential by a generator; return its row."""

    def issue_one(generation_func=PDF, **options):
        course.credential_type.generation_func = generation_func
        course.credential_type.custom_options = options
        course.credential_type.save()
        (user,) = enrol(count=1)
        api.issue_pending_credentials(course.pk)
        row = Credential.objects.get(user=user)
        assert row.status == Credential.Status.AVAILABLE, row.error_message
        return row

    return issue_one


def read(row):
    with api.open_artifact(row.verify_uuid)[0] as file:
        return file.read()


def look(content):
    found = api.inspect_file(content)
    return found.verdict, found.finding, found.verification and found.verification.verify_uuid


def hide(row):
    """Have a credential wait for its date."""
    CourseCertificate.objects.update_or_create(
        course_key=row.learning_context_key,
        defaults={
            "pacing": CourseCertificate.Pacing.INSTRUCTOR,
            "available_date": timezone.now() + timedelta(days=1),
            "shows_early": False,
        },
    )


UNKNOWN_FILE = (Verdict.UNKNOWN, Finding.UNKNOWN_FILE, None)


# Files by their hash


def test_a_file_as_it_was_issued(issue):
    row = issue()
    found = api.inspect_file(read(row))
    assert (found.kind, found.verdict, found.finding) == (FileKind.PDF, Verdict.UNCHANGED, Finding.SAME_FILE)
    assert found.is_valid
    assert found.sha256 == row.artifact_sha256
    assert found.verification == api.verify_credential(row.verify_uuid)


def test_a_file_whose_credential_no_longer_holds(issue):
    revoked, replaced, expired = issue(), issue(), issue()
    files = {row.pk: read(row) for row in (revoked, replaced, expired)}
    api.invalidate_credential(revoked.pk, reason="Issued in error.")
    successor = api.reissue_credential(replaced.pk, reason="A new name.")
    Credential.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert look(files[revoked.pk]) == (Verdict.REVOKED, Finding.SAME_FILE, revoked.verify_uuid)
    assert look(files[replaced.pk]) == (Verdict.REPLACED, Finding.SAME_FILE, replaced.verify_uuid)
    assert look(files[expired.pk]) == (Verdict.EXPIRED, Finding.SAME_FILE, expired.verify_uuid)
    assert api.inspect_file(files[replaced.pk]).verification.replaced_by == successor.verify_uuid
    assert not any(api.inspect_file(content).is_valid for content in files.values())


def test_what_may_not_be_seen_is_unknown_like_any_other_file(issue):
    row = issue()
    content = read(row)
    changed = content + b"\n"
    hide(row)
    hidden = api.inspect_file(content)
    assert look(content) == look(changed) == look(b"%PDF-1.7 another") == UNKNOWN_FILE
    assert hidden.message == api.inspect_file(b"%PDF-1.7 another").message
    api.invalidate_credential(row.pk, reason="Issued in error.")
    assert look(content) == UNKNOWN_FILE
    CourseCertificate.objects.update(available_date=None)
    assert look(content) == (Verdict.REVOKED, Finding.SAME_FILE, row.verify_uuid)


def test_unfinished_credentials_are_unknown():
    row = CredentialFactory()
    Credential.objects.filter(pk=row.pk).update(artifact_sha256=api.inspect_file(b"a certificate").sha256)
    assert look(b"a certificate") == UNKNOWN_FILE


def test_of_credentials_with_one_file_the_one_that_holds_counts():
    CredentialFactory(invalidated=True)
    expired = CredentialFactory(available=True, expires_at=datetime(2026, 7, 1, tzinfo=UTC))
    assert look(b"a certificate")[2] == expired.verify_uuid
    valid = CredentialFactory(available=True)
    CredentialFactory(invalidated=True)
    assert look(b"a certificate") == (Verdict.UNCHANGED, Finding.SAME_FILE, valid.verify_uuid)


def test_every_kind_of_file_is_known_by_its_content():
    kinds = {
        b"%PDF-1.7": FileKind.PDF,
        b"\n" * 900 + b"%PDF-1.7": FileKind.PDF,
        b"\x89PNG\r\n\x1a\n": FileKind.PNG,
        b' \n{"a": 1}': FileKind.JSON,
        b'{"name": "%PDF-1.7"}': FileKind.JSON,
        b"\xef\xbb\xbf[]": FileKind.JSON,
        b'<?xml version="1.0"?><svg/>': FileKind.SVG,
        b"<html>": FileKind.TEXT,
        "naïve".encode(): FileKind.TEXT,
        b"a\0b": FileKind.OTHER,
        b"\xff\xfe": FileKind.OTHER,
        b"PK\x03\x04\xff": FileKind.OTHER,
        b"": FileKind.TEXT,
    }
    for content, kind in kinds.items():
        found = api.inspect_file(content)
        assert (found.kind, found.verdict) == (kind, Verdict.UNKNOWN), content


# PDFs that were changed


def save_with_pypdf(content):
    buffer = io.BytesIO()
    pypdf.PdfWriter(clone_from=io.BytesIO(content)).write(buffer)
    return buffer.getvalue()


def save_with_pikepdf(content, **options):
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(buffer, **options)
    return buffer.getvalue()


CHANGES = {
    "saved anew by one program": save_with_pypdf,
    "saved anew by another": save_with_pikepdf,
    "with its objects packed": lambda content: save_with_pikepdf(
        content, object_stream_mode=pikepdf.ObjectStreamMode.generate
    ),
    "with another password": lambda content: save_with_pikepdf(content, encryption=pikepdf.Encryption(owner="x", R=4)),
    "linearized": lambda content: save_with_pikepdf(content, linearize=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pdf_that_was_saved_anew_is_changed(issue, change):
    row = issue()
    content = CHANGES[change](read(row))
    assert look(content) == (Verdict.CHANGED, Finding.OTHER_CONTENT, row.verify_uuid)


@pytest.mark.parametrize("tail", [b"\n", b"\0" * 100, b"\n% a remark\n", b"\r\n%%EOF\r\n" * 3])
def test_a_pdf_with_something_behind_it_is_changed(issue, tail):
    row = issue()
    assert look(read(row) + tail) == (Verdict.CHANGED, Finding.ADDED_TO, row.verify_uuid)


@pytest.mark.slow
def test_no_byte_of_a_pdf_can_be_changed(issue):
    row = issue()
    content = read(row)
    step = len(content) // 12
    found = []
    for place in range(0, len(content), step):
        changed = bytearray(content)
        changed[place] ^= 0x20
        found.append(look(bytes(changed)))
    assert {verdict for verdict, _finding, _named in found} <= {Verdict.CHANGED, Verdict.UNKNOWN}
    # Where the damage does not hide what the file names, it is told; some of it makes the whole unreadable.
    assert sum(verdict is Verdict.CHANGED for verdict, _finding, _named in found) > len(found) // 2
    assert {named for _verdict, _finding, named in found} <= {row.verify_uuid, None}


def test_a_changed_pdf_of_a_revoked_credential_tells_both(issue):
    row = issue()
    content = read(row)
    api.invalidate_credential(row.pk, reason="Issued in error.")
    found = api.inspect_file(save_with_pypdf(content))
    assert found.verdict is Verdict.CHANGED
    assert found.verification.invalidation_reason == "Issued in error."


def make_pdf(text):
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Keywords": text})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_pdfs_that_others_made(issue):
    row = issue()
    assert look(make_pdf("certificate, course")) == UNKNOWN_FILE
    assert look(make_pdf(f"https://credentials.example.org/credentials/{uuid4()}/")) == UNKNOWN_FILE
    many = " ".join(str(uuid4()) for _ in range(5000))
    assert look(make_pdf(many)) == UNKNOWN_FILE
    # An imitation that says whose it is, and a program that has written addresses in capitals.
    for named in (api.get_verification_url(row.verify_uuid), str(row.verify_uuid).upper()):
        assert look(make_pdf(named)) == (Verdict.CHANGED, Finding.OTHER_CONTENT, row.verify_uuid)


def make_bomb(size=300_000_000):
    packer = zlib.compressobj(9)
    piece = bytes(10_000_000)
    packed = b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 2 0 R>>\nendobj\n2 0 obj\n"
    stream = b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    return head + stream + b"trailer <</Root 1 0 R>>\n%%EOF"


HOSTILE_PDFS = {
    "a decompression bomb": make_bomb,
    "a million objects": lambda: b"%PDF-1.7\n" + b"1 0 obj\n<<>>\nendobj\n" * 1_000_000,
    "nested without end": lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <</Root " + b"[" * 2_000_000,
    "dictionaries without end": lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <</Root " + b"<</A " * 1_000_000,
    "a cycle": lambda: (
        b"%PDF-1.7\n1 0 obj\n1 0 R\nendobj\ntrailer <</Root 1 0 R/Prev 0/Info 1 0 R>>\nstartxref\n9\n%%EOF"
    ),
    "a table that names itself": lambda: (
        b"%PDF-1.7\nxref\n0 0\ntrailer <</Prev 9/Size 9>>\nendobj\nstartxref\n9\n%%EOF"
    ),
    "ends without end": lambda: b"%PDF-1.7\n" + b"%%EOF" * 4_000_000,
    "a script": lambda: make_pdf("x").replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE_PDFS)
def test_hostile_pdfs_take_neither_long_nor_much(name):
    content = HOSTILE_PDFS[name]()
    with computing_within(10):
        assert look(content) == UNKNOWN_FILE


def test_where_too_many_are_read_at_once_it_is_said_so(monkeypatch):
    monkeypatch.setattr(stranger, "WAITING_TIME", 0.1)
    busy = make_pdf("x")
    for _ in range(stranger.MAX_READERS):
        stranger._readers.acquire(0)
    try:
        with pytest.raises(TransientError):
            look(busy)
        assert look(b"something else") == UNKNOWN_FILE
    finally:
        for _ in range(stranger.MAX_READERS):
            stranger._readers.release()
    assert look(busy) == UNKNOWN_FILE


def test_on_a_server_too_busy_to_read_a_changed_file_it_is_not_called_unknown(issue, monkeypatch):
    row = issue()
    content = CHANGES["with another password"](read(row))
    monkeypatch.setattr(stranger, "LIMITS", stranger.LIMITS._replace(seconds=0.001))
    with pytest.raises(TransientError, match="too busy"):
        look(content)
    # What names the credential in plain text needs no reader.
    assert look(save_with_pikepdf(read(row))) == (Verdict.CHANGED, Finding.OTHER_CONTENT, row.verify_uuid)


def test_what_reads_pdfs_keeps_to_its_bounds():
    """The program by itself, with a file that would take it half a minute."""
    endless = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <</Root " + b"<</A " * 4_000_000
    command = children.make_command(sys.executable, stranger.QUESTION, stranger.LIMITS)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=endless, capture_output=True, check=False, timeout=600)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
    assert done.stdout in {b"", b'{"keywords": [], "attached": []}'}


# Badges


def get_forms(row):
    """A credential's badge in every form that it is given out in."""
    text = api.get_badge(row.verify_uuid)
    forms = [(FileKind.JSON, text.encode())]
    forms += [
        (FileKind(kind), api.bake_badge(row.verify_uuid, media)[0])
        for kind, media in (("png", "image/png"), ("svg", "image/svg+xml"))
    ]
    return forms


def test_badges_are_known_by_their_signature(issue):
    row = issue()
    forms = get_forms(row)
    pretty = json.dumps(json.loads(forms[0][1]), indent=2, ensure_ascii=True).encode()
    for kind, content in [*forms, (FileKind.JSON, pretty), (FileKind.JSON, b"\xef\xbb\xbf" + pretty)]:
        found = api.inspect_file(content)
        assert (found.kind, found.verdict, found.finding) == (kind, Verdict.UNCHANGED, Finding.GOOD_SIGNATURE)
        assert found.verification.verify_uuid == row.verify_uuid
        assert ("not signed" in found.message) == (kind is not FileKind.JSON)


@pytest.mark.parametrize("badge_format", ["json", "image"])
def test_a_badge_that_is_the_file_itself(issue, badge_format):
    row = issue(BADGE, badge_format=badge_format)
    assert look(read(row)) == (Verdict.UNCHANGED, Finding.SAME_FILE, row.verify_uuid)


def test_badges_follow_the_state_of_their_credential(issue):
    revoked, replaced, expired = issue(), issue(), issue()
    forms = {row.pk: get_forms(row) for row in (revoked, replaced, expired)}
    api.invalidate_credential(revoked.pk, reason="Issued in error.")
    api.reissue_credential(replaced.pk, reason="A new name.")
    Credential.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    for row, verdict in ((revoked, Verdict.REVOKED), (replaced, Verdict.REPLACED), (expired, Verdict.EXPIRED)):
        for _kind, content in forms[row.pk]:
            assert look(content) == (verdict, Finding.GOOD_SIGNATURE, row.verify_uuid)


def test_no_text_of_a_badge_can_be_changed(issue):
    row = issue()
    document = json.loads(api.get_badge(row.verify_uuid))
    texts = list(list_texts(document))
    assert len(texts) > 30
    for path, text in texts:
        for wrong in (text[:-1] + ("x" if text[-1:] != "x" else "y"), text + "x"):
            verdict, _finding, named = look(write_document(replace(document, path, wrong)).encode())
            allowed = {Verdict.CHANGED}
            if path[0] == "proof":
                # A key that nobody listed, or a time that says nothing.
                allowed.add(Verdict.UNKNOWN)
            assert verdict in allowed, (path, wrong)
            assert named in {row.verify_uuid, None}


def test_what_is_added_to_a_badge_is_a_change(issue):
    row = issue()
    document = json.loads(api.get_badge(row.verify_uuid))
    changes = [
        {**document, "grade": "A"},
        {**document, "proof": [*document["proof"], *document["proof"]]},
        {**document, "credentialSubject": [document["credentialSubject"]] * 2},
        {name: value for name, value in document.items() if name != "credentialStatus"},
        {name: value for name, value in document.items() if name != "proof"},
    ]
    for changed in changes:
        verdict, _finding, named = look(json.dumps(changed).encode())
        assert (verdict, named) == (Verdict.CHANGED, row.verify_uuid)
    twice = api.get_badge(row.verify_uuid).replace('"name":', '"name":"Dr","name":', 1).encode()
    assert look(twice)[0] is Verdict.CHANGED


def test_a_picture_with_a_damaged_badge_is_changed(issue):
    row = issue()
    name = row.credential_type_name.encode()
    for kind, content in get_forms(row)[1:]:
        changed = content.replace(name, name[:-1] + b"!", 1)
        assert changed != content
        assert look(changed)[::2] == (Verdict.CHANGED, row.verify_uuid), kind
        assert look(content[:-20])[::2] == (Verdict.CHANGED, row.verify_uuid), kind


def test_what_a_picture_shows_is_said_to_be_unsigned(issue):
    row = issue()
    content = api.bake_badge(row.verify_uuid, "image/svg+xml")[0]
    with_text = content.replace(b"</svg>", b"<text>DOCTOR OF MEDICINE</text></svg>")
    found = api.inspect_file(with_text)
    assert found.verdict is Verdict.UNCHANGED
    assert "not signed" in found.message
    assert "MEDICINE" not in found.message


def issue_badge_elsewhere(row, base_url, key):
    document = json.loads(api.get_badge(row.verify_uuid))
    text = json.dumps({name: value for name, value in document.items() if name != "proof"})
    did = make_did(base_url)
    document = json.loads(
        text.replace(document["issuer"]["id"], did).replace("credentials.example.org", "other.example")
    )
    return write_document(
        sign(document, key, verification_method=make_key_id(did, key.verifying_key), created=datetime.now(UTC))
    ).encode()


def test_badges_of_other_sites_are_unknown(issue):
    row = issue()
    elsewhere = issue_badge_elsewhere(row, "https://other.example", OTHER_KEY)
    assert look(elsewhere) == (Verdict.UNKNOWN, Finding.OTHER_ISSUER, None)
    # Our own key under another's name changes nothing.
    assert look(issue_badge_elsewhere(row, "https://other.example", KEY))[:2] == (Verdict.UNKNOWN, Finding.OTHER_ISSUER)


def test_a_key_counts_for_as_long_as_it_is_listed(issue):
    row = issue()
    with sign_with(OTHER_KEY):
        forged = api.get_badge(row.verify_uuid).encode()
    assert look(forged) == (Verdict.UNKNOWN, Finding.UNKNOWN_KEY, None)
    with sign_with(KEY, OTHER_KEY):
        assert look(forged) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE, row.verify_uuid)


def test_a_good_signature_of_no_known_credential(issue):
    row = issue()
    forms = get_forms(row)
    hide(row)
    hidden = [api.inspect_file(content) for _kind, content in forms]
    Credential.objects.filter(pk=row.pk).update(verify_uuid=uuid4())
    gone = [api.inspect_file(content) for _kind, content in forms]
    assert hidden == gone
    assert {(found.verdict, found.finding) for found in gone} == {(Verdict.UNKNOWN, Finding.UNKNOWN_CREDENTIAL)}


def test_a_site_without_keys_knows_no_badges(issue):
    row = issue()
    forms = get_forms(row)
    with override_app_settings(SIGNING_KEYS=[], BASE_URL=""):
        assert {look(content) for _kind, content in forms} == {UNKNOWN_FILE}


def pack(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG_HEAD = b"\x89PNG\r\n\x1a\n" + pack(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
HOSTILE_BADGES = {
    "no JSON": b"{",
    "deep JSON": b'{"a":' * 100_000,
    "deep lists": b"[" * 1_000_000,
    "a number without end": b'{"a": ' + b"9" * 900_000 + b"}",
    "no object": b"[1]",
    "an issuer of another type": b'{"issuer": [1], "proof": {"a": []}}',
    "entities": b'<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&c;</svg>',
    "deep SVG": b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 200_000,
    "a file from elsewhere": b'<!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "a PNG of 60,000 pixels a side": PNG_HEAD + pack(b"IDAT", zlib.compress(bytes(10_000_000))) + pack(b"IEND", b""),
    "a packed badge": PNG_HEAD
    + pack(b"zTXt", b"openbadgecredential\0\0" + zlib.compress(bytes(50_000_000)))
    + pack(b"IEND", b""),
    "a chunk of four gigabytes": b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR",
    "a PNG without an end": b"\x89PNG\r\n\x1a\n",
    "a large PNG": b"\x89PNG\r\n\x1a\n" + bytes(20_000_000),
    "gzip": b"\x1f\x8b\x08" + bytes(100),
}


@pytest.mark.parametrize("name", HOSTILE_BADGES)
def test_hostile_badges_are_unknown(name):
    with computing_within(5):
        assert look(HOSTILE_BADGES[name]) == UNKNOWN_FILE


# Bounds


def test_too_large_a_file_is_refused(app_settings):
    app_settings(UPLOAD_MAX_BYTES=10)
    assert look(bytes(10)) == UNKNOWN_FILE
    with pytest.raises(UploadTooLargeError):
        api.inspect_file(bytes(11))


def count_queries(content):
    with CaptureQueriesContext(connection) as queries:
        api.inspect_file(content)
    return len(queries)


def test_queries_do_not_grow_with_what_a_file_names(issue):
    rows = [issue() for _ in range(3)]
    changed = save_with_pypdf(read(rows[0]))
    many = make_pdf(" ".join(str(row.verify_uuid) for row in rows))
    badge = api.get_badge(rows[0].verify_uuid).encode()
    assert count_queries(read(rows[0])) == 1
    assert count_queries(badge) == 2
    # A changed PDF could also be a former file of its credential.
    assert count_queries(changed) == count_queries(many) == 3
    assert count_queries(b"something else") == 1
    CredentialFactory.create_batch(60, available=True)
    assert count_queries(b"a certificate") == 1


def test_it_speaks_the_readers_language_or_english():
    with translation.override("en"):
        assert "not known here" in api.inspect_file(b"x").message


# Whatever anyone sends


MANY = settings().max_examples * 3 // 2


def always_the_same(max_examples):
    return settings(
        max_examples=max_examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


HEADS = (
    b"",
    b"\x89PNG\r\n\x1a\n",
    PNG_HEAD,
    b"{",
    b'{"issuer": ',
    b"<svg xmlns='http://www.w3.org/2000/svg'>",
    b"<?xml",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: (
        st.lists(values, max_size=4)
        | st.dictionaries(
            st.sampled_from(["@context", "id", "type", "issuer", "proof", "credentialSubject", "verificationMethod"])
            | st.text(max_size=8),
            values,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@always_the_same(MANY)
@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=300))
def test_any_bytes_have_a_verdict(head, tail):
    assert look(head + tail)[0] is Verdict.UNKNOWN


@always_the_same(MANY)
@given(document=JSON)
def test_any_json_has_a_verdict(document):
    assert look(json.dumps(document).encode())[0] is Verdict.UNKNOWN


MUTATIONS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True), st.sampled_from(["flip", "cut", "insert"]), st.binary(min_size=1, max_size=8)
    ),
    min_size=1,
    max_size=4,
)


def mutate(content, mutations):
    for share, how, data in mutations:
        place = int(share * len(content))
        if how == "flip":
            content = content[:place] + bytes([content[place] ^ (data[0] or 1)]) + content[place + 1 :]
        elif how == "cut":
            content = content[:place] + content[place + len(data) :]
        else:
            content = content[:place] + data + content[place:]
        if not content:
            break
    return content


def test_a_damaged_badge_never_passes_for_another(issue):
    row = issue()
    forms = [content for _kind, content in get_forms(row)]
    said = json.loads(forms[0])
    pictures = {Verdict.UNCHANGED, Verdict.CHANGED, Verdict.UNKNOWN}

    @always_the_same(MANY)
    @given(form=st.sampled_from(forms), mutations=MUTATIONS)
    def put_to_the_test(form, mutations):
        changed = mutate(form, mutations)
        verdict, _finding, named = look(changed)
        assert named in {row.verify_uuid, None}
        assert verdict in pictures
        if verdict is Verdict.UNCHANGED and form is forms[0]:
            # Blanks between its parts are all that may differ.
            assert json.loads(changed.decode("utf-8-sig")) == said

    put_to_the_test()


def test_a_damaged_pdf_has_a_verdict(issue):
    row = issue()
    files = [read(row), save_with_pypdf(read(row))]

    @always_the_same(12)
    @given(file=st.sampled_from(files), mutations=MUTATIONS)
    def put_to_the_test(file, mutations):
        changed = mutate(file, mutations)
        verdict, _finding, named = look(changed)
        assert named in {row.verify_uuid, None}
        assert verdict in {Verdict.CHANGED, Verdict.UNKNOWN} or changed == file

    put_to_the_test()
