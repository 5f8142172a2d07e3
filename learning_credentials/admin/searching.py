"""Searching large tables: by what databases find through an index. Small tables of learners and contexts are looked through first."""

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

#: Learners, and contexts, that one search goes on with.
MAX_FOUND = 500
MAX_CONTEXTS = 50


def find_user_ids(text: str) -> list[int]:
    """Accounts whose user name or family name begins with the text, or whose e-mail address it is; the first `MAX_FOUND`."""
    users = get_user_model()
    condition = Q(**{f"{users.USERNAME_FIELD}__istartswith": text})
    other = (users.get_email_field_name(), "iexact") if "@" in text else ("last_name", "istartswith")
    with suppress(FieldDoesNotExist):  # a host's own user model
        users._meta.get_field(other[0])  # noqa: SLF001  a public interface in spite of its name
        condition |= Q(**{"__".join(other): text})
    return list(users.objects.filter(condition).order_by().values_list("pk", flat=True)[:MAX_FOUND])


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
