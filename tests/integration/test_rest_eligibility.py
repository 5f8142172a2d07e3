"""What learners ask about themselves, and staff about anyone, over REST."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from learning_credentials.lms.fake import FakeLMS, fake_lms
from learning_credentials.models import Credential
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db

BASE = "/api/learning_credentials/v1"
SITE = "https://credentials.example.org"
KEY = "course-v1:Aurora.X+PY101+2026_T1"
EVERYONE = "tests.plugins.retrieve_everyone"
COMPLETIONS = "learning_credentials.processors.retrieve_completions"


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    with fake_lms() as world:
        world.add_course_run(KEY, "Programming")
        yield world


@pytest.fixture
def learner(world):
    user = UserFactory(username="ada")
    world.enrol(user.pk, KEY)
    return user


@pytest.fixture
def staff():
    return UserFactory(
        username="registrar",
        permissions=["view_credentialconfiguration", "view_learnercertificate", "add_credential"],
    )


@pytest.fixture
def configuration():
    return CredentialConfigurationFactory(learning_context_key=KEY, allow_self_generation=True)


def client_of(user=None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def configured(client, key=KEY):
    return client.get(f"{BASE}/configured/{key}/")


def eligibility(client, key=KEY, **params):
    return client.get(f"{BASE}/eligibility/{key}/", params)


def request(client, configuration_id, key=KEY, **body):
    return client.post(f"{BASE}/eligibility/{key}/{configuration_id}/", body, format="json")


def code_of(response):
    body = response.json()
    assert body["detail"]
    return response.status_code, body["code"]


# configured


def test_configured_counts_what_is_enabled(learner, configuration):
    CredentialConfigurationFactory(learning_context_key=KEY)
    CredentialConfigurationFactory(learning_context_key=KEY, is_enabled=False)
    CredentialConfigurationFactory()
    assert configured(client_of(learner)).json() == {"has_credentials": True, "credential_count": 2}


def test_a_context_without_credentials_says_so(learner):
    assert configured(client_of(learner)).json() == {"has_credentials": False, "credential_count": 0}


@pytest.mark.parametrize("key", [KEY, quote(KEY, safe="")])
def test_keys_are_taken_plain_and_encoded(learner, configuration, key):
    client = client_of(learner)
    assert configured(client, key).json()["credential_count"] == 1
    assert eligibility(client, key).json()["learning_context_key"] == KEY


@pytest.mark.parametrize("ask", [configured, eligibility])
def test_who_may_look(ask, learner, staff, configuration, world):
    stranger, context_staff = UserFactory(), UserFactory()
    world.add_staff(context_staff.pk, KEY)
    assert ask(client_of(learner)).status_code == 200
    assert ask(client_of(staff)).status_code == 200
    assert ask(client_of(context_staff)).status_code == 200
    assert code_of(ask(client_of(stranger))) == (403, "no_context_access")
    assert code_of(ask(client_of())) == (403, "not_authenticated")


@pytest.mark.parametrize("ask", [configured, eligibility])
@pytest.mark.parametrize("key", ["course-v1:No+Such+Run", "%00", "x"])
def test_an_unknown_context(ask, key, learner, staff):
    for user in (learner, staff):
        assert code_of(ask(client_of(user), key)) == (404, "context_not_found")


@pytest.mark.parametrize("ask", [configured, eligibility])
def test_an_lms_that_is_down_is_no_error_of_ours(ask, learner, world, caplog):
    world.outage = True
    response = ask(client_of(learner))
    assert code_of(response) == (503, "lms_unavailable")
    assert int(response["Retry-After"]) > 0
    assert "the LMS does not answer" in caplog.text
    assert "the LMS does not answer" not in response.content.decode()


def test_answers_about_learners_are_not_cached(learner):
    assert configured(client_of(learner))["Cache-Control"] == "private, no-store"


# eligibility


def test_progress_towards_each_credential(learner, configuration, world):
    other = CredentialConfigurationFactory(
        learning_context_key=KEY,
        credential_type__retrieval_func=COMPLETIONS,
        custom_options={"required_completion": 0.75},
    )
    CredentialConfigurationFactory(learning_context_key=KEY, is_enabled=False)
    world.set_completion(learner.pk, KEY, 0.5)
    body = eligibility(client_of(learner)).json()
    first, second = body.pop("credentials")
    assert body == {"learning_context_key": KEY, "learning_context_name": "Programming", "username": "ada"}
    assert first == {
        "configuration_id": configuration.pk,
        "credential_type_name": configuration.credential_type.name,
        "retrieval_func": EVERYONE,
        "criteria": "",
        "is_eligible": True,
        "progress": {"is_enrolled": True},
        "allows_self_generation": True,
        "credential": None,
    }
    assert (second["configuration_id"], second["is_eligible"], second["allows_self_generation"]) == (
        other.pk,
        False,
        False,
    )
    assert second["criteria"] == "At least 75% of the course completed."
    assert {0.5, 0.75} <= {value for value in second["progress"].values() if isinstance(value, float)}


def test_the_filter_by_function(learner, configuration):
    other = CredentialConfigurationFactory(learning_context_key=KEY, credential_type__retrieval_func=COMPLETIONS)
    found = eligibility(client_of(learner), retrieval_func=COMPLETIONS).json()["credentials"]
    assert [entry["configuration_id"] for entry in found] == [other.pk]
    response = eligibility(client_of(learner), retrieval_func="tests.plugins.retrieve_nobody")
    assert code_of(response) == (400, "unknown_function")
    assert "tests.plugins.retrieve_nobody" in response.json()["errors"]["retrieval_func"][0]


@pytest.mark.parametrize("trait", ["available", "error", "invalidated", ""])
def test_the_credential_that_the_learner_holds(learner, configuration, trait):
    row = CredentialFactory(user=learner, configuration=configuration, **({trait: True} if trait else {}))
    CredentialFactory(configuration=configuration, available=True)
    (entry,) = eligibility(client_of(learner)).json()["credentials"]
    is_public = trait in {"available", "invalidated"}
    assert entry["credential"] == {
        "verify_uuid": str(row.verify_uuid),
        "status": trait or "generating",
        "expires_at": None,
        "verification_url": f"{SITE}/credentials/{row.verify_uuid}/" if is_public else None,
    }


@pytest.mark.parametrize("days", [-1, 1])
def test_the_expiry_of_the_credential_that_the_learner_holds(learner, configuration, days):
    moment = timezone.now() + timedelta(days=days)
    row = CredentialFactory(user=learner, configuration=configuration, available=True, expires_at=moment)
    (entry,) = eligibility(client_of(learner)).json()["credentials"]
    assert datetime.fromisoformat(entry["credential"]["expires_at"]) == moment
    Credential.objects.filter(pk=row.pk).update(status="generating")
    (entry,) = eligibility(client_of(learner)).json()["credentials"]
    assert entry["credential"]["expires_at"] is None, "nobody is told of what is not issued yet"


def test_a_live_credential_goes_before_those_that_were_invalidated(learner, configuration):
    CredentialFactory(user=learner, configuration=configuration, invalidated=True)
    live = CredentialFactory(user=learner, configuration=configuration, available=True)
    CredentialFactory(user=learner, configuration=configuration, invalidated=True)
    (entry,) = eligibility(client_of(learner)).json()["credentials"]
    assert entry["credential"]["verify_uuid"] == str(live.verify_uuid)


def test_only_staff_ask_about_others(learner, staff, configuration, world):
    other = UserFactory(username="grace")
    assert eligibility(client_of(learner), username="ada").status_code == 200
    for username in ("grace", "nobody", "registrar"):
        assert code_of(eligibility(client_of(learner), username=username)) == (403, "not_yourself")
    body = eligibility(client_of(staff), username="ada").json()
    assert (body["username"], body["credentials"][0]["is_eligible"]) == ("ada", True)
    (entry,) = eligibility(client_of(staff), username=other.username).json()["credentials"]
    assert (entry["is_eligible"], entry["progress"]["reason"]) == (False, "not_enrolled")
    for username in ("nobody", "\x00"):
        assert code_of(eligibility(client_of(staff), username=username)) == (404, "learner_not_found")


def test_queries_do_not_grow_with_the_credentials_of_a_context(learner, configuration, django_assert_num_queries):
    client = client_of(learner)
    client.get(f"{BASE}/configured/{KEY}/")
    CredentialFactory(user=learner, configuration=configuration, available=True)
    for _ in range(3):
        for _ in range(3):
            CredentialFactory(
                user=learner, configuration=CredentialConfigurationFactory(learning_context_key=KEY), available=True
            )
    # Session, user, configurations, what is held, what of it may be seen, what may be requested; then for each at most the configuration,
    # the allowlist and the profile.
    with django_assert_num_queries(6 + 3 * 10):
        assert len(eligibility(client).json()["credentials"]) == 10


def test_the_limit_for_learners_does_not_bind_staff(learner, staff, configuration, app_settings):
    app_settings(LEARNER_THROTTLE_RATE="2/min")
    client = client_of(learner)
    assert [configured(client).status_code for _ in range(3)] == [200, 200, 429]
    assert int(configured(client)["Retry-After"]) > 0
    client = client_of(staff)
    assert {configured(client).status_code for _ in range(5)} == {200}


# request


def test_a_request_is_accepted_and_safe_to_repeat(learner, configuration):
    client = client_of(learner)
    first = request(client, configuration.pk)
    row = Credential.objects.get(user=learner, configuration=configuration)
    assert first.status_code == 202
    assert first.json() == {
        "verify_uuid": str(row.verify_uuid),
        "status": "generating",
        "expires_at": None,
        "verification_url": None,
    }
    assert request(client, configuration.pk).json() == first.json()
    assert Credential.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_requested_is_made_and_can_be_verified(learner, configuration):
    client = client_of(learner)
    assert request(client, configuration.pk).status_code == 202
    (entry,) = eligibility(client).json()["credentials"]
    held = entry["credential"]
    assert (held["status"], held["verification_url"]) == ("available", f"{SITE}/credentials/{held['verify_uuid']}/")
    metadata = client_of().get(f"{BASE}/metadata/{held['verify_uuid']}/").json()
    assert (metadata["is_valid"], metadata["learning_context_name"]) == (True, "Programming")
    again = request(client, configuration.pk)
    assert (again.status_code, again.json()["verify_uuid"], again.json()["status"]) == (
        202,
        held["verify_uuid"],
        "available",
    )


def test_staff_request_for_others_and_nobody_else_does(learner, staff, configuration, world):
    other = UserFactory(username="grace")
    world.enrol(other.pk, KEY)
    assert code_of(request(client_of(learner), configuration.pk, username="grace")) == (403, "not_yourself")
    assert code_of(request(client_of(staff), configuration.pk, username="nobody")) == (404, "learner_not_found")
    assert not Credential.objects.exists()
    assert request(client_of(staff), configuration.pk, username="grace").status_code == 202
    assert Credential.objects.get().user == other
    assert code_of(request(client_of(staff), configuration.pk, username=["a", "b"])) == (400, "invalid")


def test_requests_that_are_refused(learner, staff, configuration, world):
    client = client_of(learner)
    outside = CredentialConfigurationFactory(allow_self_generation=True)
    disabled = CredentialConfigurationFactory(learning_context_key=KEY, allow_self_generation=True, is_enabled=False)
    by_schedule = CredentialConfigurationFactory(learning_context_key=KEY)
    for configuration_id in (outside.pk, disabled.pk, 10**30, 0):
        assert code_of(request(client, configuration_id)) == (404, "configuration_not_found")
    assert code_of(request(client, by_schedule.pk)) == (403, "self_generation_disabled")
    assert code_of(request(client_of(staff), configuration.pk)) == (409, "not_eligible")
    assert code_of(request(client_of(UserFactory()), configuration.pk)) == (403, "no_context_access")
    assert code_of(request(client_of(), configuration.pk)) == (403, "not_authenticated")
    CredentialFactory(user=learner, configuration=configuration, invalidated=True, blocks_reissue=True)
    assert code_of(request(client, configuration.pk)) == (409, "reissue_blocked")
    world.outage = True
    assert code_of(request(client, configuration.pk)) == (503, "lms_unavailable")
    assert Credential.objects.count() == 1


class WatchfulLMS(FakeLMS):
    """Notes whether it was asked inside a transaction."""

    asked_in_transaction: ClassVar[set[bool]] = set()

    def get_enrolments(self, context_keys, user_ids):
        self.asked_in_transaction.add(connection.in_atomic_block)
        return super().get_enrolments(context_keys, user_ids)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_of_the_hosts_spans_a_call_to_the_lms(learner, configuration, app_settings, monkeypatch):
    app_settings(LMS_BACKEND=f"{__name__}.WatchfulLMS")
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    client = client_of(learner)
    assert eligibility(client).status_code == 200
    assert request(client, configuration.pk).status_code == 202
    assert WatchfulLMS.asked_in_transaction == {False}


def test_a_request_by_session_needs_the_token_against_forgery(learner, configuration):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(learner)
    assert code_of(request(client, configuration.pk)) == (403, "permission_denied")
    assert not Credential.objects.exists()


def test_a_body_that_is_no_object(learner, configuration):
    client = client_of(learner)
    url = f"{BASE}/eligibility/{KEY}/{configuration.pk}/"
    assert code_of(client.post(url, [1], format="json")) == (400, "invalid")
    assert code_of(client.post(url, "{", content_type="application/json")) == (400, "parse_error")
    assert code_of(client.post(url, "<x/>", content_type="text/xml")) == (415, "unsupported_media_type")


def test_a_body_larger_than_the_host_takes(learner, configuration, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    url = f"{BASE}/eligibility/{KEY}/{configuration.pk}/"
    client = client_of(learner)
    assert code_of(client.post(url, {"a": "b" * 200}, format="json")) == (413, "request_too_large")
    form = "application/x-www-form-urlencoded"
    assert code_of(client.post(url, "a=" + "b" * 200, content_type=form)) == (413, "request_too_large")
    assert not Credential.objects.exists()


def test_a_broken_set_up_is_told_to_operators_and_not_to_learners(learner, configuration, caplog):
    configuration.credential_type.retrieval_func = "gone.retrieve_x"
    configuration.credential_type.save()
    response = eligibility(client_of(learner))
    assert code_of(response) == (500, "unknown_function")
    assert "gone.retrieve_x" in caplog.text
    assert "gone.retrieve_x" not in response.content.decode()


def test_the_form_of_the_browsable_api(learner, configuration):
    response = client_of(learner).get(f"{BASE}/eligibility/{KEY}/", headers={"accept": "text/html"})
    assert response.status_code == 200
    page = client_of(learner).get(f"{BASE}/eligibility/{KEY}/{configuration.pk}/", headers={"accept": "text/html"})
    assert page.status_code == 405
    assert "Request a credential that was earned." in page.content.decode()


@pytest.mark.parametrize(
    ("mode", "is_passed", "decides"), [("honor", True, "grade"), ("honor", False, "grade"), ("audit", True, "mode")]
)
def test_the_facts_of_a_course_certificate(learner, world, app_settings, mode, is_passed, decides):
    app_settings(EARNING_MODES=("honor",))
    CredentialConfigurationFactory(
        learning_context_key=KEY,
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates",
    )
    world.enrol(learner.pk, KEY, mode)
    world.set_grade(learner.pk, KEY, {"Exam": 0.5}, is_passed=is_passed)
    (entry,) = eligibility(client_of(learner)).json()["credentials"]
    assert entry["progress"]["facts"] == {
        "grade": 0.3,
        "letter_grade": "",
        "is_passing": is_passed,
        "mode": mode,
        "is_earning_mode": mode == "honor",
        "is_identity_required": False,
        "is_identity_verified": None,
        "is_restricted": False,
        "is_allowlisted": False,
        "is_invalidated": False,
        "is_earning": is_passed and mode == "honor",
        "deciding_fact": decides,
    }
