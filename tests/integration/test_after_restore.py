"""A restored backup takes no revocation back and hands out no place twice, once `after_restore` was run."""

from __future__ import annotations

import io
import json
import os
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from learning_credentials import api
from learning_credentials.badges.documents import read_document, write_document
from learning_credentials.badges.keys import create_key
from learning_credentials.badges.signing import sign
from learning_credentials.badges.status_list import BitList, find_mirror
from learning_credentials.models import (
    CertificateInvalidation,
    Credential,
    RevokedPlace,
    StatusList,
    UnloggedRevocation,
)
from learning_credentials.services.common import line_files
from learning_credentials.services.credentials import status_lists
from learning_credentials.services.issuing import sweep_stale_credentials
from tests.backups import back_up, restore
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

KEY = create_key()
REASON = "Issued in error."


@pytest.fixture
def log(tmp_path, app_settings):
    cache.clear()
    app_settings(
        SIGNING_KEYS=[{"private_key": KEY.export(), "is_active": True}], REVOCATION_LOG=tmp_path / "revocations.jsonl"
    )
    return tmp_path / "revocations.jsonl"


@pytest.fixture
def without_log(log, app_settings):
    app_settings(REVOCATION_LOG=None)


def issue(count, **fields):
    rows = CredentialFactory.create_batch(count, available=True, **fields)
    for row in rows:
        status_lists.ensure_place(row)
    return rows


def fetch_badge(row):
    return read_document(api.get_badge(row.verify_uuid).encode())


def fetch_list(badge):
    return Client().get(urlsplit(badge["credentialStatus"]["statusListCredential"]).path)


def is_revoked(badge):
    subject = read_document(fetch_list(badge).content)["credentialSubject"]
    return BitList.decode(subject["encodedList"]).get(int(badge["credentialStatus"]["statusListIndex"]))


def save_lists(directory, *badges):
    """Keep the lists that badges name as they are published now, as a monitor does; return the files."""
    files = []
    for number, url in enumerate({badge["credentialStatus"]["statusListCredential"] for badge in badges}):
        files.append(directory / f"{uuid4().hex}-{number}.json")
        files[-1].write_bytes(Client().get(urlsplit(url).path).content)
    return files


def run(*options):
    said, complained = io.StringIO(), io.StringIO()
    call_command("after_restore", *map(str, options), stdout=said, stderr=complained, no_color=True)
    return said.getvalue(), complained.getvalue()


def as_options(files):
    return [part for file in files for part in ("--list", file)]


def read_log(log):
    return [json.loads(line) for line in log.read_text().splitlines()]


# The backup


@pytest.mark.parametrize("known_by", ["log", "lists", "both"])
def test_what_was_revoked_stays_revoked_and_no_place_is_handed_out_twice(log, tmp_path, known_by):
    kept, revoked, reissued = issue(3)
    already = issue(1)[0]
    api.invalidate_credential(already.pk, reason="Long ago.")
    back_up(tmp_path / "backup")

    (lost, lost_revoked) = issue(2)
    badges = {row.pk: fetch_badge(row) for row in (kept, revoked, reissued, lost, lost_revoked)}
    api.invalidate_credential(revoked.pk, reason=REASON)
    api.invalidate_credential(lost_revoked.pk, reason=REASON)
    api.reissue_credential(reissued.pk, reason="New name.")
    expected = {row.pk: is_revoked(badges[row.pk]) for row in (kept, revoked, reissued, lost, lost_revoked)}
    assert list(expected.values()) == [False, True, True, False, True]
    taken = set(Credential.objects.values_list("status_list_id", "status_list_index"))
    lists = save_lists(tmp_path, *badges.values())

    restore(tmp_path / "backup")
    assert not is_revoked(badges[revoked.pk])  # what the command is for
    options = [] if known_by == "log" else as_options(lists)
    if known_by == "lists":
        options += ["--log", os.devnull]
    said, complained = run(*options)
    assert "Nothing was changed" in said
    assert complained == ""
    assert not is_revoked(badges[revoked.pk])
    run(*options, "--yes")

    assert {pk: is_revoked(badge) for pk, badge in badges.items()} == expected
    places = {status_lists.ensure_place(row) for row in issue(20)}
    assert not places & taken
    revoked.refresh_from_db()
    assert revoked.status == Credential.Status.INVALIDATED
    if known_by == "lists":
        assert "published on" in revoked.invalidation_reason
    else:
        assert revoked.invalidation_reason == REASON
    kept.refresh_from_db()
    assert kept.status == Credential.Status.AVAILABLE


