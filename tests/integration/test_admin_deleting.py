"""Deleting accounts in the admin: what the app keeps of a learner goes along or loses the name, and nothing else may delete it."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from learning_credentials import api
from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    Credential,
    CredentialConfiguration,
    ExampleCredentialSet,
    GenerationRun,
    LearnerCertificate,
)
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialEventFactory,
    CredentialFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

User = get_user_model()
COMES_ALONG = (LearnerCertificate, AllowlistEntry, CertificateInvalidation)


@pytest.fixture
def learner(world):
    """Somebody of whom there is everything that the app keeps."""
    configuration = CredentialConfigurationFactory()
    world.add_course_run(configuration.learning_context_key)
    user = UserFactory(username="ada")
    run = CourseCertificateFactory(course_key=configuration.learning_context_key)
    LearnerCertificate.objects.create(user=user, course_certificate=run)
    api.add_allowlist_entry(user.pk, configuration.learning_context_key, notes="Was ill.", actor=user.pk)
    CertificateInvalidation.objects.create(user=user, learning_context_key="run:other", created_by=user)
    credential = CredentialFactory(available=True, user=user, configuration=configuration)
    CredentialEventFactory(credential=credential, actor=user)
    GenerationRun.objects.create(configuration=configuration, requested_by=user)
    ExampleCredentialSet.objects.create(requested_by=user, learning_context_key=configuration.learning_context_key)
    return user


def delete(client, user, *, in_bulk):
    if in_bulk:
        data = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
        return client.post(reverse("admin:auth_user_changelist"), data)
    return client.post(reverse("admin:auth_user_delete", args=[user.pk]), {"post": "yes"})


@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_superuser_deletes_a_learner(client, learner, in_bulk):
    credential = Credential.objects.get()
    client.force_login(UserFactory(superuser=True))
    assert delete(client, learner, in_bulk=in_bulk).status_code == 302
    assert not User.objects.filter(pk=learner.pk).exists()
    assert [model.objects.count() for model in COMES_ALONG] == [0, 0, 0]
    credential.refresh_from_db()
    assert credential.user is None
    assert credential.user_full_name in client.get(f"/credentials/{credential.verify_uuid}/").content.decode()
    assert credential.events.get().actor is None
    assert CertificateEvent.objects.exists()
    assert not CertificateEvent.objects.exclude(user=None, actor=None).exists()
    assert GenerationRun.objects.get().requested_by is None
    assert ExampleCredentialSet.objects.get().requested_by is None


def test_the_page_names_what_goes_along(client, learner):
    client.force_login(UserFactory(superuser=True))
    page = client.get(reverse("admin:auth_user_delete", args=[learner.pk]))
    counted = {str(name).lower(): number for name, number in page.context["model_count"]}
    for model in COMES_ALONG:
        assert counted[str(model._meta.verbose_name_plural).lower()] == 1
    assert not page.context["perms_lacking"]
    assert not page.context["protected"]


@pytest.mark.parametrize("in_bulk", [False, True])
def test_it_needs_the_permission_for_each_model(client, learner, in_bulk):
    clerk = UserFactory(staff=True, permissions=["delete_learnercertificate", "delete_allowlistentry"])
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["delete_user", "view_user"]))
    client.force_login(clerk)
    assert delete(client, learner, in_bulk=in_bulk).status_code in {200, 403}
    assert User.objects.filter(pk=learner.pk).exists()
    clerk.user_permissions.add(Permission.objects.get(codename="delete_certificateinvalidation"))
    assert delete(client, learner, in_bulk=in_bulk).status_code == 302
    assert not User.objects.filter(pk=learner.pk).exists()


def test_somebody_who_only_acted_is_deleted(client):
    actor = UserFactory()
    event = CredentialEventFactory(actor=actor)
    client.force_login(UserFactory(superuser=True))
    assert delete(client, actor, in_bulk=False).status_code == 302
    event.refresh_from_db()
    assert event.actor is None


@pytest.mark.usefixtures("learner")
def test_no_page_of_their_own_deletes_them(client):
    client.force_login(UserFactory(superuser=True))
    for model in (*COMES_ALONG, Credential, GenerationRun, ExampleCredentialSet):
        name = f"admin:learning_credentials_{model._meta.model_name}"
        row = model.objects.first()
        assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        response = client.post(reverse(f"{name}_changelist"), data)
        assert response.status_code in {200, 302}
        assert "delete_selected" not in client.get(reverse(f"{name}_changelist")).content.decode()
        assert model.objects.filter(pk=row.pk).exists()
        page = client.get(reverse(f"{name}_change", args=[row.pk])).content.decode()
        assert reverse(f"{name}_delete", args=[row.pk]) not in page


def test_a_configuration_without_credentials_goes_with_its_allowlist(client, world):
    configuration = CredentialConfigurationFactory()
    world.add_course_run(configuration.learning_context_key)
    GenerationRun.objects.create(configuration=configuration)
    learner = UserFactory()
    api.add_allowlist_entry(
        learner.pk, configuration.learning_context_key, configuration_id=configuration.pk, notes="Was ill."
    )
    client.force_login(UserFactory(superuser=True))
    url = reverse("admin:learning_credentials_credentialconfiguration_delete", args=[configuration.pk])
    page = client.get(url)
    assert not page.context["perms_lacking"]
    assert client.post(url, {"post": "yes", **hidden_fields(page)}).status_code == 302
    assert not CredentialConfiguration.objects.exists()
    assert not AllowlistEntry.objects.exists()


def hidden_fields(page):
    """What the confirmation page sends back beside Django's own field."""
    import re

    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in found if name not in {"csrfmiddlewaretoken", "post"}}
