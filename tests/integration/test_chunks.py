"""What a chunk does when something changes in its middle, and what it writes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DataError, IntegrityError, connection
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import Credential, CredentialEvent, GenerationRun
from learning_credentials.services.common.database import insert_rows
from learning_credentials.services.credentials.creation import PendingFactory
from learning_credentials.services.credentials.eligibility import find_candidates, get_context
from learning_credentials.services.issuing import issue_chunk, runs
from learning_credentials.storages import get_storage
from tests.factories import CredentialFactory, UserFactory
from tests.integration import chunk_plugins

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


@pytest.fixture
def watched(course, app_settings):
    """The course, with a generator that calls `chunk_plugins.BEFORE_EACH` first."""
    course.credential_type.generation_func = "tests.integration.chunk_plugins.generate_from_assets"
    course.credential_type.save()
    modules = ["tests.plugins", "tests.integration.chunk_plugins"]
    app_settings(GENERATOR_MODULES=modules)
    yield course
    chunk_plugins.BEFORE_EACH.clear()


def evaluate(course) -> tuple[GenerationRun, list[UUID]]:
    """Evaluate a run of the course; return it and what waits."""
    waiting: list[UUID] = []
    run = runs.create_run(course.pk)
    runs.evaluate_run(run.pk, waiting.extend)
    run.refresh_from_db()
    return run, waiting


def test_the_last_chunk_closes_a_run_that_is_evaluated(course, enrol):
    enrol("Ada", "Faulty", "Cai", "Dee")
    run, waiting = evaluate(course)
    assert run.finished_at is None
    for chunk, is_closed in ((waiting[:2], False), (waiting[2:], True)):
        issue_chunk(chunk)
        run.refresh_from_db()
        assert bool(run.finished_at) is is_closed
    assert (run.total, run.done, run.failed) == (4, 3, 1)


def test_a_run_whose_evaluation_ends_while_its_last_chunk_is_rendered_is_closed(watched, enrol):
    enrol("Ada", "Bea")
    run, waiting = evaluate(watched)
    GenerationRun.objects.update(evaluated_at=None)
    chunk_plugins.BEFORE_EACH.append(lambda _credential: GenerationRun.objects.update(evaluated_at=timezone.now()))
    assert len(issue_chunk(waiting).issued) == 2
    run.refresh_from_db()
    assert (run.done, bool(run.finished_at)) == (2, True)


def test_a_chunk_that_ends_before_the_evaluation_leaves_closing_to_it(course, enrol):
    enrol("Ada", "Bea")
    run = runs.create_run(course.pk)
    seen = []

    def issue(uuids: list[UUID]) -> None:
        issue_chunk(uuids)
        run.refresh_from_db()
        seen.append((run.done, run.finished_at))

    runs.evaluate_run(run.pk, issue)
    assert seen == [(2, None)]
    run.refresh_from_db()
    assert run.finished_at is not None


def test_what_somebody_took_away_while_rendering_is_left_alone_and_the_rest_is_issued(
    watched, enrol, tmp_path, app_settings
):
    app_settings(OUTPUT_DIR=tmp_path)
    ada, _bea, _cai = enrol("Ada", "Bea", "Cai")
    run, waiting = evaluate(watched)
    taken = Credential.objects.filter(user=ada)

    def take(credential: Any) -> None:
        if "Cai" in credential.user_full_name or "Bea" in credential.user_full_name:
            taken.update(generation_task_id="somebody-else", modified=timezone.now())

    chunk_plugins.BEFORE_EACH.append(take)
    result = issue_chunk(waiting)
    assert (len(result.issued), result.failed, result.released) == (2, [], [])
    assert (taken.get().status, taken.get().artifact_name) == (Status.GENERATING, "")
    kept = set(Credential.objects.filter(status=Status.AVAILABLE).values_list("artifact_name", flat=True))
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == kept
    assert CredentialEvent.objects.filter(action="issued").count() == 2
    run.refresh_from_db()
    assert (run.done, run.finished_at) == (2, None)


def test_each_gets_its_own_file_error_and_expiry(course, enrol):
    course.credential_type.valid_for = timedelta(days=10)
    course.credential_type.save()
    enrol("Ada", "Faulty 100%s", "Bug", "Bea", "Later")
    _run, waiting = evaluate(course)
    past = timezone.now() - timedelta(days=5)
    Credential.objects.filter(user_full_name__startswith="Bea").update(issued_at=past)
    result = issue_chunk(waiting)
    assert [len(part) for part in (result.issued, result.failed, result.released)] == [2, 2, 1]
    rows = {row.user_full_name.removesuffix(" Tester"): row for row in Credential.objects.all()}
    for name in ("Ada", "Bea"):
        with get_storage().open(rows[name].artifact_name) as file:
            assert name in file.read().decode()
        assert rows[name].expires_at == rows[name].issued_at + timedelta(days=10)
    assert rows["Bea"].issued_at == past
    assert rows["Faulty 100%s"].error_message == "Faulty 100%s Tester cannot be printed"
    assert rows["Bug"].error_message == "ValueError: an accident in a plug-in"
    assert (rows["Later"].status, rows["Later"].generation_task_id) == (Status.GENERATING, "")
    assert rows["Later"].error_message == "the printer is busy"


def test_an_expiry_survives_a_reissue(course, enrol):
    course.credential_type.valid_for = timedelta(days=10)
    course.credential_type.save()
    (user,) = enrol("Ada")
    first = api.issue_credential(course.pk, user.pk)
    first.refresh_from_db()
    second = api.reissue_credential(first.pk, reason="Name corrected")
    assert second.expires_at == first.expires_at == first.issued_at + timedelta(days=10)


def test_learners_without_an_account_here_are_left_out(course, enrol, world):
    (ada,) = enrol("Ada")
    world.enrol(10**6, course.learning_context_key)
    run = api.issue_pending_credentials(course.pk)
    assert (run.checked, run.total, run.done) == (2, 1, 1)
    assert Credential.objects.get().user == ada


def test_an_account_deleted_after_its_learner_was_found_eligible_spoils_no_other(course, enrol):
    users = enrol("Ada", "Bea", "Cai")
    candidates = find_candidates(course, [user.pk for user in users])
    get_user_model().objects.filter(pk=users[1].pk).delete()
    put = PendingFactory(course, get_context(course.learning_context_key)).put(candidates)
    assert set(Credential.objects.filter(pk__in=put).values_list("user", flat=True)) == {users[0].pk, users[2].pk}
    assert CredentialEvent.objects.count() == 2


class TestInsertedRows:
    """Rows are inserted by what differs in them; what is written is what each object says."""

    def test_every_value_is_the_objects_own(self, course):
        now = timezone.now()
        evidences = [{"passed": True}, {"passed": 1}, {"passed": 1.0}, {}, {"name": 'a "b" \\ %s é 名'}, {"none": None}]
        rows = [
            Credential(
                user=UserFactory(),
                configuration=course,
                user_full_name=f"%s {{}} '\" \\ {number}",
                learning_context_key=course.learning_context_key,
                evidence=evidence,
                expires_at=now if number % 2 else None,
                attempts=number,
                error_message="",
            )
            for number, evidence in enumerate(evidences)
        ]
        insert_rows(rows)
        for row in rows:
            found = Credential.objects.get(pk=row.pk)
            for field in Credential._meta.concrete_fields:
                assert getattr(found, field.attname) == getattr(row, field.attname), field.name
            assert str(found.evidence) == str(row.evidence)  # 1 and true are equal in Python

    def test_rows_that_are_alike_in_all_are_inserted_too(self):
        credential = CredentialFactory()
        before = CredentialEvent.objects.count()
        now = timezone.now()
        insert_rows([CredentialEvent(credential=credential, action="issued", created_at=now) for _ in range(2)])
        insert_rows([CredentialEvent(credential=credential, action="failed")])
        insert_rows([])
        assert CredentialEvent.objects.count() == before + 3

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="it takes texts of any length")
    def test_what_is_too_long_is_refused_and_not_cut(self, course):
        rows = [
            CredentialFactory.build(user=UserFactory(), configuration=course, user_full_name=letter * 300)
            for letter in "ab"
        ]
        with pytest.raises(DataError):
            insert_rows(rows)

    def test_all_or_none(self, course):
        rows = [CredentialFactory.build(user=UserFactory(), configuration=course) for _ in range(600)]
        rows[-1].verify_uuid = rows[0].verify_uuid
        with pytest.raises(IntegrityError):
            insert_rows(rows)
        assert not Credential.objects.exists()
