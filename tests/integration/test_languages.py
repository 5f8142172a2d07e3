"""Names, descriptions and criteria can be in several languages. Readers and learners get theirs, as it was when it was issued."""

from __future__ import annotations

import io
import json

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from pypdf import PdfReader

from learning_credentials import api
from learning_credentials.models import CredentialConfiguration, CredentialType
from learning_credentials.storages import get_storage
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory, UserFactory
from tests.integration.admin_forms import read_form
from tests.unit.pdf.structures import read_structure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]

KEY, OTHER = "course-v1:Tests+Languages+2026", "course-v1:Tests+Second+2026"
PATH = "path:languages"
COMPLETIONS = "learning_credentials.processors.retrieve_completions"
PDF = "learning_credentials.generators.generate_pdf_credential"
TYPE_TEXTS = {
    "fr": {"name": "Certificat de réussite", "description": "A suivi le cours.", "criteria": "Suivre le cours."},
    "es": {"name": "Certificado"},
}
ENGLISH = ("Certificate", "Statistics", "Took the course.", "Take the course.")
FRENCH = ("Certificat de réussite", "Statistique", "A suivi le cours.", "Suivre le cours.")
SPANISH = ("Certificado", "Estadística", "Took the course.", "Take the course.")


@pytest.fixture(autouse=True)
def _no_throttle():
    cache.clear()


@pytest.fixture
def configure(world):
    """A configuration with texts in several languages, whose course has a name in several languages."""

    def make(options=None, key=KEY, type_values=None, **values):
        world.add_course_run(KEY, "Statistics", names={"fr": "Statistique", "ES": "Estadística", "": "x", "de": " "})
        defaults = {
            "name": "Certificate",
            "description": "Took the course.",
            "criteria": "Take the course.",
            "translations": TYPE_TEXTS,
        }
        used = CredentialTypeFactory(
            retrieval_func=COMPLETIONS, generation_func=PDF, **{**defaults, **(type_values or {})}
        )
        used.full_clean()
        made = CredentialConfigurationFactory(
            learning_context_key=key, credential_type=used, custom_options=options or {}, **values
        )
        made.full_clean()
        return made

    return make


@pytest.fixture
def issue(world):
    """Issue a configuration's credential to a learner who speaks some language."""

    def make(configuration, language=""):
        user = UserFactory()
        world.enrol(user.pk, configuration.learning_context_key)
        world.set_profile(user.pk, language=language)
        for key in (KEY, OTHER):
            if key in world.runs:
                world.set_completion(user.pk, key, 1.0)
        return api.issue_credential(configuration.pk, user.pk)

    return make


def issue_all(configuration, keys, world):
    user = UserFactory()
    world.enrol(user.pk, configuration.learning_context_key)
    for key in keys:
        world.set_completion(user.pk, key, 1.0)
    return api.issue_credential(configuration.pk, user.pk)


def list_said(credential, language):
    """What facade, REST and page say in a language."""
    headers = {"accept-language": language}
    with translation.override(language):
        found = api.verify_credential(credential.verify_uuid)
    said = (found.credential_type_name, found.learning_context_name, found.description, found.criteria)
    url = f"/credentials/{credential.verify_uuid}/"
    page = Client().get(url, headers={**headers, "accept": "text/html"}).content.decode()
    rest = Client().get(f"/api/learning_credentials/v1/metadata/{credential.verify_uuid}/", headers=headers).json()
    assert all(line in page for text in said for line in text.split("\n"))
    assert said == (
        rest["credential_type_name"],
        rest["learning_context_name"],
        rest["description"],
        rest["criteria"],
    )
    return said


def read_pdf(credential):
    with get_storage().open(credential.artifact_name) as file:
        return " ".join(PdfReader(io.BytesIO(file.read())).pages[0].extract_text().split())


def read_badge(credential):
    found = Client().get(f"/credentials/{credential.verify_uuid}/badge.json").json()["credentialSubject"]["achievement"]
    return found["name"], found["description"], found["criteria"]["narrative"], found.get("inLanguage")


