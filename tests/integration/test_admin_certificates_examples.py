"""The admin of examples and of what waits for them, and of the dates that credentials show."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import (
    CertificateEvent,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    CredentialType,
    ExampleCredential,
    ExampleCredentialSet,
)
from learning_credentials.services.issuing import create_examples
from learning_credentials.storages import get_storage
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"
LIST = reverse("admin:learning_credentials_examplecredentialset_changelist")
CREDENTIALS = reverse("admin:learning_credentials_credential_changelist")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(configuration):
    return CourseCertificateFactory(course_key=KEY)


def url(model, page, *args):
    return reverse(f"admin:learning_credentials_{model}_{page}", args=args)


def fail_examples(configuration):
    """Have a set made with a generator that is not there."""
    credential_type = configuration.credential_type
    working = credential_type.generation_func
    CredentialType.objects.filter(pk=credential_type.pk).update(generation_func="tests.plugins.generate_nothing")
    made = create_examples(configuration.learning_context_key)
    CredentialType.objects.filter(pk=credential_type.pk).update(generation_func=working)
    return made


class TestExamples:
    @pytest.mark.parametrize("model", ["coursecertificate", "credentialconfiguration"])
    def test_are_made_from_either_page_and_can_be_looked_at(self, admin, configuration, run, model):
        row = run if model == "coursecertificate" else configuration
        assert url(model, "examples", row.pk) in admin.get(url(model, "change", row.pk)).content.decode()
        response = admin.post(url(model, "examples", row.pk), follow=True)
        made = ExampleCredentialSet.objects.get()
        assert response.redirect_chain == [(url("examplecredentialset", "change", made.pk), 302)]
        assert messages_of(response) == ["1 example was made."]
        assert made.requested_by.username == "registrar"
        page = response.content.decode()
        assert "John Doë" in page
        artifact = url("examplecredentialset", "artifact", made.examples.get().uuid)
        assert artifact in page
        file = admin.get(artifact)
        assert b"".join(file.streaming_content)
        assert file["X-Content-Type-Options"] == "nosniff"

    def test_one_that_fails_says_why(self, admin, configuration):
        credential_type = CredentialType.objects.filter(pk=configuration.credential_type_id)
        credential_type.update(generation_func="tests.plugins.generate_nothing")
        response = admin.post(url("credentialconfiguration", "examples", configuration.pk), follow=True)
        assert messages_of(response) == ["1 of 1 example failed."]
        example = ExampleCredential.objects.get()
        assert example.status == "error"
        page = response.content.decode()
        assert example.error_code in page
        assert url("examplecredentialset", "artifact", example.uuid) not in page
        assert admin.get(url("examplecredentialset", "artifact", example.uuid)).status_code == 404

    def test_a_run_without_configurations_is_told(self, admin, world):
        lonely = CourseCertificateFactory()
        response = admin.post(url("coursecertificate", "examples", lonely.pk), follow=True)
        assert "no configuration" in messages_of(response)[0]
        assert not ExampleCredentialSet.objects.exists()

    def test_the_list_shows_what_each_set_came_to(self, admin, configuration):
        create_examples(KEY)
        fail_examples(configuration)
        page = admin.get(LIST, {"learning_context_key": KEY})
        assert len(page.context["cl"].result_list) == 2
        assert page.content.decode().count("lcred-success") == 1
        assert page.content.decode().count("lcred-error") == 1

    def test_queries_do_not_grow_with_the_rows(self, admin, configuration, django_assert_num_queries):
        def make(number):
            for _number in range(number):
                made = ExampleCredentialSet.objects.create(learning_context_key=KEY, requested_by=UserFactory())
                ExampleCredential.objects.create(example_set=made, configuration=configuration, full_name="John Doë")

        make(10)
        few = count_queries(admin, LIST)
        make(50)
        with django_assert_num_queries(few):
            assert len(admin.get(LIST).context["cl"].result_list) == 50

    def test_a_lost_file_and_an_unknown_one(self, admin, configuration):
        example = create_examples(KEY).examples.get()
        get_storage().delete(example.artifact_name)
        response = admin.get(url("examplecredentialset", "artifact", example.uuid), follow=True)
        assert messages_of(response)
        assert admin.get(url("examplecredentialset", "artifact", uuid4())).status_code == 404

    def test_are_for_staff_with_the_permission(self, client, configuration, run):
        example = create_examples(KEY).examples.get()
        artifact = url("examplecredentialset", "artifact", example.uuid)
        assert client.get(artifact).status_code == 302
        client.force_login(staff_with("view_credentialconfiguration"))
        assert client.get(artifact).status_code == 403
        assert client.post(url("credentialconfiguration", "examples", configuration.pk)).status_code == 403
        page = client.get(url("credentialconfiguration", "change", configuration.pk)).content.decode()
        assert url("credentialconfiguration", "examples", configuration.pk) not in page
        client.force_login(staff_with("view_examplecredentialset"))
        file = client.get(artifact)
        assert file.status_code == 200
        file.close()
        shown = client.get(url("examplecredentialset", "change", example.example_set_id))
        assert shown.status_code == 200
        assert client.post(url("examplecredentialset", "change", example.example_set_id)).status_code == 403
        assert client.get(url("examplecredentialset", "add")).status_code == 403

    def test_are_made_in_no_transaction_of_a_request(self, admin, configuration):
        for page in (
            url("credentialconfiguration", "examples", 1),
            url("coursecertificate", "examples", 1),
            url("examplecredentialset", "artifact", uuid4()),
        ):
            assert resolve(page).func._non_atomic_requests == {"default"}, page
        assert admin.get(url("credentialconfiguration", "examples", configuration.pk)).status_code == 405


class TestSelfGeneration:
    RUN_FORM = {"certificate_type": "honor", "is_active": "on", "available_date_0": "", "available_date_1": ""}  # noqa: RUF012

    def switch(self, admin, row, *, on):
        """Use the switch of a run or of a configuration; return what is stored then."""
        if isinstance(row, CourseCertificate):
            data = self.RUN_FORM | ({"allows_self_generation": "on"} if on else {})
            assert admin.post(url("coursecertificate", "change", row.pk), data).status_code == 302
            row.refresh_from_db()
            return row.allows_self_generation
        data = {"learning_context_key": KEY, "credential_type": row.credential_type_id, "interval": "1 00:00:00"}
        data |= {"custom_options": "{}"} | ({"allow_self_generation": "on"} if on else {})
        assert admin.post(url("credentialconfiguration", "change", row.pk), data).status_code == 302
        row.refresh_from_db()
        return row.allow_self_generation

    @pytest.fixture(params=["run", "configuration"])
    def row(self, request, run, configuration):
        return run if request.param == "run" else configuration

    def page(self, admin, row):
        model = type(row)._meta.model_name
        return admin.get(url(model, "change", row.pk)).content.decode()

    def test_is_offered_once_the_newest_examples_succeeded(self, admin, row):
        assert "make examples first" in self.page(admin, row)
        assert self.switch(admin, row, on=True) is False
        create_examples(KEY)
        assert "Not offered" not in self.page(admin, row)
        assert self.switch(admin, row, on=True) is True

    def test_is_not_offered_while_the_newest_failed(self, admin, row, configuration):
        create_examples(KEY)
        fail_examples(configuration)
        assert "one of the newest examples failed" in self.page(admin, row)
        assert self.switch(admin, row, on=True) is False

    def test_one_that_is_on_stays_on_or_is_switched_off(self, admin, row):
        name = "allows_self_generation" if isinstance(row, CourseCertificate) else "allow_self_generation"
        type(row).objects.filter(pk=row.pk).update(**{name: True})
        assert self.switch(admin, row, on=True) is True
        assert self.switch(admin, row, on=False) is False
        if isinstance(row, CourseCertificate):
            assert CertificateEvent.objects.get().field == "allows_self_generation"

    def test_the_global_switch_is_told(self, admin, row, app_settings):
        app_settings(ALLOW_SELF_GENERATION=False)
        assert "ALLOW_SELF_GENERATION is off" in self.page(admin, row)

    def test_a_new_configuration_begins_without(self, admin, configuration):
        other = CredentialConfigurationFactory()
        data = {"learning_context_key": KEY, "credential_type": other.credential_type_id, "interval": "1 00:00:00"}
        admin.post(
            url("credentialconfiguration", "add"), data | {"custom_options": "{}", "allow_self_generation": "on"}
        )
        made = CredentialConfiguration.objects.get(learning_context_key=KEY, credential_type=other.credential_type)
        assert not made.allow_self_generation

    def test_the_configuration_shows_the_newest_status(self, admin, configuration):
        create_examples(KEY)
        page = self.page(admin, configuration)
        assert '<span class="lcred-badge lcred-success">success</span>' in page


class TestIssuedReport:
    def test_of_a_configuration(self, admin, configuration):
        CredentialFactory(available=True, configuration=configuration, user__username="holder")
        response = admin.get(url("credentialconfiguration", "issued", configuration.pk))
        assert "holder" in b"".join(response.streaming_content).decode()

    def test_of_a_configuration_alone(self, admin, configuration):
        """Another configuration of the same course has a report of its own; a context changed long ago takes nothing away."""
        CredentialFactory(available=True, configuration=configuration, user__username="holder")
        moved = {"configuration": configuration, "learning_context_key": "course-v1:Old+Key+2020"}
        CredentialFactory(available=True, user__username="holder-of-old", **moved)
        other = CredentialConfigurationFactory(learning_context_key=configuration.learning_context_key)
        CredentialFactory(available=True, configuration=other, user__username="elsewhere")
        for each, names in ((configuration, {"holder", "holder-of-old"}), (other, {"elsewhere"})):
            response = admin.get(url("credentialconfiguration", "issued", each.pk))
            rows = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
            assert {row["username"] for row in rows} == names
            assert each.credential_type.slug in response["Content-Disposition"]

    def test_needs_the_permission_to_see_credentials(self, client, configuration):
        client.force_login(staff_with("view_credentialconfiguration"))
        assert client.get(url("credentialconfiguration", "issued", configuration.pk)).status_code == 403


class TestDates:
    def test_a_date_is_set_with_a_reason_and_cleared_again(self, admin, configuration):
        credential = CredentialFactory(available=True, configuration=configuration)
        page = url("credential", "override_date", credential.pk)
        assert page in admin.get(url("credential", "change", credential.pk)).content.decode()
        assert admin.get(page).status_code == 200
        data = {"confirm": "yes", "date_override": "2025-12-24", "reason": "The ceremony"}
        response = admin.post(page, data, follow=True)
        assert messages_of(response) == ["The date of 1 credential was set."]
        assert "Dec. 24, 2025" in response.content.decode()
        credential.refresh_from_db()
        assert credential.date_override == date(2025, 12, 24)
        assert api.verify_credential(credential.verify_uuid).issue_date == date(2025, 12, 24)
        event = credential.events.get()
        assert (event.actor.username, event.reason) == ("registrar", "The ceremony")
        assert 'value="2025-12-24"' in admin.get(page).content.decode(), "the form begins with what is stored"
        admin.post(page, {"confirm": "yes", "date_override": "", "reason": "A mistake"})
        credential.refresh_from_db()
        assert credential.date_override is None

    @pytest.mark.parametrize(
        ("values", "field"), [({"reason": " "}, "reason"), ({"date_override": "2025-02-30"}, "date_override")]
    )
    def test_refusals(self, admin, configuration, values, field):
        credential = CredentialFactory(available=True, configuration=configuration)
        data = {"confirm": "yes", "date_override": "2025-12-24", "reason": "The ceremony"} | values
        response = admin.post(url("credential", "override_date", credential.pk), data)
        assert response.context["form"].errors[field]
        credential.refresh_from_db()
        assert credential.date_override is None

    def test_for_many(self, admin, configuration):
        credentials = CredentialFactory.create_batch(2, available=True, configuration=configuration)
        data = {
            "action": "override_date_selected",
            "_selected_action": [str(row.pk) for row in credentials],
            "confirm": "yes",
            "date_override": "2025-12-24",
            "reason": "The ceremony",
        }
        response = admin.post(CREDENTIALS, data, follow=True)
        assert messages_of(response) == ["The date of 2 credentials was set."]
        assert set(Credential.objects.values_list("date_override", flat=True)) == {date(2025, 12, 24)}

    def test_needs_the_permission_to_change(self, client, configuration):
        credential = CredentialFactory(available=True, configuration=configuration)
        client.force_login(staff_with("view_credential"))
        page = url("credential", "override_date", credential.pk)
        assert page not in client.get(url("credential", "change", credential.pk)).content.decode()
        assert client.post(page, {"confirm": "yes", "reason": "No"}).status_code == 403

    def test_a_hidden_credential_is_shown_as_hidden(self, admin, configuration, run):
        credential = CredentialFactory(available=True, configuration=configuration)
        for address in (CREDENTIALS, url("credential", "change", credential.pk)):
            assert "lcred-hidden" not in admin.get(address).content.decode()
        opening = datetime.combine(timezone.now() + timedelta(days=400), datetime.min.time(), tzinfo=UTC)
        CourseCertificate.objects.filter(pk=run.pk).update(available_date=opening)
        for address in (CREDENTIALS, url("credential", "change", credential.pk)):
            page = admin.get(address).content.decode()
            assert "lcred-hidden" in page
            assert str(opening.year) in page
        # The later of the award, which was on 1 June, and the available date.
        for day, shown in (
            (datetime(2026, 2, 3, tzinfo=UTC), "June 1, 2026"),
            (datetime(2026, 7, 3, tzinfo=UTC), "July 3, 2026"),
        ):
            CourseCertificate.objects.filter(pk=run.pk).update(available_date=day)
            assert shown in admin.get(CREDENTIALS).content.decode()

    def test_queries_do_not_grow_with_the_credentials(self, admin, run, configuration, django_assert_num_queries):
        def make(number):
            for _number in range(number):
                other = CredentialFactory(available=True, evidence={"constituent_runs": [KEY]})
                CourseCertificateFactory(course_key=other.learning_context_key)

        make(10)
        few = count_queries(admin, CREDENTIALS)
        make(50)
        with django_assert_num_queries(few):
            assert len(admin.get(CREDENTIALS).context["cl"].result_list) == 50
