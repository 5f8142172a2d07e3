"""A database that the first schema filled is upgraded, and what it holds goes on as if it had been issued today.

``tests/data/first_schema.json`` holds the rows and files: learners, six types (one valid for minus five days, one for 3,000,000 days, one
whose context was changed after it had issued), credentials in every status, a lost worker's claim and file, standings and notes.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.exceptions import FrozenError
from learning_credentials.models import (
    Credential,
    CredentialConfiguration,
    CredentialType,
    GenerationRun,
    LearnerCertificate,
    StatusList,
)
from learning_credentials.services.credentials import status_lists
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.services.notices import announce_pending_credentials
from learning_credentials.signals import grade_now_failing
from learning_credentials.storages import get_storage
from learning_credentials.verify_codes import format_code
from tests.factories import CredentialConfigurationFactory, CredentialFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).resolve().parents[1] / "data" / "first_schema.json"
APP = "learning_credentials"
FIRST = [(APP, "0004_lcred_indexes")]
COURSE = "course-v1:Old+Course+2025"


@pytest.fixture
def upgraded(transactional_db: None, world: Any) -> Iterator[Any]:
    """The database and the files of the first schema, after ``migrate``; the LMS knows the same course runs and learners."""
    data = json.loads(DATA.read_text("utf-8"))
    try:
        _migrate(FIRST)
        _load(data["rows"])
        _store(data["files"])
    finally:
        call_command("migrate", APP, verbosity=0)
    _fill(world, data["rows"])
    return world


def _migrate(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(targets)


def _load(rows: list[dict[str, Any]]) -> None:
    """Insert the rows through the models as they were."""
    executor = MigrationExecutor(connection)
    old = executor.loader.project_state(FIRST).apps
    with transaction.atomic(), connection.constraint_checks_disabled():
        for row in rows:
            model = old.get_model(row["model"])
            values = {model._meta.pk.attname: model._meta.pk.to_python(row["pk"])}
            for name, value in row["fields"].items():
                field = model._meta.get_field(name)
                target = field.remote_field.model._meta.pk if field.is_relation else field
                values[field.attname] = target.to_python(value)
            created = model(**values)
            created.save_base(raw=True, force_insert=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [old.get_model(row["model"]) for row in rows]):
            cursor.execute(statement)


def _store(files: dict[str, str]) -> None:
    for name, content in files.items():
        get_storage().save(name, ContentFile(content.encode()))


def _fill(world: Any, rows: list[dict[str, Any]]) -> None:
    contexts = {row["fields"]["learning_context_key"] for row in rows if "learning_context_key" in row["fields"]}
    for key in sorted(contexts):
        world.add_course_run(key, f"Introduction to {key.split('+')[1]}")
    for row in rows:
        if row["model"] == f"{APP}.credential" and row["fields"]["user"]:
            world.enrol(row["fields"]["user"], row["fields"]["learning_context_key"])
    for row in rows:
        if row["model"] == f"{APP}.learnercertificate":
            world.set_grade(row["fields"]["user"], COURSE, percent=0.9, letter="A", is_passed=True)


def get(slug: str, user_id: int) -> Credential:
    """A learner's live credential of a type."""
    return Credential.objects.get(configuration__credential_type__slug=slug, user_id=user_id, is_current=True)


@pytest.mark.slow
def test_what_the_first_schema_held_goes_on(upgraded, admin_client, client):
    """One test with three parts: to upgrade takes far longer than to look at what came of it."""
    check_that_what_was_issued_is_answered_for_as_before(admin_client, client)
    check_that_what_was_begun_is_finished()
    check_what_staff_and_the_lms_do_next(upgraded)


