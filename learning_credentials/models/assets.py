"""Define the model for files that generators use: PDF templates, images and fonts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.data import AssetKind
from learning_credentials.exceptions import AssetError, TransientError
from learning_credentials.storages import PrivateStorage

if TYPE_CHECKING:
    from django.core.files.storage import Storage

#: The storage folder for uploaded files. An upload through the admin gets its own directory there.
ASSETS_FOLDER = "learning_credentials/assets/"


class CredentialAsset(TimeStampedModel):
    """One file for generators. Their options name it by its slug."""

    class Kind(models.TextChoices):
        PDF_TEMPLATE = AssetKind.PDF_TEMPLATE.value, _("PDF template")
        IMAGE = AssetKind.IMAGE.value, _("image")
        FONT = AssetKind.FONT.value, _("font")
        BADGE_IMAGE = AssetKind.BADGE_IMAGE.value, _("badge image")

    slug = models.SlugField(
        _("slug"), max_length=100, unique=True, help_text=_("The name that options use for the asset.")
    )
    description = models.CharField(_("description"), max_length=255, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    file = models.FileField(
        _("file"), upload_to=ASSETS_FOLDER, storage=cast("Storage", PrivateStorage()), max_length=255
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False, default="")

    class Meta:
        db_table = "lcred_asset"
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug

    def clean(self) -> None:
        """Refuse a file that no generator can use and give the reason. Otherwise calculate its hash."""
        super().clean()
        if not self.file:
            return
        from learning_credentials.badges.baking import check_uploaded_image
        from learning_credentials.pdf import check_asset

        try:
            if getattr(self.file, "_committed", True):
                with self.file.storage.open(str(self.file.name), "rb") as stored:
                    content = stored.read()
            else:  # an upload: the save reads it again, so it must stay open
                self.file.seek(0)
                content = self.file.read()
                self.file.seek(0)
        except OSError as error:  # the storage lost it; the other fields must stay editable
            raise ValidationError({"file": _("The file cannot be read. Upload it again: %s") % error}) from error
        try:
            if self.kind == AssetKind.BADGE_IMAGE:
                check_uploaded_image(content)
            else:
                check_asset(AssetKind(self.kind), content)
        except AssetError as error:
            raise ValidationError({"file": str(error)}) from error
        except TransientError as error:
            raise ValidationError({"file": _("The file could not be checked. Try again later: %s") % error}) from error
        except ValueError:
            return  # the field itself reports an unknown kind
        self.sha256 = hashlib.sha256(content).hexdigest()
