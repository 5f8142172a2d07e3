"""Plug-ins that a host declared by decorators issue credentials; among them the templates of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.models import Credential
from learning_credentials.storages import get_storage
from tests.app_settings import override_app_settings
from tests.factories import CredentialConfigurationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

TEMPLATES = Path(__file__).parents[2] / "docs/howtos/templates"
DECORATED = """
from learning_credentials.data import Artifact
from learning_credentials.plugins import generator, processor

PREPARED = []

def prepare(options, assets):
    PREPARED.append(options)
    return lambda credential: Artifact(f"{credential.user_full_name} {credential.badge.issuer_id}".encode(), "text/plain", "txt")

@processor
def retrieve_all(learning_context_key, options, user_id=None, user_ids=None):
    return {learner: {"is_eligible": True} for learner in user_ids or [user_id]}

@generator(prepare=prepare, needs_badge=True)
def generate_issuer(credential, options):
    raise AssertionError("the worker prepares the generator")
"""


def use(*modules, **others):
    changes = {"PROCESSOR_MODULES": list(modules), "GENERATOR_MODULES": list(modules), **others}
    return override_app_settings(**changes)


def make_course(world, retrieve, generate, options):
    configuration = CredentialConfigurationFactory(
        credential_type__retrieval_func=retrieve,
        credential_type__generation_func=generate,
        credential_type__custom_options=options,
    )
    world.add_course_run(configuration.learning_context_key, "Introduction to Tests")
    return configuration


def read_file(credential):
    with get_storage().open(credential.artifact_name) as file:
        return file.read().decode()


@pytest.fixture
def templates(monkeypatch):
    monkeypatch.syspath_prepend(TEMPLATES)
    with use("processor_template", "generator_template"):
        yield "processor_template.retrieve_learners_by_mode", "generator_template.generate_letter"


def test_copied_templates_issue_credentials(world, templates):
    course = make_course(world, *templates, {"modes": ["verified", "honor"], "greeting": "Well done"})
    course.credential_type.full_clean()
    ada, eve = UserFactory(first_name="Ada", last_name="Tester"), UserFactory()
    world.enrol(ada.pk, course.learning_context_key, mode="verified")
    world.enrol(eve.pk, course.learning_context_key, mode="audit")

    found = {found.user_id: found for found in api.list_eligible_learners(course.pk)}
    api.issue_pending_credentials(course.pk)

    assert set(found) == {ada.pk}
    credential = Credential.objects.get()
    assert (credential.user, credential.status) == (ada, Credential.Status.AVAILABLE)
    assert credential.evidence == {"current_mode": "verified", "required_modes": ["verified", "honor"]}
    assert read_file(credential).splitlines()[0] == "Well done, Ada Tester!"


def test_mistakes_in_declared_options_are_refused_with_their_path(world, templates):
    course = make_course(world, *templates, {"modes": "verified", "greeting": "x" * 101, "tone": "glad"})
    with pytest.raises(ValidationError) as caught:
        course.credential_type.full_clean()
    text = str(caught.value.message_dict["custom_options"])
    assert all(
        name in text for name in ("modes", "greeting", "tone: unknown option. The known options are greeting, modes")
    )


def test_what_a_decorator_declares_is_used_for_issuing(world, tmp_path, monkeypatch):
    (tmp_path / "decorated_by_host.py").write_text(DECORATED)
    monkeypatch.syspath_prepend(tmp_path)
    keys = [{"private_key": create_key().export(), "is_active": True}]
    with use("decorated_by_host", SIGNING_KEYS=keys):
        course = make_course(
            world, "decorated_by_host.retrieve_all", "decorated_by_host.generate_issuer", {"tone": "any option"}
        )
        course.credential_type.full_clean()
        for name in ("Ada", "Eve"):
            world.enrol(UserFactory(first_name=name, last_name="Tester").pk, course.learning_context_key)
        api.issue_pending_credentials(course.pk)

    texts = {read_file(credential) for credential in Credential.objects.all()}
    assert texts == {f"{name} Tester did:web:credentials.example.org:credentials" for name in ("Ada", "Eve")}
    import decorated_by_host

    assert decorated_by_host.PREPARED == [{"tone": "any option"}]


def test_the_checks_name_a_function_that_is_declared_wrongly(tmp_path, monkeypatch):
    (tmp_path / "misdeclared_by_host.py").write_text(
        "from learning_credentials.plugins import processor\n"
        "@processor\n"
        "def helpful_learners(learning_context_key, options, user_id=None): return {}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with use("misdeclared_by_host"), pytest.raises(SystemCheckError) as caught:
        call_command("check")
    assert "@processor on 'misdeclared_by_host.helpful_learners': the name must begin with 'retrieve_'" in str(
        caught.value
    )
