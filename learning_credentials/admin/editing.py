"""Prevent operators from overwriting changes that somebody else saved while their page was open.

The page carries what it showed (`Shown`). When the operator saves, the transaction locks the row and compares the stored values with what
the page showed. If they differ, nothing is saved: the page comes back with what the operator entered, and says what changed, by whom and
when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connections, router, transaction
from django.db.models import F, FileField
from django.forms.models import _get_foreign_key
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import BaseModelAdmin, ModelT
from learning_credentials.admin.inline_conflicts import reconcile
from learning_credentials.admin.scoping import is_viewer_limited
from learning_credentials.admin.shown import (
    Change,
    Shown,
    decode,
    describe_rows,
    find_field_changes,
    list_concrete,
    read_values,
)

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse

#: The attribute of a request that contains its `Editing`.
ATTRIBUTE = "_learning_credentials_editing"
#: The hidden input with what the page showed.
INPUT = "_shown"
MAX_AUTHORS = 3

NOT_SAVED = gettext_lazy(
    "Nothing was saved: somebody else changed this after you opened the page. The changes are listed above."
)
NOT_DELETED = gettext_lazy("Nothing was deleted: somebody else changed this after you opened the page.")


@dataclass
class Editing:
    """A request to edit one row.

    ``stored`` is the row as it is now. ``shown`` is what the operator's page showed. It is None if the page does not contain it.
    """

    model: type[Model]
    stored: Model
    current: Shown
    shown: Shown | None = None
    moving: tuple[str, ...] = ()
    changes: list[Change] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        """Return the signed text for the rendered page. After a conflict, it contains the stored values."""
        shown = self.shown if self.shown and not self.changes else self.current
        return shown.dump()


class EditedForm:
    """Mixin for the form of a page. `EditingAdmin.get_form` sets ``editing``."""

    editing: ClassVar[Editing]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form: Any = self
        shown = self.editing.shown
        if shown is None or not form.is_bound:
            return
        for name in self.editing.moving:
            # A moving field counts as changed only if the operator changed the value that the page showed.
            if name in shown.fields:
                form.initial[name] = decode(self.editing.model, name, shown.fields[name])
        for name in {change.name for change in self.editing.changes} & set(form.fields):
            if not _is_touched(form, name, decode(self.editing.model, name, shown.fields[name])):
                form.fields[name].bound_data = _show_initial

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the changed fields. Texts in which the browser changed only line ends are left out."""
        form: Any = self
        names: list[str] = super().changed_data  # type: ignore[misc]
        return [name for name in names if _is_touched(form, name, form[name].initial)]

    def full_clean(self) -> None:
        """Refuse input that would overwrite somebody else's changes."""
        form: Any = self
        super().full_clean()  # type: ignore[misc]
        if form.is_bound and self.editing.changes:
            form.add_error(None, NOT_SAVED)


def _show_initial(_data: Any, initial: Any) -> Any:
    return initial


def _is_touched(form: Any, name: str, initial: Any) -> bool:
    """Return whether the operator entered another value than the page showed."""
    form_field = form.fields[name]
    if form_field.show_hidden_initial:
        return True
    data = form_field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
    if isinstance(data, str) and isinstance(initial, str):  # browsers send other line ends than the stored ones
        data, initial = data.replace("\r\n", "\n"), initial.replace("\r\n", "\n")
    return bool(form_field.has_changed(initial, data))


