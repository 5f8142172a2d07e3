"""Add entries to the admin's log ("Recent actions") for the app's own pages.

Each act has one entry, for any number of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import model_ngettext
from django.contrib.contenttypes.models import ContentType

from learning_credentials.admin.base import get_actor

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

#: The length of the log's column.
MAX_NAME = 200


def log_act(request: HttpRequest, row: Model, act: _StrPromise | str, detail: str = "", *, flag: int = CHANGE) -> None:
    """Log an act on one row. The entry links to the row's page.

    ``detail`` appears in the row's own log.
    """
    _log(request, type(row), f"{act}: {row}", f"{act}. {detail}" if detail else str(act), str(row.pk), flag)


def log_act_on_many(
    request: HttpRequest, model: type[Model], number: int, act: _StrPromise | str, detail: str = ""
) -> None:
    """Log an act on many rows. The entry says how many there were."""
    name = f"{act}: {number} {model_ngettext(model._meta, number)}"  # noqa: SLF001  a public interface in spite of its name
    _log(request, model, name, f"{act}. {detail}" if detail else str(act), None, CHANGE)


def _log(request: HttpRequest, model: type[Model], name: str, message: str, object_id: str | None, flag: int) -> None:
    LogEntry.objects.create(
        user_id=get_actor(request).pk,
        content_type_id=ContentType.objects.get_for_model(model).pk,
        object_id=object_id,
        object_repr=name[:MAX_NAME],
        action_flag=flag,
        change_message=message,
    )
