"""What every test session does."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from celery.result import allow_join_result
from django.utils import translation
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator


# A busy machine is no failure; and what passed once passes again, unless somebody goes looking: HYPOTHESIS_PROFILE=explore.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def _results_may_be_read() -> Iterator[None]:
    """Celery notes for the whole process that a task is running; eager tasks that overlap in threads leave the note behind."""
    with allow_join_result():
        yield


@pytest.fixture(autouse=True)
def _language_of_the_site() -> None:
    """A request leaves its language behind in the thread, where the next test would find it."""
    translation.deactivate()


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
