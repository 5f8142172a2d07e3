"""Provide the admin of assets: files that operators upload for generators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.asset_usage import list_usages
from learning_credentials.admin.base import (
    NOTHING,
    BaseModelForm,
    get_object_or_404,
    get_url,
    link,
    require,
)
from learning_credentials.admin.editing import EditingAdmin
from learning_credentials.admin.files import SAFE_INLINE, SVG, serve, sniff
from learning_credentials.admin.scoping import is_viewer_limited
from learning_credentials.filenames import make_file_name
from learning_credentials.models import CredentialAsset
from learning_credentials.pdf import describe_form_fields
from learning_credentials.services.common import begin_asset_upload
from learning_credentials.svg_files.text import looks_like_svg

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

Kind = CredentialAsset.Kind
#: Kinds of assets that are shown as a thumbnail.
PICTURES = frozenset({Kind.IMAGE, Kind.BADGE_IMAGE})
#: The attribute of a request that contains its `Upload`.
UPLOAD_ATTRIBUTE = "_learning_credentials_upload"
HEAD = 65536  # the first element of an SVG can come after long comments
SHORT_HASH = 12


class CredentialAssetForm(BaseModelForm[CredentialAsset]):
    """Edit an asset. The form never shows the file's address, because the storage is private."""

    class Meta:
        model = CredentialAsset
        fields = ("slug", "description", "kind", "file")
        widgets = {"file": forms.FileInput}  # noqa: RUF012  Django's own shows a link to the storage

    def clean_slug(self) -> str:
        """Refuse a new slug for an asset in use: options and issued credentials refer to it by its slug."""
        return self._keep_in_use(
            "slug",
            gettext_lazy(
                "The slug “%(stored)s” cannot change, because the asset is used: %(usages)s. Upload "
                "another asset instead."
            ),
        )

    def clean_kind(self) -> str:
        """Refuse a new kind for an asset in use."""
        return self._keep_in_use(
            "kind",
            gettext_lazy(
                "The kind cannot change, because the asset is used: %(usages)s. Upload another asset instead."
            ),
        )

    def _keep_in_use(self, name: str, message: _StrPromise) -> str:
        value: str = self.cleaned_data[name]
        stored = self.initial.get(name)
        if stored and value != stored and (usages := list_usages([self.initial["slug"]], with_references=True)):
            found = {"stored": stored, "usages": "; ".join(usage.text for usage in usages)}
            raise ValidationError(message, code="in_use", params=found)
        return value


def show_small(asset: CredentialAsset) -> SafeString:
    """Return the thumbnail of an image asset, with a link to its file."""
    url = get_url("credentialasset_file", asset.pk)
    return format_html(
        '<a href="{}"><img class="lcred-thumbnail" src="{}" alt="{}" loading="lazy"></a>', url, url, asset.slug
    )


