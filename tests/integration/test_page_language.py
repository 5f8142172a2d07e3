"""Pages, answers, mails and badges are in a language that their texts exist in, and say which."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from learning_credentials.badges.keys import create_key
from learning_credentials.services.notices import announce_credentials
from tests.factories import CredentialConfigurationFactory, CredentialFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

REST = "/api/learning_credentials/v1"


@pytest.fixture(autouse=True)
def _no_throttle():
    cache.clear()


@pytest.fixture
def row():
    return CredentialFactory(available=True)


def read(response):
    """What the page says of its language: lang, dir, and the header."""
    lang, direction = re.search(r'<html lang="([^"]+)" dir="([^"]+)"', response.content.decode()).groups()
    return lang, direction, response["Content-Language"]


@pytest.mark.parametrize(
    ("accepted", "language", "direction"),
    [
        ("fa", "en", "ltr"),
        ("he, de;q=0.5", "en", "ltr"),
        ("fa, fr;q=0.8", "fr", "ltr"),
        ("de-AT, ar;q=0.7, fr;q=0.5", "ar", "rtl"),
        ("fr-CA", "fr-ca", "ltr"),
        ("es-MX, en;q=0.3", "es-mx", "ltr"),
        ("pt-BR, es-419;q=0.2", "es", "ltr"),
        ("zh-Hant", "en", "ltr"),
        ("*", "en", "ltr"),
        ("x-nonsense;;q=,", "en", "ltr"),
        ("", "en", "ltr"),
    ],
)
def test_a_page_is_in_the_best_language_that_there_is(client, row, accepted, language, direction):
    responses = [
        client.get(f"/credentials/{row.verify_uuid}/", headers={"accept-language": accepted, "accept": "text/html"}),
        client.get("/credentials/verify/", headers={"accept-language": accepted}),
        client.post("/credentials/verify/", headers={"accept-language": accepted}),
        client.get("/credentials/unknown/", headers={"accept-language": accepted, "accept": "text/html"}),
    ]
    client.force_login(row.user)
    responses.append(client.get("/credentials/", headers={"accept-language": accepted}))
    assert [response.status_code for response in responses] == [200, 200, 400, 404, 200]
    for response in responses:
        lang, said_direction, header = read(response)
        assert lang == header
        assert lang.partition("-")[0] == language.partition("-")[0]
        assert said_direction == direction
        skip = re.search(r'class="skip"[^>]*>([^<]+)<', response.content.decode()).group(1)
        assert (skip == "Skip to the content") == (language == "en")


def test_the_language_of_the_hosts_cookie_comes_first_if_there_are_texts(client, row, settings):
    url = f"/credentials/{row.verify_uuid}/"
    for chosen, expected in (("fr", "fr"), ("fa", "es")):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
        response = client.get(url, headers={"accept-language": "es", "accept": "text/html"})
        assert read(response)[::2] == (expected, expected)


def test_a_host_with_few_languages_is_answered_in_those(client, row, settings):
    settings.LANGUAGES = [("en", "English"), ("fa", "Persian"), ("es", "Spanish")]
    url = f"/credentials/{row.verify_uuid}/"
    for accepted, expected in (("fr", "en"), ("fa, fr, es;q=0.1", "es"), ("fa", "en")):
        response = client.get(url, headers={"accept-language": accepted, "accept": "text/html"})
        assert read(response) == (expected, "ltr", expected)


@pytest.mark.parametrize(("site", "expected"), [("fa", "en"), ("ar", "ar")])
def test_a_site_in_a_language_of_its_own(client, row, settings, site, expected):
    settings.LANGUAGE_CODE = site
    response = client.get(f"/credentials/{row.verify_uuid}/", headers={"accept": "text/html"})
    assert read(response)[::2] == (expected, expected)


def test_without_the_hosts_middleware(row, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Locale" not in name]
    response = Client().get(
        f"/credentials/{row.verify_uuid}/", headers={"accept": "text/html", "accept-language": "fa"}
    )
    assert read(response) == ("en", "ltr", "en")


@pytest.mark.parametrize(
    ("accepted", "language", "detail"),
    [
        ("fa", "en", "There is no such credential."),
        ("fa, fr;q=0.5", "fr", "Cette attestation n’existe pas."),
        ("es", "es", "No existe esa credencial."),
    ],
)
def test_rest_says_which_language_it_answers_in(client, accepted, language, detail):
    response = client.get(f"{REST}/metadata/unknown/", headers={"accept-language": accepted})
    assert (response["Content-Language"], response.json()["detail"]) == (language, detail)
    client.force_login(UserFactory())
    response = client.get(f"{REST}/course_certificates/a/", headers={"accept-language": accepted})
    assert (response.status_code, response["Content-Language"]) == (403, language)


@pytest.mark.parametrize(
    ("language", "site", "greeting"),
    [
        ("fa", "en", "Hello"),
        ("fr", "en", "Bonjour"),
        ("", "en", "Hello"),
        ("fa", "fr", "Bonjour"),
        ("fa", "he", "Hello"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_mail_is_in_a_language_that_there_is(settings, language, site, greeting):
    row = CredentialFactory(available=True, language=language, expires_at=datetime(2099, 3, 1, tzinfo=UTC))
    settings.LANGUAGE_CODE = site
    with translation.override(site):
        assert announce_credentials([row.pk]) == 1
    assert mail.outbox[-1].body.startswith(greeting)


# Badges


OWN = {"credential_type__description": "For sailors.", "credential_type__criteria": "Sailed well."}


@pytest.mark.parametrize(
    ("site", "language", "texts", "said", "criteria"),
    [
        ("en", "fr", {}, "fr", "La personne titulaire"),
        ("en", "ar", {}, "ar", "استوفى"),
        ("en", "fa", {}, "en", "The holder met"),
        ("fr", "fa", {}, "fr", "La personne titulaire"),
        ("en", "", {}, "en", "The holder met"),
        ("en", "fr", OWN, "en", "Sailed well."),
        ("fa", "fr", OWN, "fa", "Sailed well."),
        ("es", "fr", {"credential_type__description": "For sailors."}, "es", "La persona titular"),
        ("fa", "fr", {"credential_type__description": "For sailors."}, None, "The holder met"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_badge_names_the_language_of_its_texts(client, settings, app_settings, site, language, texts, said, criteria):
    keys = [{"private_key": create_key().export(), "is_active": True}]
    app_settings(SIGNING_KEYS=keys)
    settings.LANGUAGE_CODE = site
    row = CredentialFactory(available=True, language=language, configuration=CredentialConfigurationFactory(**texts))
    achievement = client.get(f"/credentials/{row.verify_uuid}/badge.json").json()["credentialSubject"]["achievement"]
    assert achievement.get("inLanguage") == said
    assert achievement["criteria"]["narrative"].startswith(criteria)
