"""Learners and readers are spoken to in their language: pages, mails and certificates."""

from __future__ import annotations

import io

import pypdf
import pytest
from django.core import mail

from learning_credentials.services.notices import announce_credentials
from scripts import messages
from tests.browser.showcase import make_certificate
from tests.factories import CredentialAssetFactory, CredentialFactory, UserFactory
from tests.integration.web_pages import Outline, page_url

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LANGUAGES = messages.LANGUAGES
#: Too short to tell an untranslated text from a word of the other language, such as "Grade".
SHORT = 8


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def english():
    """Texts without variable parts, whose appearance in another language is a fault."""
    return {text.message for text in messages.collect() if not text.is_format and len(text.message) > SHORT}


def read(client, path, language, status=200) -> Outline:
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == status
    return Outline(response)


def find_untranslated(page, english) -> set[str]:
    attributes = " ".join(str(value) for _tag, attrs in page.tags for value in attrs.values())
    return {text for text in english if text in page.text or text in attributes}


def test_the_check_finds_english(client, english):
    page = read(client, page_url(CredentialFactory(available=True).verify_uuid), "en")
    assert len(find_untranslated(page, english)) > 10


def test_no_english_is_left_on_the_pages(client, language, english):
    options = {"configuration__credential_type__name": "T", "learning_context_name": "C"}
    user = UserFactory()
    full = CredentialFactory(
        available=True,
        user=user,
        evidence={"current_grades": {"Total": 0.5}, "letter_grade": "A", "current_completion": 1.0},
        achievement={"description": "D", "criteria": "K", "image": CredentialAssetFactory().slug},
        configuration__credential_type__badge_shows_results=True,
        **options,
    )
    revoked = CredentialFactory(
        invalidated=True, user=user, invalidation_reason="certificate_status:notpassing", learning_context_name="C"
    )
    private = CredentialFactory(available=True, user=user, configuration__credential_type__download_policy="owner")
    expired = CredentialFactory(available=True, user=user, expires_at="2020-01-01T00:00:00Z")
    pages = [read(client, page_url(row.verify_uuid), language) for row in (full, revoked, private, expired)]
    pages += [
        read(client, page_url(revoked.verify_uuid, "download/"), language, 410),
        read(client, page_url(private.verify_uuid, "download/"), language, 403),
        read(client, page_url("x"), language, 404),
    ]
    client.force_login(user)
    pages.append(read(client, "/credentials/", language))
    client.force_login(UserFactory())
    pages.append(read(client, "/credentials/", language))
    for page in pages:
        assert page.all("html")[0]["lang"] == language
        assert find_untranslated(page, english) == set()


@pytest.mark.parametrize(
    ("language", "subject", "greeting"),
    [
        ("es", "Su credencial está lista", "Hola, Ada Example:"),
        ("fr", "Votre attestation est prête", "Bonjour Ada Example,"),
        ("ar", "شهادتك جاهزة", "مرحبًا Ada Example،"),
        ("xx", "Your credential is ready", "Hello Ada Example,"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_mails_are_in_the_learners_language(language, subject, greeting):
    row = CredentialFactory(available=True, user_full_name="Ada Example", language=language)
    assert announce_credentials([row.pk]) == 1
    message = mail.outbox[-1]
    assert message.subject.startswith(subject)
    assert message.body.startswith(greeting)
    assert f"\nhttps://credentials.example.org/credentials/{row.verify_uuid}/\n" in message.body


@pytest.mark.parametrize(
    ("language", "texts"),
    [("es", ("Se certifica que", "Fecha de emisión")), ("fr", ("Nous certifions que", "Date de délivrance"))],
)
def test_certificates_are_in_the_learners_language(language, texts):
    content = make_certificate("Ada Example", "Course", "Certificate", "Institute", language)
    found = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    for text in texts:
        assert text in found
    assert "This is to certify" not in found
