"""What can no longer change once credentials were issued: through code, forms and past them; copies instead; what a reissue keeps."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from learning_credentials import api
from learning_credentials.exceptions import (
    AlreadyExistsError,
    ConfigurationChangedError,
    ConfigurationError,
    ContextNotFoundError,
    FrozenError,
    LMSUnavailableError,
)
from learning_credentials.models import Credential, CredentialConfiguration, CredentialType
from learning_credentials.services.credentials import awarded_types, creation, eligibility
from learning_credentials.services.desk import copy_credential_type
from tests.factories import (
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    IssuerFactory,
    TypeSignatoryFactory,
    UserFactory,
)
from tests.integration.admin_pages import messages_of, staff_with
from tests.integration.threads import at_once

OTHER = "course-v1:Tests+Other+2026"

pytestmark = pytest.mark.django_db(transaction=True)

Status = Credential.Status


@pytest.fixture
def issued(course, enrol):
    """One available credential of the course."""
    (user,) = enrol("Ada")
    return api.issue_credential(course.pk, user.pk)


@pytest.fixture
def admin(client, world):
    world.add_course_run(OTHER, "Another course")
    client.force_login(UserFactory(superuser=True))
    return client


def url(page, row):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_{page}", args=[row.pk])


def configuration_form(row, **values):
    return {
        "learning_context_key": row.learning_context_key,
        "credential_type": row.credential_type_id,
        "interval": "1 day",
        "custom_options": "{}",
        "is_enabled": "on",
    } | values


def change_configuration(row, **values):
    """Every way by which code can change a configuration."""

    def save():
        changed = CredentialConfiguration.objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(changed, name, value)
        changed.save()

    def save_fields():
        changed = CredentialConfiguration.objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(changed, name, value)
        changed.save(update_fields=list(values))

    def update():
        CredentialConfiguration.objects.filter(pk=row.pk).update(**values)

    def bulk_update():
        changed = CredentialConfiguration.objects.get(pk=row.pk)
        for name, value in values.items():
            setattr(changed, name, value)
        CredentialConfiguration.objects.bulk_update([changed], list(values))

    def through_the_type():
        row.credential_type.configurations.filter(pk=row.pk).update(**values)

    return [save, save_fields, update, bulk_update, through_the_type]


class TestInCode:
    @pytest.mark.parametrize("trait", ["available", "error", "invalidated"])
    def test_a_configuration_keeps_type_and_context(self, course, trait):
        CredentialFactory(configuration=course, **{trait: True})
        other = CredentialTypeFactory()
        for values in ({"learning_context_key": OTHER}, {"credential_type": other}):
            for change in change_configuration(course, **values):
                with pytest.raises(FrozenError, match=next(iter(values))):
                    change()
        stored = CredentialConfiguration.objects.get(pk=course.pk)
        assert stored.learning_context_key == course.learning_context_key
        assert stored.credential_type == course.credential_type

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("retrieval_func", "tests.plugins.retrieve_one_by_one"),
            ("generation_func", "tests.plugins.generate_text_credential"),
            ("slug", "another"),
        ],
    )
    def test_a_type_keeps_its_functions_and_slug(self, issued, name, value):
        row = CredentialType.objects.get()
        setattr(row, name, value)
        with pytest.raises(ValidationError) as raised:
            row.full_clean()
        assert list(raised.value.message_dict) == [name]
        with pytest.raises(FrozenError):
            row.save()
        with pytest.raises(FrozenError):
            CredentialType.objects.update(**{name: value})

    def test_the_rest_can_change(self, issued, course):
        course.credential_type.name = "Renamed"
        course.credential_type.criteria = "More"
        course.credential_type.save()
        course.is_enabled = False
        course.full_clean()
        course.save()
        CredentialConfiguration.objects.update(is_enabled=True, learning_context_key=course.learning_context_key)
        assert CredentialType.objects.get().name == "Renamed"

    def test_before_the_first_credential_all_can_change(self, course):
        for change in change_configuration(course, learning_context_key=OTHER, credential_type=CredentialTypeFactory()):
            change()
        course.refresh_from_db()
        assert course.learning_context_key == OTHER

    def test_an_object_read_before_the_first_credential_takes_no_mark_back(self, course, enrol):
        early = CredentialConfiguration.objects.get(pk=course.pk)
        (user,) = enrol("Ada")
        api.issue_credential(course.pk, user.pk)
        early.is_enabled = False
        early.save()
        assert CredentialConfiguration.objects.filter(has_awarded=True, is_enabled=False, pk=course.pk).exists()

    def test_a_row_of_the_same_key_made_anew_changes_nothing(self, issued, course):
        with pytest.raises(FrozenError):
            CredentialConfiguration(
                pk=course.pk, learning_context_key=OTHER, credential_type=course.credential_type
            ).save()


class TestTwoAtOnce:
    @pytest.mark.parametrize("name", ["learning_context_key", "credential_type", "generation_func"])
    def test_what_was_changed_after_the_evaluation_is_not_issued(self, course, enrol, name):
        (user,) = enrol("Ada")
        evaluated = CredentialConfiguration.objects.select_related("credential_type").get(pk=course.pk)
        candidates = eligibility.find_candidates(evaluated, [user.pk])
        if name == "generation_func":
            CredentialType.objects.update(generation_func="tests.plugins.generate_text_credential")
        else:
            value = OTHER if name == "learning_context_key" else CredentialTypeFactory()
            CredentialConfiguration.objects.update(**{name: value})
        context = eligibility.get_context(evaluated.learning_context_key)
        with pytest.raises(ConfigurationChangedError):
            creation.PendingFactory(evaluated, context).put(candidates)
        assert not Credential.objects.exists()
        assert not CredentialConfiguration.objects.filter(has_awarded=True).exists()

    def test_no_interleaving_changes_what_has_credentials(self, course, enrol):
        (user,) = enrol("Ada")
        other = CredentialTypeFactory()
        for _round in range(5):
            Credential.objects.all().delete()
            CredentialConfiguration.objects.filter(pk=course.pk).update(has_awarded=False)
            CredentialConfiguration.objects.filter(pk=course.pk).update(credential_type=course.credential_type)

            def change():
                row = CredentialConfiguration.objects.get(pk=course.pk)
                row.credential_type = other
                row.save()

            at_once(change, lambda: api.issue_credential(course.pk, user.pk))
            for credential in Credential.objects.all():
                assert credential.credential_type_name == credential.configuration.credential_type.name


class TestInForms:
    def test_an_awarded_configuration_shows_what_it_cannot_change(self, admin, issued, course):
        page = admin.get(url("change", course))
        assert "can no longer change" in page.text
        assert "Copy to another course" in page.text
        assert 'name="learning_context_key"' not in page.text
        assert 'name="credential_type"' not in page.text
        assert admin.post(url("change", course), configuration_form(course)).status_code == 302

    def test_an_awarded_type_shows_what_it_cannot_change(self, admin, issued, course):
        page = admin.get(url("change", course.credential_type))
        assert "can no longer change" in page.text
        for name in CredentialType.FIXED:
            assert f'name="{name}"' not in page.text

    @pytest.mark.parametrize("name", ["learning_context_key", "credential_type"])
    def test_a_credential_issued_while_the_form_was_open(self, admin, course, enrol, name):
        values = configuration_form(course) | {
            name: OTHER if name == "learning_context_key" else CredentialTypeFactory().pk
        }
        (user,) = enrol("Ada")
        assert f'name="{name}"' in admin.get(url("change", course)).text
        api.issue_credential(course.pk, user.pk)
        page = admin.post(url("change", course), values)
        assert page.status_code == 200
        assert "A credential was issued at the same time" in page.text
        course.refresh_from_db()
        assert course.learning_context_key != OTHER

    def test_another_generator_chosen_while_the_form_was_open(self, admin, issued, course):
        kind = course.credential_type
        page = admin.post(
            url("change", kind),
            {
                "name": kind.name,
                "slug": kind.slug,
                "retrieval_func": kind.retrieval_func,
                "generation_func": "tests.plugins.generate_text_credential",
                "custom_options": "{}",
                "page_options": "{}",
                "download_policy": "public",
                **{
                    f"{prefix}-{name}_FORMS": "0"
                    for prefix in ("type_signatories", "badge_images")
                    for name in ("TOTAL", "INITIAL")
                },
            },
        )
        assert "A credential was issued at the same time" in page.text

    def test_credentials_of_an_earlier_context_are_told(self, admin, issued, course):
        Credential.objects.update(learning_context_key=OTHER)
        page = admin.get(url("change", course))
        assert any("1 credential was issued before" in text for text in messages_of(page))
        warnings = run_checks(tags=["learning_credentials"], databases=["default"])
        assert [str(course) in message.msg for message in warnings if message.id.endswith("W012")] == [True]

    def test_credentials_of_an_earlier_type_are_told_and_renaming_is_not(self, admin, issued, course):
        CredentialType.objects.update(name="Renamed")
        assert not [text for text in messages_of(admin.get(url("change", course))) if "issued before" in text]
        move(course, CredentialTypeFactory())
        assert [text for text in messages_of(admin.get(url("change", course))) if "issued before" in text]


def move(course, credential_type):
    """Give a configuration another type, as earlier versions allowed."""
    table = connection.ops.quote_name(CredentialConfiguration._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET credential_type_id = %s WHERE id = %s", [credential_type.pk, course.pk])  # noqa: S608
    course.refresh_from_db()


class TestCopies:
    def test_a_configuration_for_another_course(self, admin, issued, course):
        CredentialConfiguration.objects.update(custom_options={"a": {"b": 1}}, allow_self_generation=True)
        page = admin.post(url("copy", course), {"context_key": OTHER, "confirm": "yes"}, follow=True)
        copied = CredentialConfiguration.objects.get(learning_context_key=OTHER)
        assert page.redirect_chain == [(url("change", copied), 302)]
        assert (copied.credential_type, copied.custom_options, copied.interval) == (
            course.credential_type,
            {"a": {"b": 1}},
            course.interval,
        )
        assert (copied.allow_self_generation, copied.is_enabled, copied.next_run_at) == (True, False, None)
        assert not copied.is_frozen

    def test_refuses_what_is_there_what_is_unknown_and_an_lms_that_is_down(self, admin, world, course):
        key = course.learning_context_key
        page = admin.post(url("copy", course), {"context_key": key, "confirm": "yes"})
        assert "already" in page.text
        page = admin.post(url("copy", course), {"context_key": "course-v1:No+Such+Run", "confirm": "yes"})
        assert "LMS does not know this learning context" in page.text
        with pytest.raises(AlreadyExistsError):
            api.copy_configuration(course.pk, key)
        with pytest.raises(ContextNotFoundError):
            api.copy_configuration(course.pk, "course-v1:No+Such+Run")
        with pytest.raises(ConfigurationError):
            api.copy_configuration(0, OTHER)
        world.outage = True
        with pytest.raises(LMSUnavailableError):
            api.copy_configuration(course.pk, OTHER)
        assert CredentialConfiguration.objects.count() == 1

    def test_a_type_with_its_signatories(self, admin, issued, course):
        TypeSignatoryFactory(credential_type=course.credential_type)
        page = admin.post(url("copy", course.credential_type), {"name": "Second", "slug": "second", "confirm": "yes"})
        copied = CredentialType.objects.get(slug="second")
        assert page.url == url("change", copied)
        assert copied.signatories.count() == 1
        assert copied.generation_func == course.credential_type.generation_func
        assert not copied.is_frozen
        again = admin.post(url("copy", course.credential_type), {"name": "Second", "slug": "third", "confirm": "yes"})
        assert "already exists" in again.text
        with pytest.raises(ConfigurationError, match="slug"):
            copy_credential_type(course.credential_type.pk, name="Third", slug="not a slug")

    def test_needs_the_permission_to_add(self, client, course):
        client.force_login(staff_with("change_credentialconfiguration", "change_credentialtype"))
        assert "Copy to another" not in client.get(url("change", course)).text
        assert client.post(url("copy", course), {"context_key": OTHER}).status_code == 403
        assert client.post(url("copy", course.credential_type), {"name": "x", "slug": "x"}).status_code == 403


class TestReissue:
    def test_keeps_what_was_achieved(self, issued, course, world):
        world.set_profile(issued.user_id, display_name="Ada Corrected")
        world.add_course_run(course.learning_context_key, "Renamed course")
        CredentialType.objects.update(
            name="Programme certificate",
            criteria="Everything",
            description="All of it",
            issuer=IssuerFactory(name="New"),
        )
        successor = api.reissue_credential(issued.pk, reason="Name corrected")
        for name in (
            "credential_type_name",
            "learning_context_name",
            "learning_context_key",
            "achievement",
            "evidence",
        ):
            assert getattr(successor, name) == getattr(issued, name), name
        assert (successor.user_full_name, successor.issuer["name"]) == ("Ada Corrected", "New")

    def test_follows_the_credential_where_its_configuration_was_given_another_type(self, issued, course):
        other = CredentialTypeFactory(
            name="Programme certificate",
            generation_func="tests.plugins.generate_text_credential",
            criteria="Everything",
        )
        mine = course.credential_type
        move(course, other)
        successor = api.reissue_credential(issued.pk, reason="Template mended")
        assert successor.credential_type_name == issued.credential_type_name != other.name
        assert successor.achievement == issued.achievement
        assert successor.issuer["name"] == mine.issuer.name
        assert awarded_types.get_awarded_type(successor) == mine

    def test_is_refused_where_that_type_is_gone(self, issued, course):
        mine = course.credential_type
        move(course, CredentialTypeFactory(name="Programme certificate"))
        mine.delete()
        with pytest.raises(ConfigurationError, match="has another type now"):
            api.reissue_credential(issued.pk, reason="Template mended")
        issued.refresh_from_db()
        assert issued.status == Status.AVAILABLE

    def test_gives_older_credentials_the_achievement_that_they_lack(self, issued, course):
        Credential.objects.update(achievement={})
        CredentialType.objects.update(criteria="Everything")
        assert api.reissue_credential(issued.pk, reason="Template mended").achievement["criteria"] == "Everything"


def test_rows_of_the_version_before_are_marked(issued, course):
    unused = CredentialConfigurationFactory()
    CredentialConfiguration.objects.update(has_awarded=False)
    CredentialType.objects.update(has_awarded=False)
    migration = import_module("learning_credentials.migrations.0007_lcred_frozen")
    with connection.schema_editor() as editor:
        migration.mark_awarded(apps, editor)
    for model, row, blank in (
        (CredentialConfiguration, course, unused),
        (CredentialType, course.credential_type, unused.credential_type),
    ):
        assert model.objects.get(pk=row.pk).has_awarded
        assert not model.objects.get(pk=blank.pk).has_awarded
