"""Define the models for verification: status lists, addresses of badges, badge images by mode, and counts of views and downloads."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.assets import CredentialAsset
from learning_credentials.models.credentials import Credential
from learning_credentials.models.types import CredentialType


def make_secret() -> str:
    """Return a new secret for a status list."""
    return secrets.token_hex(32)


class StatusList(TimeStampedModel):
    """One Bitstring Status List.

    A credential's bit is not stored: the published list has the bit set if the credential is invalidated. Places are allocated one after
    the other, and the secret spreads them over the list. So two credentials that were issued one after the other are not neighbours in the
    list. A place is never allocated twice. Some places may stay unused.
    """

    #: Number of bits of a list. It is the minimum of the standard and large enough that one bit does not identify its holder.
    SIZE = 131_072

    secret = models.CharField(max_length=64, default=make_secret, editable=False)
    is_mirrored = models.BooleanField(
        _("mirrored"),
        default=True,
        editable=False,
        help_text=_(
            "Each place has two bits. Verifiers that count the bits of a byte from the other end then read "
            "the same status."
        ),
    )
    allocated = models.PositiveIntegerField(_("used places"), default=0, editable=False)
    closed_at = models.DateTimeField(
        _("closed"), null=True, editable=False, help_text=_("New credentials get no place in a closed list.")
    )
    version = models.PositiveIntegerField(
        _("version"), default=1, editable=False, help_text=_("Increases each time a credential of the list is revoked.")
    )

    class Meta:
        db_table = "lcred_status_list"
        verbose_name = _("status list")
        verbose_name_plural = _("status lists")
        ordering = ("created", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(allocated__lte=65_536) | models.Q(is_mirrored=False, allocated__lte=131_072),
                name="lcred_status_list_capacity",
            ),
        )

    def __str__(self) -> str:
        return f"status list {self.pk}"

    @property
    def capacity(self) -> int:
        """Return the number of places in the list."""
        return self.SIZE // 2 if self.is_mirrored else self.SIZE


class RevokedPlace(TimeStampedModel):
    """A revoked place that no credential has. The credential was lost when the database was restored from a backup."""

    # There is no separate index, because the unique constraint begins with this column.
    status_list = models.ForeignKey(
        StatusList,
        verbose_name=_("status list"),
        on_delete=models.PROTECT,
        related_name="revoked_places",
        db_index=False,
    )
    index = models.PositiveIntegerField(_("place in the status list"))

    class Meta:
        db_table = "lcred_revoked_place"
        verbose_name = _("revoked place")
        verbose_name_plural = _("revoked places")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("status_list", "index"), name="lcred_revoked_place_once"),)

    def __str__(self) -> str:
        return f"place {self.index} in list {self.status_list_id}"


class UnloggedRevocation(models.Model):
    """A revocation that is not yet in ``REVOCATION_LOG``.

    The row is created with the revocation and deleted when the revocation is in the file.
    """

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "lcred_unlogged_revocation"
        verbose_name = _("revocation to be logged")
        verbose_name_plural = _("revocations to be logged")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"revocation of {self.credential_id}"


class BadgeAddress(TimeStampedModel):
    """An address under which the site signed badges: the value of ``BASE_URL`` at that time. Badges that learners have refer to it."""

    base_url = models.CharField(_("address"), max_length=255, unique=True)

    class Meta:
        db_table = "lcred_badge_address"
        verbose_name = _("address of badges")
        verbose_name_plural = _("addresses of badges")
        ordering = ("created", "pk")

    def __str__(self) -> str:
        return self.base_url


class TypeBadgeImage(models.Model):
    """The badge image of a type for learners of one enrolment mode. It is used instead of the type's image."""

    credential_type = models.ForeignKey(
        CredentialType, verbose_name=_("credential type"), on_delete=models.CASCADE, related_name="badge_images"
    )
    mode = models.CharField(_("mode"), max_length=64)
    image = models.ForeignKey(CredentialAsset, verbose_name=_("image"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "lcred_type_badge_image"
        verbose_name = _("badge image of a mode")
        verbose_name_plural = _("badge images by mode")
        ordering = ("mode",)
        constraints = (models.UniqueConstraint(fields=("credential_type", "mode"), name="lcred_type_badge_image_once"),)

    def __str__(self) -> str:
        return f"{self.mode}: {self.image}"

    def clean(self) -> None:
        """Refuse assets that are not badge images."""
        super().clean()
        if self.image_id is not None and self.image.kind != CredentialAsset.Kind.BADGE_IMAGE:
            raise ValidationError({"image": _("'%s' is not a badge image.") % self.image})


class DailyCount(models.Model):
    """How often a credential was viewed, downloaded and shared on one day.

    The app stores nothing about the visitors.
    """

    # There is no separate index, because the unique constraint begins with this column.
    credential = models.ForeignKey(
        Credential,
        verbose_name=_("credential"),
        on_delete=models.CASCADE,
        related_name="daily_counts",
        db_index=False,
    )
    day = models.DateField(_("day"))
    verifications = models.PositiveIntegerField(_("verifications"), default=0)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)
    # The database has the default too, so that processes of the version before can insert rows during a deployment.
    shares = models.PositiveIntegerField(_("shares"), default=0, db_default=0)

    class Meta:
        db_table = "lcred_daily_count"
        verbose_name = _("daily count")
        verbose_name_plural = _("daily counts")
        ordering = ("-day",)
        constraints = (models.UniqueConstraint(fields=("credential", "day"), name="lcred_daily_count_once"),)
        indexes = (models.Index(fields=("day",), name="lcred_daily_count_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.verifications}, {self.downloads}"
