"""Finds what an account may do where: its own permissions, the roles that grants give it, and the contexts that limit it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.auth.models import Group
from django.db.models import Q

from learning_credentials.exceptions import CredentialsError, LMSUnavailableError
from learning_credentials.lms import Act, Scope, get_lms
from learning_credentials.models import ContextGrant
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)

APP = "learning_credentials"
#: The attribute of an account that keeps its rights, as Django keeps permissions. An account that is loaded again has the new ones.
_KEPT = "_learning_credentials_rights"
NOTHING = Scope()
EVERYTHING = Scope.everything()


class Viewer(Protocol):
    """A user of the project who asks, or Django's anonymous user."""

    pk: Any

    @property
    def is_authenticated(self) -> bool:
        """Return whether the user is signed in."""
        ...

    @property
    def is_active(self) -> bool:
        """Return whether the account is active."""
        ...


#: What a caller needs: an act, or the names of permissions without the app's label, of which one is enough.
Needed = Act | tuple[str, ...]


@dataclass(frozen=True)
class RoleReach:
    """The contexts in which an account has the permissions of a role."""

    role_id: int
    scope: Scope
    permissions: frozenset[str]


@dataclass(frozen=True)
class Rights:
    """What one account may do where.

    Args:
        viewer: the account.
        reach: the contexts in which its own permissions hold. Everything if the account is not limited.
        roles: the roles that grants give it.
        lms_scope: the contexts that it administers in the LMS. None if the LMS does not limit it.
        problem: why the LMS could not say which contexts it administers. Nothing that the LMS grants holds then.
    """

    viewer: Any
    reach: Scope
    roles: tuple[RoleReach, ...] = ()
    lms_scope: Scope | None = None
    problem: CredentialsError | None = field(default=None, compare=False)

    @property
    def is_limited(self) -> bool:
        """Return whether the account is limited to some contexts."""
        return not self.reach.is_everything

    def has_own(self, permissions: Iterable[str]) -> bool:
        """Return whether the account itself has one of the permissions."""
        has_perm = getattr(self.viewer, "has_perm", None)
        return has_perm is not None and any(has_perm(name) for name in permissions)

    def find_role_scope(self, permissions: Iterable[str]) -> Scope:
        """Return the contexts in which a role gives one of the permissions."""
        wanted, scope = set(permissions), NOTHING
        for role in self.roles:
            if role.permissions & wanted:
                scope |= role.scope
        return scope

    def find_scope(self, permissions: Iterable[str]) -> Scope:
        """Return the contexts in which the account has one of the permissions."""
        wanted = tuple(permissions)
        own = self.reach if self.reach and self.has_own(wanted) else NOTHING
        return own if own.is_everything else own | self.find_role_scope(wanted)


def is_in_use(viewer: Viewer | None) -> bool:
    """Return whether the viewer is signed in with an active account."""
    return viewer is not None and viewer.is_authenticated and viewer.is_active


def get_rights(viewer: Viewer) -> Rights:
    """Return the rights of an account that is signed in and active. They take at most two queries, once for each loaded account."""
    kept: Rights | None = getattr(viewer, _KEPT, None)
    if kept is None:
        kept = _find_rights(viewer)
        setattr(viewer, _KEPT, kept)
    return kept


def find_scope(viewer: Viewer | None, needed: Needed) -> Scope:
    """Return the contexts in which an account has a permission: everything for an account that is not limited, and nothing without it.

    Unlike `has_permission` this asks Django's permissions and not the LMS backend's `has_permission`, as the admin does.
    """
    if viewer is None or not is_in_use(viewer):
        return NOTHING
    return get_rights(viewer).find_scope(_list_names(needed))


def is_limited(viewer: Viewer | None) -> bool:
    """Return whether an account is limited to some contexts."""
    return viewer is None or not is_in_use(viewer) or get_rights(viewer).is_limited


def list_grants_of(viewer: Any) -> Any:
    """Return the grants of an account and of its groups, also those that have ended."""
    held = Q(user_id=viewer.pk)
    if hasattr(viewer, "groups"):
        held |= Q(group__in=viewer.groups.order_by().values("pk"))
    return ContextGrant.objects.filter(held)


def list_role_permissions(role_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Return this app's permissions of each role, in full, such as ``learning_credentials.start_run``."""
    found: dict[int, set[str]] = {}
    through: Any = Group.permissions.through
    for batch in in_batches(sorted(set(role_ids))):
        rows = through.objects.filter(group_id__in=batch, permission__content_type__app_label=APP)
        for role_id, codename in rows.values_list("group_id", "permission__codename"):
            found.setdefault(role_id, set()).add(f"{APP}.{codename}")
    return {role_id: frozenset(names) for role_id, names in found.items()}


def _find_rights(viewer: Any) -> Rights:
    if getattr(viewer, "is_superuser", False):
        return Rights(viewer, EVERYTHING)
    rows = list_grants_of(viewer).order_by().values_list("context_key", "is_prefix", "role_id", "is_active")
    grants = list(rows)
    said, problem = _ask_lms(viewer)
    if said is None and problem is None and not grants:
        return Rights(viewer, EVERYTHING)
    by_role: dict[int | None, list[tuple[str, bool]]] = {}
    for key, is_prefix, role_id, is_active in grants:
        if is_active:
            by_role.setdefault(role_id, []).append((key, is_prefix))
    scopes = {role_id: _make_scope(named) for role_id, named in by_role.items()}
    reach = said or NOTHING
    for scope in scopes.values():
        reach |= scope
    permissions = list_role_permissions(role_id for role_id in scopes if role_id is not None)
    roles = tuple(
        RoleReach(role_id, scope, permissions.get(role_id, frozenset()))
        for role_id, scope in scopes.items()
        if role_id is not None
    )
    return Rights(viewer, reach, roles, said, problem)


def _make_scope(named: list[tuple[str, bool]]) -> Scope:
    return Scope(
        frozenset(key for key, is_prefix in named if not is_prefix),
        tuple(key for key, is_prefix in named if is_prefix),
    )


def _ask_lms(viewer: Any) -> tuple[Scope | None, CredentialsError | None]:
    """Return what the LMS says, or why it says nothing. A page must not show more because the LMS fails."""
    try:
        return get_lms().get_scope(viewer), None
    except CredentialsError as error:
        logger.warning("The LMS does not say which contexts the account %s administers", viewer.pk, exc_info=True)
        return None, error
    except Exception as error:
        # The backend is the host's code. Its error must neither open anything nor close the host's whole admin.
        logger.exception("The LMS backend failed to say which contexts the account %s administers", viewer.pk)
        return None, LMSUnavailableError(f"{type(error).__name__}: {error}")


def _list_names(needed: Needed) -> tuple[str, ...]:
    return needed.permissions if isinstance(needed, Act) else tuple(f"{APP}.{name}" for name in needed)
