"""Configure every test session."""

from __future__ import annotations

import gc
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


# A busy machine must not cause failures. The examples are the same in each run, unless HYPOTHESIS_PROFILE is "explore". "thorough" is for
# PostgreSQL in `make test-services`, "brief" for runs that repeat the suite with another database or with other versions. Tests that need
# more or fewer examples than others multiply or divide `settings().max_examples`.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
calm = settings.get_profile("calm")
settings.register_profile("brief", calm, derandomize=True, max_examples=10)
settings.register_profile("steady", calm, derandomize=True, max_examples=25)
settings.register_profile("thorough", calm, derandomize=True, max_examples=100)
settings.register_profile("explore", calm, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Look less often for garbage, which saves a tenth of the time, also while the tests are collected. Do not freeze what is there: Hypothesis
# asks the collector who refers to an object, and gets no answer about frozen ones.
gc.set_threshold(50_000, 20, 100)

#: Every test that may use the database has one of these fixtures. pytest-django stops other tests that use it.
DATABASE_FIXTURES = {"django_db_setup", "live_server"}
#: Rows that Django creates after migrating. No test changes them, and creating them again takes longer than most tests.
MADE_OF_MODELS = {"django_content_type", "auth_permission"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that may use the database. On another database only these need to run again: ``-m database``."""
    for item in items:
        if (
            item.get_closest_marker("django_db")
            or DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
            or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
        ):
            item.add_marker("database")


@pytest.fixture
def app_settings(settings: SettingsWrapper) -> Callable[..., None]:
    """Change keys of ``LEARNING_CREDENTIALS`` for this test: ``app_settings(CHUNK_SIZE=4)``. The other keys stay."""

    def change(**changes: object) -> None:
        settings.LEARNING_CREDENTIALS = {**settings.LEARNING_CREDENTIALS, **changes}

    return change


@pytest.fixture(autouse=True, scope="session")
def _emptied_quickly() -> Iterator[None]:
    """After a test with its own transactions, delete only its rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _delete_rows)
        yield


def _delete_rows(test_case: TransactionTestCase) -> None:
    for alias in test_case._databases_names(include_mirrors=False):
        connection = connections[alias]
        # The order does not matter: databases that cannot switch constraints off check them when the transaction ends.
        with connection.constraint_checks_disabled(), transaction.atomic(using=alias), connection.cursor() as cursor:
            for table in _list_tables(alias):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


@cache
def _list_tables(alias: str) -> list[str]:
    tables = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(set(tables) - MADE_OF_MODELS)


@pytest.fixture(autouse=True)
def _results_may_be_read() -> Iterator[None]:
    """Let tests read the results of tasks.

    Celery refuses this while a task is running, and notes that for the whole process. Eager tasks that overlap in threads leave the note.
    """
    with allow_join_result():
        yield


@pytest.fixture(autouse=True)
def _language_of_the_site() -> None:
    """Reset the language: a request leaves its language in the thread, and the next test would use it."""
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _files_may_be_read_slowly() -> Iterator[None]:
    """Limit child processes that read files only by their computing time, because a busy machine needs more time on the clock."""
    from learning_credentials.children import checking
    from learning_credentials.pdf.inspection import stranger

    with pytest.MonkeyPatch.context() as patch:
        for module in (checking, stranger):
            patch.setattr(module, "LIMITS", module.LIMITS._replace(seconds=200))
        yield


@pytest.fixture
def use_mail_backend(settings: SettingsWrapper) -> Callable[[str], None]:
    """Return a function that sets the mail backend in the setting of the installed Django."""

    def use(path: str) -> None:
        if django.VERSION >= (6, 1):
            settings.MAILERS = {"default": {"BACKEND": path}}
        else:
            settings.EMAIL_BACKEND = path

    return use


@pytest.fixture(autouse=True)
def _without_optional_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the fonts of the extra ``cjk``, so that results do not depend on whether it is installed."""
    monkeypatch.setitem(sys.modules, "noto_cjk_sans_otc", None)


def pytest_unconfigure() -> None:
    """Remove the directories that the settings created for this process. Processes of pytest-xdist do not remove them themselves."""
    if test_settings := sys.modules.get("tests.settings"):
        shutil.rmtree(test_settings.BASE_DIR, ignore_errors=True)
    if service_settings := sys.modules.get("tests.services.settings"):
        shutil.rmtree(service_settings.VAR_DIR, ignore_errors=True)