def test_lists_that_were_begun_after_the_backup_are_published_again(log, tmp_path):
    back_up(tmp_path / "backup")
    lost = issue(3)
    badges = [fetch_badge(row) for row in lost]
    api.invalidate_credential(lost[1].pk, reason=REASON)
    lists = save_lists(tmp_path, *badges)
    restore(tmp_path / "backup")
    assert fetch_list(badges[0]).status_code == 404
    run(*as_options(lists), "--log", os.devnull, "--yes")
    assert [is_revoked(badge) for badge in badges] == [False, True, False]
    assert StatusList.objects.get().closed_at is not None
    bits = BitList.decode(read_document(fetch_list(badges[0]).content)["credentialSubject"]["encodedList"])
    assert bits.get(find_mirror(int(badges[1]["credentialStatus"]["statusListIndex"])))


def test_the_log_alone_makes_lost_lists_again(log, tmp_path):
    back_up(tmp_path / "backup")
    lost = issue(2)
    badges = [fetch_badge(row) for row in lost]
    api.invalidate_credential(lost[1].pk, reason=REASON)
    restore(tmp_path / "backup")
    run("--yes")
    assert [is_revoked(badge) for badge in badges] == [False, True]
    bits = BitList.decode(read_document(fetch_list(badges[0]).content)["credentialSubject"]["encodedList"])
    assert bits.count() == 2


def test_a_copy_from_before_the_restore_is_not_taken_for_the_list_of_after(log, tmp_path):
    first, second = issue(2)
    badges = [fetch_badge(row) for row in (first, second)]
    back_up(tmp_path / "backup")
    api.invalidate_credential(first.pk, reason=REASON)
    tag = fetch_list(badges[0])["ETag"]
    restore(tmp_path / "backup")
    run("--log", os.devnull, "--yes")
    api.invalidate_credential(second.pk, reason=REASON)  # the list has the version again that it had before
    answer = Client().get(
        urlsplit(badges[0]["credentialStatus"]["statusListCredential"]).path, headers={"If-None-Match": tag}
    )
    assert answer.status_code == 200
    assert is_revoked(badges[1])


def test_running_it_again_changes_nothing(log, tmp_path):
    rows = issue(4)
    back_up(tmp_path / "backup")
    lost = issue(1)[0]
    badges = [fetch_badge(row) for row in (*rows, lost)]
    for row in (rows[0], lost):
        api.invalidate_credential(row.pk, reason=REASON)
    lists = save_lists(tmp_path, *badges)
    logged = len(read_log(log))
    restore(tmp_path / "backup")
    run(*as_options(lists), "--yes")
    before = list(Credential.objects.order_by("pk").values())
    said, _ = run(*as_options(lists), "--yes")
    assert "0 credentials invalidated, 0 places revoked" in said
    assert list(Credential.objects.order_by("pk").values()) == before
    assert RevokedPlace.objects.count() == 1
    assert len(read_log(log)) == logged  # what comes from the log is not logged again


def test_what_a_list_told_is_logged(log, tmp_path):
    row = issue(1)[0]
    back_up(tmp_path / "backup")
    badge = fetch_badge(row)
    api.invalidate_credential(row.pk, reason=REASON)
    lists = save_lists(tmp_path, badge)
    log.unlink()
    restore(tmp_path / "backup")
    run(*as_options(lists), "--log", os.devnull, "--yes")
    assert [line["credential"] for line in read_log(log)] == [str(row.pk)]


def test_the_log_brings_back_dates_reasons_who_and_blocks(log, tmp_path):
    staff = UserFactory(staff=True)
    blocked, free = issue(2)
    back_up(tmp_path / "backup")
    api.invalidate_credential(blocked.pk, reason=REASON, actor=staff)
    api.invalidate_credential(free.pk, reason="Another.", blocks_reissue=False)
    before = list(
        Credential.objects.order_by("pk").values("pk", "invalidated_at", "invalidation_reason", "blocks_reissue")
    )
    restore(tmp_path / "backup")
    run("--yes")
    after = list(
        Credential.objects.order_by("pk").values("pk", "invalidated_at", "invalidation_reason", "blocks_reissue")
    )
    assert after == before
    assert blocked.events.get(to_status="invalidated").actor_id == staff.pk


