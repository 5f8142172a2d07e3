"""A run says whom it skipped and why: in numbers, in a list that is bounded, and at no cost that grows with the learners."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from learning_credentials import api
from learning_credentials.lms.world import Fact
from learning_credentials.models import Credential, GenerationRun
from learning_credentials.services.credentials import skipped
from learning_credentials.services.issuing import runs
from tests.factories import CredentialFactory, GenerationRunFactory, UserFactory
from tests.integration.admin_pages import count_queries, staff_with

pytestmark = pytest.mark.django_db(transaction=True)


#: What the processor here answers for a learner, or raises; the others are eligible.
SAID = {}


def retrieve_as_said(learning_context_key, options, user_id=None, user_ids=None):
    """Everyone who is asked about, as the test says."""
    asked = [user_id] if user_ids is None else user_ids
    answers = {each: SAID.get(each, {"is_eligible": True}) for each in asked}
    for answer in answers.values():
        if isinstance(answer, Exception):
            raise answer
    return answers


def run(course):
    return api.issue_pending_credentials(course.pk)


def page_of(client, found):
    client.force_login(UserFactory(superuser=True))
    return client.get(reverse("admin:learning_credentials_generationrun_change", args=[found.pk]))


@pytest.fixture
def mixed(course, enrol, world):
    """A course with a learner for each reason, one who holds the credential, and two to be issued to."""
    learners = dict(
        zip(("blocked", "exhausted", "restricted", "inactive", "unknown", "holder"), enrol(count=6), strict=True)
    )
    CredentialFactory(configuration=course, user=learners["blocked"], invalidated=True, blocks_reissue=True)
    CredentialFactory(configuration=course, user=learners["exhausted"], error=True)
    Credential.objects.filter(status="error").update(error_code="attempts_exhausted")
    CredentialFactory(configuration=course, user=learners["holder"], available=True)
    world.set_profile(learners["restricted"].pk, certificates_allowed=False)
    type(learners["inactive"]).objects.filter(pk=learners["inactive"].pk).update(is_active=False)
    world.hide(Fact.PROFILE, learners["unknown"].pk)
    world.enrol(10**6, course.learning_context_key)
    world.set_profile(10**6, username="elsewhere", display_name="Elsewhere")
    enrol(count=2)
    return learners


def test_whom_and_why(course, mixed):
    found = run(course)
    assert (found.checked, found.done, found.failed, found.skipped) == (9, 2, 0, 6)
    detail = found.skipped_detail
    assert detail["learners"] == {
        "reissue_blocked": [mixed["blocked"].pk],
        "attempts_exhausted": [mixed["exhausted"].pk],
        "restricted": [mixed["restricted"].pk, mixed["inactive"].pk],
        "profile_unknown": [mixed["unknown"].pk],
        "no_account": [10**6],
    }
    assert detail["counts"] == {reason: len(user_ids) for reason, user_ids in detail["learners"].items()}
    assert (detail["already_held"], detail["not_eligible"]) == (1, 0)


def test_the_page_says_so_instead_of_100_percent(client, course, mixed):
    page = page_of(client, run(course))
    assert "finished, 6 skipped" in page.text
    assert "100</span> %" not in page.text
    for learner in (mixed["blocked"], mixed["unknown"]):
        assert f'<a href="{reverse("admin:auth_user_change", args=[learner.pk])}">{learner.username}</a>' in page.text
    assert "user 1000000, no account on this site" in page.text
    assert "Lift the block" in page.text
    assert "finished, 6 skipped" in client.get(reverse("admin:learning_credentials_generationrun_changelist")).text


def test_where_nobody_was_passed_over_it_is_finished(client, course, enrol):
    enrol(count=2)
    page = page_of(client, run(course))
    assert page.context["not_issued"] == []
    assert 'id="not-issued"' not in page.text
    assert "100</span> %" in page.text


@pytest.mark.parametrize(
    ("answer", "counts", "not_eligible"),
    [
        (ValueError("an accident"), {"evaluation_failed": 1}, 0),
        ({"is_eligible": "yes"}, {"evaluation_failed": 1}, 0),
        ({"is_eligible": False}, {}, 1),
        ({"is_eligible": True, "grade": float("nan")}, {"cannot_be_stored": 1}, 0),
    ],
)
def test_what_the_processor_says(course, enrol, app_settings, answer, counts, not_eligible):
    app_settings(PROCESSOR_MODULES=[__name__])
    course.credential_type.retrieval_func = f"{__name__}.retrieve_as_said"
    course.credential_type.save()
    ada, _bea = enrol("Ada", "Bea")
    SAID.clear()
    SAID[ada.pk] = answer
    found = run(course)
    assert (found.done, found.skipped) == (1, sum(counts.values()))
    assert found.skipped_detail["counts"] == counts
    assert found.skipped_detail["learners"] == {reason: [ada.pk] for reason in counts}
    assert found.skipped_detail["not_eligible"] == not_eligible


def test_the_list_is_bounded_and_the_number_is_not(client, course, enrol, world, monkeypatch):
    monkeypatch.setattr(skipped, "MAX_LISTED", 5)
    for learner in enrol(count=8):
        world.set_profile(learner.pk, certificates_allowed=False)
    found = run(course)
    assert found.skipped == 8
    assert len(found.skipped_detail["learners"]["restricted"]) == 5
    assert "and 3 more" in page_of(client, found).text


def test_an_evaluation_that_begins_again_counts_anew(course, mixed):
    found = run(course)
    GenerationRun.objects.update(evaluated_at=None, finished_at=None)
    runs.evaluate_run(found.pk, list)
    found.refresh_from_db()
    assert found.skipped == 6


def test_no_statement_more(course, enrol, world, monkeypatch):
    monkeypatch.setattr(runs, "PROGRESS_PAUSE", 3600)

    def count():
        with CaptureQueriesContext(connection) as queries:
            run(course)
        return len(queries)

    counts = []
    for number in (1, 40):
        for learner in enrol(count=number):
            world.set_profile(learner.pk, certificates_allowed=False)
        counts.append(count())
    assert counts[0] == counts[1]


def test_the_pages_queries_do_not_grow(admin_client):
    def make(number):
        users = UserFactory.create_batch(number)
        detail = {"counts": {"restricted": number}, "learners": {"restricted": [user.pk for user in users]}}
        made = GenerationRunFactory(finished=True, skipped=number, skipped_detail=detail)
        return count_queries(admin_client, reverse("admin:learning_credentials_generationrun_change", args=[made.pk]))

    make(1)  # what is asked for once in a process
    assert make(1) == make(30)


def test_failures_are_listed_in_the_same_place(client, course, mixed, world):
    """Each with its reason, what failed first; the message where all have the same one."""
    nameless = UserFactory(username="nameless")
    world.enrol(nameless.pk, course.learning_context_key)
    world.set_profile(nameless.pk, username="nameless", display_name="")
    found = run(course)
    CredentialFactory(configuration=course, error=True, generation_run=found)
    Credential.objects.filter(generation_run=found, error_code="name_missing").update(error_message="the same")
    page = page_of(client, found)
    assert "finished, 1 failed, 6 skipped" in page.text
    groups = page.context["not_issued"]
    assert [group.is_failed for group in groups] == [True, True, *[False] * 5]
    (group,) = (group for group in groups if group.reason == "name_missing")
    assert (group.label, [learner.name for learner in group.learners]) == ("The same", ["nameless"])


def test_queries_do_not_grow_with_failures(admin_client, course):
    def count(number):
        found = GenerationRunFactory(finished=True, configuration=course, failed=number)
        CredentialFactory.create_batch(number, configuration=course, error=True, generation_run=found)
        return count_queries(admin_client, reverse("admin:learning_credentials_generationrun_change", args=[found.pk]))

    count(1)  # what is asked for once in a process
    assert count(1) == count(30)


def test_who_they_are_is_for_those_who_may_see_credentials(client, course, mixed):
    found = run(course)
    address = reverse("admin:learning_credentials_generationrun_change", args=[found.pk])
    client.force_login(staff_with("view_generationrun"))
    page = client.get(address).text
    assert "finished, 6 skipped" in page
    assert mixed["blocked"].username not in page
    client.force_login(staff_with("view_generationrun", "view_credential"))
    page = client.get(address).text
    assert f'q={mixed["blocked"].username}">{mixed["blocked"].username}</a>' in page


def test_the_command_tells(course, mixed, capsys):
    call_command("generate_credentials", configuration=course.pk)
    out = capsys.readouterr().out
    assert (
        "2 issued, 0 failed, 6 skipped (1 attempts_exhausted, 1 no_account, 1 profile_unknown, 1 reissue_blocked, 2 restricted)"
        in out
    )


def test_a_run_of_the_version_before(client):
    """Its counts are not known."""
    page = page_of(client, GenerationRunFactory(finished=True))
    assert "Criteria not met" not in page.text
    assert "100</span> %" in page.text
