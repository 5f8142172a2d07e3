"""The admin of runs: progress to watch, failures to try again; issuers and signatories to find."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.models import Credential, GenerationRun
from tests.factories import (
    ISSUED_AT,
    CredentialConfigurationFactory,
    CredentialFactory,
    GenerationRunFactory,
    IssuerFactory,
    SignatoryFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, staff_with

LIST = reverse("admin:learning_credentials_generationrun_changelist")

pytestmark = pytest.mark.django_db

STATES = {
    "waiting": {},
    "evaluating": {"started_at": ISSUED_AT},
    "issuing": {"started_at": ISSUED_AT, "evaluated_at": ISSUED_AT},
    "finished": {"finished": True},
    "failed": {"finished": True, "error_code": "context_not_found", "error_message": "it is gone"},
}


def url(page, run):
    return reverse(f"admin:learning_credentials_generationrun_{page}", args=[run.pk])


@pytest.mark.parametrize("state", STATES)
def test_the_state_is_the_same_on_page_json_and_filter(admin, state):
    run = GenerationRunFactory(**STATES[state])
    for other in set(STATES) - {state}:
        GenerationRunFactory(configuration=run.configuration, **STATES[other])
    assert admin.get(url("progress", run)).json()["state"] == state
    page = admin.get(url("change", run)).content.decode()
    assert f'data-state="{state}"' in page
    assert list(admin.get(LIST, {"state": state}).context["cl"].result_list) == [run]


@pytest.mark.parametrize("state", STATES)
def test_only_an_unfinished_run_is_watched(admin, state):
    page = admin.get(url("change", GenerationRunFactory(**STATES[state]))).content.decode()
    assert ("run.js" in page) == (state not in {"finished", "failed"})
    assert ('http-equiv="refresh"' in page) == (state not in {"finished", "failed"})


@pytest.mark.parametrize(
    ("done", "minutes", "left"),
    [
        (19, 1, ""),
        (190, 1, "less than a minute"),
        (20, 1, "about 9 minutes"),
        (100, 60, "about 60 minutes"),
        (50, 60, "about 3 hours"),
        (50, 60 * 24, "about 3 days"),
        (210, 60, "less than a minute"),
    ],
)
def test_the_time_left_is_reckoned_from_the_speed(admin, done, minutes, left):
    started = timezone.now() - timedelta(minutes=minutes)
    run = GenerationRunFactory(started_at=started, evaluated_at=started, total=200, done=done - 5, failed=5)
    assert admin.get(url("progress", run)).json()["left"] == left
    page = admin.get(url("change", run)).text
    assert f'<dd data-show="left">{left}</dd>' in page


def test_a_run_that_is_not_evaluated_or_has_ended_has_no_time_left(admin):
    for state in ("waiting", "evaluating", "finished", "failed"):
        run = GenerationRunFactory(**STATES[state], total=200, done=100)
        assert admin.get(url("progress", run)).json()["left"] == ""


def test_progress(admin):
    started = timezone.now() - timedelta(minutes=67)
    times = {"started_at": started, "evaluated_at": started}
    run = GenerationRunFactory(**times, checked=500, total=200, done=50, failed=17)
    assert admin.get(url("progress", run)).json() == {
        "state": "issuing",
        "label": "issuing",
        "is_finished": False,
        "percent": 33,
        "checked": 500,
        "total": 200,
        "done": 50,
        "failed": 17,
        "skipped": 0,
        "left": "about 2 hours",
        "error_code": "",
        "error_message": "",
    }
    page = admin.get(url("change", run)).content.decode()
    assert '<progress class="lcred-progress lcred-wide" max="100" value="33"' in page


def test_a_run_that_no_worker_takes_up_says_so(admin):
    run = GenerationRunFactory()
    assert "No worker has started this run yet" not in admin.get(url("change", run)).content.decode()
    GenerationRun.objects.update(created=timezone.now() - timedelta(minutes=1))
    assert "No worker has started this run yet" in admin.get(url("change", run)).content.decode()
    GenerationRun.objects.update(started_at=timezone.now())
    assert "No worker has started this run yet" not in admin.get(url("change", run)).content.decode()


def test_what_is_in_the_way_of_a_run_is_told_while_it_is(admin):
    run = GenerationRunFactory(**STATES["issuing"], total=1)
    waiting = CredentialFactory(configuration=run.configuration, generation_run=run)
    Credential.objects.filter(pk=waiting.pk).update(error_code="storage_unavailable", error_message="the disk is full")
    assert "<code>storage_unavailable</code> the disk is full" in admin.get(url("change", run)).content.decode()
    GenerationRun.objects.update(finished_at=timezone.now())
    assert "the disk is full" not in admin.get(url("change", run)).content.decode()


def test_an_lms_that_is_down_is_told_while_a_run_is_tried_again(admin):
    run = GenerationRunFactory(**STATES["evaluating"], error_code="lms_unavailable", error_message="it is night")
    assert "<code>lms_unavailable</code> it is night" in admin.get(url("change", run)).content.decode()


def test_a_run_that_found_nobody_is_complete(admin):
    assert admin.get(url("progress", GenerationRunFactory(finished=True))).json()["percent"] == 100
    assert admin.get(url("progress", GenerationRunFactory())).json()["percent"] == 0


def test_what_went_wrong_is_shown(admin):
    page = admin.get(url("change", GenerationRunFactory(**STATES["failed"]))).content.decode()
    assert "context_not_found" in page
    assert "it is gone" in page
    assert "What went wrong" not in admin.get(url("change", GenerationRunFactory(finished=True))).content.decode()


@pytest.mark.django_db(transaction=True)
def test_certificates_with_a_name_that_no_font_has_are_told_of_and_found(admin, world):
    world.add_course_run("course-v1:A+B+C", "Algebra")
    configuration = CredentialConfigurationFactory(
        learning_context_key="course-v1:A+B+C",
        credential_type__retrieval_func="tests.plugins.retrieve_everyone",
        credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
        credential_type__custom_options={"undrawable_text": "print"},
    )
    for name in ("Ada", "\N{SIGNWRITING HAND-FIST INDEX}", "\N{SIGNWRITING HAND-HINGE INDEX}"):
        world.enrol(UserFactory(first_name=name, last_name="").pk, "course-v1:A+B+C")
    run = api.issue_pending_credentials(configuration.pk)
    warned = f"?generation_run__id__exact={run.pk}&warnings=yes"
    page = admin.get(url("change", run)).content.decode()
    assert f'{warned.replace("&", "&amp;")}">2 credentials of this run were made with warnings' in page
    credentials = reverse("admin:learning_credentials_credential_changelist")
    found = admin.get(credentials + warned).context["cl"].result_list
    assert sorted(credential.user_full_name for credential in found) == [
        "\N{SIGNWRITING HAND-FIST INDEX}",
        "\N{SIGNWRITING HAND-HINGE INDEX}",
    ]
    history = admin.get(reverse("admin:learning_credentials_credential_change", args=[found[0].pk])).content.decode()
    assert '<div class="lcred-warning">no font can draw these characters of the learner&#x27;s name: ' in history

    api.invalidate_credential(found[0].pk, reason="Cannot be read")
    assert len(admin.get(credentials + warned).context["cl"].result_list) == 1, "what no longer stands is no concern"


def test_pages_are_read_only(admin):
    run = GenerationRunFactory()
    assert admin.get(reverse("admin:learning_credentials_generationrun_add")).status_code == 403
    assert admin.post(url("change", run), {"total": "9"}).status_code == 403
    assert admin.post(url("delete", run), {"post": "yes"}).status_code == 403
    assert GenerationRun.objects.get().total == 0


@pytest.mark.django_db(transaction=True)
def test_failed_credentials_are_linked_and_tried_again(admin, world):
    world.add_course_run("course-v1:A+B+C", "Algebra")
    run = GenerationRunFactory(finished=True, configuration__learning_context_key="course-v1:A+B+C", failed=2, total=2)
    failed = CredentialFactory.create_batch(2, error=True, configuration=run.configuration, generation_run=run)
    other = CredentialFactory(error=True, configuration=run.configuration)
    page = admin.get(url("change", run)).content.decode()
    assert f"?generation_run__id__exact={run.pk}&amp;status__exact=error" in page
    shown = admin.get(
        reverse("admin:learning_credentials_credential_changelist"),
        {"generation_run__id__exact": run.pk, "status__exact": "error"},
    )
    assert set(shown.context["cl"].result_list) == set(failed)
    response = admin.post(url("retry", run), follow=True)
    assert [str(message) for message in response.context["messages"]] == ["2 credentials will be tried again."]
    for credential in (*failed, other):
        credential.refresh_from_db()
    assert [credential.status for credential in (*failed, other)] == ["available", "available", "error"]


def test_permissions(client):
    run = GenerationRunFactory(finished=True)
    credential = CredentialFactory(error=True, configuration=run.configuration, generation_run=run)
    client.force_login(staff_with("view_generationrun"))
    page = client.get(url("change", run)).content.decode()
    assert url("retry", run) not in page
    assert client.post(url("retry", run)).status_code == 403
    assert client.get(url("progress", run)).status_code == 200
    credential.refresh_from_db()
    assert credential.status == "error"
    client.force_login(staff_with("view_credential"))
    assert client.get(url("progress", run)).status_code == 403
    assert client.get(LIST).status_code == 403
    client.force_login(UserFactory(superuser=True))
    assert client.get(url("retry", run)).status_code == 405


def test_queries_do_not_grow_with_the_rows(admin, django_assert_num_queries):
    GenerationRunFactory.create_batch(10, requested_by=UserFactory())
    few = count_queries(admin, LIST)
    for _number in range(40):
        GenerationRunFactory(requested_by=UserFactory(), created=timezone.now())
    with django_assert_num_queries(few):
        assert len(admin.get(LIST).context["cl"].result_list) == 50


@pytest.mark.parametrize(("model", "factory"), [("issuer", IssuerFactory), ("signatory", SignatoryFactory)])
def test_issuers_and_signatories_are_found_by_name(admin, model, factory):
    wanted = factory(name="Wanted")
    factory()
    found = admin.get(reverse(f"admin:learning_credentials_{model}_changelist"), {"q": "want"})
    assert list(found.context["cl"].result_list) == [wanted]
    assert admin.get(reverse(f"admin:learning_credentials_{model}_change", args=[wanted.pk])).status_code == 200


def test_every_page_of_the_app_is_on_the_index(admin):
    CredentialConfigurationFactory()
    page = admin.get(reverse("admin:app_list", args=["learning_credentials"])).content.decode()
    for model in (
        "credential",
        "credentialtype",
        "credentialconfiguration",
        "credentialasset",
        "generationrun",
        "issuer",
        "signatory",
    ):
        assert reverse(f"admin:learning_credentials_{model}_changelist") in page
