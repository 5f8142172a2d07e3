"""Course certificates in the demo: what the registrar did, what a learner sees, and what an edit in the LMS's admin sets off."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from demo.lms import models
from demo.lms.cast import CAST
from demo.lms.catalogue import ASTRONOMY, COURSE_CERTIFICATE, GEOLOGY
from demo.lms.people import make_username
from demo.lms.seed import seed_demo
from demo.lms.standings import format_standings, list_programs
from learning_credentials import api
from learning_credentials.models import (
    AllowlistEntry,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    LearnerCertificate,
)

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.urls("demo.urls")]

ZOE = make_username(1)
DATED, ALLOWLISTED, INVALIDATED, UNVERIFIED, EXCLUDED = "oriel", "marisol", "casimir", "ngaire", "teodor"


@pytest.fixture
def college(app_settings):
    """The demo's college with its cast and nobody else."""
    app_settings(
        LMS_BACKEND="demo.lms.backend.DemoLMS",
        PROCESSOR_MODULES=["demo.lms.credentials"],
        GENERATOR_MODULES=["demo.lms.credentials"],
        IDENTITY_REQUIRED=True,
    )
    seed_demo(1)


@pytest.fixture
def issued(college):
    """All that the schedule would have issued in the runs of the cast."""
    for configuration in CredentialConfiguration.objects.filter(credential_type__slug=COURSE_CERTIFICATE):
        api.issue_pending_credentials(configuration.pk)


@pytest.fixture
def admin(client, college):
    client.force_login(get_user_model().objects.get(username="admin"))
    return client


def learner(name):
    return get_user_model().objects.get(username=name)


def standing(name, key=ASTRONOMY):
    return LearnerCertificate.objects.get(user=learner(name), course_certificate__course_key=key).status


def live(name, key=ASTRONOMY):
    rows = Credential.objects.filter(user=learner(name), learning_context_key=key, is_current=True)
    return rows.filter(configuration__credential_type__slug=COURSE_CERTIFICATE).first()


def test_the_cast_stands_as_announced(issued):
    table = {line.split("  ")[0]: line for line in format_standings().splitlines()[2:]}
    told = {role.username: table[role.name].split("  ")[-1].strip() for role in CAST}
    assert {name: words.split(" (")[0] for name, words in told.items()} == {
        DATED: "not_yet_available, from 2031-01-15",
        ALLOWLISTED: "awarded",
        INVALIDATED: "unavailable",
        UNVERIFIED: "unverified",
        EXCLUDED: "awarded",
    }
    assert live(DATED, GEOLOGY).status == Credential.Status.AVAILABLE
    assert (live(INVALIDATED), live(UNVERIFIED)) == (None, None)


def test_the_invalidated_certificate_says_so(issued, client):
    credential = Credential.objects.get(user=learner(INVALIDATED), learning_context_key=ASTRONOMY)
    page = client.get(f"/credentials/{credential.verify_uuid}/").content.decode()
    assert "Casimir Holloway-Fenn" in page
    assert api.verify_credential(credential.verify_uuid).is_valid is False


def test_the_program_shows_the_run_that_it_excludes(issued):
    ((user, _path_uuid, table),) = list_programs()
    assert user == learner(EXCLUDED)
    assert [line.split()[-3:] for line in table.splitlines() if "excluded" in line] == [["awarded", "(84", "%)"]]


def test_what_staff_changed_since_is_left_alone(college):
    admin = get_user_model().objects.get(username="admin")
    invalidation = CertificateInvalidation.objects.get()
    api.lift_certificate_invalidation(invalidation.pk, notes="Cleared up.", actor=admin)
    api.remove_allowlist_entry(AllowlistEntry.objects.get().pk, notes="Marks were not confirmed.", actor=admin)
    api.set_certificate_available_date(GEOLOGY, None, actor=admin)
    seed_demo(1)
    assert not CertificateInvalidation.objects.filter(is_active=True).exists()
    assert not AllowlistEntry.objects.filter(is_active=True).exists()
    assert CourseCertificate.objects.get(course_key=GEOLOGY).available_date is None


