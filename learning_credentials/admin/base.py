"""What the admin's modules share."""

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

#: How many refusals of one action are spelt out; messages travel in the session or a cookie.
MAX_MESSAGES = 20

NOTHING = "–"

if TYPE_CHECKING:

    class BaseModelAdmin(admin.ModelAdmin[ModelT], Generic[ModelT]):
        """Typed as a generic class for the checker; Django's own is not one when it runs."""

    class BaseTabularInline(admin.TabularInline[ModelT, ParentT], Generic[ModelT, ParentT]):
        """Typed as a generic class for the checker; Django's own is not one when it runs."""

    class BaseModelForm(forms.ModelForm[ModelT], Generic[ModelT]):
        """Typed as a generic class for the checker; Django's own is not one when it runs."""

else:
    from django import forms

    class _Subscriptable:
        def __class_getitem__(cls, _item: object) -> type:
            return cls

    class BaseModelAdmin(_Subscriptable, admin.ModelAdmin):
        """Subscriptable, so that one class statement serves the checker and Django. Searches in NFC, the form in which keys are stored."""

        def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
            """Search what the filters have left."""
            return super().get_search_results(request, queryset, compose(search_term))

    class BaseTabularInline(_Subscriptable, admin.TabularInline):
        """Subscriptable, so that one class statement serves the checker and Django."""

    class BaseModelForm(_Subscriptable, forms.ModelForm):
        """Subscriptable, so that one class statement serves the checker and Django."""


class ActingAdmin(BaseModelAdmin[ModelT]):
    """Lists whose actions call the facade."""

    @transaction.non_atomic_requests
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Outside a transaction, for the sake of the actions."""
        return super().changelist_view(request, extra_context)


class ReadOnlyAdmin(BaseModelAdmin[ModelT]):
    """Pages to look at. Nothing can be added, changed or deleted by form; who holds ``change`` may use the buttons and actions."""

    change_form_template = "admin/learning_credentials/readonly_change_form.html"
    paginator = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Rows are changed by services: the form is for reading, and a POST to it is refused."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are history: nobody deletes them by themselves. They go with what they belong to, if the user may delete both."""
        return self._is_about_another_model(request) and super().has_delete_permission(request, obj)

    def _is_about_another_model(self, request: HttpRequest) -> bool:
        """Whether the request is for a page that deletes rows of another model, such as accounts. Django then asks each related model."""
        page = getattr(request.resolver_match, "url_name", None) or ""
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        return page.endswith(("_delete", "_changelist")) and not page.startswith(own)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the user may use the buttons and actions: Django's ``change`` permission."""
        return has_model_permission(request, "change", self.model)


def get_object_or_404(model_admin: admin.ModelAdmin[ModelT], request: HttpRequest, object_id: object) -> ModelT:
    """Return the object of an own admin view.

    Raises:
        Http404: there is none.
    """
    found = model_admin.get_object(request, str(object_id))
    if found is None:
        raise Http404
    return found


def has_model_permission(request: HttpRequest, action: str, model: type[Model]) -> bool:
    """Whether the user holds one of Django's model permissions (``view``, ``change``…)."""
    return request.user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")  # noqa: SLF001


def can_look_at(request: HttpRequest, model: type[Model]) -> bool:
    """Whether the admin shows rows of the model to the user: who may change them may look."""
    return has_model_permission(request, "view", model) or has_model_permission(request, "change", model)


def require(allowed: bool) -> None:
    """Raise `PermissionDenied` unless allowed."""
    if not allowed:
        raise PermissionDenied


def get_actor(request: HttpRequest) -> AbstractBaseUser:
    """The logged-in user; admin views admit nobody else."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def get_url(page: str, *args: object) -> str:
    """Address of an admin page of this app, by the end of its URL name: ``get_url("credential_change", uuid)``."""
    return reverse(f"admin:learning_credentials_{page}", args=args)


def link(url: str, text: object) -> SafeString:
    """An HTML link."""
    return format_html('<a href="{}">{}</a>', url, text)


def show_switch(*, is_on: bool) -> SafeString:
    """A switch in words: "off" is a choice and no error, so that it is not shown as a red cross."""
    kind, label = ("active", _("on")) if is_on else ("ended", _("off"))
    return format_html('<span class="lcred-badge lcred-{}">{}</span>', kind, label)


def describe_error(error: Exception) -> list[str]:
    """An error in words for staff, one line a mistake, each with its path."""
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
    """Show on the next page which objects were refused and why, the first of them by name."""
    for subject, error in refusals[:MAX_MESSAGES]:
        messages.error(request, f"{subject}: {'; '.join(describe_error(error))}")
    if (rest := len(refusals) - MAX_MESSAGES) > 0:
        messages.error(request, ngettext("%d more was refused.", "%d more were refused.", rest) % rest)
