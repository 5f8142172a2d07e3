"""What every test session does."""

from __future__ import annotations

import shutil
import sys


def pytest_unconfigure() -> None:
    """Remove the directories that the settings made for this process: one that pytest-xdist started leaves without tidying up."""
    if test_settings := sys.modules.get("tests.settings"):
        shutil.rmtree(test_settings.BASE_DIR, ignore_errors=True)
    if service_settings := sys.modules.get("tests.services.settings"):
        shutil.rmtree(service_settings.VAR_DIR, ignore_errors=True)