def test_readers_see_their_language(configure, issue):
    credential = issue(configure())
    assert list_said(credential, "en") == ENGLISH
    assert list_said(credential, "fr") == FRENCH
    assert list_said(credential, "fr-CA") == FRENCH
    assert list_said(credential, "es") == SPANISH
    assert list_said(credential, "ar") == ENGLISH


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("Certificat de réussite: Statistique", "A suivi le cours.", "Suivre le cours.", "fr")),
        ("fr_CA", ("Certificat de réussite: Statistique", "A suivi le cours.", "Suivre le cours.", "fr-CA")),
        # Two of the texts are not in Spanish, and the app has no German: a badge speaks one language.
        ("es", ("Certificate: Statistics", "Took the course.", "Take the course.", "en")),
        ("de", ("Certificate: Statistics", "Took the course.", "Take the course.", "en")),
        ("", ("Certificate: Statistics", "Took the course.", "Take the course.", "en")),
    ],
    ids=["whole", "region", "part", "no catalogue", "unknown"],
)
def test_a_badge_speaks_one_language(configure, issue, language, said):
    assert read_badge(issue(configure(), language)) == said


def test_a_badge_without_operators_texts_has_the_names_in_its_language(configure, issue):
    bare = {"description": "", "criteria": "", "translations": {"es": {"name": "Certificado"}}}
    name, description, criteria, language = read_badge(issue(configure(type_values=bare), "es"))
    assert (name, description, language) == ("Certificado: Estadística", "Certificado: Estadística", "es")
    assert criteria == "Al menos el 90\xa0% del curso completado."


@pytest.mark.parametrize(
    ("language", "said", "unsaid"),
    [
        ("fr", ["Certificat de réussite", "Statistique"], "Statistics"),
        ("de", ["Certificate", "Statistics"], "Statistique"),
        ("", ["Certificate", "Statistics"], "Statistique"),
    ],
    ids=["french", "no catalogue", "unknown"],
)
def test_the_builtin_page_has_the_names_in_the_documents_language(configure, issue, language, said, unsaid):
    printed = read_pdf(issue(configure(), language))
    assert all(text in printed for text in said)
    assert unsaid not in printed


def test_operators_print_names_in_the_languages_that_they_choose(configure, issue):
    def text(value, y):
        return {"text": value, "x": 300, "y": y, "size": 9}

    elements = {"a": text("{credential_type|fr}; {context_name|es}; {criteria|fr}", 120)}
    printed = read_pdf(issue(configure({"text_elements": elements})))
    assert "Certificat de réussite; Estadística; Suivre le cours." in printed
    assert "Statistics" in printed


@pytest.mark.parametrize(("translations", "heard"), [(TYPE_TEXTS, ""), ({}, "en")], ids=["translated", "original"])
def test_screen_readers_hear_a_name_in_its_language(configure, issue, translations, heard):
    credential = issue(configure(type_values={"translations": translations}), "fr")
    with get_storage().open(credential.artifact_name) as file:
        found = {element.text: element.language for element in read_structure(file.read()).walk()}
    name = "Certificat de réussite" if translations else "Certificate"
    assert next(language for text, language in found.items() if text.strip() == name) == heard


def test_mails_name_it_in_the_learners_language(configure, issue):
    issue(configure(), "fr")
    assert "Certificat de réussite, Statistique" in mail.outbox[-1].subject
    issue(CredentialConfiguration.objects.get(), "de")
    assert "Certificate, Statistics" in mail.outbox[-1].subject


def test_what_was_issued_keeps_its_texts(configure, issue, world):
    credential = issue(configure())
    CredentialType.objects.update(translations={"fr": {"name": "Autre"}}, name="Other")
    world.add_course_run(KEY, "Other", names={"fr": "Autre"})
    for row in (credential, api.reissue_credential(credential.pk, reason="The template")):
        assert list_said(row, "en") == ENGLISH
        assert list_said(row, "fr") == FRENCH


def test_a_configurations_texts_replace_the_types_in_all_languages(configure, issue):
    own = {"translations": {"fr": {"criteria": "Autrement."}}, "criteria": "Otherwise."}
    credential = issue(configure(**own))
    assert list_said(credential, "fr") == (*FRENCH[:3], "Autrement.")
    assert list_said(credential, "en") == (*ENGLISH[:3], "Otherwise.")
    other = issue(configure(type_values={"name": "Another", "slug": "another"}, criteria="Otherwise.", key=KEY))
    assert list_said(other, "fr")[3] == "Otherwise."
    assert api.get_criteria(credential.configuration_id, "fr") == "Autrement."


