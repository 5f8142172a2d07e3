"""Codes that fail are limited: for each address, for the site, on the page and over REST together."""

from __future__ import annotations

import random

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from learning_credentials.http import code_limits
from learning_credentials.verify_codes import ALPHABET, make_code
from tests.factories import CredentialFactory
from tests.integration.threads import at_once
from tests.integration.web_pages import Outline

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
    pytest.mark.usefixtures("no_requests_counted"),
]

URL = "/api/learning_credentials/v1/verify/"
PAGE = "/credentials/verify/"


class BrokenCache(LocMemCache):
    """A cache whose server does not answer."""

    def get(self, *args, **kwargs):
        raise ConnectionError("no answer")

    add = set = incr = touch = get


@pytest.fixture(autouse=True)
def _limits(app_settings):
    code_limits._spare.clear()
    app_settings(PUBLIC_THROTTLE_RATE=None, FAILED_CODES_RATE="5/hour", FAILED_CODES_SITE_RATE="1000/hour")
    yield
    code_limits._spare.clear()


@pytest.fixture
def row():
    return CredentialFactory(available=True)


def ask(client, code, address="203.0.113.7", **more):
    return client.post(URL, {"code": code}, REMOTE_ADDR=address, **more)


def use_up(client, address="203.0.113.7"):
    while ask(client, make_code(), address).status_code == 200:
        pass


@pytest.mark.slow
def test_ten_thousand_guesses_from_one_address(client, row, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE=None)
    draw = random.Random(7)
    statuses = [ask(client, "".join(draw.choices(ALPHABET, k=10))).status_code for _ in range(10_000)]
    assert statuses[:5] == [200] * 5
    assert set(statuses[5:]) == {429}


def test_the_answer_says_when_to_come_back(client, row):
    use_up(client)
    response = ask(client, make_code())
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 3600


def test_then_right_codes_are_refused_too_but_nothing_else(client, row):
    use_up(client)
    assert ask(client, row.verify_code).status_code == 429
    assert ask(client, str(row.verify_uuid)).json()["is_valid"]
    file = SimpleUploadedFile("x", b"a certificate")
    assert client.post(URL, {"file": file}, REMOTE_ADDR="203.0.113.7").json()["is_valid"]
    assert client.get(f"/credentials/{row.verify_uuid}/").status_code == 200


def test_right_codes_do_not_count(client, row):
    assert {ask(client, row.verify_code).status_code for _ in range(20)} == {200}
    assert [ask(client, make_code()).status_code for _ in range(6)] == [200] * 5 + [429]


def test_the_page_and_rest_count_together(client, row):
    use_up(client)
    response = client.post(PAGE, {"code": row.verify_code}, REMOTE_ADDR="203.0.113.7")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "There were too many codes that no credential has." in Outline(response).text
    assert client.post(PAGE, {"code": row.verify_code}, REMOTE_ADDR="203.0.113.8").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("nonsense", "nonsense", True),
    ],
)
def test_callers_are_told_apart_by_their_network(client, row, first, second, is_same):
    use_up(client, first)
    assert ask(client, row.verify_code, second).status_code == (429 if is_same else 200)


def test_behind_a_proxy_the_callers_count_and_not_the_proxy(client, row, monkeypatch):
    from rest_framework.settings import api_settings

    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)

    def guess(forwarded):
        return ask(client, make_code(), "10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded).status_code

    # What a caller writes into the header comes before what the proxy adds.
    assert [guess(f"198.51.100.{number}, 203.0.113.7:{40000 + number}") for number in range(6)] == [200] * 5 + [429]
    assert guess("203.0.113.8") == 200
    assert [guess(f"[2001:db8::{number}]:443") for number in range(6)] == [200] * 5 + [429]


def test_the_whole_site_is_limited_without_codes_that_were_not_looked_up(client, row, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE=None, FAILED_CODES_RATE=None, FAILED_CODES_SITE_RATE="5/hour")
    code = make_code()
    wrong = code[:-1] + next(char for char in ALPHABET if char != code[-1])
    assert {ask(client, wrong, f"203.0.113.{number}").status_code for number in range(10)} == {200}
    statuses = [ask(client, make_code(), f"203.0.113.{number}").status_code for number in range(6)]
    assert statuses == [200] * 5 + [429]
    assert ask(client, row.verify_code, "198.51.100.1").status_code == 429
    assert ask(client, wrong, "198.51.100.1").status_code == 200
    assert ask(client, str(row.verify_uuid), "198.51.100.1").status_code == 200


def test_without_limits(client, row, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE=None, FAILED_CODES_RATE=None, FAILED_CODES_SITE_RATE=None)
    assert {ask(client, make_code()).status_code for _ in range(50)} == {200}


def test_many_at_once_do_not_exceed_the_limit(row):
    statuses = at_once(*[lambda: ask(Client(), make_code()).status_code] * 20)
    assert sorted(statuses) == [200] * 5 + [429] * 15


@pytest.mark.parametrize(
    "backend",
    ["tests.integration.test_code_limits.BrokenCache", "django.core.cache.backends.dummy.DummyCache"],
)
def test_without_a_cache_each_process_counts_alone(client, row, settings, backend):
    settings.CACHES = {"default": {"BACKEND": backend}}
    assert ask(client, row.verify_code).json()["is_valid"]
    assert [ask(client, make_code()).status_code for _ in range(6)] == [200] * 5 + [429]


def test_without_a_cache_pages_and_files_are_answered(client, row, settings, app_settings):
    app_settings(PUBLIC_THROTTLE_RATE="2/min")
    settings.CACHES = {"default": {"BACKEND": "tests.integration.test_code_limits.BrokenCache"}}
    for _ in range(4):
        assert client.get(f"/api/learning_credentials/v1/metadata/{row.verify_uuid}/").status_code == 200
        assert client.post(PAGE, {"file": SimpleUploadedFile("x", b"a certificate")}).status_code == 200


def test_a_cache_that_forgets_the_time_of_what_it_changes(client, row, settings, tmp_path):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": tmp_path,
            "TIMEOUT": 1,
        }
    }
    assert [ask(client, make_code()).status_code for _ in range(6)] == [200] * 5 + [429]
    cache.clear()


def test_the_log_repeats_no_code(client, row, settings, caplog):
    settings.CACHES = {"default": {"BACKEND": "tests.integration.test_code_limits.BrokenCache"}}
    ask(client, row.verify_code)
    assert row.verify_code not in caplog.text