def test_a_hidden_certificate_is_promised_and_not_shown(issued, client):
    credential = live(ZOE, GEOLOGY)
    client.force_login(learner(ZOE))
    page = client.get(f"/runs/{GEOLOGY}/").content.decode()
    assert "Passed. It is available from 15 January 2031." in page
    assert str(credential.verify_uuid) not in page
    assert "Make it now" not in page
    assert client.get(f"/credentials/{credential.verify_uuid}/").status_code == 404

    api.set_certificate_available_date(GEOLOGY, None)

    page = client.get(f"/runs/{GEOLOGY}/").content.decode()
    assert "Course certificate: Awarded." in page
    assert f"/credentials/{credential.verify_uuid}/" in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (ALLOWLISTED, "Awarded."),
        (INVALIDATED, "Withdrawn: please ask the registrar&#x27;s office."),
        (UNVERIFIED, "Passed. It is issued once your identity is verified."),
    ],
)
def test_a_run_shows_how_the_certificate_stands(issued, client, name, words):
    client.force_login(learner(name))
    page = client.get(f"/runs/{ASTRONOMY}/").content.decode()
    assert f"Course certificate: {words}" in page
    assert f'<td>Certificate status</td><td class="number">{standing(name)}</td>' in page


def test_a_grade_edited_in_the_admin_takes_the_certificate_and_gives_it_back(
    issued, admin, django_capture_on_commit_callbacks
):
    first = live(ZOE)
    scores = models.Score.objects.filter(user=learner(ZOE), category__run__key=ASTRONOMY)
    score = scores.get(category__name="Final exam")
    url = f"/admin/demo_lms/score/{score.pk}/change/"
    form = {"user": score.user_id, "category": score.category_id}

    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(url, form | {"percent": 5}).status_code == 302

    first.refresh_from_db()
    assert (standing(ZOE), first.status, live(ZOE)) == ("notpassing", Credential.Status.INVALIDATED, None)

    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(url, form | {"percent": 95}).status_code == 302

    assert standing(ZOE) == "downloadable"
    assert live(ZOE).status == Credential.Status.AVAILABLE
    assert live(ZOE).verify_uuid != first.verify_uuid


def test_scores_deleted_in_the_admin_count_no_more(issued, admin, django_capture_on_commit_callbacks):
    scores = models.Score.objects.filter(user=learner(ZOE), category__run__key=ASTRONOMY)
    chosen = {"action": "delete_selected", "_selected_action": [score.pk for score in scores], "post": "yes"}

    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post("/admin/demo_lms/score/", chosen).status_code == 302

    assert not scores.all().exists()
    assert standing(ZOE) == "notpassing"


def test_an_identity_verified_in_the_admin_gives_the_certificate(issued, admin, django_capture_on_commit_callbacks):
    assert standing(UNVERIFIED) == "unverified"
    verification = models.IdentityVerification.objects.get(user=learner(UNVERIFIED))

    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(
            f"/admin/demo_lms/identityverification/{verification.pk}/change/",
            {"user": verification.user_id, "is_approved": "on", "expires_at_0": "", "expires_at_1": ""},
        )

    assert answer.status_code == 302
    assert standing(UNVERIFIED) == "downloadable"
    assert live(UNVERIFIED).status == Credential.Status.AVAILABLE


def test_a_mode_changed_in_the_admin_gives_the_certificate(issued, admin, django_capture_on_commit_callbacks):
    enrolment = models.Enrolment.objects.get(user=learner(UNVERIFIED), run__key=ASTRONOMY)

    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(
            f"/admin/demo_lms/enrolment/{enrolment.pk}/change/",
            {"user": enrolment.user_id, "run": enrolment.run_id, "mode": "honor", "is_active": "on"},
        )

    assert answer.status_code == 302
    assert standing(UNVERIFIED) == "downloadable"
    assert live(UNVERIFIED) is not None
