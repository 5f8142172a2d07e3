"""After a learner was retired, nothing of ours says who that was. Before, the export held everything."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.data import Keep
from learning_credentials.exceptions import CredentialNotFoundError, CredentialRevokedError, LearnerNotFoundError
from learning_credentials.models import (
    AllowlistEntry,
    Credential,
    CredentialEvent,
    HostMessage,
    Job,
    JobRow,
    LearnerCertificate,
    RevokedPlace,
    StrayPlace,
    WebhookDelivery,
)
from learning_credentials.services.credentials import archive_pending_artifacts, read_revocation_log
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.storages import get_storage
from tests.factories import (
    CertificateInvalidationFactory,
    CredentialFactory,
    GenerationRunFactory,
    LearnerCertificateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "Wilhelmina Ångström"
#: No other number of the tests contains these digits.
USER_ID = 918273645


@pytest.fixture
def signing_key(app_settings):
    from learning_credentials.badges.keys import create_key

    app_settings(
        SIGNING_KEYS=[{"private_key": create_key().export(), "is_active": True}], BASE_URL="https://example.org"
    )


@pytest.fixture
def learner():
    first, last = NAME.split()
    return UserFactory(pk=USER_ID, first_name=first, last_name=last, username="wilhelmina", email="w@example.com")


@pytest.fixture
def life(world, course, learner, enrol, signing_key, admin):
    """A learner with traces in every table: a reissued credential, a revoked one, one that failed, a standing, notes, messages."""
    key = course.learning_context_key
    world.enrol(learner.pk, key)
    first = api.request_credential(course.pk, learner.pk) if course.allow_self_generation else None
    first = first or api.issue_credential(course.pk, learner.pk, actor=learner)
    second = api.reissue_credential(first.uuid, reason=f"{NAME} was written without a ring.", actor=learner)
    page = reverse("admin:learning_credentials_credential_invalidate", args=[second.pk])
    admin.post(page, {"reason": f"{NAME} asked for it", "confirm": "yes"})
    Credential.objects.filter(pk=second.pk).update(evidence={"grade": 0.5, "note": NAME}, error_message=NAME)
    failed = CredentialFactory(user=learner, user_full_name=NAME, error_message=f"cannot draw {NAME}")
    Credential.objects.filter(pk=failed.pk).update(status="error")
    CredentialEvent.objects.create(credential=failed, action="failed", reason=NAME, detail={"warnings": [NAME]})
    standing = LearnerCertificateFactory(user=learner)
    AllowlistEntry.objects.create(user=learner, learning_context_key=key, notes=NAME, created_by=learner)
    CertificateInvalidationFactory(user=learner, notes=NAME)
    later = timezone.now() + timedelta(hours=1)
    for payload in ({"user_ids": [learner.pk], "actor_id": learner.pk}, {"user_ids": [learner.pk, 5]}):
        key_of_run = standing.course_certificate.course_key
        HostMessage.objects.create(kind="staff", context_key=key_of_run, payload=payload, next_attempt_at=later)
    job = Job.objects.create(kind="reissue")
    JobRow.objects.create(job=job, position=1, given="wilhelmina", learner=str(learner.pk), subject=NAME, message=NAME)
    GenerationRunFactory(
        configuration=course,
        skipped_detail={"counts": {"restricted": 2}, "learners": {"restricted": [learner.pk, 7]}},
        forecast={"listed": {"first": [learner.pk]}},
    )
    event = CredentialEvent.objects.filter(credential=first).first()
    from learning_credentials.models import Webhook

    WebhookDelivery.objects.create(
        webhook=Webhook.objects.create(name="Records", url="https://example.org/"),
        event="credential.issued",
        source=f"credential:{event.pk}",
        occurred_at=timezone.now(),
        body=json.dumps({"user_id": learner.pk}),
        response_body=NAME,
    )
    return Credential.objects.filter(user=learner)


def list_values():
    """Every value of every row of the app, and of the admin's log, as text, with the name of its column."""
    found = []
    for model in [*apps.get_app_config("learning_credentials").get_models(include_auto_created=True), LogEntry]:
        names = [field.attname for field in model._meta.concrete_fields]
        for row in model._default_manager.values_list(*names):
            found += [(f"{model.__name__}.{name}", str(value)) for name, value in zip(names, row, strict=True)]
    return found


def find_traces(*secrets):
    return sorted({where for where, text in list_values() if any(secret in text for secret in secrets)})


SECRETS = (NAME, "Wilhelmina", "ngström", "angstrom", "wilhelmina", "w@example.com", str(USER_ID))


@pytest.mark.parametrize("keep", list(Keep))
def test_nothing_says_who_it_was(life, learner, keep):
    before = find_traces(*SECRETS)
    assert {"Credential.user_full_name", "CredentialEvent.reason", "LogEntry.object_repr"} <= set(before)
    assert {"GenerationRun.skipped_detail", "HostMessage.payload", "WebhookDelivery.body"} <= set(before)
    api.retire_learner(learner, keep=keep)
    assert find_traces(*SECRETS) == []
    sweep_stale_credentials()
    archive_pending_artifacts()
    assert find_traces(*SECRETS) == []