def test_written_criteria_name_courses_in_the_readers_language(configure, issue, world):
    world.add_course_run(OTHER, "Botany", names={"fr": "Botanique"})
    world.add_learning_path(PATH, "Sciences", steps=[KEY, OTHER], names={"fr": "Les sciences"})
    options = {"steps": {OTHER: {"required_completion": 0.5}}}
    bare = {"description": "", "criteria": "", "translations": {}}
    configuration = configure(options, PATH, bare)
    french = "Dans Statistique : Au moins 90\xa0% du cours achevé.\nDans Botanique : Au moins 50\xa0% du cours achevé."
    assert api.get_criteria(configuration.pk, "fr") == french
    credential = issue(configuration)
    with translation.override("fr"):
        found = api.verify_credential(credential.verify_uuid)
    assert (found.learning_context_name, found.criteria) == ("Les sciences", french)
    assert list_said(credential, "es")[3].startswith("En Estadística: ")


def test_many_long_names_in_many_languages_stay_storable(configure, issue, world):
    names = {tag: f"{tag} " * 80 for tag in ("fr", "es", "ar", "de", "it", "pt", "nl", "pl", "cs", "sv")}
    keys = [f"course-v1:Tests+Many{number}+2026" for number in range(12)]
    for key in keys:
        world.add_course_run(key, f"{key} {'long name ' * 40}", names=names)
    world.add_learning_path(PATH, "Sciences", steps=keys, names=names)
    bare = {"description": "", "criteria": "", "translations": {}}
    configuration = configure(
        {"steps": {key: {"required_completion": 0.01 * n} for n, key in enumerate(keys)}}, PATH, bare
    )
    credential = issue_all(configuration, keys, world)
    assert len(json.dumps(credential.achievement)) < 60_000
    assert "fr fr" in api.get_criteria(configuration.pk, "fr")


def test_a_site_with_one_language_stores_nothing_more(configure, issue, world):
    configuration = configure(type_values={"translations": {}, "criteria": "", "description": ""})
    world.add_course_run(KEY, "Statistics")
    assert "translations" not in issue(configuration).achievement


def test_progress_names_it_in_the_readers_language(configure, world):
    configure()
    user = UserFactory()
    world.enrol(user.pk, KEY)
    client = Client()
    client.force_login(user)
    url = f"/api/learning_credentials/v1/eligibility/{KEY}/"
    found = client.get(url, headers={"accept-language": "fr"}).json()
    assert found["learning_context_name"] == "Statistique"
    assert found["credentials"][0]["credential_type_name"] == "Certificat de réussite"
    assert found["credentials"][0]["criteria"] == "Suivre le cours."
    assert client.get(url).json()["learning_context_name"] == "Statistics"


WRONG = {
    "no object": (["fr"], "translations: must be a JSON object"),
    "unknown language": ({"qq": {"name": "x"}}, "translations.qq: 'qq' is not a known language"),
    "a name of a language": ({"French": {"name": "x"}}, "translations.French: 'French' is not a language code"),
    "capitals": ({"pt-BR": {"name": "x"}}, "translations.pt-BR: 'pt-BR' is not a language code"),
    "unknown text": ({"fr": {"title": "x"}}, "translations.fr.title"),
    "no text": ({"fr": {"name": 3}}, "translations.fr.name"),
    "empty": ({"fr": {"name": " "}}, "translations.fr.name: must not be empty"),
    "a long name": ({"fr": {"name": "x" * 256}}, "translations.fr.name"),
    "a long text": ({"fr": {"description": "x" * 10_001}}, "translations.fr.description"),
    "nothing to translate": ({"fr": {"criteria": "x"}}, "translations.fr.criteria: has no text to translate"),
    "NUL": ({"fr": {"name": "a\0b"}}, "translations.fr.name: has a character that cannot be stored"),
    "long altogether": (
        {tag: {"description": "x" * 9_000} for tag in ("fr", "es", "ar", "de", "it")},
        "translations: have 45,000 characters. At most 40,000",
    ),
    "many": ({f"{a}{b}": {"name": "x"} for a in "abcdefgh" for b in "abcdefgh"}, "translations"),
}


@pytest.mark.parametrize(("translations", "said"), WRONG.values(), ids=WRONG.keys())
def test_mistakes_are_refused_with_their_path(translations, said):
    used = CredentialTypeFactory.build(description="A text.", criteria="", translations=translations, issuer=None)
    with pytest.raises(ValidationError) as caught:
        used.full_clean()
    assert any(said in message for message in caught.value.message_dict["translations"])


