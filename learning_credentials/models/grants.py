"""Define who administers which learning contexts, as far as this app and not the LMS says so."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from model_utils.models import TimeStampedModel

from learning_credentials.models.fields import KeyField
from learning_credentials.models.types import CredentialType


class ContextGrant(TimeStampedModel):
    """A grant: an account, or every member of a group, administers a learning context or all contexts whose key begins with a text.

    A role is a group whose permissions hold in these contexts. Without a role, the holder's own permissions hold there. An account with a
    grant is limited to the contexts of its grants. It stays limited when its grants have ended: ending a grant never gives more. So grants
    are never deleted. ``is_active`` is True or NULL.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    group = models.ForeignKey(
        Group,
        verbose_name=_("group"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Instead of one user: every member of a group."),
    )
    context_key = KeyField(
        _("learning context"),
        max_length=255,
        blank=True,
        help_text=_("A key, or the beginning of keys. Empty as a beginning: all learning contexts."),
    )
    is_prefix = models.BooleanField(_("all that begin so"), default=False)
    role = models.ForeignKey(
        Group,
        verbose_name=_("role"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_(
            "The permissions of this group hold in the learning contexts. Empty: the holder’s own permissions."
        ),
    )
    notes = models.TextField(_("notes"), blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    is_active = models.BooleanField(_("active"), null=True, default=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    end_notes = models.TextField(_("notes on the end"), blank=True, default="")
    #: What the grant says, as a hash, while it is active. So there is one active grant of a kind on every database.
    said = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  many ended grants have none

    class Meta:
        db_table = "lcred_context_grant"
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("context_key",), name="lcred_grant_context", opclasses=("varchar_pattern_ops",)),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=True, group__isnull=False) | Q(user__isnull=False, group__isnull=True),
                name="lcred_grant_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(is_active=True, said__isnull=False) | Q(is_active__isnull=True, said__isnull=True),
                name="lcred_grant_active_not_false",
            ),
            models.CheckConstraint(condition=Q(is_prefix=True) | ~Q(context_key=""), name="lcred_grant_named"),
        )

    def __str__(self) -> str:
        return f"{self.holder}: {self.describe_contexts()}"

    @property
    def holder(self) -> str:
        """Return the name of the user or of the group."""
        if self.user is not None:
            return self.user.get_username()
        return text("group %s") % self.group

    def describe_contexts(self) -> str:
        """Return the contexts in words."""
        if not self.is_prefix:
            return self.context_key
        return text("all that begin with %s") % self.context_key if self.context_key else text("all learning contexts")

    def hash_content(self) -> str:
        """Return the value of ``said`` for an active grant."""
        parts = (self.user_id, self.group_id, self.role_id, self.is_prefix, self.context_key)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


class TypeContext(models.Model):
    """A learning context to which a type belongs.

    Only these contexts can use the type, and who administers all of them can change it. A type without such rows is shared by all contexts.
    """

    credential_type = models.ForeignKey(
        CredentialType,
        verbose_name=_("credential type"),
        on_delete=models.CASCADE,
        related_name="contexts",
        db_index=False,
    )
    context_key = KeyField(_("learning context"), max_length=255)

    class Meta:
        db_table = "lcred_type_context"
        verbose_name = _("learning context of a type")
        verbose_name_plural = _("learning contexts of a type")
        ordering = ("context_key",)
        indexes = (
            models.Index(fields=("context_key",), name="lcred_type_context_key", opclasses=("varchar_pattern_ops",)),
        )
        constraints = (
            models.UniqueConstraint(fields=("credential_type", "context_key"), name="lcred_type_context_once"),
        )

    def __str__(self) -> str:
        return self.context_key
