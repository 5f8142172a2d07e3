"""What the database itself guarantees, on every database; and the names that let the tables stand beside another package's."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from learning_credentials.models import Credential, CredentialConfiguration
from tests.factories import CredentialConfigurationFactory, CredentialFactory, CredentialTypeFactory, UserFactory

pytestmark = pytest.mark.django_db


def refused(**changes: object) -> bool:
    """Whether the database refuses these values for a credential."""
    row = CredentialFactory(available=True)
    try:
        with transaction.atomic():
            Credential.objects.filter(pk=row.pk).update(**changes)
    except IntegrityError:
        return True
    return False


def test_at_most_one_live_credential():
    row = CredentialFactory(available=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        CredentialFactory(user=row.user, configuration=row.configuration)
    for _time in range(3):
        CredentialFactory(user=row.user, configuration=row.configuration, invalidated=True)
    assert Credential.objects.filter(user=row.user, is_current=True).count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"is_current": False},
        {"status": "invalidated"},
        {"status": "invalidated", "is_current": None},
        {"issued_at": None},
        {"artifact_name": ""},
    ],
)
def test_contradictions_are_refused_by_the_database(changes):
    assert refused(**changes)


def test_what_is_consistent_is_not_refused():
    assert not refused(is_current=None)
    assert not refused(status="error", artifact_name="")


def test_verification_ids_are_unique():
    row = CredentialFactory(available=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        CredentialFactory(verify_uuid=row.verify_uuid)


def test_a_learner_who_leaves_keeps_the_credential_verifiable():
    row = CredentialFactory(available=True)
    row.user.delete()
    row.refresh_from_db()
    assert row.user is None
    assert row.user_full_name


def test_context_keys_that_differ_in_case_are_two():
    credential_type = CredentialTypeFactory()
    lower = CredentialConfigurationFactory(learning_context_key="course-v1:uni+cs+1", credential_type=credential_type)
    upper = CredentialConfigurationFactory(learning_context_key="course-v1:Uni+CS+1", credential_type=credential_type)
    assert CredentialConfiguration.objects.get(learning_context_key="course-v1:Uni+CS+1") == upper
    assert CredentialConfiguration.objects.get(learning_context_key="course-v1:uni+cs+1") == lower


def test_names_in_every_script_come_back_as_they_went_in():
    names = ["محمد عبد الله", "לאה שָׁלוֹם", "आदित्य क्षत्रिय", "สมชาย ใจดี", "𠮷野家", "👩🏽‍🎓", "Zoë"]
    for name in names:
        row = CredentialFactory(user=UserFactory(), user_full_name=name)
        assert Credential.objects.get(pk=row.pk).user_full_name == name


def test_tables_and_first_migration_have_names_of_their_own():
    models = apps.get_app_config("learning_credentials").get_models(include_auto_created=True)
    assert {model._meta.db_table.startswith("lcred_") for model in models} == {True}
    names = [name for app, name in MigrationLoader(connection).disk_migrations if app == "learning_credentials"]
    assert "0001_initial" not in names
    assert all("lcred" in name for name in names)


def test_no_migration_is_missing():
    call_command("makemigrations", "learning_credentials", check=True, dry_run=True, verbosity=0)


class TestSaving:
    def test_unknown_functions_are_refused_by_field(self):
        row = CredentialTypeFactory.build(
            retrieval_func="os.getcwd", generation_func="tests.plugins.nothing", issuer=None
        )
        with pytest.raises(ValidationError) as caught:
            row.full_clean()
        assert "os.getcwd" in caught.value.message_dict["retrieval_func"][0]
        assert "PROCESSOR_MODULES" in caught.value.message_dict["retrieval_func"][0]
        assert "tests.plugins.nothing" in caught.value.message_dict["generation_func"][0]

    def test_a_type_may_leave_to_its_configurations_what_is_required(self):
        row = CredentialTypeFactory(
            retrieval_func="learning_credentials.processors.retrieve_subsection_grades",
            generation_func="learning_credentials.generators.generate_pdf_credential",
        )
        row.full_clean()
        configuration = CredentialConfigurationFactory.build(credential_type=row)
        with pytest.raises(ValidationError) as caught:
            configuration.full_clean()
        assert caught.value.message_dict["custom_options"] == ["required_grades: a value is required"]
        configuration.custom_options = {"required_grades": {"Total": 0.5}}
        configuration.full_clean()

    def test_the_type_and_the_configuration_are_checked_merged(self):
        row = CredentialTypeFactory(
            retrieval_func="learning_credentials.processors.retrieve_completions",
            generation_func="learning_credentials.generators.generate_pdf_credential",
            custom_options={"text_elements": {"name": {"size": 40}}},
        )
        configuration = CredentialConfigurationFactory(
            credential_type=row, custom_options={"text_elements": {"name": {"colour": "red"}}}
        )
        with pytest.raises(ValidationError) as caught:
            configuration.full_clean()
        assert caught.value.message_dict["custom_options"] == [
            "text_elements.name.colour: unknown option. Did you mean text_elements.name.color?"
        ]
        row.custom_options = {"text_elements": {"name": {"size": "large"}}}
        with pytest.raises(ValidationError) as caught:
            row.full_clean()
        assert caught.value.message_dict["custom_options"][0].startswith("text_elements.name.size: ")

    def test_a_type_cannot_break_its_configurations(self):
        row = CredentialTypeFactory(
            retrieval_func="learning_credentials.processors.retrieve_completions",
            generation_func="learning_credentials.generators.generate_pdf_credential",
            custom_options={"text_elements": {"note": {"text": "With honours", "y": 100}}},
        )
        configuration = CredentialConfigurationFactory(
            credential_type=row, custom_options={"text_elements": {"note": {"size": 9}}}
        )
        configuration.full_clean()
        row.custom_options = {}
        with pytest.raises(ValidationError) as caught:
            row.full_clean()
        (message, *_others) = caught.value.message_dict["custom_options"]
        assert message.startswith("text_elements.note")
        assert configuration.learning_context_key in message

    @pytest.mark.parametrize("options", [[], "text", 5, None])
    def test_options_that_are_no_object(self, options):
        row = CredentialTypeFactory.build(custom_options=options, issuer=None)
        with pytest.raises(ValidationError) as caught:
            row.full_clean()
        assert "custom_options" in caught.value.message_dict
