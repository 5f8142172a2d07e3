"""Learners are found by parts of names, whatever accents and capitals, on every database, with or without credentials."""

from __future__ import annotations

import unicodedata

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from learning_credentials import api, tasks
from learning_credentials.admin.desk import finding
from learning_credentials.models import Learner
from learning_credentials.services.common import refresh_learners, refresh_missing_learners
from learning_credentials.verify_codes import format_code
from tests.factories import CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

SEARCH = reverse("admin:learning_credentials_learner_changelist")


def find(client, text):
    """Return the user names that the page lists."""
    response = client.get(SEARCH, {"q": text})
    assert response.status_code == 200
    return [line.user.get_username() for line in response.context["lines"]]


@pytest.mark.parametrize(
    ("first", "last", "typed"),
    [
        ("Ångström", "Lind", "angstrom"),
        ("Ångström", "Lind", "LIND"),
        ("Ångström", "Lind", "lin ÅNG"),
        ("Юрий", "Петров", "петр"),
        ("Nguyễn Văn", "Đức", "van duc"),
        ("Anna-María", "O’Brien", "maria brien"),
        ("Anna-María", "O’Brien", "o'bri"),
        ("عَلِيّ", "منصور", "علي"),
        ("민수", "김", "수"),
        ("İpek", "Yılmaz", "yil"),
        ("Back\\slash", "Quo'te", "back\\slash quo'te"),
    ],
)
def test_by_part_of_a_name(admin, first, last, typed):
    UserFactory(username="wanted", first_name=first, last_name=last, email="")
    UserFactory.create_batch(2)
    assert find(admin, typed) == ["wanted"]
    assert find(admin, unicodedata.normalize("NFD", typed)) == ["wanted"]


@pytest.mark.parametrize("typed", ["LOVELACE.a", "ada@exam", "ADA@example.org", "ada"])
def test_by_user_name_and_address(admin, typed):
    UserFactory(username="lovelace.a", first_name="", last_name="", email="Ada@example.org")
    UserFactory()
    assert find(admin, typed) == ["lovelace.a"]


@pytest.mark.parametrize("typed", ["%", "a%b", "_d_", "", "x", "\0", "' | 'a", "ada'):* | '", "\\", "&", "-"])
def test_what_finds_nothing(admin, typed):
    UserFactory(username="ada", first_name="Ada", last_name="Example")
    assert find(admin, typed) == []


def test_by_verification_id_and_code(admin):
    row = CredentialFactory(available=True)
    page = reverse("admin:learning_credentials_learner_change", args=[row.user_id])
    for typed in (
        str(row.verify_uuid),
        row.verify_uuid.hex,
        api.get_verification_url(row.verify_uuid),
        format_code(row.verify_code),
        f" {format_code(row.verify_code).lower()} ",
    ):
        assert admin.get(SEARCH, {"q": typed}).headers["Location"] == page


def test_a_credential_whose_account_is_gone(admin):
    row = CredentialFactory(available=True, user=None)
    response = admin.get(SEARCH, {"q": str(row.verify_uuid)}, follow=True)
    assert response.redirect_chain[0][0] == reverse("admin:learning_credentials_credential_change", args=[row.pk])
    assert "The account of the learner was deleted." in response.text


def test_names_follow_the_account(admin):
    user = UserFactory(username="learner", first_name="Old", last_name="Name")
    user.last_name = "Fresh"
    user.save()
    assert find(admin, "fresh") == ["learner"]
    assert find(admin, "name") == []
    user.delete()
    assert find(admin, "fresh") == []
    assert not Learner.objects.filter(pk=user.pk).exists()


def test_a_log_in_costs_nothing(admin):
    user = UserFactory()
    with CaptureQueriesContext(connection) as queries:
        user.save(update_fields=["last_login"])
    assert not [query for query in queries if "lcred_learner" in query["sql"]]


def test_names_on_credentials_too(admin, course, enrol, world):
    (user,) = enrol("Ada")
    world.set_profile(user.pk, display_name="Åse Ødegård")
    api.issue_pending_credentials(course.pk)
    assert find(admin, "ase øde") == [user.username]  # the beginning of the name, at once
    tasks.sweep_stale_credentials_task()
    assert find(admin, "odegard") == [user.username]
    world.set_profile(user.pk, display_name="Åse Nyman")
    api.reissue_credential(user.learning_credentials.get().pk, reason="Married")
    tasks.sweep_stale_credentials_task()
    assert find(admin, "nyman") == [user.username]
    assert find(admin, "odegard") == [user.username]


def test_accounts_that_were_created_in_bulk(admin, capsys):
    model = get_user_model()
    model.objects.bulk_create(model(username=f"bulk{number}", last_name="Übung") for number in range(3))
    assert find(admin, "ubung") == []
    call_command("index_learners")
    assert "3 accounts" in capsys.readouterr().out
    assert find(admin, "ubung") == ["bulk0", "bulk1", "bulk2"]
    assert refresh_missing_learners() == 0
    assert refresh_learners(model.objects.values_list("pk", flat=True)) == 0


def test_pages(admin, monkeypatch):
    UserFactory.create_batch(30, last_name="Manifold")
    first = admin.get(SEARCH, {"q": "manifold"})
    assert "30 learners match." in first.text
    assert len(first.context["lines"]) == 25
    assert len(admin.get(SEARCH, {"q": "manifold", "p": 2}).context["lines"]) == 5
    monkeypatch.setattr(finding, "MAX_FOUND", 10)
    assert "More than 10 learners match." in admin.get(SEARCH, {"q": "manifold"}).text


def test_queries_do_not_grow(admin):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(SEARCH, {"q": "manifold"}).status_code == 200
        return len(queries)

    CredentialFactory(available=True, user=UserFactory(last_name="Manifold"))
    few = count()
    for user in UserFactory.create_batch(30, last_name="Manifold"):
        CredentialFactory(available=True, user=user)
    assert count() <= few <= 12


def test_the_index_of_the_admin_leads_to_it(admin):
    assert SEARCH in admin.get("/admin/learning_credentials/").text
