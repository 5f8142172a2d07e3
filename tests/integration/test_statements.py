"""Statements that are compiled once: they find what their query set finds, with the values of each call."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db.models import CharField, DateTimeField, Q, UUIDField
from django.utils import timezone

from learning_credentials.models import Credential
from learning_credentials.services.common import ListParameter, Parameter, Statement
from learning_credentials.services.course_runs import filter_visible, with_run_date
from tests.factories import CourseCertificateFactory, CredentialFactory
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db


def make_rows(verify_uuid, now):
    rows = with_run_date(filter_visible(Credential.objects.all(), now), now)
    return rows.select_related("configuration__credential_type__image", "successor").filter(verify_uuid=verify_uuid)


@pytest.fixture
def statement():
    calls = []

    def make():
        calls.append(1)
        return make_rows(Parameter("verify_uuid", UUIDField()), Parameter("now", DateTimeField()))

    made = Statement(Credential, make)
    made.calls = calls
    return made


@pytest.fixture
def row():
    return CredentialFactory(available=True, evidence={"grade": 0.9})


def list_values(rows):
    return [
        (
            {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields},
            row.run_date,
            row.configuration.credential_type,
        )
        for row in rows
    ]


def test_a_statement_finds_what_its_query_set_finds(statement, row, django_assert_num_queries):
    others = CredentialFactory.create_batch(2, available=True, configuration=row.configuration)
    now = timezone.now()
    for wanted in (row, *others):
        with django_assert_num_queries(1):
            found = list_values(statement.fetch(verify_uuid=wanted.verify_uuid, now=now))
        assert found == list_values(make_rows(wanted.verify_uuid, now))
        assert found[0][0]["uuid"] == wanted.pk
    assert statement.fetch(verify_uuid=uuid4(), now=now) == []
    assert len(statement.calls) == 1


@pytest.mark.parametrize("is_replaced", [False, True])
def test_instances_are_like_those_of_the_query_set(row, is_replaced):
    """They have the same columns and the same related instances, and come from the same database."""

    def make(verify_uuid):
        rows = make_rows(verify_uuid, timezone.now())
        return rows.only("user_full_name", "successor__verify_uuid", "configuration__credential_type__image__slug")

    if is_replaced:
        CredentialFactory(available=True, user=row.user, configuration=row.configuration, replaces=row, is_current=None)
    (expected,) = make(row.verify_uuid)
    (found,) = Statement(Credential, lambda: make(Parameter("key", UUIDField()))).fetch(key=row.verify_uuid)
    assert hasattr(found, "successor") is is_replaced
    credential_type = attrgetter("configuration.credential_type")
    pairs = [(expected, found), (credential_type(expected), credential_type(found))]
    pairs += [(expected.successor, found.successor)] if is_replaced else []
    for theirs, ours in pairs:
        assert type(ours) is type(theirs)
        assert ours == theirs
        assert ours.get_deferred_fields() == theirs.get_deferred_fields()
        assert ours._state.fields_cache.keys() == theirs._state.fields_cache.keys()
        assert (ours._state.db, ours._state.adding) == (theirs._state.db, False)
    assert credential_type(found).image is None
    if is_replaced:
        assert found.successor.replaces is found


def test_each_call_has_its_own_time(statement, row):
    opens = timezone.now() + timedelta(days=1)
    CourseCertificateFactory(course_key=row.learning_context_key, available_date=opens)
    for days, dates in ((-1, []), (1, [opens]), (-1, [])):
        found = statement.fetch(verify_uuid=row.verify_uuid, now=opens + timedelta(days=days))
        assert [credential.run_date for credential in found] == dates


def test_a_change_shows_at_the_next_call(statement, row):
    values = {"verify_uuid": row.verify_uuid, "now": timezone.now()}
    statement.fetch(**values)
    Credential.objects.filter(pk=row.pk).update(user_full_name="Ada Later")
    assert [found.user_full_name for found in statement.fetch(**values)] == ["Ada Later"]


def test_what_was_fetched_can_be_saved(statement, row):
    (found,) = statement.fetch(verify_uuid=row.verify_uuid, now=timezone.now())
    found.is_indexable = True
    found.save(update_fields=["is_indexable"])
    assert Credential.objects.get(pk=row.pk).is_indexable


def test_a_value_that_is_missing_is_an_error(statement, row):
    with pytest.raises(KeyError, match="now"):
        statement.fetch(verify_uuid=row.verify_uuid)


@pytest.fixture
def find_many():
    def make():
        keys = [ListParameter("keys", Credential._meta.get_field("verify_uuid"))]
        learners = [ListParameter("learners", get_user_model()._meta.pk)]
        return Credential.objects.filter(
            Q(verify_uuid__in=keys) | Q(pk__in=keys), user__pk__in=learners, status=Parameter("status", CharField())
        )

    return Statement(Credential, make)


def test_a_list_has_another_length_at_each_call(find_many, django_assert_num_queries):
    rows = CredentialFactory.create_batch(4, available=True)
    CredentialFactory(user=rows[0].user, error=True)
    learners = [row.user_id for row in rows]
    for number in (3, 1, 4):
        keys = [row.verify_uuid for row in rows[:number]]
        with django_assert_num_queries(1):
            found = find_many.fetch(keys=keys, learners=learners, status="available")
        assert {row.pk for row in found} == {row.pk for row in rows[:number]}
    assert not find_many.fetch(keys=keys, learners=learners[:1], status="error")


def test_values_of_columns(row, django_assert_num_queries):
    def make():
        rows = Credential.objects.filter(verify_uuid__in=[ListParameter("keys", UUIDField())])
        return rows.values_list("issued_at", "verify_uuid", "configuration__credential_type__name", "evidence")

    statement = Statement(Credential, make)
    for keys in ([row.verify_uuid], [uuid4(), row.verify_uuid], [uuid4()]):
        with django_assert_num_queries(1):
            found = [tuple(values) for values in statement.fetch_values(keys=keys)]
        expected = [(row.issued_at, row.verify_uuid, row.configuration.credential_type.name, {"grade": 0.9})]
        assert found == (expected if row.verify_uuid in keys else [])


@pytest.mark.django_db(transaction=True)
def test_threads_share_a_statement(statement):
    rows = CredentialFactory.create_batch(4, available=True)

    def fetch(row):
        for _ in range(20):
            (found,) = statement.fetch(verify_uuid=row.verify_uuid, now=timezone.now())
            assert found.pk == row.pk

    assert_no_errors(at_once(*[lambda row=row: fetch(row) for row in rows]))
