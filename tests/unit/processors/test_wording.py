"""Whatever the options ask, there is a sentence in every language that the app ships, and in any other."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.processors.wording import write_course_passed, write_requirements

SHARES = st.integers(0, 1_000_000).map(lambda number: number / 1_000_000)
NAMES = st.text(min_size=1, max_size=20)
REQUIRED = st.fixed_dictionaries(
    {},
    optional={
        "completion": SHARES,
        "grades": st.lists(st.tuples(NAMES | st.just("Total"), SHARES), max_size=5, unique_by=lambda pair: pair[0]),
        "more_grades": st.integers(1, 300),
    },
)
GROUPS = st.fixed_dictionaries({"names": st.lists(NAMES, min_size=1, max_size=10), "required": REQUIRED}) | st.builds(
    lambda count, required, is_rest: {"count": count, "required": required, "is_rest": is_rest},
    st.integers(1, 1_000),
    REQUIRED | st.none(),
    st.booleans(),
)
PATHS = st.fixed_dictionaries(
    {"path": NAMES, "courses": st.integers(1, 1_000), "groups": st.lists(GROUPS, min_size=1, max_size=5)}
)
LANGUAGES = ("en", "fr", "es", "ar", "de", "pt-BR", "x-nonsense", "")


@given(language=st.sampled_from(LANGUAGES), facts=st.fixed_dictionaries({"required": REQUIRED}) | PATHS)
def test_there_is_always_a_sentence(language, facts):
    text = write_requirements(facts, language)
    assert text.strip()
    groups = facts.get("groups", ())
    if len(groups) > 1:  # all courses of a path have one group, and no names
        assert all(name in text for group in groups if group["required"] is not None for name in group.get("names", ()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_course_certificate(language):
    assert write_course_passed(language)


@given(share=SHARES.filter(bool))
def test_no_limit_is_rounded(share):
    text = write_requirements({"required": {"completion": share}}, "en")
    found = re.search(r"([\d.,]+)%", text)
    assert (float(found[1]) if found else 100) == pytest.approx(share * 100, abs=1e-9)
