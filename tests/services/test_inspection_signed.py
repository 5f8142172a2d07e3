"""A certificate that somebody signs later, with a program that others wrote, is told from the one that was issued."""

from __future__ import annotations

import io

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from learning_credentials import api
from learning_credentials.data import Finding, Verdict
from tests.factories import CredentialFactory
from tests.pdf_signers import make_authority
from tests.services.later_signing import sign_later
from tests.services.pdf_documents import make_document
from tests.unit.pdf.support import VERIFY_UUID

pytestmark = [pytest.mark.services, pytest.mark.django_db]

KINDS = ["built-in template", "everything", "standard font"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_added_to_a_file_is_told(kind: str) -> None:
    content = make_document(kind, "Latin").content
    row = CredentialFactory(available=True, content=content, verify_uuid=VERIFY_UUID)
    assert api.inspect_file(content).verdict is Verdict.UNCHANGED
    signed = sign_later(content, make_authority())
    touched = IncrementalPdfFileWriter(io.BytesIO(content))
    touched.encrypt(b"")
    touched.update_root()
    buffer = io.BytesIO()
    touched.write(buffer)
    for changed in (signed, buffer.getvalue(), sign_later(buffer.getvalue(), make_authority())):
        found = api.inspect_file(changed)
        assert (found.verdict, found.finding) == (Verdict.CHANGED, Finding.ADDED_TO)
        assert found.verification is not None
        assert found.verification.verify_uuid == row.verify_uuid


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_written_anew_is_told(kind: str) -> None:
    content = make_document(kind, "Latin").content
    CredentialFactory(available=True, content=content, verify_uuid=VERIFY_UUID)
    reader = PdfFileReader(io.BytesIO(content))
    reader.decrypt(b"")
    buffer = io.BytesIO()
    copy_into_new_writer(reader).write(buffer)
    found = api.inspect_file(buffer.getvalue())
    assert (found.verdict, found.finding) == (Verdict.CHANGED, Finding.OTHER_CONTENT)
