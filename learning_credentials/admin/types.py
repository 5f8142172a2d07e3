"""Provide the admin of credential types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials import discovery
from learning_credentials.admin import designs
from learning_credentials.admin.advice import report_advice
from learning_credentials.admin.assets import show_small
from learning_credentials.admin.base import (
    NOTHING,
    BaseTabularInline,
    get_object_or_404,
    get_url,
    link,
    require,
)
from learning_credentials.admin.copying import TYPE_IS_FROZEN, FreezingForm, copy_type
from learning_credentials.admin.counting import count_related
from learning_credentials.admin.criteria_preview import get_preview_url, make_preview_url, render_preview
from learning_credentials.admin.desk.designer import DESIGNER_CSS, DESIGNER_SCRIPT, make_design_urls, offer_designer
from learning_credentials.admin.editing import EditingAdmin
from learning_credentials.admin.fields import FunctionSelect, set_function_choices
from learning_credentials.admin.option_fields import describe_definitions, describe_fields
from learning_credentials.admin.option_sources import get_sources_url, make_sources_url
from learning_credentials.admin.option_widgets import (
    EditedListField,
    EditedOptionsField,
    describe_editor,
    describe_type,
)
from learning_credentials.admin.options_help import name_function, render_help, render_page_help
from learning_credentials.admin.periods import PeriodField
from learning_credentials.admin.scoping import limit_to_viewer
from learning_credentials.admin.translations import TranslationsField
from learning_credentials.admin.type_contexts import TypeContextInline
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.models import (
    CredentialAsset,
    CredentialConfiguration,
    CredentialType,
    TypeBadgeImage,
    TypeSignatory,
)
from learning_credentials.page_options import PageOptions
from learning_credentials.pdf import MAX_SIGNATORIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import ForeignKey, QuerySet
    from django.forms import ModelChoiceField
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

DISCOVERIES = {"retrieval_func": discovery.list_processors, "generation_func": discovery.list_generators}

TEXT = forms.Textarea(attrs={"rows": 3, "cols": 80, "class": "vLargeTextField"})


class CredentialTypeForm(FreezingForm[CredentialType]):
    """Edit a type. The functions are chosen from those that discovery finds when the form is shown."""

    retrieval_func = forms.ChoiceField(
        label=gettext_lazy("Who gets it"),
        widget=FunctionSelect,
        help_text=gettext_lazy("The function that finds the learners who are eligible."),
    )
    generation_func = forms.ChoiceField(
        label=gettext_lazy("What they get"),
        widget=FunctionSelect,
        help_text=gettext_lazy("The function that makes the file."),
    )
    custom_options = EditedOptionsField(
        label=gettext_lazy("Options"),
        required=False,
        help_text=gettext_lazy(
            "Options of both functions. They are stored as one JSON object. The options are listed below."
        ),
    )

    custom_fields = EditedListField(
        label=gettext_lazy("Custom fields"),
        required=False,
        help_text=gettext_lazy(
            "Texts print the value of the field with the name hours as {field.hours}. Save, and the table of placeholders lists it."
        ),
    )

    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        widget=TEXT,
        help_text=gettext_lazy("What holders achieved. The public page and the badge show it."),
    )
    criteria = forms.CharField(
        label=gettext_lazy("Criteria"),
        required=False,
        widget=TEXT,
        help_text=gettext_lazy(
            "What a learner must do to earn it. Leave empty, and the app writes it from the options, as shown below."
        ),
    )
    translations = TranslationsField(
        ("name", "description", "criteria"),
        label=gettext_lazy("Other languages"),
        required=False,
        help_text=gettext_lazy(
            "The texts above in other languages. Readers of the public page see theirs, and learners get the PDF and the badge in "
            "theirs. Leave a text empty to use the one above. To remove a language, empty its texts."
        ),
    )
    page_options = EditedOptionsField(
        label=gettext_lazy("Page options"),
        required=False,
        help_text=gettext_lazy("How the public page looks. The options are listed below."),
    )

    class Meta:
        model = CredentialType
        fields = "__all__"
        field_classes = {"valid_for": PeriodField}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "valid_for": gettext_lazy(
                "How long a credential is valid after its issue, such as “1 year”, “18 months” or “until 31 December”. “6 months until 31 "
                "December” ends on the first 31 December that is at least 6 months later. Leave empty if it never expires."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, list_plugins in DISCOVERIES.items():
            if name in self.fields:
                set_function_choices(self.fields[name], list_plugins, getattr(self.instance, name))
        url = get_sources_url("credentialtype")
        functions = describe_type(self.instance)["functions"]
        describe_editor(self.fields.get("custom_options"), sources_url=url, functions=functions)
        describe_editor(
            self.fields.get("custom_fields"), title=_("Ways to edit the custom fields"), list=describe_definitions()
        )
        describe_editor(self.fields.get("page_options"), sources_url=url, fields=describe_fields(PageOptions))


class TypeSignatoryInline(BaseTabularInline[TypeSignatory, CredentialType]):
    """Edit the signatories and their order."""

    model = TypeSignatory
    extra = 0
    fields = ("position", "signatory")
    autocomplete_fields = ("signatory",)
    max_num = MAX_SIGNATORIES

    def get_formset(self, request: HttpRequest, obj: CredentialType | None = None, **kwargs: Any) -> Any:
        """Return a formset that refuses more signatories than a credential can show."""
        return super().get_formset(request, obj, **{**kwargs, "validate_max": True})


def offer_badge_images(kwargs: dict[str, Any]) -> None:
    """Offer only badge images. There are few, so a plain list is enough."""
    kwargs["queryset"] = CredentialAsset.objects.filter(kind=CredentialAsset.Kind.BADGE_IMAGE)


class TypeBadgeImageInline(BaseTabularInline[TypeBadgeImage, CredentialType]):
    """Edit other badge images for learners of some modes."""

    model = TypeBadgeImage
    extra = 0
    fields = ("mode", "image", "preview")
    readonly_fields = ("preview",)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Offer only badge images."""
        if db_field.name == "image":
            offer_badge_images(kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("preview"))
    def preview(self, obj: TypeBadgeImage) -> SafeString | str:
        """Return the thumbnail of the image."""
        return show_small(obj.image) if obj.image_id else NOTHING


