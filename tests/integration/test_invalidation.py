"""Invalidate, lift the block, reissue; and what the public sees of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from learning_credentials import api, receivers, signals
from learning_credentials.data import VerificationStatus
from learning_credentials.exceptions import (
    CredentialNotFoundError,
    CredentialRevokedError,
    GenerationError,
    InvalidTransitionError,
    LMSUnavailableError,
    ReasonRequiredError,
)
from learning_credentials.models import Credential
from learning_credentials.services.common import artifacts
from learning_credentials.services.issuing import sweep_stale_credentials
from learning_credentials.services.notices import announce_pending_credentials
from learning_credentials.storages import get_output_dir, get_storage
from tests.factories import CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


@pytest.fixture
def issued(course, enrol):
    """One available credential."""
    (user,) = enrol("Ada")
    return api.issue_credential(course.pk, user.pk)


class TestInvalidate:
    def test_status_history_and_file(self, issued):
        staff = UserFactory(staff=True)
        name = issued.artifact_name
        done = api.invalidate_credential(str(issued.pk), reason="  Plagiarism  ", actor=staff)
        assert (done.status, done.is_current, done.blocks_reissue) == (Status.INVALIDATED, None, True)
        assert done.invalidation_reason == "Plagiarism"
        event = done.events.last()
        assert (event.action, event.actor, event.reason) == ("invalidated", staff, "Plagiarism")

        answer = api.verify_credential(issued.verify_uuid)
        assert (answer.status, answer.is_valid, answer.has_download) == (VerificationStatus.INVALIDATED, False, False)
        assert answer.invalidation_reason == "Plagiarism"
        with pytest.raises(CredentialRevokedError):
            api.open_artifact(issued.verify_uuid)
        done.refresh_from_db()
        assert done.archived_at is not None
        assert not get_storage().exists(name)
        with artifacts.open_file(done.artifact_name) as file:
            assert b"Ada Tester" in file.read()

    def test_twice_is_refused_and_leaves_one_event(self, issued):
        api.invalidate_credential(issued.pk, reason="First")
        with pytest.raises(InvalidTransitionError):
            api.invalidate_credential(issued.pk, reason="Second")
        issued.refresh_from_db()
        assert issued.invalidation_reason == "First"
        assert issued.events.filter(action="invalidated").count() == 1

    @pytest.mark.parametrize("reason", ["", "   ", None])
    def test_a_reason_is_required(self, issued, reason):
        with pytest.raises(ReasonRequiredError):
            api.invalidate_credential(issued.pk, reason=reason)
        issued.refresh_from_db()
        assert issued.status == Status.AVAILABLE

    @pytest.mark.parametrize("uuid", [uuid4(), "no-uuid", ""])
    def test_unknown(self, uuid):
        with pytest.raises(CredentialNotFoundError):
            api.invalidate_credential(uuid, reason="x")

    def test_without_a_block_the_next_run_issues_anew(self, issued, course):
        api.invalidate_credential(issued.pk, reason="Wrong template", blocks_reissue=False)
        api.start_run(course.pk)
        assert Credential.objects.get(status=Status.AVAILABLE).verify_uuid != issued.verify_uuid

    def test_a_cancelled_one_was_never_public(self):
        waiting = CredentialFactory()
        api.invalidate_credential(waiting.pk, reason="Withdrawn")
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(waiting.verify_uuid)
        assert waiting.events.last().action == "cancelled"

    def test_a_lost_message_is_made_up_for_by_the_sweep(self, issued):
        uid = "learning_credentials.credentials_invalidated"
        signals.credentials_invalidated.disconnect(dispatch_uid=uid)
        try:
            api.invalidate_credential(issued.pk, reason="Plagiarism")
        finally:
            signals.credentials_invalidated.connect(receivers.archive_files, dispatch_uid=uid)
        with pytest.raises(CredentialRevokedError):
            api.open_artifact(issued.verify_uuid)  # out of reach from the first moment
        assert sweep_stale_credentials().archived == 1
        assert sweep_stale_credentials().archived == 0

    @pytest.mark.parametrize("state", ["copied", "half copied", "original gone"])
    def test_archiving_goes_on_after_a_crash_at_any_point(self, issued, state):
        root = get_output_dir()
        original, copy = root / issued.artifact_name, root / artifacts.get_archive_name(issued.artifact_name)
        content = original.read_bytes()
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content[:10] if state == "half copied" else content)
        if state == "original gone":
            original.unlink()
        api.invalidate_credential(issued.pk, reason="Plagiarism")
        issued.refresh_from_db()
        assert issued.archived_at is not None
        assert not original.exists()
        assert (root / issued.artifact_name).read_bytes() == content

    def test_lifting_a_block(self, issued):
        with pytest.raises(InvalidTransitionError):
            api.lift_reissue_block(issued.pk, reason="Nothing to lift")
        api.invalidate_credential(issued.pk, reason="Plagiarism")
        with pytest.raises(ReasonRequiredError):
            api.lift_reissue_block(issued.pk, reason=" ")
        lifted = api.lift_reissue_block(issued.pk, reason="Appeal upheld")
        assert (lifted.blocks_reissue, lifted.status) == (False, Status.INVALIDATED)
        assert lifted.events.last().reason == "Appeal upheld"


class TestReissue:
    def test_the_successor_takes_the_place_and_keeps_the_date(self, issued, world, course):
        world.set_profile(issued.user_id, display_name="Ada Corrected")
        staff = UserFactory(staff=True)
        successor = api.reissue_credential(issued.pk, reason="Name corrected", actor=staff)
        issued.refresh_from_db()
        assert (successor.status, successor.is_current, successor.replaces) == (Status.AVAILABLE, True, issued)
        assert successor.user_full_name == "Ada Corrected"
        assert successor.issued_at == issued.issued_at
        assert successor.verify_uuid != issued.verify_uuid
        assert (issued.status, issued.is_current, issued.blocks_reissue) == (Status.INVALIDATED, None, False)
        assert issued.events.last().actor == staff

        old = api.verify_credential(issued.verify_uuid)
        assert (old.is_valid, old.replaced_by, old.invalidation_reason) == (
            False,
            successor.verify_uuid,
            "Name corrected",
        )
        assert api.verify_credential(successor.verify_uuid).is_valid
        api.start_run(course.pk)
        assert Credential.objects.count() == 2

    def test_a_chain(self, issued):
        second = api.reissue_credential(issued.pk, reason="Once")
        third = api.reissue_credential(second.pk, reason="Twice")
        assert Credential.objects.filter(is_current=True).get() == third
        with pytest.raises(InvalidTransitionError):
            api.reissue_credential(issued.pk, reason="The first again")

    def test_when_rendering_fails_the_old_one_holds_and_it_can_be_tried_again(self, issued, world):
        world.set_profile(issued.user_id, display_name="Ada Faulty")
        with pytest.raises(GenerationError):
            api.reissue_credential(issued.pk, reason="Name corrected")
        issued.refresh_from_db()
        assert issued.status == Status.AVAILABLE
        assert api.verify_credential(issued.verify_uuid).is_valid
        failed = issued.successor
        assert (failed.status, failed.is_current) == (Status.ERROR, None)
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(failed.verify_uuid)
        Credential.objects.filter(pk=failed.pk).update(user_full_name="Ada Mended")
        assert api.reissue_credential(issued.pk, reason="Again").pk == failed.pk

    def test_a_cancelled_attempt_leaves_the_old_one_as_it_was_and_another_can_be_made(self, issued, world, course):
        world.set_profile(issued.user_id, display_name="Ada Faulty")
        with pytest.raises(GenerationError):
            api.reissue_credential(issued.pk, reason="Name corrected")
        cancelled = api.invalidate_credential(issued.successor.pk, reason="A slip")
        assert (cancelled.status, cancelled.blocks_reissue) == (Status.INVALIDATED, False)
        assert api.verify_credential(issued.verify_uuid).is_valid
        world.set_profile(issued.user_id, display_name="Ada Mended")
        successor = api.reissue_credential(issued.pk, reason="Name corrected")
        assert (successor.status, successor.user_full_name) == (Status.AVAILABLE, "Ada Mended")
        assert api.verify_credential(issued.verify_uuid).replaced_by == successor.verify_uuid
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(cancelled.verify_uuid)

    def test_what_holds_for_ever_goes_on_to(self, issued, course):
        course.credential_type.valid_for = timedelta(days=1)
        course.credential_type.save()
        Credential.objects.update(issued_at=timezone.now() - timedelta(days=400))
        successor = api.reissue_credential(issued.pk, reason="Name corrected")
        assert successor.expires_at is None
        assert api.verify_credential(successor.verify_uuid).is_valid

    def test_nobody_is_told_of_it_where_that_is_off_nor_later(self, issued, settings):
        told = settings.LEARNING_CREDENTIALS
        settings.LEARNING_CREDENTIALS = {**told, "NOTIFY_LEARNERS": False}
        api.reissue_credential(issued.pk, reason="Name corrected")
        settings.LEARNING_CREDENTIALS = told
        assert announce_pending_credentials() == 0

    def test_what_is_revoked_meanwhile_stays_revoked(self, issued, monkeypatch):
        from tests import plugins

        def generate(credential, options):
            api.invalidate_credential(issued.pk, reason="Plagiarism")
            return plugins.generate_text_credential(credential, options)

        monkeypatch.setattr(
            plugins.generate_flaky, "prepare", lambda options, assets: lambda data: generate(data, options)
        )
        with pytest.raises(InvalidTransitionError, match="while it was being reissued"):
            api.reissue_credential(issued.pk, reason="Name corrected")
        assert Credential.objects.get().invalidation_reason == "Plagiarism"
        assert Credential.objects.get().events.filter(action="reissue_discarded").exists()

    def test_a_lost_worker_is_made_up_for_by_the_sweep(self, issued, monkeypatch):
        from tests import plugins

        def die(options, assets):
            raise SystemExit

        monkeypatch.setattr(plugins.generate_flaky, "prepare", die)
        with pytest.raises(SystemExit):
            api.reissue_credential(issued.pk, reason="Name corrected")
        monkeypatch.undo()
        Credential.objects.update(generation_started_at=timezone.now() - timedelta(hours=1))
        assert sweep_stale_credentials().redispatched == 1
        issued.refresh_from_db()
        assert api.verify_credential(issued.verify_uuid).replaced_by == issued.successor.verify_uuid

    def test_not_while_the_lms_is_silent(self, issued, world):
        world.outage = True
        with pytest.raises(LMSUnavailableError):
            api.reissue_credential(issued.pk, reason="Name corrected")
        assert Credential.objects.count() == 1


class TestVerify:
    @pytest.mark.parametrize("trait", ["generating", "error"])
    def test_unfinished_ones_are_unknown(self, trait):
        row = CredentialFactory(**({trait: True} if trait == "error" else {}))
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(row.verify_uuid)
        with pytest.raises(CredentialNotFoundError):
            api.open_artifact(row.verify_uuid)

    @pytest.mark.parametrize("value", ["", "x", "0" * 32, None, "😀"])
    def test_malformed_ids_are_unknown(self, value):
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(value)

    def test_one_query(self, issued, django_assert_num_queries):
        with django_assert_num_queries(1):
            answer = api.verify_credential(str(issued.verify_uuid))
        assert answer.verify_url == f"https://credentials.example.org/credentials/{issued.verify_uuid}/"

    def test_an_expired_one_is_not_valid(self, issued):
        Credential.objects.update(expires_at=timezone.now() - timedelta(days=1))
        answer = api.verify_credential(issued.verify_uuid)
        assert (answer.status, answer.is_valid) == (VerificationStatus.AVAILABLE, False)

    def test_the_internal_id_is_of_no_use_outside(self, issued):
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(issued.pk)

    def test_own_credentials(self, issued, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert [item.verify_uuid for item in api.list_credentials(issued.user_id)] == [issued.verify_uuid]
