"""Find learners by what staff type: a part of the name, the user name, the e-mail address, or the id or code of a credential."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q

from learning_credentials.admin.base import get_actor
from learning_credentials.admin.filters import find_uuid
from learning_credentials.admin.scoping import get_scope_of
from learning_credentials.admin.searching import name_begins
from learning_credentials.lms import Act
from learning_credentials.models import Credential
from learning_credentials.services.common import find_learner_ids, limit_rows, list_typed_words
from learning_credentials.services.desk import find_learners_in
from learning_credentials.verify_codes import read_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from learning_credentials.lms import Scope

#: How many learners one search finds.
MAX_FOUND = 500
#: Shorter words would find too many learners to look through.
MIN_LENGTH = 2
#: How many names on credentials are read for one page of results.
_MAX_NAMES = 500


@dataclass
class Found:
    """The learners that a text found. ``credential`` is the one whose id or code was typed. ``hint`` says what to type instead."""

    user_ids: Sequence[Any] = ()
    credential: Credential | None = None
    is_cut: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """One learner of the results."""

    user: Any
    full_name: str
    email: str
    names: list[str] = field(default_factory=list)
    number: int = 0


def find_learners(request: HttpRequest, text: str) -> Found:
    """Return the learners that a text finds in the contexts of the user. The number of queries is constant."""
    text = text.replace("\0", " ").strip()
    if (credential := _find_credential(request, text)) is not None:
        return Found([] if credential.user_id is None else [credential.user_id], credential)
    words = list_typed_words(text)
    if not words:
        return Found()
    if len(words[0]) < MIN_LENGTH and words[0].isascii():
        return Found(hint="short")
    found = find_learner_ids(text, MAX_FOUND + 1)
    # A credential that was issued just now has a name that may not be among the words yet.
    named = list_credentials(request).filter(name_begins(text), user__isnull=False).order_by()
    ids = sorted({*found, *named.values_list("user_id", flat=True)[: MAX_FOUND + 1]})
    seen = find_learners_in(get_scope(request), ids)
    return Found([pk for pk in ids if pk in seen][:MAX_FOUND], is_cut=len(ids) > MAX_FOUND)


def get_scope(request: HttpRequest) -> Scope:
    """Return the contexts in which the user may see all about a learner."""
    return get_scope_of(request, Act.VIEW_PERSONAL_DATA)


def list_credentials(request: HttpRequest) -> QuerySet[Credential]:
    """Return the credentials in these contexts."""
    return limit_rows(Credential.objects.all(), get_actor(request), Act.VIEW_PERSONAL_DATA)


def _find_credential(request: HttpRequest, text: str) -> Credential | None:
    rows = list_credentials(request).only("user_id", "verify_uuid")
    if found := find_uuid(text):
        return rows.filter(Q(verify_uuid=found) | Q(pk=found)).first()
    typed = read_code(text)
    return rows.filter(verify_code=typed.code).first() if typed and not typed.problem else None


def describe_learners(request: HttpRequest, user_ids: Sequence[Any]) -> list[Line]:
    """Return what the results show of learners, with three queries. Accounts that are gone are left out."""
    users = get_user_model()._default_manager.in_bulk(user_ids)  # noqa: SLF001
    names: dict[Any, list[str]] = {}
    credentials = list_credentials(request).filter(user_id__in=user_ids).order_by()
    for user_id, name in credentials.values_list("user_id", "user_full_name").distinct()[:_MAX_NAMES]:
        names.setdefault(user_id, []).append(name)
    numbers = dict(
        credentials.filter(is_current=True)
        .values("user_id")
        .annotate(number=Count("pk"))
        .values_list("user_id", "number")
    )
    return [
        Line(user, get_full_name(user), get_email(user), sorted(names.get(pk, [])), numbers.get(pk, 0))
        for pk, user in ((pk, users[pk]) for pk in user_ids if pk in users)
    ]


def get_full_name(user: Any) -> str:
    """Return the name of an account, or an empty text if the host's user model has none."""
    return str(getattr(user, "get_full_name", str)() or "")


def get_email(user: Any) -> str:
    """Return the e-mail address of an account, or an empty text."""
    return str(getattr(user, user.get_email_field_name(), "") or "")
