"""The shell session of the tutorial works as it is printed."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from learning_credentials.lms.fake import fake_lms

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.rst"


@pytest.mark.django_db(transaction=True)
def test_the_session_gives_what_the_tutorial_says() -> None:
    with fake_lms():
        results = doctest.testfile(str(TUTORIAL), module_relative=False, optionflags=doctest.ELLIPSIS)

    assert results.attempted > 20
    assert results.failed == 0
