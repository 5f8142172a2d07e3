"""A credential that fails again and again for the same reason keeps a short history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learning_credentials import api
from learning_credentials.exceptions import AssetError, GenerationError, OptionsError, StorageUnavailableError
from learning_credentials.models import Credential, CredentialEvent, GenerationRun
from learning_credentials.services.issuing import issue_chunk, sweep_stale_credentials
from tests.factories import UserFactory
from tests.integration import failing
from tests.integration.statement_counts import count_statements

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
MODULE = "tests.integration.failing"
ERRORS = [AssetError("the asset 'logo' cannot be used"), OptionsError("fonts: wrong"), GenerationError("no such face")]


@pytest.fixture
def failing_course(app_settings, course):
    """A course whose generator fails when it is told to."""
    failing.clear()
    app_settings(PROCESSOR_MODULES=["tests.plugins", MODULE], GENERATOR_MODULES=["tests.plugins", MODULE])
    course.credential_type.generation_func = f"{MODULE}.generate_failing"
    course.credential_type.save()
    yield course
    failing.clear()


def run(course, *errors):
    failing.GENERATOR_ERRORS[:] = errors
    api.issue_pending_credentials(course.pk)
    assert not failing.GENERATOR_ERRORS


def list_actions():
    return list(CredentialEvent.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("error", ERRORS)
def test_a_failure_that_repeats_is_counted_on_the_first(failing_course, enrol, error, admin_client):
    enrol("Ada")
    for _ in range(4):
        run(failing_course, error)
    assert list_actions() == ["created", "failed"]
    event = CredentialEvent.objects.last()
    assert event.detail["code"] == error.code
    assert event.detail["times"] == 4
    assert event.detail["last_at"] >= event.created_at.isoformat(timespec="seconds")
    # Each run counts it all the same.
    assert list(GenerationRun.objects.values_list("failed", flat=True)) == [1] * 4
    page = admin_client.get(f"/admin/learning_credentials/credential/{Credential.objects.get().pk}/change/")
    assert "times:</span> 4" in page.content.decode()


def test_what_succeeds_in_the_end_says_that_it_was_retried(failing_course, enrol):
    enrol("Ada")
    for error in (ERRORS[0], ERRORS[0], None):
        run(failing_course, *[error] if error else [])
    assert list_actions() == ["created", "failed", "retried", "issued"]
    assert Credential.objects.get().status == Status.AVAILABLE


@pytest.mark.parametrize("other", [AssetError("the asset 'seal' cannot be used"), ERRORS[1]])
def test_another_failure_is_told_and_counted_anew(failing_course, enrol, other):
    enrol("Ada")
    for error in (ERRORS[0], ERRORS[0], other, other, ERRORS[0]):
        run(failing_course, error)
    assert list_actions() == ["created", "failed", "retried", "failed", "retried", "failed"]
    failures = CredentialEvent.objects.filter(action="failed").order_by("pk")
    assert [event.detail.get("times", 1) for event in failures] == [2, 2, 1]


def test_a_retry_by_a_person_is_kept(failing_course, enrol):
    enrol("Ada")
    run(failing_course, ERRORS[0])
    failing.GENERATOR_ERRORS.append(ERRORS[0])
    helper = UserFactory()
    api.retry_credentials([Credential.objects.get().pk], actor=helper)
    run(failing_course, ERRORS[0])
    assert list_actions() == ["created", "failed", "retried", "failed"]
    assert CredentialEvent.objects.get(action="retried").actor == helper
    assert CredentialEvent.objects.last().detail["times"] == 2


def test_an_outage_between_changes_nothing(failing_course, enrol):
    enrol("Ada")
    run(failing_course, ERRORS[0])
    failing.GENERATOR_ERRORS[:] = [StorageUnavailableError("down"), ERRORS[0]]
    api.issue_pending_credentials(failing_course.pk)
    Credential.objects.update(generation_started_at=timezone.now() - timedelta(days=1))
    sweep_stale_credentials()
    assert Credential.objects.get().status == Status.ERROR
    assert list_actions() == ["created", "failed"]


def test_rows_of_before(failing_course, enrol):
    enrol("Ada")
    run(failing_course, ERRORS[0])
    credential = Credential.objects.get()
    for _ in range(3):
        for action, reason in (("retried", ""), ("failed", str(ERRORS[0]))):
            detail = {"code": ERRORS[0].code} if reason else {}
            CredentialEvent.objects.create(credential=credential, action=action, reason=reason, detail=detail)
    run(failing_course, ERRORS[0])
    assert len(list_actions()) == 8
    assert CredentialEvent.objects.last().detail["times"] == 2


@pytest.mark.parametrize("size", [5, 60])
def test_a_chunk_of_repeated_failures_costs_no_more_with_its_size(failing_course, enrol, size, app_settings):
    app_settings(CHUNK_SIZE=size)
    enrol(count=size)
    for _ in range(2):
        run(failing_course, *[AssetError("no seal")] * size)
        assert CredentialEvent.objects.count() == 2 * size
    waiting = list(Credential.objects.values_list("pk", flat=True))
    Credential.objects.update(status=Status.GENERATING, error_code="")
    failing.GENERATOR_ERRORS[:] = [AssetError("no seal")] * size
    CredentialEvent.objects.bulk_create(CredentialEvent(credential_id=pk, action="retried") for pk in waiting)
    with CaptureQueriesContext(connection) as queries:
        issue_chunk(waiting)
    assert count_statements(queries) <= 15, [query["sql"][:80] for query in queries]
    assert CredentialEvent.objects.count() == 2 * size
