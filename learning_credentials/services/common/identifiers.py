"""Finds the accounts that people name by user name or e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models.functions import Lower

from learning_credentials.folding import compose
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def find_people(identifiers: Collection[str]) -> dict[str, set[int]]:
    """Return the ids of accounts by user name (matched exactly) or e-mail address (without regard to case), in any Unicode form.

    The number of queries does not grow with the identifiers, except on databases that limit the parameters of a statement. If
    one person's user name is another person's e-mail, both are returned.
    """
    found: dict[str, set[int]] = {}
    users = get_user_model()
    name_field = users.USERNAME_FIELD
    typed: dict[str, set[str]] = {}
    for identifier in identifiers:
        for form in (identifier, compose(identifier)):
            typed.setdefault(form, set()).add(identifier)
    for batch in in_batches(sorted(typed)):
        for pk, name in users.objects.filter(**{f"{name_field}__in": batch}).values_list("pk", name_field):
            for identifier in typed.get(name, ()):  # some databases compare without regard to case
                found.setdefault(identifier, set()).add(pk)
    wanted: dict[str, set[str]] = {}
    for identifier in identifiers:
        if "@" in identifier:
            wanted.setdefault(compose(identifier).lower(), set()).add(identifier)
    for email, pk in _find_emails(wanted):
        for identifier in wanted.get(compose(email).lower(), ()):
            found.setdefault(identifier, set()).add(pk)
    return found


def _find_emails(emails: Iterable[str]) -> list[tuple[str, int]]:
    users = get_user_model()
    field = users.get_email_field_name()
    try:
        users._meta.get_field(field)  # noqa: SLF001  a public interface in spite of its name
    except FieldDoesNotExist:
        return []
    pairs: list[tuple[str, int]] = []
    for batch in in_batches(sorted(emails)):
        rows = users.objects.annotate(_lcred_email=Lower(field)).filter(_lcred_email__in=batch)
        pairs += rows.values_list(field, "pk")
    return pairs
