"""The admin of credentials: read-only, with actions that go through the facade."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.admin import large_lists
from learning_credentials.models import Credential, CredentialEvent
from learning_credentials.storages import get_storage
from tests.factories import CredentialEventFactory, CredentialFactory, UserFactory
from tests.integration.admin_forms import read_form
from tests.integration.admin_pages import count_queries, left_out_of, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"
LIST = reverse("admin:learning_credentials_credential_changelist")

pytestmark = pytest.mark.django_db(transaction=True)


def url(page, credential):
    return reverse(f"admin:learning_credentials_credential_{page}", args=[credential.pk])


def act(client, name, credentials, **answer):
    data = {"action": name, "_selected_action": [str(row.pk) for row in credentials]}
    return client.post(LIST, data | ({"confirm": "yes", **answer} if answer else {"index": "0"}), follow=True)


def status(credential):
    return Credential.objects.get(pk=credential.pk).status


class TestReading:
    def test_the_detail_page_tells_the_whole_story(self, admin):
        credential = CredentialFactory(available=True, evidence={"current_grades": {"Total": 0.93}})
        CredentialEventFactory(credential=credential, action="created", to_status="generating")
        CredentialEventFactory(
            credential=credential,
            action="failed",
            from_status="generating",
            to_status="error",
            detail={"code": "name_unprintable"},
        )
        CredentialEventFactory(
            credential=credential, action="retried", actor=UserFactory(username="helper"), reason="Again"
        )
        page = admin.get(url("change", credential)).content.decode()
        history = page[page.index('id="history"') :]
        assert history.index("created") < history.index("Being made → Failed") < history.index("retried")
        for text in ("name_unprintable", "helper", "Again", "the app"):
            assert text in history
        assert "0.93" in page
        assert api.get_verification_url(credential.verify_uuid) in page
        assert url("artifact", credential) in page

    def test_nothing_can_be_added_changed_or_deleted_by_form(self, admin):
        credential = CredentialFactory(available=True)
        assert admin.get(reverse("admin:learning_credentials_credential_add")).status_code == 403
        assert admin.post(url("change", credential), {"user_full_name": "Somebody Else"}).status_code == 403
        assert admin.post(url("delete", credential), {"post": "yes"}).status_code == 403
        act(admin, "delete_selected", [credential])
        assert Credential.objects.get().user_full_name == credential.user_full_name
        page = admin.get(url("change", credential)).content.decode()
        assert 'name="_save"' not in page

    def test_predecessor_and_successor_are_linked(self, admin):
        old = CredentialFactory(invalidated=True)
        new = CredentialFactory(available=True, replaces=old, user=old.user, configuration=old.configuration)
        assert url("change", new) in admin.get(url("change", old)).content.decode()
        assert url("change", old) in admin.get(url("change", new)).content.decode()

    @pytest.mark.parametrize("trait", ["available", "error", "invalidated", None])
    def test_buttons_follow_the_status(self, admin, trait):
        credential = CredentialFactory(**({trait: True} if trait else {}))
        page = admin.get(url("change", credential)).content.decode()
        assert (url("reissue", credential) in page) == (trait == "available")
        assert (url("invalidate", credential) in page) == (trait != "invalidated")
        assert (url("retry", credential) in page) == (trait == "error")
        assert url("lift_block", credential) not in page

    def test_a_learner_who_left_is_no_trouble(self, admin):
        credential = CredentialFactory(available=True, user=None, user_full_name="Former Learner")
        assert "Former Learner" in admin.get(LIST).content.decode()
        assert admin.get(url("change", credential)).status_code == 200

    def test_an_unknown_one_leads_back(self, admin):
        for page in ("invalidate", "artifact"):
            assert (
                admin.get(reverse(f"admin:learning_credentials_credential_{page}", args=[uuid4()])).status_code == 404
            )


class TestList:
    @pytest.mark.parametrize(
        "search",
        [
            "Wanted",
            "wanted-login",
            "W+1+2026",
            "{verify_uuid}",
            "https://credentials.example.org/credentials/{verify_uuid}/",
            "{verify_uuid.hex}",
            "{uuid}",
            "wanted per",
            "wanted@example.org",
            "Longing",
            "Course of Wants",
        ],
    )
    @pytest.mark.parametrize("is_large", [False, True])
    def test_search(self, admin, search, is_large, monkeypatch):
        if is_large:
            monkeypatch.setattr(large_lists, "MAX_ROWS", 2)
        wanted = CredentialFactory(
            available=True,
            user=UserFactory(username="wanted-login", email="wanted@example.org", last_name="Longing"),
            user_full_name="Wanted Person",
            configuration__learning_context_key="course-v1:W+1+2026",
            learning_context_name="A Course of Wants",
        )
        CredentialFactory.create_batch(2, available=True)
        found = admin.get(LIST, {"q": search.format(verify_uuid=wanted.verify_uuid, uuid=wanted.pk)})
        assert list(found.context["cl"].result_list) == [wanted]

    def test_any_part_of_a_name_is_found_where_few_are_searched(self, admin, monkeypatch):
        wanted = CredentialFactory(available=True, user_full_name="Wanted Middle Person")
        CredentialFactory(error=True, user_full_name="Person of no Account")
        CredentialFactory.create_batch(2, available=True)

        def find(**filters):
            return list(admin.get(LIST, {"q": "person midd", **filters}).context["cl"].result_list)

        assert find() == [wanted]
        monkeypatch.setattr(large_lists, "MAX_ROWS", 3)
        assert find() == []
        assert find(status__exact="available") == [wanted]

    def test_filters(self, admin):
        wanted = CredentialFactory(available=True)
        CredentialFactory(error=True, configuration=wanted.configuration)
        CredentialFactory(available=True)
        query = {
            "status__exact": "available",
            "learning_context_key": wanted.learning_context_key,
            "credential_type": wanted.configuration.credential_type_id,
        }
        found = admin.get(LIST, query)
        assert list(found.context["cl"].result_list) == [wanted]
        page = found.content.decode()
        assert '<input type="hidden" name="status__exact" value="available">' in page, "the others are kept"

    def test_statuses_are_as_verifiers_read_them(self, admin):
        past, future = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)
        rows = {
            "Valid": CredentialFactory(available=True, expires_at=future),
            "Expired": CredentialFactory(available=True, expires_at=past),
            "Revoked": CredentialFactory(invalidated=True),
            "Failed": CredentialFactory(error=True),
            "Being made": CredentialFactory(),
        }
        offered = admin.get(LIST).context["cl"].filter_specs[0].lookup_choices
        assert {str(text) for _value, text in offered} == set(rows)
        for value, text in offered:
            found = admin.get(LIST, {"status__exact": value})
            assert list(found.context["cl"].result_list) == [rows[text]]
            assert f">{text}</span>" in found.text
            assert f">{text}</span>" in admin.get(url("change", rows[text])).text
        both = admin.get(LIST, {"status__exact": "available"})
        assert set(both.context["cl"].result_list) == {rows["Valid"], rows["Expired"]}
        assert "Valid or expired" in both.text

    @pytest.mark.parametrize("value", ["x", "-1", "9" * 5000])
    def test_a_type_that_there_is_not_filters_nothing(self, admin, value):
        credential = CredentialFactory(available=True)
        found = admin.get(LIST, {"credential_type": value})
        assert list(found.context["cl"].result_list) == [credential]

    def test_queries_do_not_grow_with_the_rows(self, admin, configuration, django_assert_num_queries):
        CredentialFactory.create_batch(10, configuration=configuration, error=True)
        few = count_queries(admin, LIST)
        CredentialFactory.create_batch(40, configuration=configuration, error=True)
        with django_assert_num_queries(few):
            assert len(admin.get(LIST).context["cl"].result_list) == 50


class TestArtifact:
    def test_is_served_to_staff_also_after_the_invalidation(self, admin):
        credential = CredentialFactory(available=True, content=b"the certificate")
        name = credential.artifact_name
        for _time in range(2):
            response = admin.get(url("artifact", credential))
            assert b"".join(response.streaming_content) == b"the certificate"
            assert "no-store" in response["Cache-Control"]
            if credential.status == "available":
                credential = api.invalidate_credential(credential.pk, reason="Revoked")
        credential.refresh_from_db()
        assert credential.archived_at is not None
        assert credential.artifact_name != name

    def test_one_that_is_lost_is_reported(self, admin):
        credential = CredentialFactory(available=True)
        get_storage().delete(credential.artifact_name)
        response = admin.get(url("artifact", credential), follow=True)
        assert any("cannot be opened" in text for text in messages_of(response))

    def test_none_is_not_found(self, admin):
        assert admin.get(url("artifact", CredentialFactory(error=True))).status_code == 404

    def test_needs_the_permission_to_view(self, client):
        credential = CredentialFactory(available=True)
        assert client.get(url("artifact", credential)).status_code == 302
        client.force_login(UserFactory())
        assert client.get(url("artifact", credential)).status_code == 302
        client.force_login(staff_with("view_credentialtype"))
        assert client.get(url("artifact", credential)).status_code == 403


class TestPermissions:
    @pytest.mark.parametrize("page", ["invalidate", "reissue", "lift_block", "retry"])
    def test_who_may_only_view_cannot_act(self, client, page):
        credential = CredentialFactory(available=True)
        client.force_login(staff_with("view_credential"))
        shown = client.get(url("change", credential))
        assert shown.status_code == 200
        assert url(page, credential) not in shown.content.decode()
        assert client.post(url(page, credential), {"confirm": "yes", "reason": "No"}).status_code == 403
        assert client.get(url(page, credential)).status_code in {403, 405}
        assert status(credential) == "available"

    @pytest.mark.parametrize(
        "name", ["invalidate_selected", "reissue_selected", "lift_block_selected", "retry_selected"]
    )
    def test_nor_by_actions(self, client, name):
        credential = CredentialFactory(available=True)
        client.force_login(staff_with("view_credential"))
        act(client, name, [credential], reason="No")
        assert status(credential) == "available"
        assert not CredentialEvent.objects.exists()

    def test_without_any_permission_nothing_is_shown(self, client):
        credential = CredentialFactory(available=True)
        client.force_login(UserFactory(staff=True))
        assert client.get(LIST).status_code == 403
        assert client.get(url("change", credential)).status_code == 403

    def test_nothing_runs_in_the_transaction_of_a_request(self):
        key = uuid4()
        for page in ("", *(f"{key}/{name}/" for name in ("invalidate", "reissue", "lift-block", "retry", "artifact"))):
            assert resolve(LIST + page).func._non_atomic_requests == {"default"}, page


@pytest.mark.parametrize("page", ["invalidate", "reissue"])
def test_whoever_gives_a_reason_is_told_that_everyone_reads_it(admin, page):
    shown = admin.get(url(page, CredentialFactory(available=True))).content.decode()
    assert "The public page shows the reason to everyone" in shown


class TestInvalidate:
    def test_asks_for_a_reason_and_records_it(self, admin):
        credential = CredentialFactory(available=True)
        assert (
            "Undoing it does not make this credential valid again"
            in admin.get(url("invalidate", credential)).content.decode()
        )
        assert status(credential) == "available", "GET changes nothing"
        answer = {"confirm": "yes", "reason": " Plagiarism ", "blocks_reissue": "on"}
        response = admin.post(url("invalidate", credential), answer, follow=True)
        assert response.redirect_chain == [(url("change", credential), 302)]
        assert messages_of(response) == ["1 credential was revoked."]
        credential.refresh_from_db()
        assert (credential.status, credential.invalidation_reason) == ("invalidated", "Plagiarism")
        assert credential.blocks_reissue
        assert credential.events.get().actor.username == "registrar"

    def test_the_block_is_optional(self, admin):
        credential = CredentialFactory(available=True)
        admin.post(url("invalidate", credential), {"confirm": "yes", "reason": "Wrong course"})
        credential.refresh_from_db()
        assert (credential.status, credential.blocks_reissue) == ("invalidated", False)

    @pytest.mark.parametrize("reason", ["", "   \n"])
    def test_a_blank_reason_is_refused(self, admin, reason):
        credential = CredentialFactory(available=True)
        response = admin.post(url("invalidate", credential), {"confirm": "yes", "reason": reason})
        assert "reason" in response.context["form"].errors
        assert status(credential) == "available"

    def test_one_refusal_stops_no_other(self, admin):
        revoked = CredentialFactory(invalidated=True, user_full_name="Already Revoked")
        others = CredentialFactory.create_batch(2, available=True)
        asked = act(admin, "invalidate_selected", [revoked, *others])
        assert "3 credentials" in asked.content.decode()
        assert {status(row) for row in others} == {"available"}
        response = act(admin, "invalidate_selected", [revoked, *others], reason="Exam annulled", blocks_reissue="on")
        assert {status(row) for row in others} == {"invalidated"}
        assert messages_of(response) == ["2 credentials were revoked."]
        (refused,) = left_out_of(response)
        assert "Already Revoked" in refused
        assert "already revoked" in refused

    def test_a_blank_reason_for_many_is_refused_and_the_choice_kept(self, admin):
        credentials = CredentialFactory.create_batch(2, available=True)
        response = act(admin, "invalidate_selected", credentials, reason=" ")
        assert "reason" in response.context["form"].errors
        page = response.content.decode()
        assert all(f'name="_selected_action" value="{row.pk}"' in page for row in credentials)
        assert {status(row) for row in credentials} == {"available"}

    def test_all_pages_of_a_filtered_list(self, admin):
        credentials = CredentialFactory.create_batch(3, available=True)
        other = CredentialFactory(error=True)
        selected = {"action": "invalidate_selected", "_selected_action": [str(credentials[0].pk)], "select_across": "1"}
        asked = admin.post(f"{LIST}?status__exact=available", {**selected, "index": "0"})
        values = {**read_form(asked), "reason": "Exam annulled"}
        response = admin.post(f"{LIST}?status__exact=available", values, follow=True)
        assert messages_of(response) == ["3 credentials were revoked."]
        assert status(other) == "error"

    def test_too_many_at_once_are_refused(self, admin, configuration):
        Credential.objects.bulk_create(
            Credential(configuration=configuration, user_full_name="Many", status="error", learning_context_key=KEY)
            for _number in range(501)
        )
        data = {"action": "lift_block_selected", "_selected_action": ["x"], "select_across": "1", "index": "0"}
        response = admin.post(LIST, data, follow=True)
        assert any("At most 500" in text for text in messages_of(response))
        assert not Credential.objects.filter(status="invalidated").exists()


class TestLiftBlock:
    def test_takes_a_note(self, admin):
        credential = CredentialFactory(invalidated=True, blocks_reissue=True)
        assert url("lift_block", credential) in admin.get(url("change", credential)).content.decode()
        response = admin.post(
            url("lift_block", credential), {"confirm": "yes", "reason": "Appeal granted"}, follow=True
        )
        assert messages_of(response) == ["1 block was lifted."]
        credential.refresh_from_db()
        assert not credential.blocks_reissue
        event = credential.events.get()
        assert (event.action, event.reason, event.actor.username) == ("block_lifted", "Appeal granted", "registrar")

    def test_where_there_is_none_it_is_refused(self, admin):
        credential = CredentialFactory(invalidated=True)
        response = act(admin, "lift_block_selected", [credential], reason="Appeal granted")
        assert messages_of(response) == []
        (refused,) = left_out_of(response)
        assert "has no block to lift" in refused


class TestReissue:
    def test_makes_a_successor(self, admin, configuration):
        old = CredentialFactory(available=True, configuration=configuration)
        User = type(old.user)  # noqa: N806
        User.objects.filter(pk=old.user.pk).update(first_name="Corrected")
        response = admin.post(url("reissue", old), {"confirm": "yes", "reason": "Name corrected"}, follow=True)
        assert messages_of(response) == ["1 credential was reissued."]
        old.refresh_from_db()
        assert old.status == "invalidated"
        assert old.successor.status == "available"
        assert old.successor.user_full_name.startswith("Corrected")
        assert url("change", old.successor) in response.content.decode()

    def test_a_successor_that_cannot_be_made_leaves_the_old_one(self, admin, configuration):
        configuration.credential_type.generation_func = "tests.plugins.generate_flaky"
        configuration.credential_type.save()
        faulty = CredentialFactory(available=True, configuration=configuration, user__first_name="Faulty")
        fine = CredentialFactory(available=True, configuration=configuration)
        response = act(admin, "reissue_selected", [faulty, fine], reason="New template")
        assert (status(faulty), status(fine)) == ("available", "invalidated")
        assert messages_of(response) == ["1 credential was reissued."]
        (refused,) = left_out_of(response)
        assert "cannot be printed" in refused

    def test_one_that_waits_for_something_outside_is_not_called_done(self, admin, configuration):
        configuration.credential_type.generation_func = "tests.plugins.generate_flaky"
        configuration.credential_type.save()
        old = CredentialFactory(available=True, configuration=configuration, user__first_name="Later")
        response = act(admin, "reissue_selected", [old], reason="New template")
        assert [text.split(":")[0] for text in messages_of(response)] == ["1 credential is still being made"]
        assert status(old) == "available"

    def test_only_available_ones(self, admin):
        credential = CredentialFactory(error=True)
        response = admin.post(url("reissue", credential), {"confirm": "yes", "reason": "Why not"}, follow=True)
        assert "only a credential that was issued" in messages_of(response)[0]


class TestRetry:
    def test_makes_the_credential(self, admin, configuration):
        credential = CredentialFactory(error=True, configuration=configuration)
        response = admin.post(url("retry", credential), follow=True)
        assert messages_of(response) == ["1 credential will be tried again."]
        assert status(credential) == "available"

    def test_leaves_others_alone(self, admin, configuration):
        failed = CredentialFactory(error=True, configuration=configuration)
        held = CredentialFactory(available=True, configuration=configuration)
        response = act(admin, "retry_selected", [failed, held])
        assert (status(failed), status(held)) == ("available", "available")
        done, left = messages_of(response)
        assert done == "1 credential will be tried again."
        assert left.startswith("1 credential was left out")

    def test_get_changes_nothing(self, admin):
        credential = CredentialFactory(error=True)
        assert admin.get(url("retry", credential)).status_code == 405
        assert status(credential) == "error"


class TestManyRows:
    @pytest.fixture(autouse=True)
    def _few_are_many(self, monkeypatch):
        monkeypatch.setattr(large_lists, "MAX_ROWS", 3)

    def test_no_more_are_counted_than_can_be_turned_over(self, admin, configuration):
        CredentialFactory.create_batch(5, available=True, configuration=configuration)
        page = admin.get(LIST)
        assert page.context["cl"].result_count == 3
        assert "There are more rows." in page.content.decode()
        assert "There are more rows." not in admin.get(LIST, {"status__exact": "error"}).content.decode()

    def test_only_few_are_sorted_by_a_column_without_an_index(self, admin, configuration):
        CredentialFactory.create_batch(4, available=True, configuration=configuration)
        errors = [
            CredentialFactory(error=True, configuration=configuration, user_full_name=name) for name in ("Cai", "Ada")
        ]
        refused = admin.get(LIST, {"o": "1"})
        assert any("too many rows to sort" in text for text in messages_of(refused))
        sorted_by_name = admin.get(LIST, {"o": "1", "status__exact": "error"})
        assert list(sorted_by_name.context["cl"].result_list) == errors[::-1]
        assert not messages_of(sorted_by_name)
        by_date = admin.get(LIST, {"o": "4"})
        assert not messages_of(by_date)
