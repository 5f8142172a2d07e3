"""The shell session of the tutorial works as it is printed."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from demo.lms.cast import CAST
from learning_credentials.lms.fake import fake_lms

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.rst"


@pytest.mark.django_db(transaction=True)
def test_the_session_gives_what_the_tutorial_says() -> None:
    with fake_lms():
        results = doctest.testfile(str(TUTORIAL), module_relative=False, optionflags=doctest.ELLIPSIS)

    assert results.attempted > 20
    assert results.failed == 0


def test_the_learner_whom_it_has_revalidated_is_in_the_demo_and_invalidated() -> None:
    named = re.search(
        r"search for ``(\w+)``, and open the standing for ``(\S+)``", TUTORIAL.read_text(encoding="utf-8")
    )

    assert named
    assert [role.run_key for role in CAST if role.username == named[1] and role.invalidation_notes] == [named[2]]
