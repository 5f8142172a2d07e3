"""Limit every page of the admin to the contexts in which an account has the permission.

All model admins and inlines of this app have the mixins of this module through `learning_credentials.admin.base`. A page of your own:

- Read rows with ``self.get_queryset(request)`` or `get_object_or_404`. For rows of another model use `limit_to_viewer`.
- Before an act call ``self.require_act(request, "name")``. It refuses accounts that may do it nowhere. From then on, in this request,
  ``get_queryset`` returns only rows in whose contexts the account may do it. So an act on another row is a 404.
- Name the acts in ``acts``. ``@admin.action(permissions=["name"])`` and buttons use the same names.
- For a context that somebody typed, use a `ContextKeyField` with ``limit_picker``. For another one ask `may_in`.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.utils.translation import ngettext

from learning_credentials.services.common import (
    APP,
    BELONGING,
    CONTEXT_LOOKUPS,
    SHARED,
    find_scope,
    is_limited,
    limit_rows,
    may_handle,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from learning_credentials.lms import Act, Scope
    from learning_credentials.services.common import Needed

M = TypeVar("M", bound="Model")

#: The attribute of a request with what the account needs for the acts of this request.
_NEEDED = "_learning_credentials_needed"
_READING = ("view",)


def name_permissions(model: type[Model], *actions: str) -> tuple[str, ...]:
    """Return the code names of Django's permissions for a model, such as ``change_credential``."""
    return tuple(get_permission_codename(action, model._meta) for action in actions)  # noqa: SLF001


def may_in(request: HttpRequest, needed: Needed, context_key: str) -> bool:
    """Return whether the account has a permission in a learning context."""
    return find_scope(_get_viewer(request), needed).covers(context_key)


def may_anywhere(request: HttpRequest, needed: Needed) -> bool:
    """Return whether the account has a permission in any learning context."""
    return bool(find_scope(_get_viewer(request), needed))


def may_reach(request: HttpRequest, needed: Needed, model: type[Model], *, to_change: bool = False) -> bool:
    """Return whether the account has a permission for any row of a model.

    Limited accounts have it for rows that belong to contexts. They read what contexts share. Of that they can change types only.
    """
    if model._meta.app_label != APP:  # noqa: SLF001  rows of other apps, such as accounts, belong to no context
        return any(request.user.has_perm(f"{model._meta.app_label}.{name}") for name in needed)  # noqa: SLF001
    scope = find_scope(_get_viewer(request), needed)
    if scope.is_everything or not scope or model in CONTEXT_LOOKUPS:
        return bool(scope)
    return model in SHARED and (not to_change or model in BELONGING)


def may_everywhere(request: HttpRequest, needed: Needed) -> bool:
    """Return whether the account has a permission in all learning contexts."""
    return find_scope(_get_viewer(request), needed).is_everything


def may_act_on(request: HttpRequest, needed: Needed, row: Model) -> bool:
    """Return whether the account has a permission in the context of a row."""
    return may_handle(_get_viewer(request), needed, row)


def limit_to_viewer(request: HttpRequest, rows: QuerySet[M]) -> QuerySet[M]:
    """Return those of the rows that the account can view."""
    return limit_rows(rows, _get_viewer(request), name_permissions(rows.model, "view", "change"))


def is_viewer_limited(request: HttpRequest) -> bool:
    """Return whether the account is limited to some contexts."""
    return is_limited(_get_viewer(request))


def _get_viewer(request: HttpRequest) -> Any:
    return getattr(request, "user", None)


