"""The number of queries does not grow with the number of learners."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from learning_credentials import api
from learning_credentials.models import Credential
from learning_credentials.services.issuing import issue_chunk
from tests.factories import CredentialFactory
from tests.services.world import enrol_learners, make_configuration

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from learning_credentials.models import CredentialConfiguration

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

FEW, MANY = 10, 200
TEXT = "tests.plugins.generate_text_credential"


@pytest.fixture(autouse=True)
def _one_chunk(settings) -> None:
    settings.LEARNING_CREDENTIALS = {**settings.LEARNING_CREDENTIALS, "CHUNK_SIZE": MANY, "CLAIM_TIMEOUT": 900}


def list_queries(function: Callable[[], object]) -> list[str]:
    """Return the statements that a call makes."""
    with CaptureQueriesContext(connection) as captured:
        function()
    return [query["sql"][:200] for query in captured]


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


def test_a_chunk_costs_the_same_for_few_and_many() -> None:
    configuration = make_configuration(TEXT)
    counts = []
    for size in (FEW, MANY):
        uuids = make_waiting(configuration, size)
        counts.append(len(list_queries(lambda uuids=uuids: issue_chunk(uuids))))
        assert Credential.objects.filter(pk__in=uuids, status=Credential.Status.AVAILABLE).count() == size

    assert counts[0] == counts[1]