def list_files(folder=""):
    directories, files = get_storage().listdir(folder) if get_storage().exists(folder or ".") else ([], [])
    return [f"{folder}{name}" for name in files] + [
        name for directory in directories for name in list_files(f"{folder}{directory}/")
    ]


def test_the_files_are_deleted(life, learner):
    archive_pending_artifacts()
    names = set(life.exclude(artifact_name="").values_list("artifact_name", flat=True))
    assert len(names) == 2
    assert all(get_storage().exists(name) for name in names)
    api.retire_learner(learner)
    StrayPlace.objects.update(next_attempt_at=timezone.now(), begun_at=timezone.now() - timedelta(days=3))
    sweep_stale_credentials()
    assert not any(get_storage().exists(name) for name in names)


def test_a_tombstone(client, course, enrol, learner, world, signing_key):
    world.enrol(learner.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, learner.pk)
    url = f"/credentials/{row.verify_uuid}/"
    assert NAME in client.get(url).content.decode()
    api.retire_learner(learner)
    page = client.get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert "The holder asked for it to be withdrawn." in text
    assert "Awarded to" not in text
    assert row.credential_type_name in text
    answer = client.get(f"/api/learning_credentials/v1/metadata/{row.verify_uuid}/").json()
    assert (answer["status"], answer["user_full_name"]) == ("invalidated", "")
    assert answer["invalidation_reason"] == "withdrawn_by_holder"
    with pytest.raises(CredentialRevokedError):
        api.get_badge(row.verify_uuid)
    assert client.get(f"{url}download/").status_code == 410
    row.refresh_from_db()
    assert row.evidence == {}
    for language in ("ar", "es", "fr"):
        assert client.get(url, headers={"accept-language": language}).status_code == 200


def test_nothing_stays(client, course, learner, world, signing_key):
    world.enrol(learner.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, learner.pk)
    row.refresh_from_db()
    place = row.status_list_id, row.status_list_index
    api.retire_learner(learner.pk, keep="nothing")
    assert not Credential.objects.exists()
    assert client.get(f"/credentials/{row.verify_uuid}/").status_code == 404
    with pytest.raises(CredentialNotFoundError):
        api.verify_credential(row.verify_uuid)
    if place[0] is not None:
        assert RevokedPlace.objects.filter(status_list=place[0], index=place[1]).exists()


def test_an_anonymous_record_keeps_the_results(course, learner, world):
    world.enrol(learner.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, learner.pk)
    Credential.objects.filter(pk=row.pk).update(evidence={"grade": 0.5})
    api.retire_learner(learner, keep="anonymous_record")
    row.refresh_from_db()
    assert (row.evidence, row.user_full_name, row.user_id) == ({"grade": 0.5}, "", None)


def test_others_keep_everything(life, learner, enrol, course):
    [other] = enrol("Ana")
    kept = api.issue_credential(course.pk, other.pk)
    LearnerCertificateFactory(user=other)
    before = Credential.objects.filter(pk=kept.pk).values().get()
    api.retire_learner(learner)
    assert Credential.objects.filter(pk=kept.pk).values().get() == before
    assert LearnerCertificate.objects.filter(user=other).exists()
    assert api.verify_credential(kept.verify_uuid).is_valid
    left = [text for where, text in list_values() if where == "GenerationRun.skipped_detail"]
    assert any("[7]" in text for text in left)


def test_it_is_all_or_nothing(life, learner, app_settings, tmp_path):
    app_settings(REVOCATION_LOG=tmp_path / "missing" / "log")
    before = list_values()
    with pytest.raises(OSError, match="No such file"):
        api.retire_learner(learner)
    assert list_values() == before


def test_the_log_asks_to_repeat_it_after_a_restore(life, learner, app_settings, tmp_path):
    path = tmp_path / "log"
    app_settings(REVOCATION_LOG=path)
    api.retire_learner(learner)
    assert list(read_revocation_log([path]).retired) == [str(USER_ID)]
    assert NAME not in path.read_text()


def test_twice(life, learner):
    assert api.retire_learner(learner).credentials == 3
    assert api.retire_learner(learner).credentials == 0


def test_an_unknown_account(db):
    with pytest.raises(LearnerNotFoundError):
        api.retire_learner(12345)
    with pytest.raises(ValueError, match="everything"):
        api.retire_learner(12345, keep="everything")


def test_the_statements_do_not_grow_with_the_credentials(learner, django_assert_max_num_queries):
    CredentialFactory(user=learner, available=True)
    with django_assert_max_num_queries(60):
        api.retire_learner(learner)
    CredentialFactory.create_batch(40, user=learner, available=True)
    with django_assert_max_num_queries(60):
        api.retire_learner(learner)


