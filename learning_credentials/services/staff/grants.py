"""Gives and ends grants: who administers which learning contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from learning_credentials.exceptions import (
    AlreadyExistsError,
    EntryNotFoundError,
    InvalidTransitionError,
    LearnerNotFoundError,
    NotPermittedError,
)
from learning_credentials.folding import compose
from learning_credentials.models import ContextGrant
from learning_credentials.services.common import get_actor_id, get_rights, list_role_permissions
from learning_credentials.services.credentials import get_context, require_reason

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from learning_credentials.services.common import Actor

#: The most characters of a key.
MAX_KEY = 255


def give_grant(
    context_key: str,
    *,
    user_id: Any = None,
    group_id: int | None = None,
    role_id: int | None = None,
    is_prefix: bool = False,
    notes: str = "",
    actor: Actor = None,
) -> ContextGrant:
    """Let an account, or every member of a group, administer learning contexts. Return the grant.

    From then on the account is limited to the contexts of its grants.

    Args:
        context_key: the key of a context. With ``is_prefix`` the beginning of keys, and an empty text stands for all contexts.
        user_id: the account. Give either this or ``group_id``.
        group_id: the group.
        role_id: a group whose permissions hold in the contexts. None: the permissions that the holder has anyway.
        is_prefix: whether ``context_key`` is the beginning of keys.
        notes: why.
        actor: who gives the grant. If it is an account, it must not be limited itself, and must have the permissions of the role.

    Raises:
        AlreadyExistsError: there is such a grant.
        ContextNotFoundError: the LMS does not know the context.
        EntryNotFoundError: there is no such group or role.
        LearnerNotFoundError: there is no such account.
        NotPermittedError: the actor may not give it.
        TransientError: the LMS could not answer.
    """
    key = compose(context_key.strip())
    if not is_prefix:
        key = get_context(key).key
    if (user_id is None) == (group_id is None):
        raise InvalidTransitionError("a grant is for one user or for one group")
    if user_id is not None and not get_user_model()._default_manager.filter(pk=user_id).exists():  # noqa: SLF001
        msg = f"there is no account with the id {user_id}"
        raise LearnerNotFoundError(msg)
    for group in (group_id, role_id):
        if group is not None and not Group.objects.filter(pk=group).exists():
            msg = f"there is no group with the id {group}"
            raise EntryNotFoundError(msg)
    _require_right_to_give(actor, role_id)
    grant = ContextGrant(
        user_id=user_id,
        group_id=group_id,
        role_id=role_id,
        context_key=key[:MAX_KEY],
        is_prefix=is_prefix,
        notes=notes.strip(),
        created_by_id=get_actor_id(actor),
    )
    grant.said = grant.hash_content()
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
    except IntegrityError as error:
        if ContextGrant.objects.filter(said=grant.said).exists():
            raise AlreadyExistsError("there is such a grant already") from error
        raise
    return grant


def end_grant(grant_id: int, *, notes: str, actor: Actor = None) -> ContextGrant:
    """End a grant. Return it. An account whose grants have all ended stays limited, to nothing.

    Raises:
        EntryNotFoundError: there is no such grant.
        InvalidTransitionError: it has ended already.
        NotPermittedError: the actor is limited to some contexts.
        ReasonRequiredError: the notes are blank.
    """
    notes = require_reason(notes)
    _require_unlimited(actor)
    ended = ContextGrant.objects.filter(pk=grant_id, is_active=True).update(
        is_active=None,
        said=None,
        ended_at=timezone.now(),
        ended_by_id=get_actor_id(actor),
        end_notes=notes,
        modified=timezone.now(),
    )
    found = ContextGrant.objects.filter(pk=grant_id).first()
    if found is None:
        msg = f"there is no grant with the id {grant_id}"
        raise EntryNotFoundError(msg)
    if not ended:
        raise InvalidTransitionError("the grant has ended already")
    return found


def list_grants_for(context_key: str) -> QuerySet[ContextGrant]:
    """Return the active grants that contain a learning context. One query finds those for the beginnings of its key too."""
    key = compose(context_key)
    beginnings = [key[:end] for end in range(len(key) + 1)]
    rows = ContextGrant.objects.filter(is_active=True)
    exact, wide = rows.filter(is_prefix=False, context_key=key), rows.filter(is_prefix=True, context_key__in=beginnings)
    return (exact | wide).select_related("user", "group", "role").order_by("is_prefix", "pk")


def _require_unlimited(actor: Actor) -> Any:
    """Return the account that acts, or None for the app itself and for ids.

    Raises:
        NotPermittedError: the account is limited. It could limit others, or give more than it has.
    """
    if actor is None or not hasattr(actor, "has_perm"):
        return None
    account: Any = actor
    if get_rights(account).is_limited:
        raise NotPermittedError("who is limited to learning contexts cannot give or end grants")
    return account


def _require_right_to_give(actor: Actor, role_id: int | None) -> None:
    giver = _require_unlimited(actor)
    if giver is None or role_id is None:
        return
    lacking = [name for name in list_role_permissions([role_id]).get(role_id, ()) if not giver.has_perm(name)]
    if lacking:
        msg = f"you lack permissions of this role: {', '.join(sorted(lacking))}"
        raise NotPermittedError(msg)
