"""Names are found whatever capitals, accents and Unicode form they are typed with, on every database."""

from __future__ import annotations

import unicodedata

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from learning_credentials import api
from learning_credentials.admin import large_lists
from learning_credentials.folding import fold
from learning_credentials.models import AllowlistEntry, Credential
from tests.factories import CredentialFactory, UserFactory

LIST = reverse("admin:learning_credentials_credential_changelist")

SEARCHES = [
    ("Ångström Lind", "ångström"),
    ("Ångström Lind", "Angstrom"),
    ("Ångström Lind", "ÅNGSTRÖM"),
    ("Юрий Петров", "юрий"),
    ("Юрий Петров", "ЮРИЙ"),
    ("Юрий Петров", "юрии"),
    ("Łukasz Żółć", "lukasz"),
    ("Nguyễn Văn Đức", "nguyen van duc"),
    ("Straßer Anna", "STRASSER"),
    ("İpek Yılmaz", "ipek"),
    ("Μαρία Παππά", "ΜΑΡΙΑ"),
    ("عَلِيّ منصور", "علي"),
    ("김민수", "김민"),
    ("Zoë Example", "Zoe"),
    ("Zoe Example", "zoë"),
]


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(superuser=True, first_name="", last_name=""))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("name", "typed"), SEARCHES)
def test_credentials_are_found_by_name(admin, monkeypatch, name, typed, form, is_large):
    wanted = CredentialFactory(available=True, user_full_name=unicodedata.normalize(form, name))
    CredentialFactory.create_batch(3, available=True)
    if is_large:
        monkeypatch.setattr(large_lists, "MAX_ROWS", 2)
    found = admin.get(LIST, {"q": unicodedata.normalize("NFD" if form == "NFC" else "NFC", typed)})
    assert list(found.context["cl"].result_list) == [wanted]


@pytest.mark.django_db
@pytest.mark.parametrize("is_large", [False, True])
def test_learners_in_other_lists_too(admin, monkeypatch, is_large):
    wanted = CredentialFactory(available=True, user_full_name="Юрий Ångström")
    for user in [wanted.user, *UserFactory.create_batch(3)]:
        AllowlistEntry.objects.create(user=user, learning_context_key="course-v1:A+B+C", notes="n")
    if is_large:
        monkeypatch.setattr(large_lists, "MAX_ROWS", 2)
    url = reverse("admin:learning_credentials_allowlistentry_changelist")
    found = admin.get(url, {"q": "юрий"}).context["cl"].result_list
    assert [entry.user_id for entry in found] == [wanted.user_id]


@pytest.mark.django_db(transaction=True)
def test_it_is_filled_on_every_way_in(course, enrol, world):
    (user,) = enrol("Ångström")
    world.set_profile(user.pk, display_name="")
    api.issue_pending_credentials(course.pk)
    assert Credential.objects.get().search_name == ""
    world.set_profile(user.pk, display_name="Юрий Ångström")
    api.issue_pending_credentials(course.pk)
    credential = Credential.objects.get()
    assert credential.search_name == "юрии angstrom"
    world.set_profile(user.pk, display_name="Zoë")
    assert api.reissue_credential(credential.pk, reason="Name").search_name == "zoe"
    credential.refresh_from_db()
    assert credential.search_name == "юрии angstrom"


@pytest.mark.parametrize("text", [name for name, _typed in SEARCHES])
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.django_db(transaction=True)
def test_rows_from_before_are_filled():
    before = [("learning_credentials", "0013_lcred_criteria")]
    rows = [CredentialFactory(available=True, user_full_name=f"Юрий {number}") for number in range(3)]
    executor = MigrationExecutor(connection)
    latest = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "learning_credentials"]
    executor.migrate(before)
    try:
        assert "search_name" not in {
            column.name
            for column in connection.introspection.get_table_description(connection.cursor(), "lcred_credential")
        }
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
    assert set(Credential.objects.values_list("pk", "search_name")) == {
        (row.pk, f"юрии {number}") for number, row in enumerate(rows)
    }
