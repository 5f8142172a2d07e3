"""Provide base classes and helpers for the admin's modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learning_credentials.admin.large_lists import BoundedPaginator
from learning_credentials.admin.scoping import (
    ScopedActsMixin,
    ScopedInlineMixin,
    may_act_on,
    may_in,
    may_reach,
    name_permissions,
)
from learning_credentials.exceptions import CredentialsError, OptionsError
from learning_credentials.folding import compose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django import forms
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

ModelT = TypeVar("ModelT", bound=Model)
ParentT = TypeVar("ParentT", bound=Model)

#: How many refusals of one action are listed. More messages would not fit into a cookie.
MAX_MESSAGES = 20

NOTHING = "–"

if TYPE_CHECKING:

    class BaseModelAdmin(admin.ModelAdmin[ModelT], ScopedActsMixin, Generic[ModelT]):
        """A generic class for the type checker. Django's own class is not generic at run time."""

    class BaseTabularInline(admin.TabularInline[ModelT, ParentT], Generic[ModelT, ParentT]):
        """A generic class for the type checker. Django's own class is not generic at run time."""

    class BaseModelForm(forms.ModelForm[ModelT], Generic[ModelT]):
        """A generic class for the type checker. Django's own class is not generic at run time."""

else:
    from django import forms

    class _Subscriptable:
        def __class_getitem__(cls, _item: object) -> type:
            return cls

    class BaseModelAdmin(_Subscriptable, ScopedActsMixin, admin.ModelAdmin):
        """A subscriptable class, so that the same code works for the type checker and Django. It searches in NFC, as keys are stored."""

        def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
            """Return the filtered rows that match the search."""
            return super().get_search_results(request, queryset, compose(search_term))

    class BaseTabularInline(_Subscriptable, ScopedInlineMixin, admin.TabularInline):
        """A subscriptable class, so that the same code works for the type checker and Django."""

    class BaseModelForm(_Subscriptable, forms.ModelForm):
        """A subscriptable class, so that the same code works for the type checker and Django."""


class ActingAdmin(BaseModelAdmin[ModelT]):
    """Base of lists whose actions call the services."""

    @transaction.non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Open no transaction, because the actions call the services."""
        return super().changelist_view(request, extra_context)


class ReadOnlyAdmin(BaseModelAdmin[ModelT]):
    """Base of read-only pages. Forms cannot add, change or delete anything.

    Users with the ``change`` permission can use the buttons and actions.
    """

    change_form_template = "admin/learning_credentials/readonly_change_form.html"
    paginator = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return False, because services create the rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return False, because services change the rows. The form only shows them, and a POST to it is refused."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether rows may be deleted together with the rows that they belong to.

        Rows are history, so nobody can delete them directly. They can be deleted with another row if the user may delete both.
        """
        return self._is_about_another_model(request) and super().has_delete_permission(request, obj)

    def _is_about_another_model(self, request: HttpRequest) -> bool:
        """Return whether the request is for a page that deletes rows of another model, such as accounts.

        Django then asks each related model for the permission.
        """
        page = getattr(request.resolver_match, "url_name", None) or ""
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        return page.endswith(("_delete", "_changelist")) and not page.startswith(own)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Return whether the user can use the buttons and actions: Django's ``change`` permission."""
        return self.may(request, "act")


def get_object_or_404(model_admin: admin.ModelAdmin[ModelT], request: HttpRequest, object_id: object) -> ModelT:
    """Return the object of one of this app's admin views.

    Raises:
        Http404: there is no such object.
    """
    found = model_admin.get_object(request, str(object_id))
    if found is None:
        raise Http404
    return found


def has_model_permission(
    request: HttpRequest, action: str, model: type[Model], *, row: Model | None = None, context_key: str | None = None
) -> bool:
    """Return whether the user has one of Django's model permissions, such as ``view`` or ``change``.

    Args:
        request: of the user.
        action: the first part of the permission's name.
        model: the model.
        row: the permission is needed in the context of this row.
        context_key: the permission is needed in this context. Without both, one context is enough.
    """
    needed = name_permissions(model, action)
    return _has_permission(request, needed, model, row, context_key, to_change=action != "view")


def can_look_at(
    request: HttpRequest, model: type[Model], *, row: Model | None = None, context_key: str | None = None
) -> bool:
    """Return whether the admin shows rows of the model to the user. Users who may change them may also view them."""
    return _has_permission(request, name_permissions(model, "view", "change"), model, row, context_key)


def _has_permission(
    request: HttpRequest,
    needed: tuple[str, ...],
    model: type[Model],
    row: Model | None,
    context_key: str | None,
    *,
    to_change: bool = False,
) -> bool:
    if row is not None:
        return may_act_on(request, needed, row)
    if context_key is not None:
        return may_in(request, needed, context_key)
    return may_reach(request, needed, model, to_change=to_change)


def require(allowed: bool) -> None:
    """Raise `PermissionDenied` unless the action is allowed."""
    if not allowed:
        raise PermissionDenied


def get_actor(request: HttpRequest) -> AbstractBaseUser:
    """Return the user. Admin views admit only users who are signed in."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def get_url(page: str, *args: object) -> str:
    """Return the address of an admin page of this app by the end of its URL name: ``get_url("credential_change", uuid)``."""
    return reverse(f"admin:learning_credentials_{page}", args=args)


def link(url: str, text: object) -> SafeString:
    """Return an HTML link."""
    return format_html('<a href="{}">{}</a>', url, text)


def show_switch(*, is_on: bool) -> SafeString:
    """Return a switch in words. "Off" is a choice and not an error, so it is not shown as a red cross."""
    kind, label = ("active", _("on")) if is_on else ("ended", _("off"))
    return format_html('<span class="lcred-badge lcred-{}">{}</span>', kind, label)


def describe_error(error: Exception) -> list[str]:
    """Return an error in words for staff. Each mistake is one line with its path."""
    if isinstance(error, OptionsError) and error.problems:
        return [str(problem) for problem in error.problems]
    if isinstance(error, CredentialsError):
        return [str(error) or error.code]
    return [f"{type(error).__name__}: {error}"]


def report_error(request: HttpRequest, error: Exception) -> None:
    """Show an error on the next page."""
    for line in describe_error(error)[:MAX_MESSAGES]:
        messages.error(request, line)


def report_refusals(request: HttpRequest, refusals: Sequence[tuple[object, Exception]]) -> None:
    """Show on the next page which objects were refused and why. List the first of them by name."""
    for subject, error in refusals[:MAX_MESSAGES]:
        messages.error(request, f"{subject}: {'; '.join(describe_error(error))}")
    if (rest := len(refusals) - MAX_MESSAGES) > 0:
        messages.error(request, ngettext("%d more was refused.", "%d more were refused.", rest) % rest)
