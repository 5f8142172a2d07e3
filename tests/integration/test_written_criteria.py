"""Without an operator's text, the criteria are written from the options in force, in the language of whoever reads them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation
from pypdf import PdfReader

from learning_credentials import api
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms.base import Step
from learning_credentials.models import Credential, CredentialConfiguration, CredentialType
from learning_credentials.storages import get_storage
from tests.factories import ISSUED_AT, CredentialConfigurationFactory, CredentialFactory, UserFactory
from tests.integration import criteria_plugins

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]

KEY, OTHER, THIRD = (f"course-v1:Tests+{name}+2026" for name in ("Criteria", "Other", "Third"))
PATH = "path:criteria"
COMPLETIONS = "learning_credentials.processors.retrieve_completions"
GRADES = "learning_credentials.processors.retrieve_subsection_grades"
BOTH = "learning_credentials.processors.retrieve_completions_and_grades"
CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"
ATTENDANCE = "tests.integration.criteria_plugins.retrieve_attendance"
PDF = "learning_credentials.generators.generate_pdf_credential"
OWN = "Whatever the operator says."
WAIVED = "Awarded by a decision of the issuer."


@pytest.fixture(autouse=True)
def _host(app_settings):
    cache.clear()
    criteria_plugins.SOURCES.clear()
    criteria_plugins.INSTEAD.clear()
    app_settings(PROCESSOR_MODULES=["tests.plugins", "tests.integration.criteria_plugins"])


@pytest.fixture
def learner(world):
    """A learner who did everything in three course runs and their path."""
    user = UserFactory()
    for key, name in ((KEY, "Statistics"), (OTHER, "Botany"), (THIRD, "Geology")):
        world.add_course_run(key, name, categories={"Homework": 0.4, "Final Exam": 0.6})
        world.enrol(user.pk, key)
        world.set_grade(user.pk, key, {"Homework": 1.0, "Final Exam": 1.0})
        world.set_completion(user.pk, key, 1.0)
    world.add_learning_path(PATH, "Natural Sciences", steps=[KEY, OTHER, THIRD])
    world.enrol(user.pk, PATH)
    return user


def configure(func=COMPLETIONS, options=None, key=KEY, **values):
    text = {"text": "{criteria}", "x": 300, "y": 120, "size": 9}
    return CredentialConfigurationFactory(
        learning_context_key=key,
        credential_type__retrieval_func=func,
        credential_type__generation_func=PDF,
        custom_options={"text_elements": {"criteria": text}, **(options or {})},
        **values,
    )


def read_pdf(credential):
    with get_storage().open(credential.artifact_name) as file:
        return " ".join(PdfReader(io.BytesIO(file.read())).pages[0].extract_text().split())


def list_said(credential, language):
    """What page, REST and facade say in a language. The page breaks lines, the others do not."""
    headers = {"accept-language": language}
    page = Client().get(f"/credentials/{credential.verify_uuid}/", headers={**headers, "accept": "text/html"})
    rest = Client().get(f"/api/learning_credentials/v1/metadata/{credential.verify_uuid}/", headers=headers)
    with translation.override(language):
        said = {api.verify_credential(credential.verify_uuid).criteria, rest.json()["criteria"]}
    for text in said:
        for line in text.split("\n"):
            assert line in page.content.decode()
    return said


def read_badge(credential):
    return Client().get(f"/credentials/{credential.verify_uuid}/badge.json").json()["credentialSubject"]["achievement"]


RUN_CASES = {
    "completion": (COMPLETIONS, {"required_completion": 0.8}, "At least 80% of the course completed."),
    "default": (COMPLETIONS, {}, "At least 90% of the course completed."),
    "all": (COMPLETIONS, {"required_completion": 1}, "The whole course completed."),
    "none": (COMPLETIONS, {"required_completion": 0}, "Enrolment in the course."),
    "decimals": (COMPLETIONS, {"required_completion": 0.8455}, "At least 84.55% of the course completed."),
    "total": (GRADES, {"required_grades": {"total": 0.7}}, "A total grade of at least 70%."),
    "spelled by the LMS": (
        GRADES,
        {"required_grades": {"final exam": 0.5, "TOTAL": 0.7}},
        "A total grade of at least 70%, with at least 50% in Final Exam.",
    ),
    "attempt": (
        GRADES,
        {"required_grades": {"Homework": 0, "Final Exam": 0.5}},
        "A grade of at least 50% in Final Exam. Attempted: Homework.",
    ),
    "both": (
        BOTH,
        {"required_completion": 0.5, "required_grades": {"Homework": 0.6, "Final Exam": 0.5}},
        "At least 50% of the course completed. Grades of at least 60% in Homework and at least 50% in Final Exam.",
    ),
}


@pytest.mark.parametrize(("func", "options", "said"), RUN_CASES.values(), ids=RUN_CASES.keys())
def test_a_course_run_says_what_its_options_ask(learner, func, options, said):
    credential = api.issue_credential(configure(func, options).pk, learner.pk)
    assert list_said(credential, "en") == {said}
    assert read_badge(credential)["criteria"]["narrative"] == said
    assert said in read_pdf(credential)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Au moins 80\xa0% du cours achevé."),
        ("es", "Al menos el 80\xa0% del curso completado."),
        ("de", "At least 80% of the course completed."),
    ],
)
def test_readers_and_learners_get_their_language(learner, world, language, said):
    world.set_profile(learner.pk, language=language)
    credential = api.issue_credential(configure(options={"required_completion": 0.8}).pk, learner.pk)
    assert list_said(credential, language) == {said}
    assert list_said(credential, "en") == {"At least 80% of the course completed."}
    achievement = read_badge(credential)
    assert achievement["criteria"]["narrative"] == said
    assert achievement["inLanguage"] == ("en" if language == "de" else language)
    assert said.replace("\xa0", " ") in read_pdf(credential).replace("\xa0", " ")


def test_an_arabic_text_has_all_plural_forms(learner):
    credential = api.issue_credential(configure(options={"required_completion": 1}, key=PATH).pk, learner.pk)
    assert list_said(credential, "ar") == {"إتمام 3 دورات في «Natural Sciences»."}


def test_a_document_in_two_languages_prints_both(learner):
    texts = {
        "en": {"text": "{criteria|en}", "x": 300, "y": 120, "size": 9},
        "fr": {"text": "{criteria|fr}", "x": 300, "y": 100, "size": 9},
    }
    credential = api.issue_credential(configure(options={"text_elements": texts}).pk, learner.pk)
    printed = read_pdf(credential).replace("\xa0", " ")
    assert "At least 90% of the course completed." in printed
    assert "Au moins 90 % du cours achevé." in printed


PATH_CASES = {
    "alike": (
        COMPLETIONS,
        {"required_completion": 0.8},
        [KEY, OTHER, THIRD],
        ["In each of the 3 courses of Natural Sciences: At least 80% of the course completed."],
    ),
    "all of it": (
        COMPLETIONS,
        {"required_completion": 1},
        [KEY, OTHER, Step(THIRD, is_excluded=True)],
        ["All 2 courses of Natural Sciences completed."],
    ),
    "one": (
        COMPLETIONS,
        {},
        [KEY],
        ["In the only course of Natural Sciences: At least 90% of the course completed."],
    ),
    "overrides": (
        GRADES,
        {
            "required_grades": {"Total": 0.6},
            "steps": {KEY: {"required_grades": {"final exam": 0.5, "Total": 0.55}}},
        },
        [KEY, OTHER, THIRD],
        [
            "In Statistics: A total grade of at least 55%, with at least 50% in Final Exam.",
            "In each of the 2 other courses of Natural Sciences: A total grade of at least 60%.",
        ],
    ),
    "two": (
        COMPLETIONS,
        {"steps": {OTHER: {"required_completion": 0.5}}},
        [KEY, OTHER],
        [
            "In Statistics: At least 90% of the course completed.",
            "In Botany: At least 50% of the course completed.",
        ],
    ),
}


@pytest.mark.parametrize(("func", "options", "steps", "lines"), PATH_CASES.values(), ids=PATH_CASES.keys())
def test_a_learning_path_names_what_differs(learner, world, func, options, steps, lines):
    world.add_learning_path(PATH, "Natural Sciences", steps=steps)
    configuration = configure(func, options, key=PATH)
    assert api.get_criteria(configuration.pk) == "\n".join(lines)
    credential = api.issue_credential(configuration.pk, learner.pk)
    assert list_said(credential, "en") == {"\n".join(lines)}
    assert " ".join(lines) in read_pdf(credential)
    # What the LMS calls its courses later is another matter.
    world.add_course_run(KEY, "Renamed")
    world.add_learning_path(PATH, "Renamed too", steps=steps)
    assert list_said(credential, "en") == {"\n".join(lines)}
    assert "Natural Sciences" not in api.get_criteria(configuration.pk)


def test_many_steps_and_categories_stay_short(learner, world):
    keys = [f"course-v1:Tests+Many{number}+2026" for number in range(40)]
    for key in keys:
        world.add_course_run(key, "A long name " * 30)
    world.add_learning_path(PATH, "Natural Sciences", steps=keys)
    grades = {f"Category {number}": 0.5 for number in range(50)}
    steps = {key: {"required_grades": {"Total": number / 100}} for number, key in enumerate(keys[:30])}
    configuration = configure(GRADES, {"required_grades": grades, "steps": steps}, key=PATH)
    text = api.get_criteria(configuration.pk)
    assert len(text) < 10_000
    assert "required grades in 4" in text
    assert "In 24 more courses of Natural Sciences: The criteria of each course." in text
    assert text.split("\n")[-1].startswith("In each of the 10 other courses of Natural Sciences:")


def test_a_course_certificate_says_that_the_course_was_passed(world, run, key, learner):
    world.enrol(learner.pk, key, "honor")
    world.set_grade(learner.pk, key, {"Homework": 1.0, "Exam": 1.0})
    api.evaluate_course_certificate(key, learner.pk)
    credential = Credential.objects.get(configuration=run)
    assert list_said(credential, "en") == {"The course passed."}
    assert list_said(credential, "fr") == {"Cours réussi."}


class TestAllowlist:
    def test_nobody_claims_that_the_criteria_were_met(self, learner, world):
        world.set_completion(learner.pk, KEY, 0.1)
        configuration = configure()
        api.add_allowlist_entry(learner.pk, KEY, configuration_id=configuration.pk, notes="A hardship")
        credential = api.issue_credential(configuration.pk, learner.pk)
        assert list_said(credential, "en") == {WAIVED}
        assert list_said(credential, "fr") == {"Attestation délivrée par décision de l’émetteur."}
        assert read_badge(credential)["criteria"]["narrative"] == WAIVED
        assert WAIVED in read_pdf(credential)
        assert api.get_criteria(configuration.pk) == "At least 90% of the course completed."

    def test_whoever_met_them_all_the_same_has_met_them(self, learner):
        configuration = configure()
        api.add_allowlist_entry(learner.pk, KEY, configuration_id=configuration.pk, notes="To be sure")
        credential = api.issue_credential(configuration.pk, learner.pk)
        assert list_said(credential, "en") == {"At least 90% of the course completed."}

    def test_a_waived_grade_of_a_course_certificate(self, world, run, key, learner):
        world.enrol(learner.pk, key, "honor")
        world.set_grade(learner.pk, key, {"Homework": 0.1, "Exam": 0.1})
        api.add_allowlist_entry(learner.pk, key, notes="A hardship")
        api.evaluate_course_certificate(key, learner.pk)
        credential = Credential.objects.get(configuration=run)
        assert list_said(credential, "en") == {WAIVED}

    def test_the_operators_text_wins(self, learner, world):
        world.set_completion(learner.pk, KEY, 0.1)
        configuration = configure(criteria=OWN)
        api.add_allowlist_entry(learner.pk, KEY, configuration_id=configuration.pk, notes="A hardship")
        assert list_said(api.issue_credential(configuration.pk, learner.pk), "en") == {OWN}


class TestSnapshot:
    def test_later_options_change_nothing(self, learner):
        configuration = configure(options={"required_completion": 0.8})
        credential = api.issue_credential(configuration.pk, learner.pk)
        CredentialConfiguration.objects.update(custom_options={"required_completion": 0.2}, criteria=OWN)
        CredentialType.objects.update(criteria=OWN)
        said = {"At least 80% of the course completed."}
        assert list_said(credential, "en") == said
        successor = api.reissue_credential(credential.pk, reason="The template")
        assert list_said(successor, "en") == said
        assert list_said(successor, "fr") == {"Au moins 80\xa0% du cours achevé."}

    def test_what_was_issued_before_says_what_it_said(self, learner):
        configuration = configure()
        before = {"type": "x", "description": "", "criteria": "", "shows_results": False, "image": ""}
        for achievement in ({**before}, {}, {**before, "criteria": OWN}):
            old = CredentialFactory(configuration=configuration, available=True, achievement=achievement)
            said = {achievement.get("criteria", "")}
            assert list_said(old, "fr") == said
            assert list_said(api.reissue_credential(old.pk, reason="The template"), "fr") == said

    def test_a_renewal_for_a_learner_who_no_longer_qualifies_keeps_what_was_asked(self, learner, world):
        configuration = configure(options={"required_completion": 0.8})
        credential = api.issue_credential(configuration.pk, learner.pk)
        CredentialConfiguration.objects.update(custom_options={"required_completion": 0.95})
        world.set_completion(learner.pk, KEY, 0.9)
        Credential.objects.update(expires_at=timezone.now() - timedelta(days=1), issued_at=ISSUED_AT)
        renewal = api.renew_credential(credential.pk, reason="As before")
        assert list_said(renewal, "en") == {"At least 80% of the course completed."}

    def test_the_facts_are_collected_once_for_a_run(self, world, app_settings, learner):
        app_settings(CHUNK_SIZE=2, ELIGIBILITY_BATCH_SIZE=2)
        users = UserFactory.create_batch(5)
        for user in users:
            world.enrol(user.pk, KEY)
        api.issue_pending_credentials(configure(ATTENDANCE).pk)
        assert len(criteria_plugins.SOURCES) == 1
        source = criteria_plugins.SOURCES[0]
        assert (source.learning_context_key, source.learning_context_name) == (KEY, "Statistics")
        assert source.progress == {"is_enrolled": True}
        assert Credential.objects.filter(status="available").count() == 6


class TestHosts:
    def test_a_host_writes_its_own(self, learner):
        credential = api.issue_credential(configure(ATTENDANCE, {"sessions": 7}).pk, learner.pk)
        assert list_said(credential, "en") == {"7 sessions attended."}
        with translation.override("de"):
            assert api.verify_credential(credential.verify_uuid).criteria == "Teilnahme an 7 Sitzungen."
        assert api.get_criteria(credential.configuration_id, "de") == "Teilnahme an 7 Sitzungen."

    def test_a_host_without_a_writer_says_what_operators_say(self, learner):
        configuration = configure("tests.plugins.retrieve_everyone")
        assert api.get_criteria(configuration.pk) == ""
        assert list_said(api.issue_credential(configuration.pk, learner.pk), "en") == {""}

    def fail(self):
        raise KeyError("broken")

    @pytest.mark.parametrize("name", ["collect", "write"])
    def test_a_writer_that_fails_issues_nothing_and_is_named(self, learner, name):
        criteria_plugins.INSTEAD[name] = self.fail
        with pytest.raises(ConfigurationError, match=r"writer of criteria of tests.*retrieve_attendance.*KeyError"):
            api.issue_credential(configure(ATTENDANCE).pk, learner.pk)
        assert not Credential.objects.exists()

    WRONG = {  # noqa: RUF012
        "no object": ("collect", [1], "must return a dict or None"),
        "no JSON": ("collect", {"at": object()}, "no JSON"),
        "not a number": ("collect", {"at": float("nan")}, "no JSON"),
        "NUL": ("collect", {"at": "\0"}, "NUL"),
        "many facts": ("collect", {"at": "x" * 40_001}, "At most 40,000"),
        "no text": ("write", 3, "must return a text"),
        "a long text": ("write", "x" * 20_001, "At most 20,000"),
    }

    @pytest.mark.parametrize(("name", "value", "said"), WRONG.values(), ids=WRONG.keys())
    def test_wrong_answers_are_refused(self, learner, name, value, said):
        criteria_plugins.INSTEAD[name] = lambda: value
        with pytest.raises(ConfigurationError, match=said):
            api.issue_credential(configure(ATTENDANCE).pk, learner.pk)

    @pytest.mark.parametrize("value", [None, {}], ids=["none", "empty"])
    def test_a_writer_can_have_nothing_to_say(self, learner, value):
        criteria_plugins.INSTEAD["collect"] = lambda: value
        assert list_said(api.issue_credential(configure(ATTENDANCE).pk, learner.pk), "en") == {""}

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_readers_get_the_stored_text_if_the_writer_fails_later(self, learner, app_settings, is_gone):
        credential = api.issue_credential(configure(ATTENDANCE).pk, learner.pk)
        if is_gone:
            app_settings(PROCESSOR_MODULES=["tests.plugins"])
        criteria_plugins.INSTEAD["write"] = self.fail
        assert list_said(credential, "fr") == {"3 sessions attended."}
        assert read_badge(credential)["criteria"]["narrative"] == "3 sessions attended."


class TestLearners:
    def ask(self, learner, language="en", key=KEY):
        client = Client()
        client.force_login(learner)
        url = f"/api/learning_credentials/v1/eligibility/{key}/"
        response = client.get(url, headers={"accept-language": language})
        assert response.status_code == 200
        return [row["criteria"] for row in response.json()["credentials"]]

    def test_progress_comes_with_the_criteria(self, learner, world):
        configure(GRADES, {"required_grades": {"final exam": 0.5}})
        configure(criteria=OWN)
        world.set_grade(learner.pk, KEY, {"Homework": 0.1})
        assert self.ask(learner) == ["A grade of at least 50% in Final Exam.", OWN]
        assert self.ask(learner, "fr") == ["Note : au moins 50\xa0% pour « Final Exam ».", OWN]

    def test_a_broken_writer_does_not_hide_the_progress(self, learner):
        configure(ATTENDANCE)
        criteria_plugins.INSTEAD["collect"] = TestHosts().fail
        assert self.ask(learner) == [""]
