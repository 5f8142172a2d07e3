"""Find a learner by what staff type, and display a learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import get_url
from learning_credentials.admin.scoping import may_in
from learning_credentials.folding import compose
from learning_credentials.lms import Act

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


class LearnerField(forms.CharField):
    """A field for a learner's user name or e-mail address. User names come first, because they are unique."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=gettext_lazy("Learner"),
            help_text=gettext_lazy("User name or e-mail address."),
            max_length=254,
            widget=AdminTextInputWidget(attrs={"autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """Return the user.

        Raises:
            ValidationError: nobody has that name or address, or several people have the address.
        """
        text = super().clean(value)
        if not text:
            return None
        model = get_user_model()
        names = {text, compose(text)}
        found = list(model._default_manager.filter(**{f"{model.USERNAME_FIELD}__in": names})[:2])  # noqa: SLF001
        if not found:
            address = f"{model.get_email_field_name()}__iexact"
            found = list(model._default_manager.filter(**{address: compose(text)})[:2])  # noqa: SLF001
        if not found:
            raise ValidationError(
                gettext_lazy("Nobody has the user name or e-mail address “%(text)s”."),
                code="unknown",
                params={"text": text},
            )
        if len(found) > 1:
            raise ValidationError(
                gettext_lazy("Several people have the e-mail address “%(text)s”. Enter the user name."),
                code="ambiguous",
                params={"text": text},
            )
        return found[0]


def show_learner(user: AbstractBaseUser) -> SafeString:
    """Return the user name and, below it, the e-mail address."""
    address = getattr(user, user.get_email_field_name(), "")
    return format_html('{}<br><span class="quiet">{}</span>', user.get_username(), address)


def get_learner_url(request: HttpRequest, user_id: object, context_key: str) -> str:
    """Return the address of the page about a learner. Return an empty text if the account is gone or the user may not see the page."""
    may_see = user_id is not None and may_in(request, Act.VIEW_PERSONAL_DATA, context_key)
    return get_url("learner_change", user_id) if may_see else ""
