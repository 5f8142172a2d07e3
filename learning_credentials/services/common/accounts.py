"""Prevents the deletion of an account and the insertion of rows that refer to it from disturbing each other.

Django deletes an account in steps: it changes or deletes the rows that refer to the account, and then deletes the account. A row that is
inserted between two steps would make the deletion fail, and the deletion would make the insertion fail. So both lock the account first. A
transaction that inserts rows calls `hold_accounts` before any other statement, and leaves out the accounts that are gone. A deletion calls
`lock_for_deletion`. The second one waits until the first is committed, and holds no lock that the first one needs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.db.models import QuerySet
from django.db.models.signals import post_delete, pre_delete
from django.utils import timezone

from learning_credentials.exceptions import LearnerNotFoundError
from learning_credentials.models import AllowlistEntry, CertificateInvalidation, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common.history import get_actor_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.db.models import Model

    from learning_credentials.services.common.history import Actor

#: The models whose rows Django deletes together with an account.
_CASCADING = (LearnerCertificate, AllowlistEntry, CertificateInvalidation)
#: Longer than any deletion takes before it locks the account.
_LATE = timedelta(minutes=10)
#: The attribute of a query in which a deletion stores the ids of the accounts that it has locked.
_LOCKED = "_lcred_locked_accounts"


def find_known_accounts(user_ids: Sequence[Any]) -> set[Any]:
    """Return those of the ids that have an account in this database. The LMS can know other learners."""
    known: set[Any] = set()
    for batch in in_batches(user_ids):
        known.update(get_user_model().objects.filter(pk__in=batch).values_list("pk", flat=True))
    return known


def require_account(user_id: Any) -> None:
    """Raise an error if there is no such account.

    Raises:
        LearnerNotFoundError: there is none.
    """
    if not get_user_model().objects.filter(pk=user_id).exists():
        msg = f"there is no account with the id {user_id}"
        raise LearnerNotFoundError(msg)


def hold_accounts(user_ids: Iterable[Any]) -> set[Any]:
    """Lock accounts against deletion until the caller's transaction ends. Return the ids of those that exist.

    Call it before the transaction locks or changes anything. It costs one statement, and waits for deletions that have begun. Several
    transactions can hold the same accounts. On PostgreSQL they can also change them.

    SQLite lets only one transaction write at a time, so nothing is locked there and all ids are returned. If an account is gone, the
    transaction fails with an IntegrityError.
    """
    meta = get_user_model()._meta  # noqa: SLF001  a public interface in spite of its name
    key: Any = meta.pk
    wanted = {key.to_python(user_id) for user_id in user_ids if user_id is not None}
    if not wanted or not connection.features.has_select_for_update:
        return wanted
    # Sorted, because a deletion of many accounts locks them in this order too. Otherwise the two could deadlock.
    keys = [key.get_db_prep_value(user_id, connection=connection) for user_id in sorted(wanted)]
    table, column = map(connection.ops.quote_name, (meta.db_table, key.column))
    # Django has no shared lock. This one is the lock that databases themselves take to check a foreign key.
    lock = "FOR KEY SHARE" if connection.vendor == "postgresql" else "LOCK IN SHARE MODE"
    places = ", ".join(["%s"] * len(keys))
    sql = f"SELECT {column} FROM {table} WHERE {column} IN ({places}) ORDER BY {column} {lock}"  # noqa: S608  names of the model
    with connection.cursor() as cursor:
        cursor.execute(sql, keys)
        return {key.to_python(row[0]) for row in cursor.fetchall()}


def find_held_account(actor: Actor, held: Collection[Any]) -> Any:
    """Return the id of the account that acts if it is among the locked ones, else None."""
    key: Any = get_user_model()._meta.pk  # noqa: SLF001
    actor_id = get_actor_id(actor)
    return actor_id if actor_id is not None and key.to_python(actor_id) in held else None


def hold_learner(user_id: Any, actor: Actor) -> Any:
    """Lock the account of one learner against deletion. Return the id of the account that acts, or None if that account is gone.

    Raises:
        LearnerNotFoundError: the learner's account is gone.
    """
    held = hold_accounts([user_id, get_actor_id(actor)])
    if user_id not in held:
        msg = f"there is no account with the id {user_id}"
        raise LearnerNotFoundError(msg)
    return find_held_account(actor, held)


def lock_for_deletion(user: Model, *, using: str, origin: Model | QuerySet[Any] | None) -> None:
    """Lock an account that is about to be deleted, and delete the rows that were inserted since Django looked for them.

    Call it in the transaction that deletes the account.

    Args:
        user: the account.
        using: the database.
        origin: the object or query that the deletion began with. If it is a query for accounts, the first call locks all of them.
    """
    if not connections[using].features.has_select_for_update:
        _delete_late_rows([user.pk], using)
        return
    locked: set[Any] = getattr(origin, _LOCKED, set())
    if user.pk in locked:
        return
    keys = {user.pk}
    if isinstance(origin, QuerySet):
        if not locked and issubclass(origin.model, get_user_model()):
            keys.update(origin.order_by().values_list("pk", flat=True))
        setattr(origin, _LOCKED, locked)
    locked |= keys
    users = get_user_model()._base_manager.using(using)  # noqa: SLF001
    for batch in in_batches(sorted(keys)):
        list(users.filter(pk__in=batch).order_by("pk").select_for_update().values_list("pk", flat=True))
    _delete_late_rows(keys, using)


def _delete_late_rows(user_ids: Collection[Any], using: str) -> None:
    """Delete rows that were inserted after Django had looked for them. Django looks before the lock only if there are delete signals."""
    for model in _CASCADING:
        if pre_delete.has_listeners(model) or post_delete.has_listeners(model):
            rows: Any = model._base_manager.using(using)  # noqa: SLF001
            rows.filter(user_id__in=user_ids, created__gte=timezone.now() - _LATE).delete()
