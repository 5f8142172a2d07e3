"""No file of an asset or an example stays that no row refers to, whatever fails while it is uploaded, replaced or deleted."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError
from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import timezone

from learning_credentials.models import CredentialAsset, CredentialConfiguration, ExampleCredential, StrayPlace
from learning_credentials.services.desk import copy_credential_type
from learning_credentials.services.issuing import create_examples, sweep_stale_credentials
from learning_credentials.storages import get_storage
from tests.factories import CredentialAssetFactory, make_png
from tests.integration import failing

pytestmark = pytest.mark.django_db(transaction=True)

MODULE = "tests.integration.failing"
ADD = reverse("admin:learning_credentials_credentialasset_add")
LIST = reverse("admin:learning_credentials_credentialasset_changelist")


@pytest.fixture(params=["FailingStorage", "RenamingStorage", "SecretiveStorage"])
def storage_of_files(request, app_settings, tmp_path):
    """A storage that fails when it is told to."""
    failing.clear()
    app_settings(STORAGE={"BACKEND": f"{MODULE}.{request.param}", "OPTIONS": {"location": str(tmp_path)}})
    yield
    failing.clear()


def page(name, asset):
    return reverse(f"admin:learning_credentials_credentialasset_{name}", args=[asset.pk])


def upload(size=4, **values):
    return {"slug": "logo", "kind": "image", "file": SimpleUploadedFile("The logo.png", make_png(size))} | values


def post(client, url, values):
    """Send a form to a worker that may fail or be killed."""
    with suppress(DatabaseError, OSError, SystemExit):
        return client.post(url, values)


def list_files():
    root = Path(get_storage().location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def list_referred():
    names = {*CredentialAsset.objects.values_list("file", flat=True)}
    return (names | {*ExampleCredential.objects.values_list("artifact_name", flat=True)}) - {""}


def sweep_after(by=timedelta(hours=3)):
    """The failure ended, and time passes."""
    failing.FAULTS.clear()
    for place in StrayPlace.objects.all():
        StrayPlace.objects.filter(pk=place.pk).update(
            begun_at=place.begun_at - by, next_attempt_at=place.next_attempt_at - by
        )
    sweep_stale_credentials()


def assert_nothing_is_left():
    sweep_after()
    assert list_files() == list_referred()
    for name in list_referred():
        get_storage().open(name).close()
    sweep_after(timedelta(days=2))
    assert not StrayPlace.objects.exists()
    assert list_files() == list_referred()


@pytest.fixture
def refuse_rows():
    """Have the transaction fail after the row was written, and the file stored."""

    def refuse(**_kwargs):
        raise DatabaseError("server closed the connection")

    post_save.connect(refuse, sender=CredentialAsset)
    yield
    post_save.disconnect(refuse, sender=CredentialAsset)


def test_an_upload_that_goes_well_leaves_nothing_to_watch(admin_client, storage_of_files):
    assert admin_client.post(ADD, upload()).status_code == 302
    assert not StrayPlace.objects.exists()
    assert list_files() == list_referred()
    assert CredentialAsset.objects.get().file.name.endswith("/The_logo.png")


@pytest.mark.parametrize("values", [{"kind": "font"}, {"slug": "no slug"}, {"file": SimpleUploadedFile("a.png", b"x")}])
def test_an_upload_that_is_refused_stores_nothing(admin_client, storage_of_files, values):
    assert admin_client.post(ADD, upload(**values)).status_code == 200
    assert not StrayPlace.objects.exists()
    assert list_files() == set()


@pytest.mark.parametrize("fault", ["refuses", "full", "answer lost", "killed after saving"])
@pytest.mark.parametrize("is_new", [True, False])
def test_an_upload_that_the_storage_fails(admin_client, storage_of_files, fault, is_new):
    url, kept = ADD, 0
    if not is_new:
        admin_client.post(ADD, upload())
        url, kept = page("change", CredentialAsset.objects.get()), 1
    failing.FAULTS[fault] = 1
    post(admin_client, url, upload(8))
    assert len(list_referred()) == kept
    assert_nothing_is_left()
    assert len(list_files()) == kept


@pytest.mark.parametrize("is_new", [True, False])
def test_an_upload_whose_transaction_fails(admin_client, storage_of_files, is_new, request):
    url, kept = ADD, 0
    if not is_new:
        admin_client.post(ADD, upload())
        url, kept = page("change", CredentialAsset.objects.get()), 1
    request.getfixturevalue("refuse_rows")
    post(admin_client, url, upload(8))
    assert len(list_files()) == kept + 1
    assert_nothing_is_left()
    assert len(list_files()) == kept


def test_an_upload_is_left_alone_until_its_row_may_be_there(admin_client, storage_of_files, refuse_rows):
    post(admin_client, ADD, upload())
    StrayPlace.objects.update(next_attempt_at=StrayPlace.objects.get().next_attempt_at - timedelta(minutes=50))
    sweep_stale_credentials()
    assert len(list_files()) == 1


def test_a_file_that_is_replaced(admin_client, storage_of_files):
    admin_client.post(ADD, upload())
    asset = CredentialAsset.objects.get()
    assert admin_client.post(page("change", asset), upload(8)).status_code == 302
    sweep_stale_credentials()
    assert len(list_files()) == 2, "a worker may be about to read it"
    assert_nothing_is_left()
    assert len(list_files()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["", "delete", "list", "killed at delete"])
@pytest.mark.parametrize("way", ["page", "action", "code"])
def test_an_asset_that_is_deleted(admin_client, storage_of_files, way, fault):
    admin_client.post(ADD, upload())
    asset = CredentialAsset.objects.get()
    if way == "page":
        assert admin_client.post(page("delete", asset), {"post": "yes"}).status_code == 302
    elif way == "action":
        admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [asset.pk], "post": "yes"})
    else:
        CredentialAsset.objects.all().delete()
    assert not CredentialAsset.objects.exists()
    StrayPlace.objects.update(next_attempt_at=timezone.now())
    if fault:
        failing.FAULTS[fault] = 1
        with suppress(SystemExit):
            sweep_stale_credentials()
    assert_nothing_is_left()
    assert list_files() == set()


def test_files_in_the_common_folder_are_deleted_one_by_one(admin_client, storage_of_files):
    kept, gone = CredentialAssetFactory(slug="kept"), CredentialAssetFactory(slug="gone")
    gone.delete()
    assert_nothing_is_left()
    assert list_files() == {kept.file.name}


@pytest.mark.slow
@pytest.mark.parametrize("way", ["page", "action", "code"])
def test_examples_of_a_configuration_that_is_deleted(admin_client, storage_of_files, course, way):
    for _ in range(2):
        create_examples(course.learning_context_key)
    assert len(list_files()) == 2
    name = "admin:learning_credentials_credentialconfiguration"
    if way == "page":
        admin_client.post(reverse(f"{name}_delete", args=[course.pk]), {"post": "yes"})
    elif way == "action":
        values = {"action": "delete_selected", "_selected_action": [course.pk], "post": "yes"}
        admin_client.post(reverse(f"{name}_changelist"), values)
    else:
        course.delete()
    assert not CredentialConfiguration.objects.exists()
    assert_nothing_is_left()
    assert list_files() == set()


def test_examples_of_other_configurations_stay(admin_client, storage_of_files, course):
    other = CredentialConfiguration.objects.create(
        learning_context_key=course.learning_context_key,
        credential_type=copy_credential_type(course.credential_type_id, slug="other", name="Other"),
        interval=course.interval,
    )
    create_examples(course.learning_context_key)
    other.delete()
    assert_nothing_is_left()
    assert len(list_files()) == 1


@pytest.mark.parametrize("storage_of_files", ["FailingStorage"], indirect=True)
def test_files_of_before_are_listed_and_deleted_after_a_day(admin_client, storage_of_files, capsys):
    admin_client.post(ADD, upload())
    strays = {f"learning_credentials/assets/{name}" for name in ("old.png", "0123/old.png")}
    for name in strays:
        get_storage().save(name, ContentFile(b"old"))
    call_command("find_stray_files")
    assert set(capsys.readouterr().out.split()) == strays
    call_command("find_stray_files", "--delete")
    sweep_stale_credentials()
    assert len(list_files()) == 3
    sweep_after(timedelta(days=2))
    assert list_files() == list_referred()
