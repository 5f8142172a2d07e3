"""Every row of the decision table, crossed with every current status, historical ones included, and every cause."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.models import LearnerCertificate
from learning_credentials.services.standings.rules import (
    FAILING_CAUSES,
    SETTABLE,
    TABLE,
    Cause,
    CertificateFacts,
    decide,
    find_rule,
)

CertificateStatus = LearnerCertificate.Status
CURRENT = [None, *CertificateStatus.values]
HONOR = {"mode": "honor", "is_earning_mode": True}
VERIFIED = {"mode": "verified", "is_earning_mode": True, "is_identity_required": True}

#: The reference by hand: the row, facts that meet it, and what follows without a record, with a downloadable one, with another.
KEPT = "kept"
ROWS = [
    ("1", {**HONOR, "is_invalidated": True, "is_passing": True}, None, "unavailable", "unavailable"),
    ("1", {**HONOR, "is_restricted": True, "is_passing": True}, None, "unavailable", "unavailable"),
    (
        "1",
        {**HONOR, "is_invalidated": True, "is_allowlisted": True, "is_passing": False},
        None,
        "unavailable",
        "unavailable",
    ),
    ("1", {**HONOR, "is_restricted": True, "is_allowlisted": True}, None, "unavailable", "unavailable"),
    ("1", {"mode": "audit", "is_invalidated": True}, None, "unavailable", "unavailable"),
    ("1", {"is_invalidated": True, "is_restricted": None}, None, "unavailable", "unavailable"),
    ("1u", {**HONOR, "is_restricted": None, "is_passing": True}, None, KEPT, KEPT),
    ("2", {"mode": "audit", "is_passing": True}, None, KEPT, KEPT),
    ("2", {"mode": "audit", "is_passing": False}, None, KEPT, KEPT),
    ("2", {"mode": "", "is_passing": True}, None, KEPT, KEPT),
    ("2", {"mode": "audit", "is_allowlisted": True}, None, KEPT, KEPT),
    ("3", {**VERIFIED, "is_passing": True, "is_identity_verified": False}, "unverified", KEPT, "unverified"),
    ("3", {**VERIFIED, "is_allowlisted": True, "is_identity_verified": False}, "unverified", KEPT, "unverified"),
    (
        "3",
        {**VERIFIED, "is_allowlisted": True, "is_passing": False, "is_identity_verified": False},
        "unverified",
        KEPT,
        "unverified",
    ),
    ("3u", {**VERIFIED, "is_passing": True, "is_identity_verified": None}, None, KEPT, KEPT),
    ("4", {**HONOR, "is_passing": True}, "downloadable", "downloadable", "downloadable"),
    (
        "4",
        {**VERIFIED, "is_passing": True, "is_identity_verified": True},
        "downloadable",
        "downloadable",
        "downloadable",
    ),
    ("4", {**HONOR, "is_allowlisted": True, "is_passing": False}, "downloadable", "downloadable", "downloadable"),
    ("4", {**HONOR, "is_allowlisted": True, "is_passing": None}, "downloadable", "downloadable", "downloadable"),
    ("5", {**HONOR, "is_passing": False}, None, KEPT, "notpassing"),
    ("5", {**VERIFIED, "is_passing": False, "is_identity_verified": False}, None, KEPT, "notpassing"),
    ("6", {**HONOR, "is_passing": None}, None, KEPT, KEPT),
    ("6", {**VERIFIED, "is_passing": None, "is_identity_verified": False}, None, KEPT, KEPT),
]


@pytest.mark.parametrize("current", CURRENT)
@pytest.mark.parametrize(("number", "known", "absent", "downloadable", "other"), ROWS)
def test_the_table(number, known, absent, downloadable, other, current):
    for cause in Cause:
        facts = CertificateFacts(**known, is_failing_event=cause in FAILING_CAUSES)
        expected = absent if current is None else downloadable if current == "downloadable" else other
        if number == "5" and current == "downloadable" and cause in FAILING_CAUSES:
            expected = "notpassing"
        assert decide(facts, current) == (current if expected == KEPT else expected), cause


def test_every_rule_is_met_by_a_row():
    met = {number for number, *_rest in ROWS} | {"5e"}
    assert {rule.number for rule in TABLE} == met


known_facts = st.builds(
    CertificateFacts,
    is_invalidated=st.booleans(),
    is_restricted=st.sampled_from([True, False, None]),
    mode=st.sampled_from(["", "audit", "honor", "verified"]),
    is_earning_mode=st.booleans(),
    is_allowlisted=st.booleans(),
    is_passing=st.sampled_from([True, False, None]),
    is_identity_required=st.booleans(),
    is_identity_verified=st.sampled_from([True, False, None]),
    is_failing_event=st.booleans(),
)


@given(facts=known_facts, current=st.sampled_from(CURRENT))
def test_only_the_four_statuses_are_ever_set(facts, current):
    decided = decide(facts, current)
    assert decided == current or decided in {status.value for status in SETTABLE}
    assert decided is not None or current is None  # a record never vanishes


@given(facts=known_facts, current=st.sampled_from(CURRENT))
def test_a_second_evaluation_of_the_same_facts_changes_nothing(facts, current):
    decided = decide(facts, current)
    assert decide(facts, decided) == decided


@given(facts=known_facts)
def test_some_rule_always_decides(facts):
    assert find_rule(facts) in TABLE


def test_no_schedule_demotes_for_a_grade():
    for passing, verified in itertools.product([True, False, None], repeat=2):
        facts = CertificateFacts(**VERIFIED, is_passing=passing, is_identity_verified=verified)
        assert decide(facts, "downloadable") == "downloadable"
