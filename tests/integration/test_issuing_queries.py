"""What issuing asks of the database: a bounded number of statements a chunk, whatever its size."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import Credential
from learning_credentials.services.issuing import issue_chunk, runs
from tests.factories import CredentialAssetFactory
from tests.integration.statement_counts import count_statements

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


class TestQueries:
    """The number of statements does not depend on the size of a chunk. Exceptions: one per e-mail, and SQLite's limit of parameters."""

    SQLITE_BOUND = 30
    #: For one more chunk, from the evaluation of its learners to their e-mails. The last one deletes the notes of the e-mails.
    WHOLE_CHUNK_BOUND = 16
    #: The fake LMS reads the accounts for its profiles.
    ASKED_BY_LMS = 1

    def count_whole_run(self, course, enrol, app_settings, learners: int, size: int) -> int:
        app_settings(CHUNK_SIZE=size, ELIGIBILITY_BATCH_SIZE=size)
        enrol(count=learners)
        with CaptureQueriesContext(connection) as queries:
            run = api.issue_pending_credentials(course.pk)
        assert run.done == learners
        assert run.finished_at is not None
        assert len(mail.outbox) == learners
        statements = count_statements(queries)
        mail.outbox.clear()
        course.credentials.all().update(is_current=None)  # out of the way of the next run, without a query more for it
        course.runs.all().delete()
        return statements

    @pytest.mark.parametrize("expires", [False, True])
    @pytest.mark.parametrize("with_assets", [False, True])
    def test_of_one_more_chunk_of_a_whole_run(
        self, course, enrol, world, app_settings, monkeypatch, expires, with_assets
    ):
        # Progress is saved by the clock, so that a slow machine saves it more often.
        monkeypatch.setattr(runs, "PROGRESS_PAUSE", 3600)
        if with_assets:
            course.credential_type.generation_func = "tests.integration.chunk_plugins.generate_from_assets"
            course.custom_options = {"slugs": [CredentialAssetFactory().slug for _ in range(3)]}
            course.save()
            app_settings(GENERATOR_MODULES=["tests.plugins", "tests.integration.chunk_plugins"])
        if expires:
            course.credential_type.valid_for = timedelta(days=365)
        course.credential_type.save()
        self.count_whole_run(course, enrol, app_settings, 1, 1)  # makes what is made once for a run of the LMS
        more = []
        for size in (5, 60):
            world.reset()
            world.add_course_run(course.learning_context_key, "Introduction to Tests")
            one = self.count_whole_run(course, enrol, app_settings, size, size)
            world.reset()
            world.add_course_run(course.learning_context_key, "Introduction to Tests")
            more.append(self.count_whole_run(course, enrol, app_settings, 3 * size, size) - one)
        assert more[0] == more[1]
        assert more[0] / 2 - self.ASKED_BY_LMS <= self.WHOLE_CHUNK_BOUND

    def count_for(self, course, enrol, learners: int) -> int:
        enrol(count=learners)
        waiting: list[UUID] = []
        runs.evaluate_run(runs.create_run(course.pk).pk, waiting.extend)
        assert len(waiting) == learners
        with CaptureQueriesContext(connection) as queries:
            result = issue_chunk(waiting)
        assert len(result.issued) == learners
        return count_statements(queries)

    def test_of_a_chunk(self, course, enrol, app_settings):
        app_settings(NOTIFY_LEARNERS=False)
        few = self.count_for(course, enrol, 10)
        many = self.count_for(course, enrol, 200)
        assert few <= 10
        if connection.vendor == "sqlite":
            assert many <= self.SQLITE_BOUND
        else:
            assert many == few

    def test_holders_are_not_loaded(self, course, world, app_settings):
        """A run over holders alone reads ids, batch by batch, and makes no object of any holder or credential."""
        count, size = 4_000, 100
        app_settings(CHUNK_SIZE=size, ELIGIBILITY_BATCH_SIZE=size)
        users = get_user_model()
        now = timezone.now()
        holders = users.objects.bulk_create(users(username=f"holder{number}") for number in range(count))
        Credential.objects.bulk_create(
            Credential(user=user, configuration=course, status=Status.AVAILABLE, issued_at=now, artifact_name="file")
            for user in holders
        )
        for user in holders:
            world.enrol(user.pk, course.learning_context_key)
        made: list[type] = []

        def note(sender, **_kwargs):
            made.append(sender)

        for model in (Credential, users):
            post_init.connect(note, sender=model)
        try:
            with CaptureQueriesContext(connection) as queries:
                run = api.start_run(course.pk)
        finally:
            for model in (Credential, users):
                post_init.disconnect(note, sender=model)
        run.refresh_from_db()
        assert (run.checked, run.total) == (count, 0)
        assert run.finished_at is not None
        assert made == []
        assert len(queries) <= 2 * (count // size) + 20
