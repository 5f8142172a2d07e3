"""Searching: small lists for words anywhere, large ones by what databases find through an index, learners and contexts first."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from learning_credentials.models import Credential, CredentialConfiguration

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEARNER_FIELDS = ("first_name", "last_name")
#: Learners, and contexts, that one search goes on with.
MAX_FOUND = 500
MAX_CONTEXTS = 50


def find_user_ids(text: str) -> list[int]:
    """Accounts whose user name or family name begins with the text, or whose e-mail address it is; the first `MAX_FOUND`."""
    users = get_user_model()
    condition = Q(**{f"{users.USERNAME_FIELD}__istartswith": text})
    field, lookup = (users.get_email_field_name(), "iexact") if "@" in text else ("last_name", "istartswith")
    if _has_field(field):
        condition |= Q(**{f"{field}__{lookup}": text})
    return list(users.objects.filter(condition).order_by().values_list("pk", flat=True)[:MAX_FOUND])


def list_learner_fields(*names: str) -> tuple[str, ...]:
    """The fields by which a list that is not large is searched for learners, wherever a word occurs in them; with ``names`` of its own."""
    users = get_user_model()
    candidates = dict.fromkeys((users.USERNAME_FIELD, users.get_email_field_name(), *_LEARNER_FIELDS))
    return (*names, *(f"user__{field}" for field in candidates if _has_field(field)))


def _has_field(name: str) -> bool:
    """Whether the host's user model has it."""
    with suppress(FieldDoesNotExist):
        get_user_model()._meta.get_field(name)  # noqa: SLF001  a public interface in spite of its name
        return True
    return False


def find_configuration_ids(text: str) -> Sequence[int]:
    """Configurations in whose context's key, or name as it is on a credential, the text occurs; the first `MAX_CONTEXTS`."""
    issued = Credential.objects.filter(configuration=OuterRef("pk")).order_by()
    named = CredentialConfiguration.objects.annotate(_name=Subquery(issued.values("learning_context_name")[:1]))
    found = named.filter(Q(learning_context_key__icontains=text) | Q(_name__icontains=text))
    return list(found.order_by().values_list("pk", flat=True)[:MAX_CONTEXTS])


def begins_with(field: str, text: str) -> Q:
    """The condition that a text begins so, in the form that the database answers from an index on it."""
    if connection.vendor != "postgresql":
        return Q(**{f"{field}__istartswith": text})
    # PostgreSQL's indexes know capitals from small letters. Names have capitals, whoever types them.
    condition = Q(**{f"{field}__startswith": text})
    return condition | Q(**{f"{field}__startswith": text.title()})
