"""What verification keeps: status lists, addresses of badges, pictures of achievements by mode, counts of views and downloads."""

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
    """Return a new secret of a status list."""
    return secrets.token_hex(32)


class StatusList(TimeStampedModel):
    """One Bitstring Status List. A credential's bit is not stored: the list is published with it set once the credential is invalidated.

    Places are handed out one after the other and spread over the list by the secret, so that neighbours in time are no neighbours in the
    list. A place is never handed out twice; some may stay unused.
    """

    #: Bits of a list: the least that the standard allows, so that one bit says nothing of its holder.
    SIZE = 131_072

    secret = models.CharField(max_length=64, default=make_secret, editable=False)
    is_mirrored = models.BooleanField(
        _("mirrored"),
        default=True,
        editable=False,
        help_text=_(
            "Each place has two bits, so that verifiers that count the bits of a byte from the other end read the same status."
        ),
    )
    allocated = models.PositiveIntegerField(_("places handed out"), default=0, editable=False)
    closed_at = models.DateTimeField(
        _("closed"), null=True, editable=False, help_text=_("No places are handed out from a closed list.")
    )
    version = models.PositiveIntegerField(
        _("version"), default=1, editable=False, help_text=_("Goes up whenever a credential of the list is revoked.")
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
        """How many places the list has."""
        return self.SIZE // 2 if self.is_mirrored else self.SIZE


class RevokedPlace(TimeStampedModel):
    """A place that is revoked although no credential has it: the credential was lost when the database was restored from a backup."""

    # Without an index of its own: the unique constraint begins with it.
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
    """A revocation that is still to be written into ``REVOCATION_LOG``. Made with the revocation, and deleted once it is in the file."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "lcred_unlogged_revocation"
        verbose_name = _("revocation to be logged")
        verbose_name_plural = _("revocations to be logged")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"revocation of {self.credential_id}"


class BadgeAddress(TimeStampedModel):
    """An address under which the site has signed badges, as ``BASE_URL`` was then. Badges in the hands of learners refer to it."""

    base_url = models.CharField(_("address"), max_length=255, unique=True)

    class Meta:
        db_table = "lcred_badge_address"
        verbose_name = _("address of badges")
        verbose_name_plural = _("addresses of badges")
        ordering = ("created", "pk")

    def __str__(self) -> str:
        return self.base_url


class TypeBadgeImage(models.Model):
    """The picture of a type's achievement for learners of one enrolment mode, in place of the type's own."""

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
        """Take badge images only."""
        super().clean()
        if self.image_id is not None and self.image.kind != CredentialAsset.Kind.BADGE_IMAGE:
            raise ValidationError({"image": _("'%s' is no badge image.") % self.image})


class DailyCount(models.Model):
    """How often a credential was looked at and downloaded on one day, by whomever: nothing of the visitors is kept."""

    # Without an index of its own: the unique constraint begins with it.
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

    class Meta:
        db_table = "lcred_daily_count"
        verbose_name = _("daily count")
        verbose_name_plural = _("daily counts")
        ordering = ("-day",)
        constraints = (models.UniqueConstraint(fields=("credential", "day"), name="lcred_daily_count_once"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.verifications}, {self.downloads}"
