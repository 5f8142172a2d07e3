"""The number of queries does not grow with the number of learners."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pikepdf
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from demo.lms.models import Enrolment
from learning_credentials import api
from learning_credentials.models import Credential, CredentialType, GenerationRun
from learning_credentials.services.issuing.chunks import issue_chunk
from tests.factories import CredentialAssetFactory, CredentialFactory
from tests.services.world import enrol_learners, make_configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from learning_credentials.models import CredentialConfiguration

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

FEW, MANY = 10, 200
#: Claiming, rendering, finishing, closing the run and telling the learners.
CHUNK_BOUND = 10
#: Of one more chunk, from looking at its learners to telling them; and what the demo LMS asks for a batch of them.
WHOLE_CHUNK_BOUND, ASKED_BY_LMS = 15, 3
TEXT = "tests.plugins.generate_text_credential"


@pytest.fixture(autouse=True)
def _one_chunk(app_settings) -> None:
    app_settings(CHUNK_SIZE=MANY, CLAIM_TIMEOUT=900)


def list_queries(function: Callable[[], object]) -> list[str]:
    """Return the statements that a call makes, without what only begins, ends or marks a transaction, and without one for each mail."""
    sent = len(mail.outbox)
    with CaptureQueriesContext(connection) as captured:
        function()
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    statements = [query["sql"] for query in captured if not query["sql"].startswith(marks)]
    notes = [sql for sql in statements if sql.lstrip().startswith("INSERT") and "lcred_mail_note" in sql]
    # Each mail is noted by itself.
    for sql in notes[: len(mail.outbox) - sent]:
        statements.remove(sql)
    return [sql[:200] for sql in statements]


def make_waiting(configuration: CredentialConfiguration, count: int) -> list[UUID]:
    """Make that many credentials that wait to be issued."""
    return [CredentialFactory(configuration=configuration).pk for _ in range(count)]


@pytest.mark.parametrize("generator", [TEXT, "learning_credentials.generators.generate_pdf_credential"])
def test_a_whole_run_costs_the_same_for_few_and_many(generator: str) -> None:
    configuration = make_configuration(generator)
    enrol_learners(1)
    api.issue_pending_credentials(configuration.pk)  # makes what is made once for a run of the LMS
    enrol_learners(FEW)
    for_few = list_queries(lambda: api.issue_pending_credentials(configuration.pk))
    enrol_learners(MANY)
    for_many = list_queries(lambda: api.issue_pending_credentials(configuration.pk))

    assert configuration.credentials.filter(status=Credential.Status.AVAILABLE).count() == 1 + FEW + MANY
    assert len(for_many) == len(for_few), "\n".join(for_many)


@pytest.mark.parametrize("valid_for", [None, timedelta(days=365)])
def test_a_chunk_costs_the_same_for_few_and_many(valid_for: timedelta | None) -> None:
    configuration = make_configuration(TEXT)
    CredentialType.objects.update(valid_for=valid_for)
    run = GenerationRun.objects.create(configuration=configuration, evaluated_at=timezone.now())
    counts = []
    for size in (FEW, MANY):
        uuids = make_waiting(configuration, size)
        # One is left over, so that the run is not complete.
        Credential.objects.filter(pk__in=[*uuids, *make_waiting(configuration, 1)]).update(generation_run=run)
        queries = list_queries(lambda uuids=uuids: issue_chunk(uuids))
        counts.append(len(queries))
        assert Credential.objects.filter(pk__in=uuids, status=Credential.Status.AVAILABLE).count() == size
        assert len(queries) <= CHUNK_BOUND, "\n".join(queries)

    assert counts[0] == counts[1]


@pytest.mark.parametrize("generator", [TEXT, "learning_credentials.generators.generate_pdf_credential"])
def test_one_more_chunk_of_a_whole_run(generator: str, app_settings) -> None:
    configuration = make_configuration(generator)
    if generator != TEXT:
        configuration.custom_options = {
            "template": CredentialAssetFactory(kind="pdf_template", content=make_pdf()).slug
        }
        configuration.save()
    enrol_learners(1)
    api.issue_pending_credentials(configuration.pk)  # makes what is made once for a run of the LMS
    for size in (FEW, MANY):
        app_settings(CHUNK_SIZE=size, ELIGIBILITY_BATCH_SIZE=size)
        counts = []
        for chunks in (1, 3):
            Enrolment.objects.all().delete()
            enrol_learners(chunks * size)
            queries = list_queries(lambda: api.issue_pending_credentials(configuration.pk))
            counts.append(len(queries))
        assert (counts[1] - counts[0]) / 2 - ASKED_BY_LMS <= WHOLE_CHUNK_BOUND, "\n".join(queries)

    assert configuration.credentials.filter(status=Credential.Status.AVAILABLE).count() == 1 + 4 * (FEW + MANY)


def make_pdf() -> bytes:
    """Make a template of one empty page."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(842, 595))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