class ScopedMixin:
    """Mixin of model admins and inlines: Django's permissions, each only in the contexts of the account."""

    model: type[Any]
    opts: Any

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the rows that the account can view and, in an act, the rows on which it can do the act."""
        rows = limit_to_viewer(request, super().get_queryset(request))  # type: ignore[misc]
        for needed, to_change in getattr(request, _NEEDED, ()):
            rows = limit_rows(rows, _get_viewer(request), needed, to_change=to_change)
        return rows

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the account can view the row, or any row."""
        return self._has(request, obj, "view", "change")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the account can add rows in a context."""
        return self._has(request, None, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the account can change the row, or any row."""
        return self._has(request, obj, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the account can delete the row, or any row."""
        return self._has(request, obj, "delete")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the admin's index shows the model to the account."""
        actions = ("view", "add", "change", "delete")
        return may_reach(request, name_permissions(self.model, *actions), self.model)

    def _has(self, request: HttpRequest, row: Any, *actions: str) -> bool:
        needed = name_permissions(self._get_named_model(), *actions)
        if row is not None:
            return may_handle(_get_viewer(request), needed, row, to_change=actions[0] not in _READING)
        return may_reach(request, needed, self.model, to_change=actions[0] not in _READING)

    def _get_named_model(self) -> type[Any]:
        """Return the model that names the permissions: for the inline of an automatic table, the model on its other side."""
        if self.opts.auto_created:
            parent = getattr(self, "parent_model", None)
            related: list[type[Any]] = [field.remote_field.model for field in self.opts.fields if field.remote_field]
            return next(model for model in related if model is not parent)
        return self.model

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the account can view."""
        related = db_field.remote_field.model
        if related._meta.app_label == self.opts.app_label:  # noqa: SLF001
            rows = kwargs.get("queryset")
            rows = related._default_manager.all() if rows is None else rows  # noqa: SLF001
            kwargs["queryset"] = limit_to_viewer(request, rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class ScopedInlineMixin(ScopedMixin):
    """Mixin of inlines. Their permissions hold in the context of the row to which they belong."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the account can add rows to this row."""
        return self._has(request, obj, "add")


class ScopedActsMixin(ScopedMixin):
    """Mixin of model admins: acts that need other permissions than those of the model, and actions on rows of several contexts."""

    #: What each act of the pages needs, by the name in ``@admin.action(permissions=[name])``.
    acts: ClassVar[Mapping[str, Act | tuple[str, ...]]] = {}

    def get_needed(self, name: str) -> Needed:
        """Return what an act needs."""
        if name in self.acts:
            return self.acts[name]
        return name_permissions(self.model, "change" if name == "act" else name)

    def may(self, request: HttpRequest, name: str, row: Any = None) -> bool:
        """Return whether the account may do an act on a row, or on any row."""
        needed = self.get_needed(name)
        if row is not None:
            return may_act_on(request, needed, row)
        return may_reach(request, needed, self.model, to_change=name not in _READING)

    def require_act(self, request: HttpRequest, name: str) -> None:
        """Refuse accounts that may do an act nowhere. Limit the rows of this request to those on which the account may do it.

        Raises:
            PermissionDenied: the account may do it nowhere.
        """
        if not self.may(request, name):
            raise PermissionDenied
        self._need(request, name)

    def _need(self, request: HttpRequest, name: str) -> None:
        needed = (self.get_needed(name), name not in _READING)
        setattr(request, _NEEDED, (*getattr(request, _NEEDED, ()), needed))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Limit each action to the rows on which the account may do it."""
        actions = super().get_actions(request)  # type: ignore[misc]
        return {
            name: (self._limit_action(action), name, description)
            for name, (action, _name, description) in actions.items()
        }

    def _limit_action(self, action: Callable[..., Any]) -> Callable[..., Any]:
        names: tuple[str, ...] = tuple(getattr(action, "allowed_permissions", ()))
        if not names:
            return action

        @wraps(action)
        def limited(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
            if is_viewer_limited(request):
                number = queryset.count()
                for name in names:
                    self._need(request, name)
                    queryset = limit_rows(queryset, _get_viewer(request), self.get_needed(name), to_change=True)
                _report_left_out(request, number - queryset.count())
            return action(model_admin, request, queryset)

        return limited


def _report_left_out(request: HttpRequest, number: int) -> None:
    if number > 0:
        text = ngettext(
            "%d selected row was left out: you may not do this in its learning context.",
            "%d selected rows were left out: you may not do this in their learning contexts.",
            number,
        )
        messages.warning(request, text % number)


def permit(name: str) -> Callable[..., bool]:
    """Return the method that Django calls for ``@admin.action(permissions=[name])``. The class names it ``has_<name>_permission``."""

    def has_permission(self: ScopedActsMixin, request: HttpRequest) -> bool:
        return self.may(request, name)

    return has_permission


def get_scope_of(request: HttpRequest, needed: Needed) -> Scope:
    """Return the contexts in which the account has a permission."""
    return find_scope(_get_viewer(request), needed)
