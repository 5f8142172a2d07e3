"""Make rows for tests. Each model has one factory. Traits set the important states."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from uuid import uuid4

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from factory.builder import DeclarationSet
from PIL import Image

from learning_credentials import models
from learning_credentials.data import AssetKind
from learning_credentials.storages import get_prefix, get_storage
from learning_credentials.verify_codes import make_code

# factory_boy writes all declarations into an error message for each trait that is not asked for, and then discards it.
DeclarationSet.__repr__ = object.__repr__

ISSUED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
PASSWORD = "a-password-for-tests"


def make_png(width: int = 4, height: int = 4, color: str = "navy") -> bytes:
    """Return a plain PNG image."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()


class UserFactory(factory.django.DjangoModelFactory):
    """A learner with `PASSWORD`. Traits: ``staff``, ``superuser``. ``permissions``: code names of Django's permissions."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence("learner{}".format)
    first_name = "Learner"
    last_name = factory.Sequence("Number {}".format)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    password = factory.django.Password(PASSWORD)

    class Params:
        staff = factory.Trait(is_staff=True)
        superuser = factory.Trait(is_staff=True, is_superuser=True)

    @factory.post_generation
    def permissions(self, create, codenames, **kwargs):
        """Give the account permissions of this app."""
        if codenames:
            found = Permission.objects.filter(content_type__app_label="learning_credentials", codename__in=codenames)
            assert len(found) == len(set(codenames))
            self.user_permissions.set(found)


class CredentialAssetFactory(factory.django.DjangoModelFactory):
    """A stored image; pass ``kind`` and ``content`` for another file."""

    class Meta:
        model = models.CredentialAsset
        exclude = ("content", "filename")

    slug = factory.Sequence("asset-{}".format)
    kind = AssetKind.IMAGE.value
    filename = factory.LazyAttribute(
        lambda asset: (
            asset.slug + {"pdf_template": ".pdf", "image": ".png", "font": ".ttf", "badge_image": ".png"}[asset.kind]
        )
    )
    content = factory.LazyFunction(make_png)
    file = factory.LazyAttribute(lambda asset: ContentFile(asset.content, name=asset.filename))
    sha256 = factory.LazyAttribute(lambda asset: hashlib.sha256(asset.content).hexdigest())


class IssuerFactory(factory.django.DjangoModelFactory):
    """An organisation that issues credentials."""

    class Meta:
        model = models.Issuer

    name = factory.Sequence("Institute {}".format)
    url = "https://institute.example.org"
    email = "registrar@institute.example.org"


class SignatoryFactory(factory.django.DjangoModelFactory):
    """A person who signs."""

    class Meta:
        model = models.Signatory

    name = factory.Sequence("Signatory {}".format)
    title = "Dean"
    organisation = "Institute"


class CredentialTypeFactory(factory.django.DjangoModelFactory):
    """A type that makes every enrolled learner eligible and writes plain text."""

    class Meta:
        model = models.CredentialType

    name = factory.Sequence("Certificate {}".format)
    slug = factory.Sequence("certificate-{}".format)
    issuer = factory.SubFactory(IssuerFactory)
    retrieval_func = "tests.plugins.retrieve_everyone"
    generation_func = "tests.plugins.generate_text_credential"


class TypeSignatoryFactory(factory.django.DjangoModelFactory):
    """A signatory's place on a type."""

    class Meta:
        model = models.TypeSignatory

    credential_type = factory.SubFactory(CredentialTypeFactory)
    signatory = factory.SubFactory(SignatoryFactory)
    position = 1


class CredentialConfigurationFactory(factory.django.DjangoModelFactory):
    """An enabled configuration, due at once, for a course run of its own."""

    class Meta:
        model = models.CredentialConfiguration

    learning_context_key = factory.Sequence("course-v1:Tests+C{}+2026".format)
    credential_type = factory.SubFactory(CredentialTypeFactory)
    is_enabled = True


class GenerationRunFactory(factory.django.DjangoModelFactory):
    """A run that no worker has begun. ``finished=True`` makes a run with nothing left to do."""

    class Meta:
        model = models.GenerationRun

    configuration = factory.SubFactory(CredentialConfigurationFactory)

    class Params:
        finished = factory.Trait(started_at=ISSUED_AT, evaluated_at=ISSUED_AT, finished_at=ISSUED_AT)