@admin.register(CredentialType)
class CredentialTypeAdmin(EditingAdmin[CredentialType]):
    """Manage kinds of credentials: how learners earn them and how they are made."""

    form = CredentialTypeForm
    change_form_template = "admin/learning_credentials/credentialtype/change_form.html"
    change_list_template = "admin/learning_credentials/credentialtype/change_list.html"
    list_display = ("name", "issuer", "retrieval", "generation", "configuration_count")
    list_select_related = ("issuer",)
    list_filter = ("issuer",)
    search_fields = ("name", "slug", "retrieval_func", "generation_func")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012
    autocomplete_fields = ("issuer",)
    readonly_fields = ("options_help", "criteria_preview", "image_preview", "page_options_help")
    inlines = (TypeSignatoryInline, TypeBadgeImageInline, TypeContextInline)
    save_on_top = True

    class Media:
        css = DESIGNER_CSS
        js = ("learning_credentials/admin/options.js", "learning_credentials/admin/criteria.js", DESIGNER_SCRIPT)

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the button."""
        view = self.admin_site.admin_view(self.copy_view)
        return [
            make_preview_url(self),
            *designs.make_urls(self),
            make_sources_url(self),
            *make_design_urls(self),
            path("<int:object_id>/copy/", view, name="learning_credentials_credentialtype_copy"),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in what a chosen design says."""
        return {**super().get_changeform_initial_data(request), **designs.get_initial(request)}

    def get_fieldsets(self, request: HttpRequest, obj: CredentialType | None = None) -> list[tuple[Any, Any]]:  # noqa: ARG002
        """Explain why the slug and the functions can no longer change, if so."""
        frozen = {"description": TYPE_IS_FROZEN} if obj is not None and obj.is_frozen else {}
        return [
            (None, {"fields": ("name", "slug", "issuer"), **frozen}),
            (
                _("How it is earned and made"),
                {"fields": ("retrieval_func", "generation_func", "custom_options", "options_help")},
            ),
            (
                _("Custom fields"),
                {
                    "fields": ("custom_fields",),
                    "description": _(
                        "Values that certificates print in addition to the built-in ones, such as hours or a licence "
                        "number. A change applies to credentials issued from now on."
                    ),
                },
            ),
            (_("Validity"), {"fields": ("valid_for",)}),
            (
                _("What was achieved"),
                {
                    "fields": (
                        "description",
                        "criteria",
                        "criteria_preview",
                        "translations",
                        "image",
                        "image_preview",
                        "badge_shows_results",
                    ),
                    "description": _(
                        "The public page and the badge show these texts. A change applies to "
                        "credentials issued from now on."
                    ),
                },
            ),
            (_("Public page"), {"fields": ("download_policy", "page_options", "page_options_help")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: CredentialType | None = None) -> Any:
        """Add the fields that can no longer change."""
        frozen = obj.FIXED if obj is not None and obj.is_frozen else ()
        return (*super().get_readonly_fields(request, obj), *frozen)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: CredentialType | None = None
    ) -> dict[str, Sequence[str]]:
        """Return no prepopulated slug if the slug can no longer change."""
        return {} if obj is not None and obj.is_frozen else super().get_prepopulated_fields(request, obj)

    @transaction.non_atomic_requests
    def copy_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for another name. Then copy the type."""
        require(self.has_add_permission(request) and self.has_view_permission(request))
        return copy_type(self, request, get_object_or_404(self, request, object_id))

    def get_queryset(self, request: HttpRequest) -> QuerySet[CredentialType]:
        """Count configurations in the same query."""
        configurations = limit_to_viewer(request, CredentialConfiguration.objects.all())
        return (
            super().get_queryset(request).annotate(configuration_total=count_related(configurations, "credential_type"))
        )

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Offer only badge images."""
        if db_field.name == "image":
            offer_badge_images(kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: CredentialType, form: Any, change: bool) -> None:
        """Save, and say what could be better."""
        super().save_model(request, obj, form, change)
        report_advice(request, obj, {})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show errors of discovery as messages, so that the page still works."""
        report_discovery(request)
        offer_designer(self, request, context["adminform"].form, context.get("original"))
        context["can_copy"] = self.has_add_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("who gets it"), ordering="retrieval_func")
    def retrieval(self, obj: CredentialType) -> str:
        """Return what the function finds."""
        return name_function(discovery.list_processors, obj.retrieval_func)

    @admin.display(description=gettext_lazy("what they get"), ordering="generation_func")
    def generation(self, obj: CredentialType) -> str:
        """Return what the function makes."""
        return name_function(discovery.list_generators, obj.generation_func)

    @admin.display(description=gettext_lazy("configurations"), ordering="configuration_total")
    def configuration_count(self, obj: CredentialType) -> SafeString:
        """Return how many configurations use the type, with a link to them."""
        url = f"{get_url('credentialconfiguration_changelist')}?credential_type__id__exact={obj.pk}"
        return link(url, getattr(obj, "configuration_total", 0))

    @admin.display(description=gettext_lazy("documented options"))
    def options_help(self, obj: CredentialType | None) -> SafeString:
        """Return help on the options of all functions that discovery finds."""
        if obj is None:
            return render_help()
        return render_help((obj.retrieval_func, obj.generation_func), custom_fields=obj.custom_fields)

    @admin.display(description=gettext_lazy("criteria in credentials"))
    def criteria_preview(self, obj: CredentialType | None) -> SafeString:
        """Return the criteria that credentials of the type will say."""
        used = obj or CredentialType(retrieval_func=next(iter(discovery.list_processors())))
        return render_preview(CredentialConfiguration(credential_type=used), get_preview_url(self, used.pk))

    @admin.display(description=gettext_lazy("preview"))
    def image_preview(self, obj: CredentialType | None) -> SafeString | str:
        """Return the thumbnail of the badge image."""
        return show_small(obj.image) if obj and obj.image else NOTHING

    @admin.display(description=gettext_lazy("documented page options"))
    def page_options_help(self, obj: CredentialType | None) -> SafeString:  # noqa: ARG002
        """Return help on the options of the public page."""
        return render_page_help()


def report_discovery(request: HttpRequest) -> None:
    """Show on this page which errors prevent discovery from finding functions."""
    for name, list_plugins in DISCOVERIES.items():
        try:
            list_plugins()
        except ConfigurationError as error:
            kind = _("Who gets it") if name == "retrieval_func" else _("What they get")
            messages.error(request, _("%(kind)s cannot be listed: %(error)s") % {"kind": kind, "error": error})