@pytest.mark.parametrize("is_revoked_before", [True, False])
def test_the_log_brings_back_lifted_blocks(log, tmp_path, is_revoked_before):
    staff = UserFactory(staff=True)
    (row,) = issue(1)
    if is_revoked_before:
        api.invalidate_credential(row.pk, reason=REASON)
    back_up(tmp_path / "backup")
    if not is_revoked_before:
        api.invalidate_credential(row.pk, reason=REASON)
    api.lift_reissue_block(row.pk, reason="It was somebody else.", actor=staff)
    restore(tmp_path / "backup")
    assert "W015" in check("default")
    lines = len(read_log(log))
    said, _ = run()
    assert ("Blocks to lift: 1." in said, "It was somebody else." in said) == (is_revoked_before, is_revoked_before)
    said, _ = run("--yes")
    assert f"{int(is_revoked_before)} blocks lifted" in said
    row.refresh_from_db()
    assert (row.status, row.blocks_reissue) == ("invalidated", False)
    if is_revoked_before:
        event = row.events.get(action="block_lifted")
        assert (event.reason, event.actor_id) == ("It was somebody else.", staff.pk)
    assert "W015" not in check("default")
    run("--yes")
    sweep_stale_credentials()
    assert len(read_log(log)) == lines


def test_a_block_that_another_log_says_was_lifted_is_not_set(log, tmp_path):
    """Each machine has a log of its own, and they are read in any order."""
    (row,) = issue(1)
    back_up(tmp_path / "backup")
    api.invalidate_credential(row.pk, reason=REASON)
    revoked = log.read_text()
    api.lift_reissue_block(row.pk, reason="It was somebody else.")
    lifted = "".join(line for line in log.read_text().splitlines(keepends=True) if "block_lifted" in line)
    restore(tmp_path / "backup")
    for name, text in (("first", lifted), ("second", revoked)):
        (tmp_path / name).write_text(text)
    run("--log", str(tmp_path / "first"), "--log", str(tmp_path / "second"), "--yes")
    row.refresh_from_db()
    assert (row.status, row.blocks_reissue) == ("invalidated", False)


@pytest.fixture
def certificate(world):
    """A course certificate that a learner holds."""
    configuration = CredentialConfigurationFactory(
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates"
    )
    key, user = configuration.learning_context_key, UserFactory()
    world.add_course_run(key, "Introduction to Tests")
    world.enrol(user.pk, key)
    world.set_grade(user.pk, key, {"Homework": 0.9, "Exam": 0.9})
    api.evaluate_course_certificate(key, user.pk)
    return Credential.objects.get(configuration=configuration)


def test_a_revoked_course_certificate_bars_its_learner_again(log, tmp_path, certificate):
    back_up(tmp_path / "backup")
    api.invalidate_credential(certificate.pk, reason=REASON)
    assert CertificateInvalidation.objects.get().is_active
    restore(tmp_path / "backup")
    assert not CertificateInvalidation.objects.exists()
    run("--yes")
    certificate.refresh_from_db()
    assert certificate.blocks_reissue
    assert CertificateInvalidation.objects.get().is_active


@pytest.mark.usefixtures("without_log")
@pytest.mark.parametrize("options", [[], ["--allow-reissue"]])
def test_the_operator_says_whether_what_a_list_revokes_may_be_issued_anew(tmp_path, options):
    row = issue(1)[0]
    back_up(tmp_path / "backup")
    badge = fetch_badge(row)
    api.invalidate_credential(row.pk, reason=REASON)
    lists = save_lists(tmp_path, badge)
    restore(tmp_path / "backup")
    run(*as_options(lists), *options, "--yes")
    row.refresh_from_db()
    assert row.blocks_reissue is not bool(options)