def check_that_what_was_issued_is_answered_for_as_before(admin_client, client):
    assert Credential.objects.count() == 20
    assert not Credential.objects.exclude(verify_code=None).exists()
    answers = {}
    for credential in Credential.objects.exclude(issued_at=None).exclude(status=Credential.Status.GENERATING):
        found = api.verify_credential(credential.verify_uuid)
        assert (found.user_full_name, found.credential_type_name) == (
            credential.user_full_name,
            credential.credential_type_name,
        )
        answers[credential.configuration.credential_type.slug, credential.user_id, credential.is_current] = found
        assert client.get(f"/credentials/{credential.verify_uuid}/").status_code == 200
        assert admin_client.get(_admin("credential", credential.pk)).status_code == 200
    assert answers["plain", 3, True].is_valid
    assert not answers["yearly", 1, True].is_valid
    assert answers["plain", 1, None].invalidation_reason == "Awarded in error."
    assert answers["plain", 2, None].replaced_by == get("plain", 2).verify_uuid
    # The file is what was stored.
    file, _media_type, _name = api.open_artifact(get("moved", 1).verify_uuid)
    with file:
        assert hashlib.sha256(file.read()).hexdigest() == get("moved", 1).artifact_sha256
    for model in ("credentialtype", "credentialconfiguration", "coursecertificate", "generationrun", "issuer"):
        for pk in apps.get_model(APP, model).objects.values_list("pk", flat=True):
            assert admin_client.get(_admin(model, pk)).status_code == 200, (model, pk)
    # What somebody has to look at is named: a validity that nothing can be issued with, and a context that was changed.
    messages = {message.id.rpartition(".")[2]: message.msg for message in run_checks(databases=["default"], tags=None)}
    assert "Backwards" in messages["W020"]
    assert "W012" in messages


def check_that_what_was_begun_is_finished():
    mail.outbox.clear()
    sweep_stale_credentials()
    announce_pending_credentials()
    # What was issued before there were codes has one now.
    codes = [code for code in Credential.objects.values_list("verify_code", flat=True) if code]
    assert len(set(codes)) == len(codes) == Credential.objects.count()
    # The one that waited, the one whose worker was lost, and the one that failed: the unfinished run tries it again.
    assert [get("plain", user_id).status for user_id in (4, 5, 6)] == ["available"] * 3
    assert not get_storage().exists("artifacts/6f/6f1d2c1e-8c53-4f4e-9a54-5f3c2f6a8a10/stray.txt")
    # Told once: those three, and the one whose worker died before it sent the e-mail.
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        f"{name}@example.com" for name in ("chiara", "dilnoza", "emeka", "freya")
    )
    assert not GenerationRun.objects.filter(finished_at=None).exists()
    # Places that are handed out now are no place of before, and those of before are still revoked one by one.
    places = list(Credential.objects.exclude(status_list=None).values_list("status_list_id", "status_list_index"))
    assert len(set(places)) == len(places)
    old_list = StatusList.objects.get(pk=1)
    before = _set_bits(old_list)
    revoked = api.invalidate_credential(get("plain", 3).pk, reason="Awarded in error.")
    assert _set_bits(old_list) - before == {revoked.status_list_index}

    # What expired is renewed for those who still qualify; the old one stays, without a revocation.
    expired = get("yearly", 1)
    api.issue_pending_credentials(expired.configuration_id)
    renewal = get("yearly", 1)
    assert renewal.replaces_id == expired.pk
    assert renewal.expires_at > timezone.now()
    found = api.verify_credential(expired.verify_uuid)
    assert (found.status.value, found.is_valid, found.renewed_by) == ("available", False, renewal.verify_uuid)
    assert expired.status_list_index not in _set_bits(old_list)

    # A validity of minus five days issues nothing, and says so; 3,000,000 days became the most that is possible.
    api.issue_pending_credentials(get("backwards", 1).configuration_id)
    assert {
        row.error_code
        for row in Credential.objects.filter(configuration__credential_type__slug="backwards", status="error")
    } <= {"validity_out_of_range"}
    api.retry_credentials([get("endless", 7).pk])
    assert get("endless", 7).status == "available"


def check_what_staff_and_the_lms_do_next(upgraded):
    # A configuration keeps its type from the first credential on, also from one that was issued before the upgrade.
    configuration = get("plain", 2).configuration
    configuration.credential_type = CredentialType.objects.get(slug="yearly")
    with pytest.raises(FrozenError):
        configuration.save()
    # A reissue keeps what the credential says, though the configuration was given another context.
    moved = get("moved", 2)
    successor = api.reissue_credential(moved.pk, reason="The seal was missing.")
    assert (successor.learning_context_key, successor.learning_context_name) == (
        moved.learning_context_key,
        moved.learning_context_name,
    )
    # The LMS tells of a failing grade: the standing and its credential follow.
    upgraded.set_grade(1, COURSE, percent=0.2, letter="F", is_passed=False)
    grade_now_failing.send(sender=None, user_id=1, course_key=COURSE)
    sweep_stale_credentials()
    standing = LearnerCertificate.objects.get(user_id=1)
    assert standing.status == LearnerCertificate.Status.NOTPASSING
    assert not Credential.objects.filter(configuration__credential_type__slug="course", user_id=1, is_current=True)
    # The learner whose standing holds keeps the credential.
    assert get("course", 2).status == "available"