@admin.register(CredentialAsset)
class CredentialAssetAdmin(EditingAdmin[CredentialAsset]):
    """Manage PDF templates, images, fonts and badge images."""

    form = CredentialAssetForm
    list_display = ("slug", "kind", "thumbnail", "description", "short_hash", "modified")
    list_filter = ("kind",)
    search_fields = ("slug", "description", "sha256")
    readonly_fields = ("stored_file", "form_fields", "sha256", "usages")
    derived_fields = ("sha256",)

    @transaction.non_atomic_requests
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Open no transaction until something is saved, so that the note on the upload is committed first."""
        return super().add_view(request, form_url, extra_context)

    @transaction.non_atomic_requests
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Open no transaction until something is saved, so that the note on the upload is committed first."""
        return super().change_view(request, object_id, form_url, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Note where the file will be stored, before Django opens the transaction that stores it."""
        file = request.FILES.get("file") if request.method == "POST" else None
        if not isinstance(file, UploadedFile):
            return super().changeform_view(request, object_id, form_url, extra_context)
        with begin_asset_upload(file.name or "") as upload:
            setattr(request, UPLOAD_ATTRIBUTE, upload)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: CredentialAsset, form: Any, change: bool) -> None:
        """Store the file at the noted place. It counts as a stray until the transaction is committed."""
        upload = getattr(request, UPLOAD_ATTRIBUTE, None)
        if upload is None or "file" not in form.changed_data:
            super().save_model(request, obj, form, change)
            return
        upload.save_into(obj)
        super().save_model(request, obj, form, change)
        upload.forget()

    def get_fieldsets(self, request: HttpRequest, obj: CredentialAsset | None = None) -> list[tuple[Any, Any]]:
        """Show the stored file and its uses if the asset exists already."""
        sections: list[tuple[Any, Any]] = [(None, {"fields": ("slug", "description", "kind", "file")})]
        if obj:
            own = ("form_fields",) if obj.kind == Kind.PDF_TEMPLATE else ()
            usages = () if is_viewer_limited(request) else ("usages",)  # they name other contexts
            sections.append((_("Stored file"), {"fields": ("stored_file", *own, "sha256", *usages)}))
        return sections

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the file."""
        view = self.admin_site.admin_view(self.file_view)
        return [
            path("<int:object_id>/file/", view, name="learning_credentials_credentialasset_file"),
            *super().get_urls(),
        ]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Refuse to delete assets that options name, because no database constraint protects them."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return (
            to_delete,
            counts,
            lacking,
            [*protected, *(usage.html for usage in list_usages([obj.slug for obj in objs]))],
        )

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the file to staff."""
        require(self.has_view_permission(request))
        asset = get_object_or_404(self, request, object_id)
        try:
            file = asset.file.open("rb")
            head = file.read(HEAD)
            media_type = sniff(head)
            file.seek(0)
            if asset.kind == Kind.BADGE_IMAGE and media_type not in SAFE_INLINE:
                media_type = SVG  # the upload was checked to be one
            elif asset.kind == Kind.IMAGE and looks_like_svg(head):
                media_type = SVG
        except Exception as error:
            # Each storage raises its own errors.
            messages.error(
                request, _("The file cannot be opened: %(error)s") % {"error": f"{type(error).__name__}: {error}"}
            )
            return HttpResponseRedirect(get_url("credentialasset_change", object_id))
        # Storages may remove characters from file names. Operators know the asset by its slug.
        extension = str(asset.file.name).rpartition("/")[2].rpartition(".")[2]
        return serve(file, media_type, make_file_name(asset.slug, extension=extension))

    @admin.display(description=gettext_lazy("preview"))
    def thumbnail(self, obj: CredentialAsset) -> SafeString:
        """Return a thumbnail, or a link to the file."""
        if obj.kind in PICTURES:
            return show_small(obj)
        return link(get_url("credentialasset_file", obj.pk), _("Open the file"))

    @admin.display(description=gettext_lazy("SHA-256"))
    def short_hash(self, obj: CredentialAsset) -> str:
        """Return the beginning of the hash."""
        return obj.sha256[:SHORT_HASH] or NOTHING

    @admin.display(description=gettext_lazy("file"))
    def stored_file(self, obj: CredentialAsset) -> SafeString | str:
        """Return a preview and the size of the stored file."""
        if not obj.pk:
            return NOTHING
        try:
            size = filesizeformat(obj.file.size)
        except Exception as error:
            size = _("cannot be read: %(error)s") % {"error": error}
        return format_html('{}<br><span class="quiet">{}, {}</span>', self.thumbnail(obj), obj.get_kind_display(), size)

    @admin.display(description=gettext_lazy("form fields"))
    def form_fields(self, obj: CredentialAsset) -> SafeString | str:
        """Return the form fields of a template, each with what fills it."""
        try:
            with obj.file.open("rb") as file:
                found = describe_form_fields(file.read())
        except Exception as error:
            # Each storage raises its own errors.
            return _("The file cannot be opened: %(error)s") % {"error": f"{type(error).__name__}: {error}"}
        removed = _("nothing, so it is removed")
        lines = format_html_join("", "<li>{}: {}</li>", ((name, text or removed) for name, text in found.items()))
        return format_html("<ul>{}</ul>", lines) if lines else NOTHING

    @admin.display(description=gettext_lazy("used by"))
    def usages(self, obj: CredentialAsset) -> SafeString | str:
        """Return the types, configurations, issuers and signatories that refer to the asset."""
        if not obj.pk:
            return NOTHING
        lines = format_html_join(
            "", "<li>{}</li>", ((usage.html,) for usage in list_usages([obj.slug], with_references=True))
        )
        return format_html("<ul>{}</ul>", lines) if lines else NOTHING