def test_a_place_that_was_handed_out_twice_revokes_nobody_else(log, tmp_path):
    first = issue(1)[0]
    back_up(tmp_path / "backup")
    lost = issue(1)[0]
    badge = fetch_badge(lost)
    api.invalidate_credential(lost.pk, reason=REASON)
    lists = save_lists(tmp_path, badge)
    restore(tmp_path / "backup")
    Credential.objects.update(created=datetime.now(UTC) - timedelta(days=1))
    other = issue(1)[0]  # before the command was run
    assert status_lists.ensure_place(other) == (lost.status_list_id, lost.status_list_index)
    Credential.objects.filter(pk=other.pk).update(created=datetime.now(UTC) + timedelta(seconds=5))
    _, complained = run(*as_options(lists), "--yes")
    other.refresh_from_db()
    assert other.status == Credential.Status.AVAILABLE
    assert complained.count(str(other.verify_uuid)) == 1
    api.reissue_credential(other.pk, reason="A place of its own.")
    assert is_revoked(badge)
    assert run(*as_options(lists))[1] == ""
    assert not is_revoked(fetch_badge(Credential.objects.get(replaces=other)))
    first.refresh_from_db()
    assert first.status == Credential.Status.AVAILABLE


def test_lists_of_before_mirrored_places_are_taken_in(log, tmp_path):
    StatusList.objects.create(is_mirrored=False)
    rows = issue(8)
    back_up(tmp_path / "backup")
    badges = [fetch_badge(row) for row in rows]
    for row in rows[::2]:
        api.invalidate_credential(row.pk, reason=REASON)
    lists = save_lists(tmp_path, *badges)
    restore(tmp_path / "backup")
    run(*as_options(lists), "--log", os.devnull, "--yes")
    assert [is_revoked(badge) for badge in badges] == [True, False] * 4


def test_lists_of_a_former_address_are_taken_in(log, tmp_path, settings, app_settings):
    row = issue(1)[0]
    back_up(tmp_path / "backup")
    badge = fetch_badge(row)
    api.invalidate_credential(row.pk, reason=REASON)
    lists = save_lists(tmp_path, badge)
    restore(tmp_path / "backup")
    old = settings.LEARNING_CREDENTIALS["BASE_URL"]
    app_settings(BASE_URL="https://new.example.org")
    with pytest.raises(CommandError, match="not issued by this site"):
        run(*as_options(lists))
    app_settings(FORMER_BASE_URLS=[old])
    run(*as_options(lists), "--log", os.devnull, "--yes")
    row.refresh_from_db()
    assert row.status == Credential.Status.INVALIDATED


# What is no list of ours


def resign(document, key=KEY, **changes):
    method = f"{document['issuer']}#{key.verifying_key.multikey}"
    unsigned = {name: value for name, value in document.items() if name != "proof"} | changes
    return sign(unsigned, key, verification_method=method, created=datetime.now(UTC))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: b"not JSON", "not JSON"),
        (lambda document: write_document({**document, "validFrom": "2030-01-01T00:00:00Z"}).encode(), "signature"),
        (lambda document: write_document(resign(document, create_key())).encode(), "does not list the key"),
        (
            lambda document: write_document(resign(document, id="https://credentials.example.org/x/1/")).encode(),
            "not the address",
        ),
        (
            lambda document: write_document(
                resign(document, credentialSubject={**document["credentialSubject"], "statusPurpose": "suspension"})
            ).encode(),
            "not a list of revocations",
        ),
    ],
)
def test_what_is_no_list_of_this_site_stops_the_command(log, tmp_path, change, message):
    row = issue(1)[0]
    badge = fetch_badge(row)
    good = save_lists(tmp_path, badge)
    bad = tmp_path / "bad.json"
    bad.write_bytes(change(read_document(good[0].read_bytes())))
    with pytest.raises(CommandError, match=message) as raised:
        run(*as_options([*good, bad]), "--log", os.devnull, "--yes")
    assert "bad.json" in str(raised.value)
    assert StatusList.objects.get().closed_at is None


def test_a_badge_is_no_list(log, tmp_path):
    (tmp_path / "badge.json").write_text(api.get_badge(issue(1)[0].verify_uuid))
    with pytest.raises(CommandError, match=r"badge\.json"):
        run("--list", tmp_path / "badge.json", "--log", os.devnull)


