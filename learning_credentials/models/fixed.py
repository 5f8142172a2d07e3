"""Prevent changes of fields after credentials were issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, router, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from learning_credentials.exceptions import FrozenError
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection

M = TypeVar("M", bound=models.Model)

FROZEN = _("Credentials were issued, so this value can no longer change.")


class FrozenQuerySet(models.QuerySet[M, M]):
    """A queryset whose ``update()`` and ``bulk_update()`` follow the same rule as ``save()``."""

    def update(self, **values: Any) -> int:
        """Update the rows.

        Raises:
            FrozenError: the update would change a value that issued credentials depend on.
        """
        model: Any = self.model
        touched = {
            name: value for name, value in values.items() if model.get_attname(name) in model.list_fixed_attnames()
        }
        if not touched:
            return super().update(**values)
        with transaction.atomic(using=self.db):
            for keys in in_batches(self._lock_keys()):
                rows = model._base_manager.using(self.db).filter(pk__in=keys)  # noqa: SLF001
                if model.only_awarded(rows).exclude(**touched).exists():
                    raise FrozenError.of(model, touched)
            return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def _lock_keys(self) -> list[Any]:
        return list(self.order_by().select_for_update().values_list("pk", flat=True))


class FrozenOnceAwarded(models.Model):
    """Base of models that issued credentials depend on. After the first credential, the fields in `FIXED` cannot change.

    The transaction that inserts the first credential also sets ``has_awarded``, with an update that requires the values used in the
    evaluation. A change of a fixed field locks the same row first. So one of the two comes first, and the other sees its result.
    """

    #: Names of the fixed fields.
    FIXED: ClassVar[tuple[str, ...]]
    #: Lookup path from a credential to a row of the model.
    PATH_FROM_CREDENTIAL: ClassVar[str]

    has_awarded = models.BooleanField(_("has issued credentials"), default=False, editable=False)

    objects = FrozenQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the row.

        Raises:
            FrozenError: a value would change that issued credentials depend on.
        """
        wanted = kwargs.get("update_fields")
        if self.pk is None or (wanted is not None and not {*self.FIXED, *self.list_fixed_attnames()} & set(wanted)):
            super().save(*args, **kwargs)
            return
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            row = type(self)._base_manager.using(using).filter(pk=self.pk).select_for_update()  # noqa: SLF001
            if changed := self._list_changed(row):
                raise FrozenError.of(type(self), changed)
            # An object that was read earlier must not reset the mark.
            self.has_awarded = bool(row.values_list("has_awarded", flat=True).first())
            super().save(*args, **kwargs)

    @classmethod
    def get_attname(cls, name: str) -> str:
        """Return the attribute that contains a field's value, such as ``credential_type_id``."""
        return next((field.attname for field in cls._meta.concrete_fields if name in {field.name, field.attname}), name)

    @classmethod
    def list_fixed_attnames(cls) -> list[str]:
        """Return the attributes that contain the values of the fixed fields."""
        return [cls.get_attname(name) for name in cls.FIXED]

    @classmethod
    def only_awarded(cls, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Filter the rows to those with issued credentials.

        This includes credentials that were inserted without the services.
        """
        credentials = apps.get_model("learning_credentials", "Credential")._default_manager.order_by()  # noqa: SLF001
        return rows.filter(
            Q(has_awarded=True) | Exists(credentials.filter(**{cls.PATH_FROM_CREDENTIAL: OuterRef("pk")}))
        )

    @property
    def is_frozen(self) -> bool:
        """Return whether the fixed fields can no longer change. This takes one query unless ``has_awarded`` is True."""
        if self.pk is None:
            return False
        return self.has_awarded or self.only_awarded(type(self)._base_manager.filter(pk=self.pk)).exists()  # noqa: SLF001

    def clean(self) -> None:
        """Refuse a new value for a fixed field."""
        super().clean()
        if changed := self._list_changed(type(self)._base_manager.filter(pk=self.pk)):  # noqa: SLF001
            raise ValidationError(dict.fromkeys(changed, FROZEN))

    def _list_changed(self, rows: models.QuerySet[Any]) -> Collection[str]:
        """Return the names of the fixed fields that differ from the stored values, if credentials were issued."""
        if self.pk is None:
            return ()
        known = [name for name in self.FIXED if self.get_attname(name) not in self.get_deferred_fields()]
        stored = rows.values(*map(self.get_attname, known)).first()
        if stored is None:
            return ()
        changed = [name for name in known if getattr(self, self.get_attname(name)) != stored[self.get_attname(name)]]
        return changed if changed and self.only_awarded(rows.order_by()).exists() else ()
