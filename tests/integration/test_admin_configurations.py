"""The admin of configurations: options merged, contexts checked, runs started, previews shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import resolve, reverse

from learning_credentials.models import Credential, CredentialConfiguration, GenerationRun
from learning_credentials.periods import Period
from tests.factories import (
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    GenerationRunFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, form_errors, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"
ADD = reverse("admin:learning_credentials_credentialconfiguration_add")
LIST = reverse("admin:learning_credentials_credentialconfiguration_changelist")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


@pytest.fixture
def world(world):
    world.add_course_run(KEY, "Algebra")
    return world


def url(page, configuration):
    return reverse(f"admin:learning_credentials_credentialconfiguration_{page}", args=[configuration.pk])


def form(credential_type, **values):
    return {
        "learning_context_key": KEY,
        "credential_type": credential_type.pk,
        "interval": "1 00:00:00",
        "custom_options": "{}",
    } | values


class TestForm:
    def test_saves(self, admin):
        response = admin.post(
            ADD, form(CredentialTypeFactory(), is_enabled="on", custom_options='{"a": 1}'), follow=True
        )
        saved = CredentialConfiguration.objects.get()
        assert (saved.learning_context_key, saved.is_enabled, saved.interval) == (KEY, True, Period(days=1))
        assert saved.custom_options == {"a": 1}
        assert not [text for text in messages_of(response) if "LMS" in text]

    def test_the_interval_is_written_in_words(self, admin):
        assert admin.get(ADD).context["adminform"].form["interval"].value() == "1 day"
        assert admin.post(ADD, form(CredentialTypeFactory(), interval="12 hours")).status_code == 302
        assert CredentialConfiguration.objects.get().interval == Period(hours=12)

    @pytest.mark.parametrize("interval", ["12", "0 days", "59 seconds", "-1 day", "2 years", "13 months"])
    def test_an_interval_too_short_or_without_a_unit_is_refused(self, admin, interval):
        assert form_errors(admin.post(ADD, form(CredentialTypeFactory(), interval=interval)), "interval")

    def test_a_context_that_the_lms_does_not_know_is_refused(self, admin):
        response = admin.post(ADD, form(CredentialTypeFactory(), learning_context_key="course-v1:No+Such+Run"))
        assert form_errors(response, "learning_context_key") == [
            "The LMS does not know this learning context. Check the key."
        ]
        assert not CredentialConfiguration.objects.exists()

    def test_a_stored_context_that_is_gone_can_still_be_disabled_with_a_warning(self, admin):
        stored = CredentialConfigurationFactory(learning_context_key="course-v1:Gone+Run+1", is_enabled=True)
        data = form(stored.credential_type, learning_context_key=stored.learning_context_key)
        response = admin.post(url("change", stored), data, follow=True)
        stored.refresh_from_db()
        assert not stored.is_enabled
        assert any("does not know the learning context" in text for text in messages_of(response))

    def test_an_lms_that_is_down_does_not_keep_anyone_from_saving(self, admin, world):
        world.outage = True
        assert admin.get(ADD).status_code == 200
        response = admin.post(ADD, form(CredentialTypeFactory()), follow=True)
        assert CredentialConfiguration.objects.get().learning_context_key == KEY
        assert any("could not say whether it knows" in text for text in messages_of(response))

    def test_contexts_are_suggested(self, admin):
        assert f'<option value="{KEY}">Algebra</option>' in admin.get(ADD).content.decode()
        contexts = reverse("admin:learning_credentials_credentialconfiguration_contexts")
        assert admin.get(contexts, {"q": "alg"}).json() == {"contexts": [{"key": KEY, "name": "Algebra"}]}
        assert admin.get(contexts, {"q": "chemistry"}).json() == {"contexts": []}

    def test_merged_options_and_their_mistakes_are_shown(self, admin):
        credential_type = CredentialTypeFactory(
            retrieval_func="learning_credentials.processors.retrieve_completions",
            generation_func="learning_credentials.generators.generate_pdf_credential",
            custom_options={"required_completion": 0.5, "defaults": {"size": 20}},
        )
        stored = CredentialConfigurationFactory(
            learning_context_key=KEY, credential_type=credential_type, custom_options={"defaults": {"color": "#123456"}}
        )
        page = admin.get(url("change", stored)).content.decode()
        assert "&quot;size&quot;: 20" in page
        assert "&quot;color&quot;: &quot;#123456&quot;" in page
        assert "template_multiline" in page, "the help of the type's functions"
        assert "required_grades" not in page.split("lcred-help")[1].split("</fieldset>")[0], "and of no others"

        bad = form(credential_type, custom_options='{"defaults": {"color": "purplish"}}')
        response = admin.post(url("change", stored), bad)
        assert any(error.startswith("defaults.color: ") for error in form_errors(response, "custom_options"))


class TestList:
    def test_the_schedule_is_told_in_words(self, admin):
        stored = CredentialConfigurationFactory(is_enabled=True, interval=timedelta(hours=12))
        assert "every 12 hours" in admin.get(LIST).content.decode()
        CredentialConfiguration.objects.update(next_run_at=datetime(2026, 7, 1, 9, tzinfo=UTC))
        assert "next: July 1, 2026, 9 a.m." in admin.get(LIST).content.decode()
        CredentialConfiguration.objects.filter(pk=stored.pk).update(is_enabled=False)
        assert '<span class="quiet">not enabled</span>' in admin.get(LIST).content.decode()

    def test_counts_and_filters(self, admin):
        shown = CredentialConfigurationFactory(learning_context_key=KEY)
        CredentialFactory.create_batch(2, configuration=shown, available=True)
        CredentialFactory(configuration=shown, error=True)
        CredentialFactory(configuration=shown, invalidated=True)
        CredentialConfigurationFactory(is_enabled=False)
        page = admin.get(LIST, {"q": "Algebra", "is_enabled__exact": "1"})
        rows = list(page.context["cl"].result_list)
        assert rows == [shown]
        assert (rows[0].available_total, rows[0].error_total) == (2, 1)
        link = f"?configuration__id__exact={shown.pk}&amp;status__exact=error"
        assert link in page.content.decode()

    def test_queries_do_not_grow_with_the_rows(self, admin, django_assert_num_queries):
        CredentialConfigurationFactory.create_batch(10)
        few = count_queries(admin, LIST)
        for configuration in CredentialConfigurationFactory.create_batch(50):
            CredentialFactory(configuration=configuration, available=True)
        with django_assert_num_queries(few):
            assert len(admin.get(LIST).context["cl"].result_list) == 60


class TestDeletion:
    def test_what_has_credentials_is_kept(self, admin):
        stored = CredentialFactory(available=True).configuration
        response = admin.post(url("delete", stored), {"post": "yes"})
        assert "Disable it instead" in response.content.decode()
        assert CredentialConfiguration.objects.filter(pk=stored.pk).exists()

    def test_what_has_only_runs_goes_with_them(self, admin):
        stored = GenerationRunFactory(finished=True).configuration
        assert admin.post(url("delete", stored), {"post": "yes"}).status_code == 302
        assert not CredentialConfiguration.objects.exists()
        assert not GenerationRun.objects.exists()


class TestGenerateNow:
    @pytest.mark.django_db(transaction=True)
    def test_starts_a_run_that_issues_and_leads_to_it(self, admin, world):
        stored = CredentialConfigurationFactory(learning_context_key=KEY)
        learners = UserFactory.create_batch(3)
        for learner in learners:
            world.enrol(learner.pk, KEY)
        response = admin.post(url("generate", stored), follow=True)
        run = GenerationRun.objects.get()
        assert response.redirect_chain == [
            (reverse("admin:learning_credentials_generationrun_change", args=[run.pk]), 302)
        ]
        assert run.requested_by.username == response.context["user"].username
        assert (run.checked, run.total, run.done, run.failed) == (3, 3, 3, 0)
        assert run.finished_at is not None
        issued = Credential.objects.filter(status=Credential.Status.AVAILABLE)
        assert set(issued.values_list("user_id", flat=True)) == {learner.pk for learner in learners}
        assert messages_of(response) == ["1 run was started."]

    @pytest.mark.django_db(transaction=True)
    def test_as_an_action_starts_one_run_each(self, admin, world):
        chosen = CredentialConfigurationFactory.create_batch(2)
        CredentialConfigurationFactory()
        data = {"action": "generate_now", "_selected_action": [row.pk for row in chosen], "index": "0"}
        response = admin.post(LIST, data, follow=True)
        assert response.redirect_chain == [(reverse("admin:learning_credentials_generationrun_changelist"), 302)]
        assert messages_of(response) == ["2 runs were started."]
        assert {run.configuration for run in GenerationRun.objects.all()} == set(chosen)
        # The LMS knows neither context: the runs themselves say so.
        assert {run.error_code for run in GenerationRun.objects.all()} == {"context_not_found"}

    def test_get_changes_nothing(self, admin):
        stored = CredentialConfigurationFactory()
        assert "cannot be said now" in admin.get(url("generate", stored)).text  # the LMS does not know the context
        assert not GenerationRun.objects.exists()

    def test_needs_the_permission_to_change(self, client, world):
        stored = CredentialConfigurationFactory(learning_context_key=KEY)
        client.force_login(staff_with("view_credentialconfiguration"))
        assert "Generate now" not in client.get(url("change", stored)).content.decode()
        assert client.post(url("generate", stored)).status_code == 403
        client.post(LIST, {"action": "generate_now", "_selected_action": [stored.pk], "index": "0"})
        assert not GenerationRun.objects.exists()

    def test_who_may_not_see_runs_stays_where_they_are(self, client, world):
        stored = CredentialConfigurationFactory(learning_context_key=KEY)
        client.force_login(staff_with("view_credentialconfiguration", "change_credentialconfiguration"))
        response = client.post(url("generate", stored), follow=True)
        assert response.redirect_chain == [(url("change", stored), 302)]
        assert messages_of(response) == ["1 run was started."]

    def test_is_not_wrapped_in_the_transaction_of_a_request(self):
        for path in ("/1/generate/", "/1/preview/", "/"):
            view = resolve(LIST.rstrip("/") + path).func
            assert view._non_atomic_requests == {"default"}, path

    def test_needs_the_csrf_token(self, world):
        from django.test import Client

        stored = CredentialConfigurationFactory(learning_context_key=KEY)
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(UserFactory(superuser=True))
        assert strict.post(url("generate", stored)).status_code == 403
        assert not GenerationRun.objects.exists()


class TestPreview:
    def test_streams_an_artifact_and_stores_nothing(self, admin):
        stored = CredentialConfigurationFactory(learning_context_key=KEY)
        response = admin.get(url("preview", stored))
        content = b"".join(response.streaming_content).decode()
        assert "Algebra" in content
        assert response["Content-Type"].startswith("text/plain")
        assert response["Content-Disposition"].startswith("attachment"), "only known safe types are shown in place"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert not Credential.objects.exists()

    def test_a_pdf_is_shown_in_place(self, admin):
        stored = CredentialConfigurationFactory(
            learning_context_key=KEY,
            credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
        )
        response = admin.get(url("preview", stored))
        assert b"".join(response.streaming_content).startswith(b"%PDF-")
        assert response["Content-Disposition"].startswith("inline")

    def test_mistakes_are_shown_with_their_paths(self, admin):
        stored = CredentialConfigurationFactory(
            learning_context_key=KEY,
            credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
            custom_options={"text_elements": {"name": {"color": "purplish"}}},
        )
        response = admin.get(url("preview", stored), follow=True)
        assert response.redirect_chain == [(url("change", stored), 302)]
        assert any("text_elements.name.color" in text for text in messages_of(response))

    def test_a_function_that_is_gone_is_reported(self, admin):
        stored = CredentialConfigurationFactory(
            learning_context_key=KEY, credential_type__generation_func="gone.generate_it"
        )
        response = admin.get(url("preview", stored), follow=True)
        assert any("gone.generate_it" in text for text in messages_of(response))

    def test_needs_the_permission_to_view(self, client, world):
        stored = CredentialConfigurationFactory(learning_context_key=KEY)
        client.force_login(staff_with("view_credentialtype"))
        assert client.get(url("preview", stored)).status_code == 403
        assert client.get(reverse("admin:learning_credentials_credentialconfiguration_contexts")).status_code == 403
