"""Where artifacts and assets go and come from: on disk, in a host's own storage, and in what a worker keeps."""

from __future__ import annotations

import logging
import resource
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.models import Credential
from learning_credentials.services.credentials import archive_artifacts
from learning_credentials.services.issuing import issue_chunk, sweep_stale_credentials
from learning_credentials.storages import find_disk_folder, get_storage
from tests.factories import CredentialAssetFactory
from tests.integration import chunk_plugins

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status
PLUGINS = "tests.integration.chunk_plugins"


@pytest.fixture
def host(app_settings, course):
    """A course whose credentials hold the contents of the assets that its options name; call it to choose a storage."""
    course.credential_type.generation_func = f"{PLUGINS}.generate_from_assets"
    course.credential_type.save()
    chunk_plugins.STORAGE_CALLS.clear()

    def choose(**changed):
        app_settings(GENERATOR_MODULES=["tests.plugins", PLUGINS], **changed)
        return course

    choose()
    yield choose
    chunk_plugins.BEFORE_EACH.clear()
    chunk_plugins.BEFORE_EXISTS.clear()


def issue(course) -> list[Credential]:
    """Run the course; return what is available, in the order of names."""
    api.issue_pending_credentials(course.pk)
    return list(Credential.objects.filter(status=Status.AVAILABLE).order_by("user_full_name"))


def read(credential: Credential) -> str:
    """Return what the stored file says."""
    with get_storage().open(credential.artifact_name) as file:
        return file.read().decode()


