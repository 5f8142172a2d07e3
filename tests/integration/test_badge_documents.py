"""Documents for programs as browsers of other sites and JSON-LD libraries ask for them: pre-flight requests, media types, tags, errors."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.models import StatusList
from tests.app_settings import override_app_settings
from tests.factories import CredentialFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY = create_key()
API = "/api/learning_credentials/v1"
DEFAULT = "application/vc+ld+json"
BADGE_TYPES = [DEFAULT, "application/vc", "application/ld+json", "application/json"]
DID_TYPES = ["application/did+json", "application/did+ld+json", "application/ld+json", "application/json"]


@pytest.fixture(autouse=True)
def _with_a_key():
    cache.clear()
    keys = [{"private_key": KEY.export(), "is_active": True}]
    with override_app_settings(SIGNING_KEYS=keys):
        yield


@pytest.fixture
def addresses():
    """The public addresses that programs read, by name."""
    row = CredentialFactory(available=True)
    page = f"/credentials/{row.verify_uuid}/"
    api.get_badge(row.verify_uuid)
    return {
        "page": page,
        "badge": f"{page}badge.json",
        "png": f"{page}badge.png",
        "svg": f"{page}badge.svg",
        "achievement": f"{page}achievement/",
        "image": "/credentials/badge-images/",
        "did": "/credentials/did.json",
        "list": f"/credentials/status/{StatusList.objects.get().pk}/",
        "metadata": f"{API}/metadata/{row.verify_uuid}/",
        "verify": f"{API}/verify/",
    }


DOCUMENTS = ["badge", "png", "svg", "achievement", "image", "did", "list"]
EVERYTHING = ["page", *DOCUMENTS, "metadata", "verify"]


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("requested", ["user-agent", "x-request-id,authorization", "content-type, if-none-match"])
def test_a_pre_flight_request_is_answered(client, addresses, name, requested):
    response = client.options(
        addresses[name],
        headers={
            "Origin": "https://wallet.example",
            "Access-Control-Request-Method": "POST" if name == "verify" else "GET",
            "Access-Control-Request-Headers": requested,
        },
    )
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert ("POST" if name == "verify" else "GET") in response["Access-Control-Allow-Methods"].split(", ")
    allowed = response["Access-Control-Allow-Headers"].replace(" ", "").split(",")
    assert allowed == requested.replace(" ", "").split(",")
    assert int(response["Access-Control-Max-Age"]) >= 600
    assert "Access-Control-Request-Headers" in response["Vary"]
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("requested", ["", "a b", "x: y", "<script>", "é", "x" * 1000])
def test_only_names_of_headers_are_echoed(client, addresses, name, requested):
    response = client.options(addresses[name], headers={"Access-Control-Request-Headers": requested})
    assert response.status_code == 200
    allowed = response["Access-Control-Allow-Headers"]
    assert "User-Agent" in allowed
    assert not requested or requested not in allowed


def test_pre_flight_requests_use_up_nothing(client, addresses, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE="1/min")
    for _ in range(3):
        assert client.options(addresses["metadata"]).status_code == 200
    assert [client.get(addresses["metadata"]).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("name", [*DOCUMENTS, "metadata"])
def test_scripts_of_other_sites_read_answers_and_their_tags(client, addresses, name):
    response = client.get(addresses[name], headers={"Origin": "https://wallet.example"})
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_they_read_the_page_as_json_and_checks_of_files_too(client, addresses):
    for accepted in ("application/json", *BADGE_TYPES):
        response = client.get(addresses["page"], headers={"Accept": accepted})
        assert response["Access-Control-Allow-Origin"] == "*", accepted
    response = client.post(addresses["verify"], {"file": SimpleUploadedFile("x", b"x")})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, "*")
    assert "Access-Control-Allow-Origin" not in client.get("/credentials/")
    assert "Access-Control-Allow-Origin" not in client.options(f"{API}/configured/x/")


@pytest.mark.parametrize(
    ("name", "types"), [("badge", BADGE_TYPES), ("list", BADGE_TYPES), ("did", DID_TYPES)], ids=["badge", "list", "did"]
)
def test_documents_have_the_media_type_that_is_asked_for(client, addresses, name, types):
    plain = client.get(addresses[name])
    assert plain["Content-Type"] == types[0]
    for accepted in (*types, f"text/html;q=0.5, {types[1]}", f"{types[2]}, */*;q=0.1"):
        response = client.get(addresses[name], headers={"Accept": accepted})
        expected = next(part for part in reversed(types) if part in accepted.split(", ")) if accepted else types[0]
        assert response["Content-Type"] == expected
        assert json.loads(response.content)["@context"] == json.loads(plain.content)["@context"]
        assert "Accept" in response["Vary"].split(", ")
    # The default is also for who takes anything, or nothing that there is.
    for accepted in ("*/*", "application/*", "text/html", "text/turtle", "nonsense"):
        assert client.get(addresses[name], headers={"Accept": accepted})["Content-Type"] == types[0]


@pytest.mark.parametrize("accepted", [*BADGE_TYPES[:3], "application/vc, application/json", "application/ld+json, */*"])
def test_the_page_gives_the_badge_by_each_of_its_media_types(client, addresses, accepted):
    response = client.get(addresses["page"], headers={"Accept": accepted})
    assert response["Content-Type"] == accepted.partition(",")[0]
    assert response.content == client.get(addresses["badge"]).content


def test_people_get_the_page_and_programs_that_ask_for_json_the_metadata(client, addresses):
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    for accepted, expected in ((browser, "text/html"), ("*/*", "text/html"), ("application/json", "application/json")):
        response = client.get(addresses["page"], headers={"Accept": accepted})
        assert response["Content-Type"].startswith(expected)
    assert "user_full_name" in response.json()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_copy_that_still_holds_is_not_sent_again(client, addresses, name):
    first = client.get(addresses[name])
    again = client.get(addresses[name], headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Access-Control-Allow-Origin"] == "*"
    assert client.get(addresses[name], headers={"If-None-Match": '"other"'}).status_code == 200
    if name in {"badge", "list"}:
        other = client.get(addresses[name], headers={"Accept": "application/vc", "If-None-Match": first["ETag"]})
        assert other.status_code == 200
        assert other["ETag"] != first["ETag"]


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_not_allowed_whether_or_not_there_is_a_token(addresses, name, method):
    if (name, method) == ("verify", "post"):
        pytest.skip("files are posted there")
    response = getattr(Client(enforce_csrf_checks=True), method)(addresses[name])
    assert response.status_code == 405
    assert response["Allow"]
    assert b"<html" not in response.content.lower()
    if name != "page":
        answer = response.json()
        assert answer["code"] == "method_not_allowed"
        assert response["Access-Control-Allow-Origin"] == "*"


UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("page", ["badge.json", "badge.png", "badge.svg", "achievement/"])
def test_errors_of_documents_are_json_for_programs_and_pages_for_people(client, page):
    revoked = CredentialFactory(invalidated=True)
    cases = [(UNKNOWN, 404, "credential_not_found")]
    if page != "achievement/":
        cases.append((revoked.verify_uuid, 410, "credential_revoked"))
    for verify_uuid, status, code in cases:
        address = f"/credentials/{verify_uuid}/{page}"
        for accepted in ("*/*", "application/json", DEFAULT, "image/png"):
            response = client.get(address, headers={"Accept": accepted})
            assert (response.status_code, response["Content-Type"]) == (status, "application/json")
            assert response.json()["code"] == code
            assert response.json()["detail"]
            assert response["Access-Control-Allow-Origin"] == "*"
            assert "Accept" in response["Vary"].split(", ")
        response = client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
        assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_lists_and_keys_that_are_not_there_are_told_in_json_too(client):
    assert client.get("/credentials/status/77/").json()["code"] == "credential_not_found"
    with override_app_settings(SIGNING_KEYS=[]):
        assert client.get("/credentials/did.json").json()["code"] == "credential_not_found"