@pytest.mark.parametrize("options", [["--list", "/no/such/file"], ["--log", "/no/such/file"]])
def test_a_file_that_is_not_there_is_named(log, options):
    log.touch()
    with pytest.raises(CommandError, match="/no/such/file cannot be read"):
        run(*options, "--yes")


def test_a_log_that_should_be_there_is_missed(log):
    with pytest.raises(CommandError, match="REVOCATION_LOG: there is no file"):
        run()


@pytest.mark.usefixtures("without_log")
def test_with_nothing_to_go_by_the_lists_are_still_begun_anew():
    issue(1)
    _, complained = run("--yes")
    assert "There is neither a log nor a list" in complained
    assert StatusList.objects.get().closed_at is not None


# The log


def test_a_withdrawn_invalidation_is_withdrawn_again(log, tmp_path, certificate):
    api.invalidate_credential(certificate.pk, reason=REASON)
    back_up(tmp_path / "backup")
    api.lift_certificate_invalidation(CertificateInvalidation.objects.get().pk, notes="It was somebody else.")
    restore(tmp_path / "backup")
    assert CertificateInvalidation.objects.get().is_active
    run("--yes")
    certificate.refresh_from_db()
    assert not certificate.blocks_reissue
    assert not CertificateInvalidation.objects.get().is_active
    assert Credential.objects.get(is_current=True).user_id == certificate.user_id


def test_every_way_to_lose_a_credential_is_logged(log, certificate, world, django_user_model):
    invalidated, reissued, waiting = issue(3)
    Credential.objects.filter(pk=waiting.pk).update(status="generating", artifact_name="")
    api.invalidate_credential(invalidated.pk, reason=REASON)
    api.reissue_credential(reissued.pk, reason="New name.")
    api.invalidate_credential(waiting.pk, reason="Cancelled.")
    # The standing is lost, and the certificate with it.
    api.invalidate_certificate(certificate.user_id, certificate.learning_context_key, notes="Cheated.")
    of_course = certificate
    lines = read_log(log)
    assert [line["credential"] for line in lines] == [
        str(row.pk) for row in (invalidated, reissued, waiting, of_course)
    ]
    assert {line["event"] for line in lines} == {"credential_revoked"}
    line = lines[0]
    invalidated.refresh_from_db()
    assert (line["list"], line["index"], line["mirrored"]) == (*status_lists.ensure_place(invalidated), True)
    assert datetime.fromisoformat(line["at"]) == invalidated.invalidated_at
    assert (line["reason"], line["blocks_reissue"], line["by"]) == (REASON, True, None)
    text = log.read_text()
    for user in django_user_model.objects.all():
        assert user.email not in text
        assert user.last_name not in text
    assert log.stat().st_mode & 0o777 == 0o600
    assert not UnloggedRevocation.objects.exists()


def test_what_is_rolled_back_is_not_logged(log):
    row = issue(1)[0]
    with transaction.atomic():
        api.invalidate_credential(row.pk, reason=REASON)
        transaction.set_rollback(True)
    assert not log.exists()
    assert not UnloggedRevocation.objects.exists()


@pytest.mark.parametrize("path", ["/no/such/directory/log", "/proc/version", "/dev/full"])
def test_a_log_that_cannot_be_written_stops_no_revocation_and_is_written_by_the_sweep(log, settings, path, caplog):
    good = settings.LEARNING_CREDENTIALS
    settings.LEARNING_CREDENTIALS = {**good, "REVOCATION_LOG": path}
    rows = issue(3)
    for row in rows:
        api.invalidate_credential(row.pk, reason=REASON)
    assert "The sweep will try again" in caplog.text
    assert path in caplog.text
    sweep_stale_credentials()
    assert UnloggedRevocation.objects.count() == 3
    settings.LEARNING_CREDENTIALS = good
    sweep_stale_credentials()
    assert [line["credential"] for line in read_log(log)] == [str(row.pk) for row in rows]
    assert not UnloggedRevocation.objects.exists()


@pytest.mark.usefixtures("without_log")
def test_without_the_setting_nothing_is_kept():
    api.invalidate_credential(issue(1)[0].pk, reason=REASON)
    assert not UnloggedRevocation.objects.exists()