class TestArtifacts:
    def test_on_disk_they_are_private_and_together(self, host, enrol, tmp_path):
        course = host(OUTPUT_DIR=tmp_path / "files")
        enrol("Ada", "Bea", "Cai")
        credentials = issue(course)
        paths = [Path(get_storage().path(credential.artifact_name)) for credential in credentials]
        assert [path.read_text() for path in paths] == ["Ada Tester", "Bea Tester", "Cai Tester"]
        assert len({path.parent for path in paths}) == 1
        for path in paths:
            assert path.stat().st_mode & 0o777 == 0o600
            assert len(path.stem) == 32
            assert "Tester" not in str(path)
        directories = [folder for folder in paths[0].parents if folder.is_relative_to(tmp_path / "files")]
        assert len(directories) == 4
        assert {folder.stat().st_mode & 0o777 for folder in directories} == {0o700}

    def test_permissions_of_a_host_hold_whatever_the_mask(self, host, enrol, tmp_path):
        options = {"location": str(tmp_path), "file_permissions_mode": 0o664}
        course = host(STORAGE={"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options})
        enrol(count=3)
        credentials = issue(course)
        assert len(credentials) == 3
        for credential in credentials:
            assert Path(get_storage().path(credential.artifact_name)).stat().st_mode & 0o777 == 0o664

    def test_a_storage_with_its_own_way_of_saving_keeps_it(self, host, enrol, tmp_path):
        storage = {"BACKEND": f"{PLUGINS}.NamingStorage", "OPTIONS": {"location": str(tmp_path)}}
        course = host(STORAGE=storage)
        enrol(count=3)
        credentials = issue(course)
        assert len(credentials) == 3
        for credential in credentials:
            assert credential.artifact_name.startswith("host/")
            assert (tmp_path / credential.artifact_name).read_text() == credential.user_full_name

    def test_a_remote_storage_is_asked_no_more_than_saving_takes(self, host, enrol):
        course = host(STORAGE={"BACKEND": f"{PLUGINS}.RemoteStorage"})
        enrol(count=5)
        credentials = issue(course)
        assert dict(chunk_plugins.STORAGE_CALLS) == {"save": 5, "exists": 5}
        assert [read(credential) for credential in credentials] == [row.user_full_name for row in credentials]

    def test_a_directory_tidied_away_in_the_middle_is_made_again(self, host, enrol, tmp_path):
        course = host(OUTPUT_DIR=tmp_path)
        rendered: list[str] = []

        def tidy(credential):
            if len(rendered) == 2:
                shutil.rmtree(tmp_path / "artifacts")
            rendered.append(credential.user_full_name)

        chunk_plugins.BEFORE_EACH.append(tidy)
        enrol("Ada", "Bea", "Cai", "Dee")
        issue(course)
        assert [read(Credential.objects.get(user_full_name=name)) for name in rendered[2:]] == rendered[2:]
        assert Credential.objects.filter(status=Status.AVAILABLE).count() == 4

    def test_what_could_not_be_written_whole_leaves_nothing(self, host, tmp_path):
        host(OUTPUT_DIR=tmp_path)
        folder = get_folder()
        folder.write("before", b"x" * 5000)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        try:
            with pytest.raises(OSError, match="too large"):
                folder.write("file", b"x" * 5000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert sorted(path.name for path in Path(folder.path).iterdir()) == ["before", "first"]

    def test_no_file_is_written_over_or_elsewhere(self, host, tmp_path):
        host(OUTPUT_DIR=tmp_path)
        folder = get_folder()
        with pytest.raises(FileExistsError):
            folder.write("first", b"other")
        for name in ("../file", "a/b", "..", "", "a\0"):
            with pytest.raises(SuspiciousFileOperation):
                folder.write(name, b"other")
        with get_storage().open("folder/first") as file:
            assert file.read() == b"content"


def get_folder():
    """Return a folder on disk with one file in it."""
    get_storage().save("folder/first", ContentFile(b"content"))
    folder = find_disk_folder("folder")
    assert folder is not None
    return folder


class TestArchive:
    @pytest.fixture
    def invalidated(self, enrol):
        """Invalidate the only credential of a course, whose file nobody was told to archive."""

        def invalidate(course) -> Credential:
            enrol("Ada")
            [credential] = issue(course)
            uid = "learning_credentials.credentials_invalidated"
            signals.credentials_invalidated.disconnect(dispatch_uid=uid)
            try:
                return api.invalidate_credential(credential.pk, reason="Plagiarism")
            finally:
                signals.credentials_invalidated.connect(receivers.archive_files, dispatch_uid=uid)

        return invalidate

    def test_a_file_that_two_workers_archive_at_once_is_not_lost(self, host, invalidated):
        credential = invalidated(host(STORAGE={"BACKEND": f"{PLUGINS}.RemoteStorage"}))
        asked: list[str] = []

        def let_another_come(name: str) -> None:
            asked.append(name)
            if len(asked) == 2:
                archive_artifacts([credential.pk])

        chunk_plugins.BEFORE_EXISTS.append(let_another_come)
        archive_artifacts([credential.pk])
        credential.refresh_from_db()
        assert credential.archived_at is not None
        assert read(credential) == "Ada Tester"

    def test_whoever_dies_at_it_is_made_up_for_by_the_sweep(self, host, invalidated):
        credential = invalidated(host(STORAGE={"BACKEND": f"{PLUGINS}.RemoteStorage"}))

        def die(name: str) -> None:
            raise SystemExit

        chunk_plugins.BEFORE_EXISTS.append(die)
        with pytest.raises(SystemExit):
            archive_artifacts([credential.pk])
        chunk_plugins.BEFORE_EXISTS.clear()
        assert sweep_stale_credentials().archived == 0  # it may be at it still
        Credential.objects.update(generation_started_at=timezone.now() - timedelta(hours=1))
        assert sweep_stale_credentials().archived == 1
        credential.refresh_from_db()
        assert read(credential) == "Ada Tester"

    def test_a_storage_that_fails_is_asked_again_by_the_next_sweep(self, host, invalidated):
        credential = invalidated(host(STORAGE={"BACKEND": f"{PLUGINS}.RemoteStorage"}))

        def fail(name: str) -> None:
            raise ConnectionError("no answer")

        chunk_plugins.BEFORE_EXISTS.append(fail)
        assert sweep_stale_credentials().archived == 0
        chunk_plugins.BEFORE_EXISTS.clear()
        assert sweep_stale_credentials().archived == 1
        credential.refresh_from_db()
        assert read(credential) == "Ada Tester"

    def test_a_storage_with_its_own_way_of_naming_keeps_one_copy(self, host, invalidated, tmp_path):
        storage = {"BACKEND": f"{PLUGINS}.NamingStorage", "OPTIONS": {"location": str(tmp_path)}}
        credential = invalidated(host(STORAGE=storage))
        assert archive_artifacts([credential.pk]) == 1
        credential.refresh_from_db()
        assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt")] == [credential.artifact_name]
        assert read(credential) == "Ada Tester"


def test_a_storage_that_lists_nothing_keeps_no_credential_waiting(host, enrol):
    course = host(STORAGE={"BACKEND": f"{PLUGINS}.SecretiveStorage"})
    enrol("Ada")

    def die(credential: Any) -> None:
        raise SystemExit

    chunk_plugins.BEFORE_EACH.append(die)
    with pytest.raises(SystemExit):
        api.issue_pending_credentials(course.pk)
    chunk_plugins.BEFORE_EACH.clear()
    Credential.objects.update(generation_started_at=timezone.now() - timedelta(hours=1))
    assert sweep_stale_credentials().redispatched == 1
    assert read(Credential.objects.get(status=Status.AVAILABLE)) == "Ada Tester"


class TestAssets:
    @pytest.fixture(params=["disk", "remote"])
    def stored(self, request, host, tmp_path):
        """Assets on disk, and in a storage that is not."""
        remote = {"STORAGE": {"BACKEND": f"{PLUGINS}.RemoteStorage"}}
        course = host(**(remote if request.param == "remote" else {"OUTPUT_DIR": tmp_path}))
        course.custom_options = {"slugs": ["one"]}
        course.save()
        return course

    def test_an_edited_asset_is_used_at_once(self, stored, enrol):
        asset = CredentialAssetFactory(slug="one", content=b"first")
        enrol("Ada")
        issue(stored)
        asset.file.save("one.png", ContentFile(b"second"))  # by a program that does not clean
        enrol("Bea")
        issue(stored)
        asset.file.delete(save=False)
        asset.file.save("one.png", ContentFile(b"third"))
        enrol("Cai")
        assert [read(row).split("\n")[1] for row in issue(stored)] == ["first", "second", "third"]

    def test_a_file_written_over_on_disk_is_seen_and_reported(self, host, enrol, tmp_path, caplog):
        course = host(OUTPUT_DIR=tmp_path)
        course.custom_options = {"slugs": ["one"]}
        course.save()
        asset = CredentialAssetFactory(slug="one", content=b"first")
        enrol("Ada")
        issue(course)
        assert "asset 'one'" not in caplog.text
        Path(asset.file.path).write_bytes(b"other")
        enrol("Bea")
        with caplog.at_level(logging.WARNING):
            assert [read(row).split("\n")[1] for row in issue(course)] == ["first", "other"]
        assert "asset 'one'" in caplog.text

    def test_an_asset_that_did_not_change_is_read_once(self, host, enrol):
        course = host(STORAGE={"BACKEND": f"{PLUGINS}.RemoteStorage"}, CHUNK_SIZE=2)
        course.custom_options = {"slugs": ["one", "two"]}
        course.save()
        for slug in ("one", "two"):
            CredentialAssetFactory(slug=slug)
        enrol(count=6)
        chunk_plugins.STORAGE_CALLS.clear()
        assert len(issue(course)) == 6
        assert chunk_plugins.STORAGE_CALLS["open"] == 2

    def test_one_that_is_gone_says_so(self, host, enrol):
        course = host()
        course.custom_options = {"slugs": ["gone"]}
        course.save()
        enrol("Ada")
        api.issue_pending_credentials(course.pk)
        assert Credential.objects.get().error_code == "asset_not_found"

    def test_one_whose_file_is_gone_is_tried_again(self, stored, enrol):
        asset = CredentialAssetFactory(slug="one", content=b"first")
        name = asset.file.name
        asset.file.storage.delete(name)
        enrol("Ada")
        api.issue_pending_credentials(stored.pk)
        waiting = Credential.objects.get()
        assert (waiting.status, waiting.error_code) == (Status.GENERATING, "storage_unavailable")
        get_storage().save(name, ContentFile(b"first"))
        issue_chunk([waiting.pk])
        assert read(Credential.objects.get(status=Status.AVAILABLE)).endswith("first")
