"""Explains what an account may do where, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Permission

from learning_credentials.lms import Act
from learning_credentials.services.common import APP, find_scope, get_rights, list_grants_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.lms import Scope
    from learning_credentials.models import ContextGrant


class SourceKind(StrEnum):
    """Where a permission comes from."""

    SUPERUSER = "superuser"
    ACCOUNT = "account"
    GROUP = "group"
    BACKEND = "backend"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a permission comes from: for a group or a role also its name, and the permission itself."""

    kind: SourceKind
    name: str = ""
    permission: str = ""


@dataclass(frozen=True)
class ExplainedAct:
    """One act: the contexts in which the account may do it, and why."""

    act: Act
    scope: Scope
    sources: Sequence[Source] = ()


@dataclass
class ExplainedRights:
    """What an account may do where.

    ``lms_scope`` is what it administers in the LMS, or None if the LMS does not limit it. ``problem`` says why the LMS did not answer.
    """

    is_active: bool
    is_superuser: bool
    is_limited: bool
    grants: list[ContextGrant] = field(default_factory=list)
    lms_scope: Scope | None = None
    problem: str = ""
    acts: list[ExplainedAct] = field(default_factory=list)

    @property
    def has_any(self) -> bool:
        """Return whether the account may do anything anywhere."""
        return any(each.scope for each in self.acts)


def explain_rights(account: Any) -> ExplainedRights:
    """Return what an account may do where, and why. The number of queries is constant."""
    is_superuser = bool(getattr(account, "is_superuser", False))
    if not account.is_active:
        return ExplainedRights(is_active=False, is_superuser=is_superuser, is_limited=True)
    rights = get_rights(account)
    grants = list(list_grants_of(account).select_related("user", "group", "role", "created_by").order_by("-pk"))
    explained = ExplainedRights(
        is_active=True,
        is_superuser=is_superuser,
        is_limited=rights.is_limited,
        grants=grants,
        lms_scope=rights.lms_scope,
        problem=str(rights.problem or ""),
    )
    own = _list_own(account)
    roles = {grant.role_id: str(grant.role) for grant in grants if grant.is_active and grant.role_id}
    for act in Act:
        scope = find_scope(account, act)
        sources: list[Source] = []
        if is_superuser:
            sources = [Source(SourceKind.SUPERUSER)]
        elif scope:
            for name in act.permissions:
                found = own.get(name, [])
                if not found and account.has_perm(name):
                    found = [Source(SourceKind.BACKEND, permission=name)]
                sources += found if rights.reach else []
                sources += [
                    Source(SourceKind.ROLE, roles.get(role.role_id, ""), name)
                    for role in rights.roles
                    if name in role.permissions
                ]
        explained.acts.append(ExplainedAct(act, scope, sources))
    return explained


def _list_own(account: Any) -> dict[str, list[Source]]:
    """Return where the account's own permissions come from, with two queries."""
    found: dict[str, list[Source]] = {}
    app = Permission.objects.filter(content_type__app_label=APP).order_by()
    if hasattr(account, "user_permissions"):
        own = account.user_permissions.filter(content_type__app_label=APP).order_by()
        for codename in own.values_list("codename", flat=True):
            found.setdefault(f"{APP}.{codename}", []).append(Source(SourceKind.ACCOUNT, permission=f"{APP}.{codename}"))
    if hasattr(account, "groups"):
        groups = account.groups.order_by().values("pk")
        for codename, name in app.filter(group__in=groups).values_list("codename", "group__name"):
            if (source := Source(SourceKind.GROUP, name, f"{APP}.{codename}")) not in found.get(source.permission, []):
                found.setdefault(source.permission, []).append(source)
    return found