class EditingAdmin(BaseModelAdmin[ModelT]):
    """Base of change and delete pages that compare what they showed. Only changed fields are saved."""

    #: Fields that the app itself changes while the page is open. They cause no conflict and are saved only if the operator changed them.
    moving_fields: ClassVar[tuple[str, ...]] = ()
    #: Fields that cleaning sets from other fields.
    derived_fields: ClassVar[tuple[str, ...]] = ()

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    # Pages

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Compare under a lock, in the transaction of the save."""
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method != "POST":
            self._begin(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            self._begin(request, object_id, is_locked=True)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete the row only if it is as the confirmation page showed it."""
        if request.method != "POST":
            self._begin(request, object_id)
            return super().delete_view(request, object_id, extra_context)
        with transaction.atomic(using=router.db_for_write(self.model)):
            editing = self._begin(request, object_id, is_locked=True)
            if editing and editing.changes:
                messages.error(request, NOT_DELETED)
                request.POST = QueryDict()  # Django then asks again
            return super().delete_view(request, object_id, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what is shown, and what changed meanwhile, to the page."""
        editing = context["editing"] = getattr(request, ATTRIBUTE, None)
        if editing and context.get("errors") and context.get("original") is not None:
            # Cleaning wrote the operator's input into the row. It was not saved, so the heading and the read-only fields must not show it.
            _restore(context["original"], editing.stored)
            context["subtitle"] = str(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> Any:
        """Add what is shown, and what changed meanwhile, to the page."""
        context["editing"] = getattr(request, ATTRIBUTE, None)
        return super().render_delete_form(request, context)

    def get_form(self, request: HttpRequest, obj: ModelT | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form class with the comparison."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        editing = getattr(request, ATTRIBUTE, None)
        if obj is None or editing is None:
            return form
        return type(form)(form.__name__, (EditedForm, form), {"editing": editing, "__module__": form.__module__})

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Apply the operator's changes on top of an inline that somebody else changed."""
        arguments: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        editing: Editing | None = getattr(request, ATTRIBUTE, None)
        if editing and editing.shown and prefix in {change.name for change in editing.changes}:
            before, now = editing.shown.inlines.get(prefix, {}), editing.current.inlines[prefix]
            key = inline.model._meta.pk.name  # noqa: SLF001
            arguments["data"] = reconcile(arguments["data"], prefix, key, before, now)
        return arguments

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:
        """Save only the fields that differ from the stored values."""
        editing: Editing | None = getattr(request, ATTRIBUTE, None)
        if not change or editing is None:
            super().save_model(request, obj, form, change)
            return
        changed = set(form.changed_data)
        names = [
            each.name
            for each in obj._meta.concrete_fields  # noqa: SLF001
            if (each.name in changed or each.name in self.derived_fields) and _differs(each, editing.stored, obj)
        ]
        if names:
            obj.save(update_fields=names)

    # What is shown

    def get_shown_names(self, request: HttpRequest, obj: ModelT) -> list[str]:
        """Return the columns that the user can edit on the page."""
        readonly = set(self.get_readonly_fields(request, obj))
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [name for name in list_concrete(self.model, names) if name not in readonly]

    def describe_authors(self, obj: ModelT, since: datetime) -> list[str]:
        """Return who saved the row since then and when, according to the admin's log."""
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model), object_id=str(obj.pk), action_time__gte=since
        ).select_related("user")
        return [describe_author(entry.user, entry.action_time) for entry in entries.order_by("-pk")[:MAX_AUTHORS]]

    def _begin(self, request: HttpRequest, object_id: str, *, is_locked: bool = False) -> Editing | None:
        """Read the stored row and compare it with what the page showed.

        Call this before the form reads the row.
        """
        row = self._read(object_id, is_locked=is_locked)
        if row is None:
            if is_locked:
                self._report_deletion(request, object_id)
            return None
        shown = Shown.load(request.POST.get(INPUT, "")) if is_locked else None
        names = list(shown.fields) if shown else self.get_shown_names(request, row)
        current = Shown(
            timezone.now(),
            read_values(row, list_concrete(self.model, names)),
            self._read_inlines(row, is_locked=is_locked),
        )
        editing = Editing(self.model, row, current, shown, self.moving_fields)
        if shown:
            editing.changes = self._list_changes(shown, current)
            editing.authors = self.describe_authors(row, shown.at) if editing.changes else []
        setattr(request, ATTRIBUTE, editing)
        return editing

    def _read(self, object_id: str, *, is_locked: bool) -> ModelT | None:
        rows: Any = self.model._base_manager.using(router.db_for_write(self.model))  # noqa: SLF001
        try:
            rows = rows.filter(pk=self.model._meta.pk.to_python(unquote(object_id)))  # noqa: SLF001
        except (ValidationError, ValueError):
            return None
        if is_locked and connections[rows.db].features.has_select_for_update:
            rows = rows.select_for_update()
        elif is_locked:  # a write keeps other writers out until the transaction ends
            key = self.model._meta.pk.name  # noqa: SLF001
            rows.update(**{key: F(key)})
        found: ModelT | None = rows.first()
        return found

    def _read_inlines(self, row: ModelT, *, is_locked: bool) -> dict[str, dict[str, dict[str, Any]]]:
        found = {}
        for inline in self._list_inlines():
            prefix, names, rows = inline.get_prefix(), inline.list_names(), inline.list_rows(row)
            if is_locked and connections[rows.db].features.has_select_for_update:
                rows = rows.select_for_update()
            found[prefix] = {str(each.pk): read_values(each, names) for each in rows}
        return found

    def _list_changes(self, shown: Shown, current: Shown) -> list[Change]:
        before = {name: value for name, value in shown.fields.items() if name not in self.moving_fields}
        changes = list(find_field_changes(self.model, before, current.fields))
        for inline in self._list_inlines():
            prefix = inline.get_prefix()
            old, new = shown.inlines.get(prefix, {}), current.inlines[prefix]
            if old != new:
                label = capfirst(str(inline.model._meta.verbose_name_plural))  # noqa: SLF001
                changes.append(
                    Change(prefix, label, describe_rows(inline.model, old), describe_rows(inline.model, new))
                )
        return changes

    def _list_inlines(self) -> list[_Inline]:
        return [_Inline(self.model, inline) for inline in self.inlines]

    def _report_deletion(self, request: HttpRequest, object_id: str) -> None:
        """Say who deleted the row, if the admin's log knows. Django says that the row is gone.

        Nobody knows the learning context of a deleted row, so limited accounts are not told.
        """
        if is_viewer_limited(request):
            return
        deletions = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=unquote(object_id),
            action_flag=DELETION,
        )
        if entry := deletions.select_related("user").order_by("-pk").first():
            text = _("Nothing was saved: “%(row)s” was deleted by %(author)s.")
            author = describe_author(entry.user, entry.action_time)
            messages.error(request, text % {"row": entry.object_repr, "author": author})


