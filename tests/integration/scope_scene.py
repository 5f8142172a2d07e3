"""Two course runs with rows of every model: one that a colleague administers, and one of which she must reach nothing.

Every text of the other course run contains `SECRET`, and so does the name of everybody who learns there. A row of a new model goes into
`add_rows`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, Permission

from learning_credentials import models
from learning_credentials.lms.fake import FakeLMS
from learning_credentials.services.common import CONTEXT_LOOKUPS
from tests import factories

if TYPE_CHECKING:
    from django.db.models import Model

SECRET = "umbra"
OWN_KEY = "course-v1:Uni+OPEN+2026"
OTHER_KEY = "course-v1:Umbra+SECRET+2026"
OWN, OTHER = "own", "other"


@dataclass
class Scene:
    """The rows by model, for each of the two course runs, and accounts."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared_type: Any = None
    course_type: Any = None
    learners: dict[str, Any] = field(default_factory=dict)

    def get(self, model_name: str, place: str) -> Any:
        return self.rows[place][model_name]

    def list_hidden(self) -> list[str]:
        """Return the texts that no answer may contain."""
        credential = self.get("credential", OTHER)
        uuids = [credential.verify_uuid, credential.pk, self.get("examplecredential", OTHER).uuid]
        return [SECRET, *map(str, uuids), credential.verify_code.lower()]


def make_scene(world: Any) -> Scene:
    scene = Scene()
    scene.shared_type = factories.CredentialTypeFactory(name="Shared certificate", slug="shared")
    scene.course_type = factories.CredentialTypeFactory(
        name="Course certificate", retrieval_func="learning_credentials.processors.retrieve_course_certificates"
    )
    world.add_learning_path("path-other", name="Umbra programme", steps=[OTHER_KEY])
    for place, key, word in ((OWN, OWN_KEY, "Open"), (OTHER, OTHER_KEY, "Umbra")):
        world.add_course_run(key, f"{word} studies")
        scene.learners[place] = learner = factories.UserFactory(
            username=f"{word.lower()}-learner",
            first_name=word,
            last_name="Learner",
            email=f"{word.lower()}@example.com",
        )
        world.enrol(learner.pk, key)
        scene.rows[place] = add_rows(scene, key, word, learner)
    return scene


def add_rows(scene: Scene, key: str, word: str, learner: Any) -> dict[str, Any]:
    configuration = factories.CredentialConfigurationFactory(
        learning_context_key=key,
        credential_type=scene.shared_type,
        description=f"{word} description",
        allow_self_generation=True,
    )
    private = factories.CredentialTypeFactory(
        name=f"{word} certificate",
        slug=f"{word.lower()}-type",
        download_policy="owner",
        custom_options={"by": f"{word} option"},
    )
    models.TypeContext.objects.create(credential_type=private, context_key=key)
    own = factories.CredentialConfigurationFactory(learning_context_key=key, credential_type=private)
    run = factories.GenerationRunFactory(
        configuration=configuration, finished=True, error_message=f"{word} trouble", requested_by=learner
    )
    about = {"configuration": configuration, "generation_run": run, "learning_context_name": f"{word} studies"}
    credential = factories.CredentialFactory(available=True, user=learner, content=f"{word} file".encode(), **about)
    error = factories.CredentialFactory(
        error=True,
        user=learner,
        configuration=own,
        generation_run=run,
        error_code=f"{word.lower()}_failed",
        error_message=f"{word} error",
    )
    factories.CredentialEventFactory(credential=credential, reason=f"{word} reason")
    course_certificate = factories.CourseCertificateFactory(course_key=key)
    standing = factories.LearnerCertificateFactory(user=learner, course_certificate=course_certificate)
    allowed = factories.AllowlistEntryFactory(user=learner, learning_context_key=key, notes=f"{word} notes")
    barred = factories.CertificateInvalidationFactory(user=learner, learning_context_key=key, notes=f"{word} cheating")
    examples = models.ExampleCredentialSet.objects.create(learning_context_key=key)
    example = models.ExampleCredential.objects.create(
        example_set=examples,
        configuration=configuration,
        full_name=f"{word} Example",
        status="success",
        artifact_name=factories.store_artifact(f"example-{word}", f"{word} example".encode()),
        artifact_media_type="text/plain",
    )
    message = models.HostMessage.objects.create(
        kind="grade_failing", context_key=key, payload={"user_ids": [learner.pk]}
    )
    grant = models.ContextGrant(user=learner, context_key=key, notes=f"{word} grant")
    grant.said = grant.hash_content()
    grant.save()
    hold = models.MailHold.objects.create(act="run", learning_context_key=key, requested_by=learner)
    models.Credential.objects.filter(pk=credential.pk).update(mail_hold=hold)
    job = models.Job.objects.create(
        kind="invalidate",
        source=f"{word} list",
        requested_by=learner,
        parameters={"reason": f"{word} reason"},
        total=1,
        plan="plan",
    )
    models.JobRow.objects.create(
        job=job, position=1, given=learner.username, credential=credential.pk, subject=f"{word} subject"
    )
    return {
        "job": job,
        "mailhold": hold,
        "allowlistentry": allowed,
        "certificateinvalidation": barred,
        "contextgrant": grant,
        "coursecertificate": course_certificate,
        "credential": credential,
        "credentialconfiguration": configuration,
        "credentialtype": private,
        "error": error,
        "examplecredential": example,
        "examplecredentialset": examples,
        "generationrun": run,
        "hostmessage": message,
        "learnercertificate": standing,
        "private": own,
        "certified": factories.CredentialConfigurationFactory(
            learning_context_key=key, credential_type=scene.course_type
        ),
    }


def list_permissions() -> Any:
    return Permission.objects.filter(content_type__app_label="learning_credentials")


def add_grant(user: Any, key: str = OWN_KEY, **values: Any) -> models.ContextGrant:
    grant = models.ContextGrant(user=user, context_key=key, **values)
    grant.said = grant.hash_content()
    grant.save()
    return grant


def make_colleague(kind: str) -> Any:
    """Return a colleague who may do everything that the app offers, but in her own course only."""
    user = factories.UserFactory(staff=True, username=f"colleague-{kind}")
    if kind == "role":
        role = Group.objects.create(name="everything")
        role.permissions.set(list_permissions())
        add_grant(user, role=role)
        return user
    user.user_permissions.set(list_permissions())
    if kind == "lms":
        FakeLMS.world.limit(user.pk, OWN_KEY)
    elif kind == "prefix":
        add_grant(user, "course-v1:Uni+", is_prefix=True)
    elif kind == "group":
        group = Group.objects.create(name="faculty")
        user.groups.add(group)
        grant = models.ContextGrant(group=group, context_key=OWN_KEY)
        grant.said = grant.hash_content()
        grant.save()
    return user


KINDS = ("role", "lms", "prefix", "group")


def read_other_rows() -> str:
    """Return all values of all rows of the other course run, to see that nothing changed."""
    found = []
    for model, lookup in CONTEXT_LOOKUPS.items():
        rows: Any = model._default_manager.filter(**{lookup: OTHER_KEY}).order_by("pk")
        found += [f"{model.__name__} {values!r}" for values in rows.values_list(*_list_columns(model))]
    return "\n".join(found)


def _list_columns(model: type[Model]) -> list[str]:
    return [column.attname for column in model._meta.concrete_fields]