class CredentialFactory(factory.django.DjangoModelFactory):
    """A GENERATING credential. Traits: ``available`` (with a stored file), ``error``, ``invalidated``."""

    class Meta:
        model = models.Credential
        exclude = ("content",)

    verify_uuid = factory.LazyFunction(uuid4)
    verify_code = factory.LazyFunction(make_code)
    user = factory.SubFactory(UserFactory)
    configuration = factory.SubFactory(CredentialConfigurationFactory)
    user_full_name = factory.LazyAttribute(lambda row: row.user.get_full_name() if row.user else "A learner")
    learning_context_key = factory.SelfAttribute("configuration.learning_context_key")
    learning_context_name = "Introduction to Tests"
    credential_type_name = factory.SelfAttribute("configuration.credential_type.name")
    issuer = factory.LazyFunction(lambda: {"name": "Institute", "url": "", "email": "", "logo": ""})
    generation_started_at = ISSUED_AT
    content = b"a certificate"

    class Params:
        available = factory.Trait(
            status=models.Credential.Status.AVAILABLE,
            issued_at=ISSUED_AT,
            attempts=1,
            artifact_media_type="text/plain",
            artifact_name=factory.LazyAttribute(lambda row: store_artifact(str(row.verify_uuid), row.content)),
            artifact_sha256=factory.LazyAttribute(lambda row: hashlib.sha256(row.content).hexdigest()),
        )
        error = factory.Trait(
            status=models.Credential.Status.ERROR,
            attempts=1,
            error_code="generation_failed",
            error_message="it could not be made",
        )
        invalidated = factory.Trait(
            status=models.Credential.Status.INVALIDATED,
            is_current=None,
            issued_at=ISSUED_AT,
            invalidated_at=ISSUED_AT,
            invalidation_reason="Issued in error.",
            archived_at=ISSUED_AT,
            attempts=1,
            artifact_media_type="text/plain",
            artifact_name=factory.LazyAttribute(lambda row: store_artifact(f"archived-{row.verify_uuid}", row.content)),
            artifact_sha256=factory.LazyAttribute(lambda row: hashlib.sha256(row.content).hexdigest()),
        )


class CredentialEventFactory(factory.django.DjangoModelFactory):
    """An entry of a credential's history."""

    class Meta:
        model = models.CredentialEvent

    credential = factory.SubFactory(CredentialFactory)
    action = models.CredentialEvent.Action.CREATED
    to_status = models.Credential.Status.GENERATING


class CourseCertificateFactory(factory.django.DjangoModelFactory):
    """The course certificates of a run, without a date."""

    class Meta:
        model = models.CourseCertificate

    course_key = factory.Sequence("course-v1:Tests+R{}+2026".format)


class LearnerCertificateFactory(factory.django.DjangoModelFactory):
    """A learner with the status ``downloadable``."""

    class Meta:
        model = models.LearnerCertificate

    user = factory.SubFactory(UserFactory)
    course_certificate = factory.SubFactory(CourseCertificateFactory)
    status = models.LearnerCertificate.Status.DOWNLOADABLE
    mode = "honor"


class AllowlistEntryFactory(factory.django.DjangoModelFactory):
    """An active entry for a run's course certificate; pass ``configuration`` for another credential."""

    class Meta:
        model = models.AllowlistEntry

    user = factory.SubFactory(UserFactory)
    learning_context_key = factory.LazyAttribute(
        lambda row: row.configuration.learning_context_key if row.configuration else "course-v1:Tests+R0+2026"
    )
    configuration = None
    scope = factory.LazyAttribute(lambda row: str(row.configuration.pk) if row.configuration else "")


class CertificateInvalidationFactory(factory.django.DjangoModelFactory):
    """An active invalidation."""

    class Meta:
        model = models.CertificateInvalidation

    user = factory.SubFactory(UserFactory)
    learning_context_key = "course-v1:Tests+R0+2026"
    notes = "Plagiarism"


def store_artifact(stem: str, content: bytes) -> str:
    """Store a file like an artifact. Return its name in the storage."""
    return get_storage().save(f"{get_prefix()}tests/{stem}.txt", ContentFile(content))