def test_a_half_written_line_is_passed_over_and_ended_by_the_next(log):
    first, second = issue(2)
    api.invalidate_credential(first.pk, reason=REASON)
    log.write_bytes(log.read_bytes() + b'{"v": 1, "at": "2026-1')
    assert run()[1] == ""
    api.invalidate_credential(second.pk, reason=REASON)
    lines = log.read_bytes().splitlines()
    assert json.loads(lines[-1])["credential"] == str(second.pk)
    assert "line 2: skipped" in run()[1]


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        "[]",
        "7",
        '{"v": 2, "at": "2026-01-01T00:00:00+00:00", "event": "credential_revoked"}',
        '{"v": 1, "at": "2026-01-01T00:00:00+00:00", "event": "moon_landed"}',
        '{"v": 1, "at": "2026-01-01T00:00:00", "event": "learner_retired", "user": 1}',
        '{"v": 1, "at": "2026-01-01T00:00:00+00:00", "event": "credential_revoked", "credential": "x"}',
        '{"v": 1, "event": "credential_revoked"}',
        "\udcff",
    ],
)
def test_a_line_that_is_not_understood_is_reported_and_hinders_nothing(log, tmp_path, line):
    row = issue(1)[0]
    back_up(tmp_path / "backup")
    log.write_bytes(line.encode(errors="surrogateescape") + b"\n\n")
    api.invalidate_credential(row.pk, reason=REASON)
    restore(tmp_path / "backup")
    said, complained = run("--yes")
    assert "line 1: skipped" in complained
    assert "1 credentials invalidated" in said


def test_a_retirement_in_the_log_is_told(log):
    log.write_text('{"v": 1, "at": "2026-03-04T00:00:00+00:00", "event": "learner_retired", "user": 17}\n')
    said, complained = run()
    assert "Account 17 was retired on 2026-03-04. Retire it again." in said
    assert complained == ""


def check(*databases):
    found = run_checks(tags=["learning_credentials"], databases=databases)
    return {message.id.rpartition(".")[2]: message for message in found}


def test_a_database_that_knows_less_than_the_log_is_told(log, tmp_path):
    row = issue(1)[0]
    back_up(tmp_path / "backup")
    lost = issue(1)[0]
    for item in (row, lost):
        api.invalidate_credential(item.pk, reason=REASON)
    assert "W015" not in check("default")
    restore(tmp_path / "backup")
    assert "after_restore" in check("default")["W015"].hint
    assert "W015" not in check()
    run("--yes")
    assert "W015" not in check("default")


@pytest.mark.parametrize("path", ["/no/such/directory/log", "/proc", "/dev/null"])
def test_a_log_that_cannot_be_written_is_told(log, app_settings, path):
    assert "W014" not in check()
    app_settings(REVOCATION_LOG=path)
    assert path in check()["W014"].msg
    assert check()["W014"].hint


def test_several_logs_are_read(log, tmp_path):
    rows = issue(2)
    back_up(tmp_path / "backup")
    files = []
    for row in rows:
        api.invalidate_credential(row.pk, reason=REASON)
        files.append(log.rename(tmp_path / f"{row.pk}.jsonl"))
    restore(tmp_path / "backup")
    run("--log", files[0], "--log", files[1], "--yes")
    assert Credential.objects.filter(status="invalidated").count() == 2


def test_many_that_write_at_once_mix_no_lines(tmp_path):
    path = tmp_path / "lines"

    def write(name):
        for number in range(100):
            line_files.append_lines(path, [f"{name}-{number}-{'x' * 500}"] * 3)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line.decode() for _, line, _ in line_files.read_lines(path)]
    assert len(lines) == 1200
    assert {line.rpartition("-")[2] for line in lines} == {"x" * 500}


def test_what_was_written_of_a_failed_line_is_taken_off(tmp_path, monkeypatch):
    path = tmp_path / "lines"
    line_files.append_lines(path, ["one"])
    written = os.write

    def fill_up(file, content):
        if len(content) < 5:
            raise OSError(28, "No space left on device")
        return written(file, content[:3])

    monkeypatch.setattr(os, "write", fill_up)
    with pytest.raises(OSError, match="No space"):
        line_files.append_lines(path, ["two two two"])
    monkeypatch.undo()
    line_files.append_lines(path, ["three"])
    assert path.read_text() == "one\nthree\n"
