"""Limits the rows of every model to the contexts in which an account has a permission.

Code that shows rows to staff filters them with `limit_rows`, and code that acts on a row asks `may_handle`. Both know for each model which
context a row belongs to. A new model has to be entered in `CONTEXT_LOOKUPS` or `SHARED`. Until then limited accounts see none of its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q

from learning_credentials import models
from learning_credentials.lms import Scope
from learning_credentials.services.common.rights import Needed, Viewer, find_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

M = TypeVar("M", bound=Model)

#: The lookup from a row of each model to the key of its learning context.
CONTEXT_LOOKUPS: Mapping[type[Model], str] = {
    models.AllowlistEntry: "learning_context_key",
    models.CertificateEvent: "learning_context_key",
    models.CertificateInvalidation: "learning_context_key",
    models.ContextGrant: "context_key",
    models.CourseCertificate: "course_key",
    models.Credential: "learning_context_key",
    models.CredentialConfiguration: "learning_context_key",
    models.CredentialEvent: "credential__learning_context_key",
    models.DailyCount: "credential__learning_context_key",
    models.DailyTotal: "learning_context_key",
    models.ExampleCredential: "example_set__learning_context_key",
    models.ExampleCredentialSet: "learning_context_key",
    models.GenerationRun: "configuration__learning_context_key",
    models.HostMessage: "context_key",
    models.LearnerCertificate: "course_certificate__course_key",
    models.MailHold: "learning_context_key",
}
#: Models whose rows several contexts share. Limited accounts can read them. They change a type if they administer all contexts to which it
#: belongs.
SHARED: frozenset[type[Model]] = frozenset(
    {
        models.CredentialAsset,
        models.CredentialType,
        models.Issuer,
        models.Signatory,
        models.TypeBadgeImage,
        models.TypeContext,
        models.TypeSignatory,
    }
)
#: Parts of types. Who can handle the type can handle them.
_PARTS: frozenset[type[Model]] = frozenset({models.TypeBadgeImage, models.TypeContext, models.TypeSignatory})

#: Of the shared models, those whose rows can belong to contexts.
BELONGING = _PARTS | {models.CredentialType}

#: More beginnings are compared one by one with the keys that exist.
MAX_PREFIXES = 100


def limit_rows(rows: QuerySet[M], viewer: Viewer | None, needed: Needed, *, to_change: bool = False) -> QuerySet[M]:
    """Return those of the rows in whose contexts an account has a permission.

    The statement has few parameters for any number of contexts, and no query of its own.

    Args:
        rows: of any model of this app.
        viewer: the account.
        needed: the act, or names of permissions.
        to_change: whether the caller wants to change the rows. Then most rows that contexts share are left out.
    """
    scope = find_scope(viewer, needed)
    if scope.is_everything:
        return rows
    model = rows.model
    if not scope or (model not in CONTEXT_LOOKUPS and model not in SHARED):
        return rows.none()
    if model in SHARED:
        return rows.filter(_make_shared_condition(model, scope, to_change=to_change))
    return rows.filter(make_condition(model, scope))


def make_condition(model: type[Model], scope: Scope) -> Q:
    """Return a condition for the rows of a model whose context is in the scope. Use it where there is a scope but no account."""
    if scope.is_everything:
        return Q()
    lookup = CONTEXT_LOOKUPS[model]
    relation, _, column = lookup.rpartition("__")
    if relation:
        # A subquery, because with a join MariaDB begins with the other table and sorts all rows.
        related: Any = model._meta.get_field(relation).related_model  # noqa: SLF001  a public interface in spite of its name
        return Q(**{f"{relation}__in": related.objects.filter(_compare(column, scope)).order_by().values("pk")})
    condition = _compare(column, scope)
    if model is models.ContextGrant:  # a beginning is in the scope only if all that begins so is
        beginnings = _compare(column, Scope(prefixes=scope.prefixes))
        condition = Q(is_prefix=False) & condition | Q(is_prefix=True) & beginnings
    return condition


def may_handle(viewer: Viewer | None, needed: Needed, row: Model, *, to_change: bool = True) -> bool:
    """Return whether an account has a permission in the context of a row. See `limit_rows`."""
    scope = find_scope(viewer, needed)
    if scope.is_everything or not scope:
        return bool(scope)
    model = type(row)
    if model in SHARED:
        return _may_handle_shared(row, scope, to_change=to_change)
    if model not in CONTEXT_LOOKUPS:
        return False
    if isinstance(row, models.ContextGrant) and row.is_prefix:
        return scope.covers_prefix(row.context_key)
    value: Any = row
    for name in CONTEXT_LOOKUPS[model].split("__"):
        value = getattr(value, name)
    return scope.covers(value)


def _compare(column: str, scope: Scope) -> Q:
    condition = Q(**{f"{column}__among": scope.keys}) if scope.keys else Q(pk__in=())
    if len(scope.prefixes) > MAX_PREFIXES:
        return condition | Q(**{f"{column}__begins_any": scope.prefixes})
    for prefix in scope.prefixes:
        condition |= Q(**{f"{column}__begins": prefix})
    return condition


def _make_shared_condition(model: type[Model], scope: Scope, *, to_change: bool) -> Q:
    """Return a condition: limited accounts read what belongs to no context or to one of theirs, and change what belongs to theirs only."""
    if model in BELONGING:
        path = "pk" if model is models.CredentialType else "credential_type"
        belongs = models.TypeContext.objects.filter(credential_type=OuterRef(path)).order_by()
        inside = _compare("context_key", scope)
        if to_change:
            return Q(Exists(belongs.filter(inside))) & ~Q(Exists(belongs.exclude(inside)))
        return ~Q(Exists(belongs)) | Q(Exists(belongs.filter(inside)))
    return Q(pk__in=()) if to_change else Q()


def _may_handle_shared(row: Model, scope: Scope, *, to_change: bool) -> bool:
    if type(row) in _PARTS:
        row = getattr(row, "credential_type", row)
    if not isinstance(row, models.CredentialType):
        return not to_change
    keys = list(row.contexts.values_list("context_key", flat=True)) if row.pk else []
    if to_change:
        return bool(keys) and all(map(scope.covers, keys))
    return not keys or any(map(scope.covers, keys))
