"""Define the forms of grants: who administers which learning contexts, and about whom to explain the rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.widgets import TextInput
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import get_url
from learning_credentials.admin.contexts import get_suggestions_url
from learning_credentials.admin.fields import ContextKeyWidget, point_picker_at
from learning_credentials.admin.learners import LearnerField
from learning_credentials.folding import compose
from learning_credentials.services.common import APP

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

#: How many people are suggested.
MAX_PEOPLE = 20


def list_people(text: str) -> list[dict[str, str]]:
    """Return accounts whose user name or e-mail address begins with a text, staff first, as suggestions."""
    if not text:
        return []
    users = get_user_model()
    name, mail = users.USERNAME_FIELD, users.get_email_field_name()
    condition = Q(**{f"{name}__istartswith": text})
    if "@" in text:
        condition |= Q(**{f"{mail}__istartswith": text})
    order = (*(("-is_staff",) if hasattr(users, "is_staff") else ()), name)
    found = users._default_manager.filter(condition, is_active=True).order_by(*order)[:MAX_PEOPLE]  # noqa: SLF001
    return [{"key": each.get_username(), "name": _describe(each, mail)} for each in found]


def _describe(user: Any, mail: str) -> str:
    parts = (getattr(user, "get_full_name", str)(), getattr(user, mail, ""))
    return ", ".join(part for part in parts if part)


class PersonWidget(ContextKeyWidget):
    """A text input that suggests people while the user types. The script of context pickers loads the suggestions."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Offer nobody before something is typed."""
        list_id = f"{name}-suggestions"
        attrs = {**(attrs or {}), "list": list_id, "data-search-url": self.search_url}
        return format_html(
            '{}<datalist id="{}"></datalist>', TextInput.render(self, name, value, attrs, renderer), list_id
        )


def make_person_field(people_url: str, **kwargs: Any) -> LearnerField:
    """Return a field for a person that suggests people."""
    field = LearnerField(**kwargs)
    field.widget = PersonWidget()
    field.widget.search_url = people_url
    return field


class PersonForm(forms.Form):
    """Ask about whom and, optionally, about which learning context."""

    context_key = forms.CharField(
        label=gettext_lazy("Learning context"),
        required=False,
        max_length=255,
        widget=ContextKeyWidget,
        help_text=gettext_lazy("Optional. What the person may do there."),
    )
    field_order = ("person", "context_key")

    def __init__(self, *args: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = make_person_field(get_url("contextgrant_people"))
        self.fields["person"].label = gettext_lazy("Person")
        point_picker_at(self.fields["context_key"], get_suggestions_url(model_admin, request, ("view_contextgrant",)))
        self.order_fields(self.field_order)

    def clean_context_key(self) -> str:
        """Return the key as it is stored."""
        return compose(self.cleaned_data["context_key"].strip())


class GrantForm(forms.Form):
    """Ask for the user or the group, the learning contexts, the role and the reason."""

    ONE, BEGINNING, ALL = "one", "beginning", "all"

    group = forms.ModelChoiceField(
        label=gettext_lazy("Or group"),
        required=False,
        queryset=Group.objects.order_by("name"),
        help_text=gettext_lazy("Instead of a user: every member of the group."),
    )
    extent = forms.ChoiceField(
        label=gettext_lazy("Learning contexts"),
        choices=[
            (ONE, gettext_lazy("one course run or learning path")),
            (BEGINNING, gettext_lazy("all whose key begins so, such as those of an organisation")),
            (ALL, gettext_lazy("all (ends the limit to other grants)")),
        ],
        initial=ONE,
        widget=forms.RadioSelect,
    )
    context_key = forms.CharField(
        label=gettext_lazy("Key"),
        required=False,
        max_length=255,
        widget=ContextKeyWidget,
        help_text=gettext_lazy(
            "Type a part of the title or the key. For several: the beginning, such as course-v1:Uni+."
        ),
    )
    role = forms.ModelChoiceField(
        label=gettext_lazy("Role"),
        required=False,
        queryset=Group.objects.none(),
        empty_label=gettext_lazy("the holder’s own permissions"),
        help_text=gettext_lazy("The permissions of this group hold in the learning contexts, and only there."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Why. The history keeps the notes."),
    )
    field_order = ("user", "group", "extent", "context_key", "role", "notes")

    def __init__(self, *args: Any, model_admin: admin.ModelAdmin[Any], request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = field = make_person_field(get_url("contextgrant_people"), required=False)
        field.label = gettext_lazy("User")
        role = self.fields["role"]
        if isinstance(role, forms.ModelChoiceField):
            useful = Group.objects.filter(permissions__content_type__app_label=APP)
            role.queryset = useful.distinct().order_by("name")
        point_picker_at(self.fields["context_key"], get_suggestions_url(model_admin, request, ("add_contextgrant",)))
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Require one holder, and the key that the extent needs."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not {"user", "group"} & set(self.errors) and bool(cleaned.get("user")) == bool(cleaned.get("group")):
            raise ValidationError(gettext_lazy("Choose a user or a group. Do not do both."), code="one_holder")
        cleaned["context_key"] = compose(str(cleaned.get("context_key") or "").strip())
        extent = cleaned.get("extent")
        if extent == self.ALL and cleaned["context_key"]:
            self.add_error("context_key", gettext_lazy("Leave the key empty for all learning contexts."))
        elif extent in {self.ONE, self.BEGINNING} and not cleaned["context_key"]:
            self.add_error("context_key", gettext_lazy("Enter a key, or its beginning."))
        return cleaned