@pytest.mark.parametrize(("setting", "names"), [("keep", {"Credential.user_full_name"}), ("retire", set())])
def test_an_account_that_is_deleted(course, learner, world, app_settings, setting, names):
    app_settings(ON_ACCOUNT_DELETED=setting)
    world.enrol(learner.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, learner.pk)
    get_user_model().objects.filter(pk=learner.pk).delete()
    assert set(find_traces(NAME)) == names
    row.refresh_from_db()
    assert row.status == ("available" if names else "invalidated")


def test_deleting_an_account_is_rolled_back_together(course, learner, world, app_settings):
    app_settings(ON_ACCOUNT_DELETED="retire")
    world.enrol(learner.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, learner.pk)

    class StopError(Exception):
        pass

    def stop(execute, sql, *args):
        if sql.startswith(('DELETE FROM "auth_user"', "DELETE FROM `auth_user`")):
            raise StopError
        return execute(sql, *args)

    with connection.execute_wrapper(stop), pytest.raises(StopError):
        learner.delete()
    row.refresh_from_db()
    assert (row.status, row.user_full_name) == ("available", NAME)


class TestExport:
    def export(self, learner):
        into = io.BytesIO()
        api.export_learner(learner, into)
        return zipfile.ZipFile(into)

    def test_it_holds_what_the_search_finds(self, life, learner):
        archive = self.export(learner)
        text = archive.read("data.json").decode()
        data = json.loads(text)
        tables = {where.partition(".")[0] for where in find_traces(*SECRETS)} - {"LogEntry", "Learner", "MailHold"}
        sections = {
            "Credential": "credentials",
            "CredentialEvent": "history_of_credentials",
            "LearnerCertificate": "certificate_statuses",
            "AllowlistEntry": "allowlist",
            "CertificateInvalidation": "bars",
            "CertificateEvent": "history_of_statuses",
            "HostMessage": "messages",
            "GenerationRun": "skipped_in_runs",
            "JobRow": "in_lists_of_operators",
            "WebhookDelivery": "sent_to_other_systems",
        }
        assert tables <= set(sections)
        assert all(data[sections[table]] for table in tables)
        assert NAME in text

    def test_it_holds_the_files(self, life, learner):
        archive = self.export(learner)
        stored = set()
        for name in life.exclude(artifact_name="").values_list("artifact_name", flat=True):
            with get_storage().open(name) as file:
                stored.add(file.read())
        assert {archive.read(name) for name in archive.namelist() if name.startswith("files/")} == stored
        assert stored

    def test_a_lost_file_is_named(self, life, learner):
        row = life.exclude(artifact_name="").first()
        get_storage().delete(row.artifact_name)
        data = json.loads(self.export(learner).read("data.json"))
        assert data["missing_files"] == [str(row.verify_uuid)]

    def test_nobody_else_is_in_it(self, life, learner, enrol, course):
        [other] = enrol("Zacharias")
        api.issue_credential(course.pk, other.pk)
        assert "Zacharias" not in self.export(learner).read("data.json").decode()


class TestCommands:
    def test_retire(self, life, learner, capsys):
        call_command("retire_learner", "w@example.com", "--no-input")
        assert "3 credentials were withdrawn" in capsys.readouterr().out
        assert not life.exists()

    def test_it_asks(self, life, learner, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda _question: "yes")
        with pytest.raises(CommandError, match="Nothing was done"):
            call_command("retire_learner", "wilhelmina")
        assert life.count() == 3
        monkeypatch.setattr("builtins.input", lambda _question: str(USER_ID))
        call_command("retire_learner", "wilhelmina")
        assert not life.exists()

    def test_an_account_that_is_not_clear(self, learner):
        UserFactory(email=learner.email)
        with pytest.raises(CommandError, match="2 accounts"):
            call_command("retire_learner", learner.email, "--no-input")
        with pytest.raises(CommandError, match="no account"):
            call_command("retire_learner", "nobody", "--no-input")

    def test_export(self, life, learner, tmp_path):
        path = tmp_path / "export.zip"
        call_command("export_learner", str(USER_ID), str(path))
        assert path.stat().st_mode & 0o777 == 0o600
        assert "data.json" in zipfile.ZipFile(path).namelist()
        with pytest.raises(CommandError, match="cannot be made"):
            call_command("export_learner", str(USER_ID), str(path))


def test_no_personal_data_is_logged(world, course, learner, caplog, signing_key):
    """At INFO and above: a whole life of a credential."""
    caplog.set_level(logging.INFO, logger="learning_credentials")
    world.enrol(learner.pk, course.learning_context_key)
    row = api.issue_credential(course.pk, learner.pk)
    new = api.reissue_credential(row.uuid, reason="Misprint")
    api.get_badge(new.verify_uuid)
    api.invalidate_credential(new.uuid, reason="Issued in error")
    api.retire_learner(learner)
    for secret in SECRETS[:-1]:
        assert secret not in caplog.text
