"""Copies configurations and types. After the first award, the context or the functions of the original cannot change."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from learning_credentials.exceptions import AlreadyExistsError, ConfigurationError
from learning_credentials.folding import compose
from learning_credentials.models import CredentialConfiguration, CredentialType, TypeContext
from learning_credentials.services.credentials import get_context
from learning_credentials.services.issuing import get_configuration

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import Model

M = TypeVar("M", bound="Model")

#: The fields that a copy does not take over.
_OWN = frozenset({"id", "created", "modified", "has_awarded", "is_enabled", "next_run_at"})


def copy_configuration(configuration_id: int, learning_context_key: str) -> CredentialConfiguration:
    """Copy a configuration, with its type and settings, to another learning context. Return the copy, which is not enabled.

    Raises:
        AlreadyExistsError: the context has a configuration of the type.
        ConfigurationError: there is no configuration with this id, or its type belongs to other contexts.
        ContextNotFoundError: the LMS does not know the context.
        TransientError: the LMS could not answer.
    """
    learning_context_key = compose(learning_context_key)
    original = get_configuration(configuration_id)
    key = get_context(learning_context_key.strip()).key
    if not original.credential_type.is_offered_in(key):
        msg = f"the type “{original.credential_type}” belongs to other learning contexts"
        raise ConfigurationError(msg)
    copied = _copy(original, learning_context_key=key)
    is_taken = CredentialConfiguration.objects.filter(
        learning_context_key=key, credential_type_id=original.credential_type_id
    )
    msg = f"“{original.credential_type}” already has a configuration for {key}"
    if is_taken.exists():
        raise AlreadyExistsError(msg)
    try:
        with transaction.atomic():
            copied.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyExistsError(msg) from error
    return copied


def copy_credential_type(
    type_id: int, *, name: str, slug: str, context_keys: Collection[str] | None = None
) -> CredentialType:
    """Copy a type, with its settings, signatories and badge images, under another name and slug. Return the copy. It has no configurations.

    Args:
        type_id: of the original.
        name: of the copy.
        slug: of the copy.
        context_keys: the learning contexts to which the copy belongs. Without them, those of the original.

    Raises:
        AlreadyExistsError: a type has that name or slug.
        ConfigurationError: there is no type with this id, or the name or the slug cannot be used.
    """
    original = CredentialType.objects.filter(pk=type_id).first()
    if original is None:
        msg = f"there is no credential type with the id {type_id}"
        raise ConfigurationError(msg)
    copied = _copy(original, name=name.strip(), slug=slug.strip())
    for field, value in (("name", copied.name), ("slug", copied.slug)):
        try:
            copied.clean_fields(exclude={each.name for each in copied._meta.fields} - {field})  # noqa: SLF001
        except ValidationError as error:
            msg = f"the {field} '{value}' cannot be used: {'; '.join(error.messages)}"
            raise ConfigurationError(msg) from error
        if CredentialType.objects.filter(**{field: value}).exists():
            msg = f"a credential type with the {field} '{value}' already exists"
            raise AlreadyExistsError(msg)
    try:
        with transaction.atomic():
            copied.save(force_insert=True)
            for row in (*original.type_signatories.all(), *original.badge_images.all()):
                _copy(row, credential_type=copied).save(force_insert=True)
            own = original.contexts.values_list("context_key", flat=True)
            for key in dict.fromkeys(map(compose, own if context_keys is None else context_keys)):
                TypeContext.objects.create(credential_type=copied, context_key=key)
    except IntegrityError as error:
        msg = f"a credential type with the name '{copied.name}' or the slug '{copied.slug}' already exists"
        raise AlreadyExistsError(msg) from error
    return copied


def _copy(row: M, **values: Any) -> M:
    """Return a new row with the fields of another one, except `_OWN` and the given ones."""
    names = {field.attname: field.name for field in row._meta.concrete_fields}  # noqa: SLF001
    kept = {attname: name for attname, name in names.items() if name not in _OWN and name not in values}
    return type(row)(**{attname: deepcopy(getattr(row, attname)) for attname in kept}, **values)
