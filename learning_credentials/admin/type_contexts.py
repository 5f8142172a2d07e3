"""Edit the learning contexts to which a type belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import BaseTabularInline, get_url
from learning_credentials.admin.contexts import SuggestionsUrl
from learning_credentials.admin.fields import NOT_YOURS, ContextKeyWidget, point_picker_at
from learning_credentials.admin.scoping import get_scope_of, is_viewer_limited, name_permissions
from learning_credentials.folding import compose
from learning_credentials.lms import Scope
from learning_credentials.models import CredentialType, TypeContext

if TYPE_CHECKING:
    from django.http import HttpRequest

#: How many contexts an error names.
MAX_NAMED = 3


class TypeContextFormset(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Refuse contexts that the user does not administer, and a choice that leaves out contexts that use the type."""

    scope: Scope = Scope.everything()
    is_limited = False

    def clean(self) -> None:
        """Check the contexts together."""
        super().clean()
        keys = {
            compose(str(values["context_key"]))
            for values in (form.cleaned_data for form in self.forms if form.is_valid())
            if values.get("context_key") and not values.get("DELETE")
        }
        if any(not self.scope.covers(key) for key in keys):
            raise ValidationError(NOT_YOURS, code="out_of_scope")
        if self.is_limited and not keys:
            raise ValidationError(
                _("Name the learning contexts of the type. You may not change types that all contexts share."),
                code="no_context",
            )
        if not keys or not self.instance.pk:
            return
        used = self.instance.configurations.exclude(learning_context_key__among=keys).order_by("learning_context_key")
        if others := list(used.values_list("learning_context_key", flat=True)[: MAX_NAMED + 1]):
            named = ", ".join(others[:MAX_NAMED]) + (" …" if len(others) > MAX_NAMED else "")
            raise ValidationError(
                _("These learning contexts use the type too: %(contexts)s. Add them, or name none."),
                code="used_elsewhere",
                params={"contexts": named},
            )


class TypeContextInline(BaseTabularInline[TypeContext, CredentialType]):
    """Edit the contexts. Without any, the type is shared by all."""

    model = TypeContext
    formset = TypeContextFormset
    extra = 0
    fields = ("context_key",)
    readonly_fields = ()
    verbose_name = gettext_lazy("learning context")
    verbose_name_plural = gettext_lazy("Only for these learning contexts (none: for all)")

    def get_formset(self, request: HttpRequest, obj: CredentialType | None = None, **kwargs: Any) -> Any:
        """Return a formset that knows what the user administers."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        scope = get_scope_of(request, name_permissions(CredentialType, "change" if obj else "add"))
        address = SuggestionsUrl(get_url("credentialconfiguration_contexts"))
        address.scope = scope
        form = formset.form
        if "context_key" in form.base_fields:
            form.base_fields["context_key"].widget = ContextKeyWidget()
            point_picker_at(form.base_fields["context_key"], address)
        return type(formset)(
            formset.__name__, (formset,), {"scope": scope, "is_limited": is_viewer_limited(request), "form": form}
        )
