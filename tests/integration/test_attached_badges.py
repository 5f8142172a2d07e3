"""The signed badge in a PDF: it is checked although the file was saved again, and says what holds now."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pikepdf
import pytest
from django.core.cache import cache
from django.utils import timezone

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.data import Compared, FileKind, Finding, Verdict
from learning_credentials.models import Credential
from tests.app_settings import override_app_settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY = create_key()
PDF = "learning_credentials.generators.generate_pdf_credential"


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    with override_app_settings(SIGNING_KEYS=[{"private_key": KEY.export(), "is_active": True}]):
        yield


@pytest.fixture
def issue(course, enrol):
    """Issue certificates; return their rows and files."""

    def issue_some(count=1, **options):
        course.credential_type.generation_func = PDF
        course.credential_type.custom_options = {"attach_badge": True, **options}
        course.credential_type.save()
        enrol(count=count)
        api.issue_pending_credentials(course.pk)
        rows = list(Credential.objects.order_by("pk"))
        assert {row.status for row in rows} == {Credential.Status.AVAILABLE}, rows[0].error_message
        return [(row, read(row)) for row in rows]

    return issue_some


def read(row):
    with api.open_artifact(row.verify_uuid)[0] as file:
        return file.read()


def save_again(content, edit=lambda pdf: None):
    """Save a PDF with another program, which also decrypts it."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        edit(pdf)
        buffer = io.BytesIO()
        pdf.save(buffer)
    return buffer.getvalue()


def get_badge(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return pdf.attachments["badge.json"].get_file().read_bytes()


def forget_associated(pdf):
    """Do what newer versions of pikepdf do by themselves."""
    if "/AF" in pdf.Root:
        del pdf.Root["/AF"]


def attach(content, badge, name="badge.json"):
    def edit(pdf):
        if name in pdf.attachments:
            del pdf.attachments[name]
            forget_associated(pdf)
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, badge, filename=name, mime_type="application/vc+ld+json")

    return save_again(content, edit)


def look(content):
    found = api.inspect_file(content)
    return found.verdict, found.finding, found.verification and found.verification.verify_uuid


@pytest.mark.parametrize("protection", ["no_changes", "none"])
def test_the_badge_is_data_of_the_document(issue, protection):
    [(row, content)] = issue(protection=protection)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        [listed] = pdf.Root.AF
        assert listed.AFRelationship == pikepdf.Name.Data
        assert listed.EF.F.Subtype == pikepdf.Name("/application/vc+ld+json")
        assert list(pdf.attachments) == ["badge.json"]
    badge = json.loads(get_badge(content))
    assert badge["id"] == f"urn:uuid:{row.verify_uuid}"
    assert badge["credentialStatus"]
    found = api.inspect_file(get_badge(content))
    assert (found.verdict, found.finding) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE)


def test_each_certificate_has_its_own_badge(issue):
    for row, content in issue(count=3):
        assert json.loads(get_badge(content))["id"] == f"urn:uuid:{row.verify_uuid}"
        assert look(content) == (Verdict.UNCHANGED, Finding.SAME_FILE, row.verify_uuid)


def test_a_file_that_was_saved_again_is_answered_by_its_badge(issue):
    [(row, content)] = issue()
    found = api.inspect_file(save_again(content))
    assert (found.kind, found.verdict, found.finding) == (
        FileKind.PDF,
        Verdict.UNCHANGED,
        Finding.GOOD_SIGNATURE_WITHIN,
    )
    assert found.compared is Compared.SIGNATURE
    assert found.verification == api.verify_credential(row.verify_uuid)
    assert "Compare the name, the course and the date on it" in found.message


def test_it_says_what_holds_now(issue):
    [(row, content)] = issue()
    again = save_again(content)
    Credential.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert look(again) == (Verdict.EXPIRED, Finding.GOOD_SIGNATURE_WITHIN, row.verify_uuid)
    api.invalidate_credential(row.pk, reason="A mistake")
    assert look(again) == (Verdict.REVOKED, Finding.GOOD_SIGNATURE_WITHIN, row.verify_uuid)


def test_a_badge_that_was_changed_is_no_proof(issue):
    [(row, content)] = issue()
    badge = json.loads(get_badge(content)) | {"name": "Doctor of Everything"}
    assert look(attach(content, json.dumps(badge).encode())) == (
        Verdict.CHANGED,
        Finding.BAD_SIGNATURE,
        row.verify_uuid,
    )


def test_without_the_badge_the_keywords_answer(issue):
    [(row, content)] = issue()

    def remove(pdf):
        del pdf.attachments["badge.json"]
        forget_associated(pdf)

    assert look(save_again(content, remove)) == (Verdict.CHANGED, Finding.OTHER_CONTENT, row.verify_uuid)


def test_several_badges_are_answered_one_by_one(issue):
    (_, content), (_, other) = issue(count=2)
    found = api.inspect_file(attach(content, get_badge(other), "other.json"))
    assert (found.verdict, found.finding) == (Verdict.UNCHANGED, Finding.SEVERAL_BADGES)
    assert len(found.badges) == 2


OTHER_FILES = {
    "nothing": b"",
    "a brace": b"{",
    "a list": b"[]",
    "no text": b"\xff\xfe",
    "nested deeply": b'{"a":' * 5_000,
    "long": b"{}" * 600_000,
}


@pytest.mark.parametrize("attached", OTHER_FILES.values(), ids=OTHER_FILES)
def test_other_attached_files_change_nothing(issue, attached):
    [(row, content)] = issue()
    assert look(attach(content, attached, "a.json"))[2] == row.verify_uuid
    assert look(attach(content, attached)) == (Verdict.CHANGED, Finding.OTHER_CONTENT, row.verify_uuid)


def test_a_tree_of_names_without_an_end_is_left(issue):
    [(row, content)] = issue()

    def loop(pdf):
        tree = pdf.make_indirect(pikepdf.Dictionary())
        tree.Kids = pikepdf.Array([tree, tree])
        pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=tree)
        del pdf.Root.AF

    assert look(save_again(content, loop)) == (Verdict.CHANGED, Finding.OTHER_CONTENT, row.verify_uuid)


def test_a_site_without_keys_attaches_nothing_and_says_why(course, enrol):
    course.credential_type.generation_func = PDF
    course.credential_type.custom_options = {"attach_badge": True}
    course.credential_type.save()
    enrol(count=1)
    with override_app_settings(SIGNING_KEYS=[]):
        api.issue_pending_credentials(course.pk)
    row = Credential.objects.get()
    assert row.status == Credential.Status.ERROR
    assert "SIGNING_KEYS" in row.error_message


def test_the_preview_has_no_badge(course):
    course.credential_type.generation_func = PDF
    course.credential_type.custom_options = {"attach_badge": True}
    course.credential_type.save()
    content = api.preview_credential(course.pk).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert not list(pdf.attachments)
