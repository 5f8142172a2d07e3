"""Who administers which learning contexts: grants, roles, the limits that follow from them, and the pages about them."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials import api
from learning_credentials.exceptions import (
    AlreadyExistsError,
    ContextNotFoundError,
    EntryNotFoundError,
    InvalidTransitionError,
    NotPermittedError,
    ReasonRequiredError,
)
from learning_credentials.lms import Act, Scope
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.models import (
    ContextGrant,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    GenerationRun,
    LearnerCertificate,
    TypeContext,
)
from learning_credentials.services.common import find_scope, get_rights, limit_rows, make_condition, may_handle
from learning_credentials.services.staff import SourceKind, end_grant, explain_rights, give_grant, list_grants_for
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    GenerationRunFactory,
    LearnerCertificateFactory,
    UserFactory,
)
from tests.integration.admin_forms import read_form
from tests.integration.admin_pages import count_queries, messages_of, staff_with
from tests.integration.admin_types import form as type_form

pytestmark = pytest.mark.django_db

KEY, OTHER = "course-v1:Uni+MATH+2026", "course-v1:College+ART+2026"
ADD = "admin:learning_credentials_contextgrant_add"


@pytest.fixture
def contexts(world):
    for key, name in ((KEY, "Mathematics"), (OTHER, "Art")):
        world.add_course_run(key, name)


@pytest.fixture
def role():
    group = Group.objects.create(name="Course office")
    group.permissions.set(Permission.objects.filter(codename__in=["view_credential", "invalidate_credential"]))
    return group


def again(user):
    """Return the account as the next request loads it: an account keeps its rights."""
    return type(user).objects.get(pk=user.pk)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestScopes:
    keys = st.text(alphabet="ab+", max_size=4)

    @given(st.frozensets(keys), st.lists(keys), keys)
    def test_a_scope_contains_its_keys_and_what_begins_so(self, keys, prefixes, key):
        scope = Scope(keys, tuple(prefixes))
        assert scope.covers(key) == (key in keys or any(key.startswith(prefix) for prefix in prefixes))
        assert bool(scope) == bool(keys or prefixes)

    @given(st.frozensets(keys), st.lists(keys), st.frozensets(keys), st.lists(keys), keys)
    def test_two_scopes_together_contain_what_one_contains(self, keys, prefixes, more_keys, more_prefixes, key):
        one, other = Scope(keys, tuple(prefixes)), Scope(more_keys, tuple(more_prefixes))
        assert (one | other).covers(key) == (one.covers(key) or other.covers(key))

    def test_case_matters_and_unicode_forms_do_not(self):
        scope = Scope(frozenset({"course-v1:Caf\u00e9"}), ("Uni+",))
        assert scope.covers("course-v1:Cafe\u0301")
        assert not scope.covers("course-v1:CAF\u00c9")
        assert not scope.covers("uni+x")


@pytest.fixture
def rows():
    """Return runs, standings and credentials of keys that databases like to confuse."""
    made = {}
    for key in ("Uni+A", "uni+A", "Uni+a", "Uni%A", "Uni_A", "Uni\\A", "Uni", "Unj", "Uni+\U0001f600", "College+A"):
        configuration = CredentialConfigurationFactory(learning_context_key=key)
        GenerationRunFactory(configuration=configuration)
        CredentialFactory(configuration=configuration)
        LearnerCertificateFactory(course_certificate__course_key=key)
        made[key] = configuration
    return made


#: The lookup from a row of some models to the key.
LOOKUPS = {
    Credential: "learning_context_key",
    CredentialConfiguration: "learning_context_key",
    CourseCertificate: "course_key",
    GenerationRun: "configuration__learning_context_key",
    LearnerCertificate: "course_certificate__course_key",
}
SCOPES = (
    Scope(),
    Scope(frozenset({"Uni+A", "nothing"})),
    Scope(prefixes=("Uni+",)),
    Scope(prefixes=("Uni%", "Uni_", "Uni\\")),
    Scope(frozenset({"College+A"}), ("uni",)),
    Scope(frozenset({"Uni"}), (*(f"none{number}" for number in range(150)), "College")),
    Scope.everything(),
)


class TestConditions:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_the_database_finds_what_the_scope_contains(self, rows, scope):
        """This runs on every database: each has its own statement."""
        for model, lookup in LOOKUPS.items():
            found = model.objects.filter(make_condition(model, scope)).order_by().values_list(lookup, flat=True)
            assert sorted(found) == sorted(key for key in rows if scope.covers(key)), model

    def test_ten_thousand_contexts_are_few_parameters(self, rows):
        scope = Scope(frozenset({"Uni+A", *(f"course-v1:Many+{number}" for number in range(10_000))}))
        with CaptureQueriesContext(connection) as queries:
            found = list(Credential.objects.filter(make_condition(Credential, scope)))
            runs = list(GenerationRun.objects.filter(make_condition(GenerationRun, scope)))
        assert [row.learning_context_key for row in found] == ["Uni+A"]
        assert len(runs) == 1
        assert len(queries) == 2
        if connection.vendor == "sqlite":
            sql, params = Credential.objects.filter(make_condition(Credential, scope)).query.sql_with_params()
            assert len(params) == 1
            assert sql.count("%s") == 1

    @pytest.mark.parametrize("scope", [Scope(frozenset({"Uni+A"})), Scope(prefixes=("Uni+",))])
    def test_an_index_is_used(self, rows, scope):
        query = Credential.objects.filter(make_condition(Credential, scope)).order_by().values("pk")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        plan = query.explain()
        assert "lcred_credential_context" in plan, plan


class TestServices:
    def test_a_grant_limits_and_gives(self, contexts, role):
        user = UserFactory(staff=True)
        assert not get_rights(user).is_limited
        grant = give_grant(KEY, user_id=user.pk, role_id=role.pk, notes="her course")
        user = again(user)
        assert find_scope(user, Act.INVALIDATE_CREDENTIAL) == Scope(frozenset({KEY}))
        assert not find_scope(user, Act.REISSUE_CREDENTIAL)
        assert api.has_permission(user, Act.DOWNLOAD_FILE, KEY)
        assert not api.has_permission(user, Act.DOWNLOAD_FILE, OTHER)
        assert not api.has_permission(user, Act.DOWNLOAD_FILE)
        end_grant(grant.pk, notes="moved on")
        user = again(user)
        assert get_rights(user).is_limited
        assert not api.has_permission(user, Act.DOWNLOAD_FILE, KEY)

    def test_ending_the_last_grant_never_gives_more(self, contexts):
        """An account with permissions of its own stays limited, to nothing, until somebody gives it all contexts."""
        user = UserFactory(staff=True, permissions=["change_credential"])
        assert find_scope(user, Act.REISSUE_CREDENTIAL).is_everything
        grant = give_grant(KEY, user_id=user.pk)
        assert find_scope(again(user), Act.REISSUE_CREDENTIAL) == Scope(frozenset({KEY}))
        end_grant(grant.pk, notes="over")
        assert not find_scope(again(user), Act.REISSUE_CREDENTIAL)
        give_grant("", is_prefix=True, user_id=user.pk)
        assert find_scope(again(user), Act.REISSUE_CREDENTIAL).is_everything
        assert not get_rights(again(user)).is_limited

    def test_a_group_limits_its_members(self, contexts):
        faculty = Group.objects.create(name="Faculty")
        faculty.permissions.set(Permission.objects.filter(codename="start_run"))
        member, other = UserFactory.create_batch(2, staff=True)
        member.groups.add(faculty)
        give_grant("course-v1:Uni+", is_prefix=True, group_id=faculty.pk)
        assert find_scope(again(member), Act.START_RUN) == Scope(prefixes=("course-v1:Uni+",))
        assert not find_scope(again(other), Act.START_RUN)
        assert not get_rights(again(other)).is_limited

    def test_roles_hold_only_where_they_were_given(self, contexts, role):
        user = UserFactory(staff=True)
        reader = Group.objects.create(name="Only looking")
        reader.permissions.set(Permission.objects.filter(codename="view_credential"))
        give_grant(KEY, user_id=user.pk, role_id=role.pk)
        give_grant(OTHER, user_id=user.pk, role_id=reader.pk)
        here, there = (CredentialFactory(configuration__learning_context_key=key) for key in (KEY, OTHER))
        user = again(user)
        seen = limit_rows(Credential.objects.all(), user, ("view_credential",))
        assert set(seen) == {here, there}
        assert list(limit_rows(Credential.objects.all(), user, Act.INVALIDATE_CREDENTIAL)) == [here]
        assert may_handle(user, Act.INVALIDATE_CREDENTIAL, here)
        assert not may_handle(user, Act.INVALIDATE_CREDENTIAL, there)

    def test_an_action_leaves_rows_of_the_reader_s_course_out(self, contexts, role):
        user = UserFactory(staff=True)
        reader = Group.objects.create(name="Only looking")
        reader.permissions.set(Permission.objects.filter(codename="view_credential"))
        give_grant(KEY, user_id=user.pk, role_id=role.pk)
        give_grant(OTHER, user_id=user.pk, role_id=reader.pk)
        here, there = (
            CredentialFactory(available=True, configuration__learning_context_key=key) for key in (KEY, OTHER)
        )
        client, url = client_of(user), reverse("admin:learning_credentials_credential_changelist")
        data = {"action": "invalidate_selected", "_selected_action": [here.pk, there.pk]}
        page = client.post(url, data)
        assert "1 selected row was left out" in messages_of(page)[0]
        inputs = read_form(page)
        client.post(url, {**data, **inputs, "confirm": "yes", "reason": "wrong grade"})
        states = dict(Credential.objects.values_list("pk", "status"))
        assert (states[here.pk], states[there.pk]) == ("invalidated", "available")
        assert (
            client.get(reverse("admin:learning_credentials_credential_invalidate", args=[there.pk])).status_code == 404
        )

    def test_grants_are_refused(self, contexts, role):
        user, limited = UserFactory.create_batch(2, staff=True)
        give_grant(KEY, user_id=user.pk, role_id=role.pk)
        with pytest.raises(AlreadyExistsError):
            give_grant(KEY, user_id=user.pk, role_id=role.pk)
        with pytest.raises(ContextNotFoundError):
            give_grant("course-v1:No+SUCH+Run", user_id=user.pk)
        with pytest.raises(EntryNotFoundError):
            give_grant(KEY, group_id=0)
        with pytest.raises(InvalidTransitionError):
            give_grant(KEY, user_id=user.pk, group_id=role.pk)
        give_grant(KEY, user_id=limited.pk)
        with pytest.raises(NotPermittedError):
            give_grant(KEY, user_id=user.pk, actor=again(limited))
        giver = UserFactory(staff=True, permissions=["add_contextgrant", "view_credential"])
        with pytest.raises(NotPermittedError, match="invalidate_credential"):
            give_grant(OTHER, user_id=user.pk, role_id=role.pk, actor=giver)
        give_grant(OTHER, user_id=user.pk, role_id=role.pk, actor=UserFactory(superuser=True))

    def test_a_grant_ends_once_and_with_notes(self, contexts):
        grant = give_grant(KEY, user_id=UserFactory().pk)
        with pytest.raises(ReasonRequiredError):
            end_grant(grant.pk, notes=" ")
        boss = UserFactory(superuser=True)
        ended = end_grant(grant.pk, notes="over", actor=boss)
        assert (ended.is_active, ended.ended_by, ended.end_notes) == (None, boss, "over")
        with pytest.raises(InvalidTransitionError):
            end_grant(grant.pk, notes="over")
        with pytest.raises(EntryNotFoundError):
            end_grant(0, notes="over")
        give_grant(KEY, user_id=grant.user_id)

    def test_the_database_refuses_grants_for_nobody_or_for_two(self):
        group, user = Group.objects.create(name="x"), UserFactory()
        for values in ({}, {"user": user, "group": group}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ContextGrant.objects.create(context_key=KEY, said=str(values)[:60], **values)

    def test_who_administers_a_course(self, contexts, role):
        users = UserFactory.create_batch(5)
        give_grant(KEY, user_id=users[0].pk)
        give_grant("course-v1:Uni+", is_prefix=True, user_id=users[1].pk)
        give_grant("", is_prefix=True, group_id=role.pk)
        give_grant("course-v1:UNI+", is_prefix=True, user_id=users[2].pk)
        give_grant(OTHER, user_id=users[3].pk)
        end_grant(give_grant(KEY, user_id=users[4].pk).pk, notes="over")
        assert [(grant.user, grant.group) for grant in list_grants_for(KEY)] == [
            (users[0], None), (users[1], None), (None, role)
        ]  # fmt: skip


class TestLMS:
    def test_the_lms_limits(self, contexts, world):
        user = UserFactory(staff=True, permissions=["change_credential", "view_learnercertificate"])
        world.limit(user.pk, KEY)
        user = again(user)
        assert find_scope(user, Act.REISSUE_CREDENTIAL) == Scope(frozenset({KEY}))
        assert api.has_permission(user, Act.VIEW_LEARNER_STATUS, KEY)
        assert not api.has_permission(user, Act.VIEW_LEARNER_STATUS, OTHER)

    def test_grants_are_added_to_what_the_lms_says(self, contexts, world):
        user = UserFactory(staff=True, permissions=["change_credential"])
        world.limit(user.pk, KEY)
        give_grant(OTHER, user_id=user.pk)
        assert find_scope(again(user), Act.REISSUE_CREDENTIAL) == Scope(frozenset({KEY, OTHER}))

    def test_an_lms_that_does_not_answer_gives_nothing(self, contexts, world, role):
        user = UserFactory(staff=True, permissions=["change_credential"])
        world.limit(user.pk, KEY)
        give_grant(OTHER, user_id=user.pk, role_id=role.pk)
        world.outage = True
        user = again(user)
        assert find_scope(user, Act.REISSUE_CREDENTIAL) == Scope(frozenset({OTHER}))
        CredentialFactory(configuration__learning_context_key=KEY)
        page = client_of(user).get(reverse("admin:learning_credentials_credential_changelist"))
        assert page.context["cl"].result_count == 0
        answer = client_of(user).get(f"/api/learning_credentials/v1/course_certificates/{KEY}/")
        assert answer.status_code == 503

    def test_a_backend_that_fails_opens_nothing_and_the_admin_goes_on(self, contexts, monkeypatch, caplog):
        def fail(self, user):
            raise KeyError("team")

        monkeypatch.setattr(FakeLMS, "get_scope", fail)
        user = UserFactory(staff=True, permissions=["change_credential"])
        assert not find_scope(again(user), Act.REISSUE_CREDENTIAL)
        assert client_of(user).get(reverse("admin:index")).status_code == 200
        assert "failed to say" in caplog.text

    def test_superusers_are_never_limited(self, contexts, world):
        boss = UserFactory(superuser=True)
        world.limit(boss.pk)
        give_grant(KEY, user_id=boss.pk)
        assert find_scope(again(boss), Act.REISSUE_CREDENTIAL).is_everything

    def test_an_account_that_is_not_active_has_nothing(self, contexts, role):
        user = UserFactory(staff=True, is_active=False)
        give_grant(KEY, user_id=user.pk, role_id=role.pk)
        assert not find_scope(again(user), Act.INVALIDATE_CREDENTIAL)


#: The pages of buttons, with the permission that each has of its own.
BUTTONS = {
    "invalidate": "invalidate_credential",
    "reissue": "reissue_credential",
    "lift_block": "lift_block",
    "override_date": "change_dates",
    "change_expiry": "change_dates",
    "artifact": "download_file",
}


class TestQueries:
    @pytest.mark.parametrize("model", ["credential", "generationrun", "learnercertificate", "credentialconfiguration"])
    def test_the_queries_of_a_list_do_not_grow_with_the_contexts(self, contexts, model):
        def count(number):
            user = UserFactory(staff=True, permissions=[f"view_{model}"])
            for index in range(number):
                key = f"course-v1:Many+C{number}-{index}"
                grant = ContextGrant(user=user, context_key=key)
                grant.said = grant.hash_content()
                grant.save()
                configuration = CredentialConfigurationFactory(learning_context_key=key)
                CredentialFactory(configuration=configuration)
                GenerationRunFactory(configuration=configuration)
                LearnerCertificateFactory(course_certificate__course_key=key)
            client, url = client_of(user), reverse(f"admin:learning_credentials_{model}_changelist")
            assert client.get(url).context["cl"].result_count == number
            return count_queries(client, url)

        assert count(2) == count(12)

    def test_the_check_of_staff_does_not_list_accounts_with_grants(self, contexts, monkeypatch):
        monkeypatch.delattr(FakeLMS, "has_permission")  # the check is for backends that map no roles
        user, other = UserFactory(staff=True, username="granted"), UserFactory(staff=True, username="bare")
        give_grant(KEY, user_id=user.pk)
        (found,) = [
            each
            for each in run_checks(tags=["learning_credentials"], databases=["default"])
            if each.id == "learning_credentials.W034"
        ]
        assert other.username in found.msg
        assert user.username not in found.msg


class TestActs:
    @pytest.mark.parametrize("page", BUTTONS)
    def test_each_button_has_a_permission_of_its_own(self, contexts, page):
        row = CredentialFactory(available=True)
        url = reverse(f"admin:learning_credentials_credential_{page}", args=[row.pk])
        others = [name for name in BUTTONS.values() if name != BUTTONS[page]]
        assert read_status(client_of(staff_with("view_coursecertificate", *others)), url) == 403
        # A button needs the page that it is on.
        assert read_status(client_of(staff_with("view_credential", BUTTONS[page])), url) == 200

    def test_the_model_permission_is_enough_unless_the_setting_says_otherwise(self, contexts, app_settings):
        """Accounts that had the model permission before acts had their own lose nothing."""
        row = CredentialFactory(available=True)
        urls = [reverse(f"admin:learning_credentials_credential_{page}", args=[row.pk]) for page in BUTTONS]
        client = client_of(staff_with("view_credential", "change_credential"))
        assert {read_status(client, url) for url in urls} == {200}
        app_settings(ACTS_NEED_OWN_PERMISSIONS=True)
        assert {read_status(client, url) for url in urls} == {403}
        client = client_of(staff_with("view_credential", *BUTTONS.values()))
        assert {read_status(client, url) for url in urls} == {200}

    def test_exports_need_their_permission_if_the_setting_says_so(self, contexts, app_settings):
        configuration = CredentialConfigurationFactory()
        url = reverse("admin:learning_credentials_credentialconfiguration_issued", args=[configuration.pk])
        viewer = client_of(staff_with("view_credentialconfiguration", "view_credential"))
        assert read_status(viewer, url) == 200
        app_settings(ACTS_NEED_OWN_PERMISSIONS=True)
        assert read_status(viewer, url) == 403
        assert read_status(client_of(staff_with("view_credentialconfiguration", "export_credentials")), url) == 200


def read_status(client: Client, url: str) -> int:
    response = client.get(url)
    if response.streaming:
        response.getvalue()
    return response.status_code


class TestRoles:
    migration: Any = importlib.import_module("learning_credentials.migrations.0031_lcred_roles")

    def test_roles_are_groups(self):
        Group.objects.all().delete()
        self.migration.make_roles(apps, _Editor())
        for name, codenames in self.migration.ROLES.items():
            found = Group.objects.get(name=name).permissions.values_list("codename", flat=True)
            assert set(found) == set(codenames), name

    def test_a_group_of_the_host_stays_as_it_is(self):
        Group.objects.all().delete()
        own = Group.objects.create(name="Credentials: reader")
        self.migration.make_roles(apps, _Editor())
        self.migration.make_roles(apps, _Editor())
        assert not own.permissions.exists()
        assert Group.objects.count() == len(self.migration.ROLES)

    def test_a_designer_awards_nothing_and_an_issuer_revokes_nothing(self, contexts, app_settings):
        Group.objects.all().delete()
        self.migration.make_roles(apps, _Editor())
        app_settings(ACTS_NEED_OWN_PERMISSIONS=True)
        people = {}
        for name in self.migration.ROLES:
            people[name.partition(": ")[2]] = user = UserFactory(staff=True)
            user.groups.add(Group.objects.get(name=name))
        allowed = {
            act: {name for name, user in people.items() if find_scope(again(user), act)}
            for act in (Act.ISSUE_CREDENTIAL, Act.INVALIDATE_CREDENTIAL, Act.EXPORT_CREDENTIALS, Act.START_RUN)
        }
        assert allowed == {
            Act.ISSUE_CREDENTIAL: {"issuer", "registrar"},
            Act.INVALIDATE_CREDENTIAL: {"registrar"},
            Act.EXPORT_CREDENTIALS: {"issuer", "registrar"},
            Act.START_RUN: {"issuer", "registrar"},
        }


class _Editor:
    connection = connection


class TestPages:
    def give(self, admin, **values):
        data = {"extent": "one", "context_key": KEY, "user": "", "group": "", "role": "", "notes": "her course"}
        return admin.post(reverse(ADD), {**data, **values}, follow=True)

    def test_a_course_is_delegated(self, contexts, admin, role):
        colleague = UserFactory(staff=True, username="noor")
        page = admin.get(reverse(ADD), {"context_key": KEY})
        assert page.context["form"]["context_key"].value() == KEY
        page = self.give(admin, user="noor", role=role.pk)
        grant = ContextGrant.objects.get()
        assert (grant.user, grant.role, grant.context_key, grant.created_by.username) == (
            colleague,
            role,
            KEY,
            "registrar",
        )
        assert messages_of(page) == [f"noor: {KEY} was given."]
        shown = CourseCertificateFactory(course_key=KEY)
        page = admin.get(reverse("admin:learning_credentials_coursecertificate_change", args=[shown.pk]))
        assert [each["who"] for each in page.context["administrators"]] == ["noor"]

    def test_the_form_says_what_is_missing(self, contexts, admin, role):
        user = UserFactory(staff=True)
        assert "Choose a user or a group" in self.give(admin).content.decode()
        assert "Choose a user or a group" in self.give(admin, user=user.username, group=role.pk).content.decode()
        assert "Nobody has the user name" in self.give(admin, user="nobody").content.decode()
        assert "Enter a key" in self.give(admin, user=user.username, context_key="").content.decode()
        assert "Leave the key empty" in self.give(admin, user=user.username, extent="all").content.decode()
        assert "LMS does not know" in self.give(admin, user=user.username, context_key="x").content.decode()
        assert not ContextGrant.objects.exists()

    @pytest.mark.parametrize(
        ("traits", "text"),
        [
            ({"superuser": True}, "superuser"),
            ({}, "Staff status"),
            ({"staff": True}, "no permission of this app"),
        ],
    )
    def test_a_grant_that_does_nothing_is_reported(self, contexts, admin, traits, text):
        user = UserFactory(**traits)
        assert text in messages_of(self.give(admin, user=user.username))[1]

    def test_grants_end_from_the_list_and_from_their_page(self, contexts, admin):
        one, two = (give_grant(KEY, user_id=user.pk) for user in UserFactory.create_batch(2))
        url = reverse("admin:learning_credentials_contextgrant_end", args=[one.pk])
        admin.post(url, {"confirm": "yes", "notes": "over"})
        changelist = reverse("admin:learning_credentials_contextgrant_changelist")
        data = {"action": "end_selected", "_selected_action": [two.pk]}
        inputs = read_form(admin.post(changelist, data))
        admin.post(changelist, {**data, **inputs, "confirm": "yes", "notes": "over"})
        assert not ContextGrant.objects.filter(is_active=True).exists()
        assert ContextGrant.objects.filter(end_notes="over", ended_by__username="registrar").count() == 2

    def test_lists_ask_the_lms_once_and_queries_do_not_grow(self, contexts, admin, world, role):
        url = reverse("admin:learning_credentials_contextgrant_changelist")
        give_grant(KEY, user_id=UserFactory().pk, role_id=role.pk)
        before = count_queries(admin, url)
        for user in UserFactory.create_batch(10):
            give_grant(OTHER, user_id=user.pk, role_id=role.pk)
        world.calls.clear()
        assert count_queries(admin, url) == before
        assert world.calls["find_contexts"] == 1
        page = admin.get(url, {"q": "no such person"})
        assert page.context["cl"].result_count == 0
        world.outage = True
        assert "Mathematics" not in admin.get(url).content.decode()

    def test_only_accounts_without_limits_give_grants(self, contexts, role):
        delegate = UserFactory(staff=True, permissions=["add_contextgrant", "change_contextgrant", "view_contextgrant"])
        mine = give_grant(KEY, user_id=delegate.pk)
        give_grant(OTHER, user_id=UserFactory(username="elsewhere").pk)
        client = client_of(delegate)
        assert client.get(reverse(ADD)).status_code == 403
        assert client.get(reverse("admin:learning_credentials_contextgrant_end", args=[mine.pk])).status_code == 403
        page = client.get(reverse("admin:learning_credentials_contextgrant_changelist"))
        assert [row.pk for row in page.context["cl"].result_list] == [mine.pk]
        assert "elsewhere" not in page.content.decode()

    def test_people_are_suggested(self, contexts, admin):
        UserFactory(username="noor1", first_name="Noor", last_name="Haddad")
        UserFactory(username="noor2", staff=True)
        UserFactory(username="noor3", is_active=False)
        found = admin.get(reverse("admin:learning_credentials_contextgrant_people"), {"q": "noor"}).json()["contexts"]
        assert [each["key"] for each in found] == ["noor2", "noor1"]
        assert found[1]["name"] == "Noor Haddad, noor1@example.com"


class TestWhoMayDoWhat:
    def show(self, admin, person, context_key=""):
        url = reverse("admin:learning_credentials_contextgrant_rights")
        page = admin.get(url, {"person": person.username, "context_key": context_key})
        assert page.status_code == 200
        return page

    def find(self, page, label):
        return next(act for act in page.context["acts"] if str(act["label"]).startswith(label))

    def test_rights_are_explained(self, contexts, admin, role):
        user = UserFactory(staff=True, permissions=["start_run"])
        faculty = Group.objects.create(name="Faculty")
        faculty.permissions.set(Permission.objects.filter(codename="send_mail"))
        user.groups.add(faculty)
        give_grant(KEY, user_id=user.pk, role_id=role.pk)
        give_grant("course-v1:Uni+", is_prefix=True, group_id=faculty.pk)
        page = self.show(admin, user, KEY)
        assert "there are grants" in page.context["summary"]
        assert self.find(page, "Start runs")["sources"] == ["permission start_run of the account"]
        assert self.find(page, "Send e-mails")["sources"] == ["permission send_mail of the group “Faculty”"]
        revoke = self.find(page, "Revoke")
        assert (revoke["is_allowed"], revoke["where"]) == (True, KEY)
        assert revoke["sources"] == ["permission invalidate_credential of the role “Course office”"]
        assert not self.find(self.show(admin, user, OTHER), "Revoke")["is_allowed"]
        assert not self.find(page, "Reissue")["is_allowed"]

    def test_it_says_why_somebody_is_limited_or_not(self, contexts, admin, world):
        assert "superuser" in self.show(admin, UserFactory(superuser=True)).context["summary"]
        assert "not limited" in self.show(admin, UserFactory(staff=True)).context["summary"]
        assert "not active" in self.show(admin, UserFactory(is_active=False)).context["summary"]
        user = UserFactory(staff=True)
        end_grant(give_grant(KEY, user_id=user.pk).pk, notes="over")
        assert "all grants have ended" in self.show(admin, user).context["summary"]
        other = UserFactory(staff=True)
        world.limit(other.pk, KEY)
        assert "the LMS says" in self.show(admin, other).context["summary"]

    def test_every_act_has_words(self, contexts, admin):
        page = self.show(admin, UserFactory(superuser=True))
        assert len(page.context["acts"]) == len(Act)

    def test_a_permission_of_another_backend_is_named(self, contexts, settings):
        settings.AUTHENTICATION_BACKENDS = [
            *settings.AUTHENTICATION_BACKENDS,
            "tests.integration.test_grants.Directory",
        ]
        found = {each.act: each for each in explain_rights(UserFactory(staff=True)).acts}
        assert [source.kind for source in found[Act.START_RUN].sources] == [SourceKind.BACKEND]

    def test_the_number_of_queries_is_constant(self, contexts, role):
        def count(number):
            user = UserFactory(staff=True)
            for index in range(number):
                group = Group.objects.create(name=f"group {number} {index}")
                group.permissions.set(role.permissions.all())
                user.groups.add(group)
                give_grant(f"course-v1:Org{index}+", is_prefix=True, user_id=user.pk, role_id=group.pk)
            with CaptureQueriesContext(connection) as queries:
                explain_rights(again(user))
            return len(queries)

        assert count(1) == count(8)


class Directory:
    """An authentication backend that knows one permission."""

    def authenticate(self, request, **credentials):
        return None

    def get_user(self, user_id):
        return None

    def has_perm(self, user, name, obj=None):
        return name == "learning_credentials.start_run"


class TestTypesOfContexts:
    @pytest.fixture
    def designer(self, contexts):
        user = UserFactory(
            staff=True,
            permissions=[
                f"{action}_{name}"
                for action in ("view", "add", "change", "delete")
                for name in (
                    "credentialtype",
                    "credentialconfiguration",
                    "typecontext",
                    "typesignatory",
                    "typebadgeimage",
                )
            ],
        )
        give_grant(KEY, user_id=user.pk)
        return user

    def post(self, user, url, *keys, **values):
        rows = {"contexts-TOTAL_FORMS": str(len(keys)), "contexts-INITIAL_FORMS": "0"}
        rows |= {f"contexts-{number}-context_key": key for number, key in enumerate(keys)}
        return client_of(user).post(url, type_form(**rows, **values))

    def test_a_limited_designer_makes_a_type_for_her_course(self, designer):
        add = reverse("admin:learning_credentials_credentialtype_add")
        assert "Name the learning contexts" in self.post(designer, add).content.decode()
        assert "may not do this" in self.post(designer, add, KEY, OTHER).content.decode()
        assert self.post(designer, add, KEY).status_code == 302
        made = TypeContext.objects.get()
        assert (made.context_key, made.credential_type.name) == (KEY, "Honours")

    def test_she_changes_it_and_reads_what_is_shared(self, designer):
        own, shared, foreign, both = (CredentialTypeFactory(name=name) for name in ("Own", "Shared", "Foreign", "Both"))
        for row, key in ((own, KEY), (foreign, OTHER), (both, KEY), (both, OTHER)):
            TypeContext.objects.create(credential_type=row, context_key=key)
        client = client_of(designer)
        listed = client.get(reverse("admin:learning_credentials_credentialtype_changelist")).context["cl"].result_list
        assert {row.name for row in listed} == {"Own", "Shared", "Both"}

        def save(row):
            url = reverse("admin:learning_credentials_credentialtype_change", args=[row.pk])
            values = read_form(client.get(url)) | {"name": f"{row.name} 2"}
            return client.post(url, values).status_code

        assert [save(row) for row in (own, shared, both, foreign)] == [302, 403, 403, 302]
        own.refresh_from_db()
        foreign.refresh_from_db()
        assert (own.name, foreign.name) == (
            "Own 2",
            "Foreign",
        )  # the answer about the foreign one leads to the first page

    def test_a_shared_type_is_copied_for_her_course(self, designer):
        shared = CredentialTypeFactory(name="Shared")
        url = reverse("admin:learning_credentials_credentialtype_copy", args=[shared.pk])
        client = client_of(designer)
        data = {"name": "Mine", "slug": "mine", "context_key": OTHER, "confirm": "yes"}
        assert "may not do this" in client.post(url, data).content.decode()
        assert client.post(url, {**data, "context_key": KEY}).status_code == 302
        assert list(TypeContext.objects.values_list("credential_type__name", "context_key")) == [("Mine", KEY)]

    def test_other_contexts_cannot_use_a_type_of_contexts(self, contexts, admin):
        own = CredentialTypeFactory(name="Own")
        TypeContext.objects.create(credential_type=own, context_key=KEY)
        configuration = CredentialConfigurationFactory(credential_type=own, learning_context_key=KEY)
        url = reverse("admin:learning_credentials_credentialconfiguration_add")
        data = {"credential_type": own.pk, "interval": "1 day", "custom_options": "{}"}
        page = admin.post(url, {**data, "learning_context_key": OTHER})
        assert "belongs to other learning contexts" in page.content.decode()
        copy = reverse("admin:learning_credentials_credentialconfiguration_copy", args=[configuration.pk])
        assert "belongs to other learning contexts" in admin.post(copy, {"context_key": OTHER}).content.decode()

    def test_a_type_that_other_contexts_use_cannot_be_taken_from_them(self, contexts):
        shared = CredentialTypeFactory()
        CredentialConfigurationFactory(credential_type=shared, learning_context_key=OTHER)
        boss = UserFactory(superuser=True)
        url = reverse("admin:learning_credentials_credentialtype_change", args=[shared.pk])
        page = self.post(boss, url, KEY, name=shared.name, slug=shared.slug)
        assert OTHER in page.content.decode()
        assert not TypeContext.objects.exists()
        assert self.post(boss, url, KEY, OTHER, name=shared.name, slug=shared.slug).status_code == 302
        assert TypeContext.objects.count() == 2