def test_a_configuration_has_no_name_to_translate(configure):
    configuration = configure(description="Here.")
    configuration.translations = {"fr": {"name": "x"}}
    with pytest.raises(ValidationError, match=r"translations.fr.name"):
        configuration.full_clean()


def test_copies_take_the_texts_along(configure, world):
    configuration = configure(description="Here.", translations={"fr": {"description": "Ici."}})
    copied = api.copy_credential_type(configuration.credential_type_id, name="Copy", slug="copy")
    assert copied.translations == TYPE_TEXTS
    world.add_course_run(OTHER, "Botany")
    assert api.copy_configuration(configuration.pk, OTHER).translations == {"fr": {"description": "Ici."}}


class TestForm:
    @pytest.fixture
    def url(self, configure):
        return f"/admin/learning_credentials/credentialtype/{configure().credential_type_id}/change/"

    def save(self, admin, url, **changes):
        return admin.post(url, {**read_form(admin.get(url)), **changes})

    def test_each_language_has_its_inputs(self, admin, url):
        data = read_form(admin.get(url))
        typed = {key: value for key, value in data.items() if key.startswith("translations.")}
        assert typed["translations.1.language"] == "fr"
        assert typed["translations.0.name"] == "Certificado"
        assert typed["translations.2.language"] == ""
        assert "translations.3.language" not in typed
        assert "French (fr)" in admin.get(url).content.decode()

    def test_saving_without_a_change_changes_nothing(self, admin, url):
        assert self.save(admin, url).status_code == 302
        assert CredentialType.objects.get().translations == TYPE_TEXTS

    def test_a_language_is_added_changed_and_removed(self, admin, url):
        changes = {
            "translations.1.name": "Attestation",
            "translations.0.name": "",
            "translations.2.language": "ar",
            "translations.2.name": "شهادة",
        }
        assert self.save(admin, url, **changes).status_code == 302
        stored = CredentialType.objects.get().translations
        assert stored == {"fr": {**TYPE_TEXTS["fr"], "name": "Attestation"}, "ar": {"name": "شهادة"}}
        removed = {
            f"translations.{number}.{name}": "" for number in (0, 1) for name in ("name", "description", "criteria")
        }
        assert self.save(admin, url, **removed).status_code == 302
        assert CredentialType.objects.get().translations == {}

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"translations.2.name": "Zeugnis"}, "Choose the language of “Zeugnis”."),
            (
                {"translations.2.language": "fr", "translations.2.name": "x"},
                "There are two groups for the language “French (fr)”.",
            ),
            ({"criteria": ""}, "translations.fr.criteria: has no text to translate"),
            ({"translations.1.name": "x" * 256}, "translations.fr.name"),
        ],
        ids=["no language", "twice", "no original", "long"],
    )
    def test_mistakes_come_back_with_what_was_typed(self, admin, url, changes, said):
        response = self.save(admin, url, **changes)
        assert response.status_code == 200
        page = response.content.decode()
        assert said in page
        assert read_form(response)["translations.0.name"] == "Certificado"
        assert CredentialType.objects.get().translations == TYPE_TEXTS

    def test_a_configuration_has_them_too(self, admin, configure):
        configuration = configure(description="Here.")
        url = f"/admin/learning_credentials/credentialconfiguration/{configuration.pk}/change/"
        assert "translations.0.name" not in read_form(admin.get(url))
        changes = {"translations.0.language": "fr", "translations.0.description": "Ici."}
        assert self.save(admin, url, **changes).status_code == 302
        configuration.refresh_from_db()
        assert configuration.translations == {"fr": {"description": "Ici."}}

    def test_scripts_can_send_json(self, admin, url):
        data = {key: value for key, value in read_form(admin.get(url)).items() if not key.startswith("translations")}
        assert admin.post(url, data).status_code == 302
        assert CredentialType.objects.get().translations == TYPE_TEXTS, "nothing was sent"
        data = {key: value for key, value in read_form(admin.get(url)).items() if not key.startswith("translations")}
        assert admin.post(url, {**data, "translations": '{"es": {"name": "Otro"}}'}).status_code == 302
        assert CredentialType.objects.get().translations == {"es": {"name": "Otro"}}
