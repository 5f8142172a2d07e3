"""What every test session does."""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from typing import TYPE_CHECKING

import django
import pytest
from celery.result import allow_join_result
from django.db import connections, transaction
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.fixtures import SettingsWrapper


# A busy machine is no failure; and what passed once passes again, unless somebody goes looking: HYPOTHESIS_PROFILE=explore.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

#: What a test that may open the database has among its fixtures; one that opens it otherwise is stopped by pytest-django.
DATABASE_FIXTURES = {"django_db_setup", "live_server"}
#: What Django makes of the models after migrating. No test changes it, and making it again would cost more than most tests.
MADE_OF_MODELS = {"django_content_type", "auth_permission"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what may open the database, so that only this need run again on another one: ``-m database``."""
    for item in items:
        if (
            item.get_closest_marker("django_db")
            or DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
            or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
        ):
            item.add_marker("database")


@pytest.fixture(autouse=True, scope="session")
def _emptied_quickly() -> Iterator[None]:
    """After a test with transactions of its own, delete its rows and no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _delete_rows)
        yield


def _delete_rows(test_case: TransactionTestCase) -> None:
    for alias in test_case._databases_names(include_mirrors=False):
        connection = connections[alias]
        # In whatever order: where constraints cannot be switched off, they are checked when the transaction ends.
        with connection.constraint_checks_disabled(), transaction.atomic(using=alias), connection.cursor() as cursor:
            for table in _list_tables(alias):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


@cache
def _list_tables(alias: str) -> list[str]:
    tables = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(tables) - MADE_OF_MODELS)


@pytest.fixture(autouse=True)
def _results_may_be_read() -> Iterator[None]:
    """Celery notes for the whole process that a task is running; eager tasks that overlap in threads leave the note behind."""
    with allow_join_result():
        yield


@pytest.fixture(autouse=True)
def _language_of_the_site() -> None:
    """A request leaves its language behind in the thread, where the next test would find it."""
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _files_may_be_read_slowly() -> Iterator[None]:
    """On a busy machine, processes that read files are held to their seconds of computing only, not to those on the clock."""
    from learning_credentials.children import checking
    from learning_credentials.pdf.inspection import keywords

    with pytest.MonkeyPatch.context() as patch:
        for module in (checking, keywords):
            patch.setattr(module, "LIMITS", module.LIMITS._replace(seconds=200))
        yield


@pytest.fixture
def use_mail_backend(settings: SettingsWrapper) -> Callable[[str], None]:
    """Send mail by another backend from now on, as the installed Django wants it named."""

    def use(path: str) -> None:
        if django.VERSION >= (6, 1):
            settings.MAILERS = {"default": {"BACKEND": path}}
        else:
            settings.EMAIL_BACKEND = path

    return use


@pytest.fixture(autouse=True)
def _without_optional_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a character is drawn with must not depend on whether the extra ``cjk`` happens to be installed."""
    monkeypatch.setitem(sys.modules, "noto_cjk_sans_otc", None)


def pytest_unconfigure() -> None:
    """Remove the directories that the settings made for this process: one that pytest-xdist started leaves without tidying up."""
    if test_settings := sys.modules.get("tests.settings"):
        shutil.rmtree(test_settings.BASE_DIR, ignore_errors=True)
    if service_settings := sys.modules.get("tests.services.settings"):
        shutil.rmtree(service_settings.VAR_DIR, ignore_errors=True)