@pytest.mark.slow
def test_the_version_before_codes_is_upgraded(transactional_db, world, client):
    """Rows of that version get codes later, and its workers still insert rows without one after the upgrade."""
    rows = [CredentialFactory.build(available=True, user=None, configuration_id=1) for _ in range(3)]
    configuration = CredentialConfigurationFactory()
    try:
        _migrate([(APP, "0018_lcred_texts")])
        before = MigrationExecutor(connection).loader.project_state([(APP, "0018_lcred_texts")]).apps
        old = before.get_model(APP, "Credential")
        columns = [field.attname for field in old._meta.concrete_fields]
        for row in rows:
            row.configuration_id = configuration.pk
            old.objects.create(**{name: getattr(row, name) for name in columns})
    finally:
        call_command("migrate", APP, verbosity=0)
    assert set(Credential.objects.values_list("verify_code", flat=True)) == {None}
    assert [client.get(f"/credentials/{row.verify_uuid}/").status_code for row in rows] == [200] * 3

    assert sweep_stale_credentials().codes_given == 3

    codes = {row.verify_uuid: row.verify_code for row in Credential.objects.all()}
    assert len(set(codes.values()) - {None}) == 3
    page = client.get(f"/credentials/{rows[0].verify_uuid}/").content.decode()
    assert format_code(codes[rows[0].verify_uuid]) in page


def test_the_version_before_custom_fields_is_upgraded(transactional_db, world, client):
    """Rows of that version have no fields. Its workers still insert rows without the columns, and both are answered for and reissued."""
    configuration = CredentialConfigurationFactory()
    world.add_course_run(configuration.learning_context_key, "Introduction to Tests", organisation="Aurora Academy")
    rows = [
        CredentialFactory.build(available=True, user=None, configuration_id=configuration.pk, artifact_name=f"f/{name}")
        for name in ("before", "during")
    ]
    tables = (CredentialType, CredentialConfiguration)
    stored = [(model._meta.model_name, model.objects.values("pk", "has_awarded").get()) for model in tables]
    try:
        _migrate([(APP, "0020_lcred_mail_notes")])
        before = MigrationExecutor(connection).loader.project_state([(APP, "0020_lcred_mail_notes")]).apps
        old = before.get_model(APP, "Credential")
        columns = [field.attname for field in old._meta.concrete_fields]
        old.objects.create(**{name: getattr(rows[0], name) for name in columns})
    finally:
        call_command("migrate", APP, verbosity=0)
    old.objects.create(**{name: getattr(rows[1], name) for name in columns})

    assert [(model._meta.model_name, model.objects.values("pk", "has_awarded").get()) for model in tables] == stored
    assert set(Credential.objects.values_list("custom_fields", "context_details", "name_parts")) == {(None, None, None)}
    assert CredentialType.objects.get().custom_fields == []
    assert CredentialConfiguration.objects.get().field_values == {}
    for row in rows:
        assert client.get(f"/credentials/{row.verify_uuid}/").status_code == 200
        assert api.verify_credential(row.verify_uuid).custom_fields == ()
    configuration.refresh_from_db()
    configuration.credential_type.custom_fields = [
        {"name": "hours", "label": "Hours", "kind": "number", "on_page": True, "required": True}
    ]
    configuration.credential_type.save()
    configuration.field_values = {"hours": 12}
    configuration.save()
    successor = api.reissue_credential(Credential.objects.get(verify_uuid=rows[0].verify_uuid).pk, reason="With hours.")
    assert [field.value for field in api.verify_credential(successor.verify_uuid).custom_fields] == [12]


def _admin(model: str, pk: object) -> str:
    return reverse(f"admin:{APP}_{model}_change", args=[pk])


def _set_bits(status_list: StatusList) -> set[int]:
    return set(status_lists.make_bits(StatusList.objects.get(pk=status_list.pk)).list_set())