class _Inline:
    """The compared values of an inline."""

    def __init__(self, parent: type[Model], inline: Any) -> None:
        self.model: type[Model] = inline.model
        self._fields = inline.fields
        self._readonly = inline.readonly_fields
        self._key: Any = _get_foreign_key(parent, inline.model, fk_name=inline.fk_name)

    def get_prefix(self) -> str:
        """Return the prefix of the formset."""
        name: str = self._key.remote_field.get_accessor_name(model=self.model)
        return name.replace("+", "")

    def list_names(self) -> list[str]:
        """Return the editable columns."""
        return [name for name in list_concrete(self.model, self._fields) if name not in self._readonly]

    def list_rows(self, row: Model) -> Any:
        """Return the rows in their order."""
        return self.model._base_manager.filter(**{self._key.name: row.pk}).order_by("pk")  # noqa: SLF001


def describe_author(author: Any, moment: datetime) -> str:
    """Return who did something and when, such as "registrar, June 1, 2030, 9:30 a.m."."""
    shown_time = formats.localize(timezone.localtime(moment), use_l10n=True)
    name = author.get_username() if author else _("the app, or a deleted account")
    return f"{name}, {shown_time}"


def _restore(row: Model, stored: Model) -> None:
    """Copy the values of the row that was read under the lock to a row."""
    for column in row._meta.concrete_fields:  # noqa: SLF001
        setattr(row, column.attname, getattr(stored, column.attname))


def _differs(column: Any, stored: Model, obj: Model) -> bool:
    old, new = getattr(stored, column.attname), getattr(obj, column.attname)
    if isinstance(column, FileField):
        return not getattr(new, "_committed", True) or str(old) != str(new)
    return bool(old != new)
