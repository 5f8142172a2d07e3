"""What every test session does."""

from __future__ import annotations

import shutil
import sys


def pytest_unconfigure() -> None:
    """Remove the directory that the test settings made for this process."""
    if test_settings := sys.modules.get("tests.settings"):
        shutil.rmtree(test_settings.BASE_DIR, ignore_errors=True)
