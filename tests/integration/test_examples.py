"""Example credentials: one set a context, kept with what went in, never shown to learners."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.data import Artifact
from learning_credentials.exceptions import ConfigurationError, CredentialNotFoundError
from learning_credentials.models import (
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    ExampleCredential,
    ExampleCredentialSet,
)
from learning_credentials.services.issuing import (
    can_offer_self_generation,
    create_examples,
    examples,
    get_latest_example_status,
    open_example_artifact,
)
from learning_credentials.storages import get_output_dir
from tests import plugins
from tests.factories import (
    CredentialConfigurationFactory,
    TypeSignatoryFactory,
    UserFactory,
)

KEY = "course-v1:Demo+Algebra+2026"
TEXT = "tests.plugins.generate_text_credential"
PDF = "learning_credentials.generators.generate_pdf_credential"
COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"

pytestmark = pytest.mark.django_db


#: Called while an example is being made.
OBSERVERS = []


def generate_with_a_warning(credential, options):
    """Text that does not fit."""
    return Artifact(b"John", "text/plain", "txt", warnings=("the name does not fit",))


def generate_observed(credential, options):
    """Text, while somebody looks."""
    for observe in OBSERVERS:
        observe()
    return plugins.generate_text_credential(credential, options)


@pytest.fixture(autouse=True)
def world(world, app_settings, tmp_path):
    OBSERVERS.clear()
    world.add_course_run(KEY, "Algebra")
    app_settings(GENERATOR_MODULES=["tests.plugins", __name__], OUTPUT_DIR=str(tmp_path), CLAIM_TIMEOUT=60)
    return world


@pytest.fixture
def observed():
    return CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__generation_func=f"{__name__}.generate_observed"
    )


@pytest.fixture
def working():
    return CredentialConfigurationFactory(learning_context_key=KEY, is_enabled=False)


@pytest.fixture
def broken():
    return CredentialConfigurationFactory(
        learning_context_key=KEY,
        credential_type__generation_func=PDF,
        custom_options={"template": "no-such-template"},
    )


def files_of(example_set):
    return sorted(path.name for path in (get_output_dir() / "examples" / str(example_set.pk)).glob("*"))


def read(example):
    file, media_type, name = open_example_artifact(example.uuid)
    with file:
        return file.read().decode(), media_type, name


def test_one_example_for_each_configuration_also_of_those_not_enabled(working):
    CredentialConfigurationFactory(learning_context_key=KEY)
    CredentialConfigurationFactory()
    actor = UserFactory(staff=True)
    made = create_examples(KEY, actor=actor)
    assert (made.learning_context_key, made.requested_by) == (KEY, actor)
    assert [(example.status, example.full_name, example.mode) for example in made.examples.all()] == [
        ("success", "John Doë", "")
    ] * 2
    example = made.examples.get(configuration=working)
    text, media_type, name = read(example)
    assert text.splitlines()[:2] == ["John Doë", "Algebra"]
    assert (media_type, name) == ("text/plain", f"Example - {working.credential_type.name}.txt")
    assert get_latest_example_status(KEY) == "success"


def test_what_went_in_is_kept(broken):
    TypeSignatoryFactory(credential_type=broken.credential_type, signatory__name="Dr. Ines Okafor")
    broken.credential_type.custom_options = {"defaults": {"size": 12}}
    broken.credential_type.save()
    inputs = create_examples(KEY).examples.get().inputs
    assert inputs["generation_func"] == PDF
    assert inputs["retrieval_func"] == "tests.plugins.retrieve_everyone"
    assert inputs["options"] == {"template": "no-such-template", "defaults": {"size": 12}}
    assert inputs["texts"]["learning_context_name"] == "Algebra"
    assert [person["name"] for person in inputs["texts"]["signatories"]] == ["Dr. Ines Okafor"]


def test_one_that_fails_says_why_and_spoils_no_other(broken, working):
    made = create_examples(KEY)
    failed = made.examples.get(configuration=broken)
    assert (failed.status, failed.error_code, failed.artifact_name) == ("error", "asset_not_found", "")
    assert "no-such-template" in failed.error_reason
    assert made.examples.get(configuration=working).status == "success"
    assert get_latest_example_status(KEY) == "error"
    with pytest.raises(CredentialNotFoundError):
        open_example_artifact(failed.uuid)


def test_an_accident_in_a_plug_in_is_an_error_too(observed):
    OBSERVERS.append(lambda: 1 / 0)
    example = create_examples(KEY).examples.get()
    assert (example.status, example.error_code) == ("error", "unexpected_error")
    assert "ZeroDivisionError" in example.error_reason


def test_a_generator_that_is_gone_is_an_error():
    CredentialConfigurationFactory(learning_context_key=KEY, credential_type__generation_func="tests.plugins.gone")
    assert create_examples(KEY).examples.get().error_code == "unknown_function"


def test_what_is_a_warning_at_issue_is_an_error_here():
    CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__generation_func=f"{__name__}.generate_with_a_warning"
    )
    example = create_examples(KEY).examples.get()
    assert (example.status, example.error_code, example.error_reason) == (
        "error",
        "generator_warning",
        "the name does not fit",
    )


@pytest.mark.parametrize(("row_mode", "mode"), [(None, "honor"), ("verified", "verified")])
def test_a_course_certificate_is_shown_in_the_mode_of_its_run(row_mode, mode):
    if row_mode:
        CourseCertificate.objects.create(course_key=KEY, certificate_type=row_mode)
    CredentialConfigurationFactory(learning_context_key=KEY, credential_type__retrieval_func=COURSE_CERTIFICATES)
    example = create_examples(KEY).examples.get()
    assert (example.mode, example.status, example.inputs["texts"]["evidence"]["mode"]) == (mode, "success", mode)


def test_an_lms_that_is_down_hinders_nothing(world, working):
    world.outage = True
    assert read(create_examples(KEY).examples.get())[0].splitlines()[1] == KEY


def test_a_context_without_configurations_has_no_examples():
    with pytest.raises(ConfigurationError, match="no configuration for the learning context"):
        create_examples(KEY)
    assert get_latest_example_status(KEY) is None
    assert not can_offer_self_generation(KEY)
    assert not ExampleCredentialSet.objects.exists()


def test_only_the_newest_set_counts(broken):
    create_examples(KEY)
    assert not can_offer_self_generation(KEY)
    broken.credential_type.generation_func = TEXT
    broken.credential_type.save()
    assert get_latest_example_status(KEY) == "error"
    create_examples(KEY)
    assert can_offer_self_generation(KEY)
    broken.credential_type.generation_func = PDF
    broken.credential_type.save()
    create_examples(KEY)
    assert not can_offer_self_generation(KEY)


def test_a_set_whose_process_was_lost_is_started_until_it_is_swept(working):
    done = create_examples(KEY).examples.get()
    left = ExampleCredential.objects.create(
        example_set=ExampleCredentialSet.objects.create(learning_context_key=KEY), configuration=working, full_name="x"
    )
    assert get_latest_example_status(KEY) == "started"
    assert examples.fail_abandoned_examples() == 0
    ExampleCredential.objects.update(modified=timezone.now() - timedelta(seconds=61))
    assert (examples.fail_abandoned_examples(), examples.fail_abandoned_examples()) == (1, 0)
    left.refresh_from_db()
    done.refresh_from_db()
    assert (left.status, left.error_code, done.status) == ("error", "abandoned", "success")
    assert left.error_reason
    assert get_latest_example_status(KEY) == "error"


def test_one_swept_while_it_was_made_stays_an_error_and_leaves_no_file(observed):
    def lose():
        ExampleCredential.objects.update(modified=timezone.now() - timedelta(days=1))
        assert examples.fail_abandoned_examples() == 1

    OBSERVERS.append(lose)
    made = create_examples(KEY)
    assert made.examples.get().error_code == "abandoned"
    assert files_of(made) == []


def test_those_that_wait_for_a_slow_one_are_not_abandoned(observed):
    CredentialConfigurationFactory(learning_context_key=KEY)

    def take_long():
        ExampleCredential.objects.filter(configuration=observed).update(modified=timezone.now())
        ExampleCredential.objects.exclude(configuration=observed).update(modified=timezone.now() - timedelta(days=1))

    OBSERVERS.append(take_long)
    made = create_examples(KEY)
    assert examples.fail_abandoned_examples() == 0
    assert {example.status for example in made.examples.all()} == {"success"}


def test_the_newest_sets_are_kept_and_older_ones_go_with_their_files(working):
    other = CredentialConfigurationFactory()
    elsewhere = create_examples(other.learning_context_key)
    made = [create_examples(KEY) for _ in range(examples.KEPT_SETS + 2)]
    kept = ExampleCredentialSet.objects.filter(learning_context_key=KEY)
    assert set(kept) == set(made[2:])
    assert [len(files_of(example_set)) for example_set in made] == [0, 0, *[1] * examples.KEPT_SETS]
    assert len(files_of(elsewhere)) == 1


def test_learners_and_the_public_never_see_an_example(working, client, world):
    learner = UserFactory()
    world.enrol(learner.pk, KEY)
    CredentialConfiguration.objects.update(is_enabled=True)
    example = create_examples(KEY).examples.get()
    assert not Credential.objects.exists()
    client.force_login(learner)
    assert "John" not in client.get(reverse("learning_credentials:credential_list")).content.decode()
    for uuid in (example.uuid, "00000000-0000-0000-0000-000000000000"):
        for name in ("credential", "credential_download"):
            assert client.get(reverse(f"learning_credentials:{name}", args=[uuid])).status_code == 404
        with pytest.raises(CredentialNotFoundError):
            api.verify_credential(uuid)


@pytest.mark.parametrize("uuid", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_example_has_no_artifact(uuid):
    with pytest.raises(CredentialNotFoundError):
        open_example_artifact(uuid)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_rendered_inside_a_transaction(observed):
    seen = []
    OBSERVERS.append(lambda: seen.append((connection.in_atomic_block, ExampleCredential.objects.get().status)))
    create_examples(KEY)
    assert seen == [(False, "started")]
