"""Shows whom a run passed over: how many for each reason, and the first of them by name."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import can_look_at, get_url
from learning_credentials.api import PassedOverReason
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from learning_credentials.models import GenerationRun

LABELS: dict[str, _StrPromise] = {
    PassedOverReason.REISSUE_BLOCKED: gettext_lazy(
        "Staff invalidated the credential and blocked its reissue. Lift the block to issue another one."
    ),
    PassedOverReason.ATTEMPTS_EXHAUSTED: gettext_lazy(
        "The credential failed too often. Mend the error, then retry the credential."
    ),
    PassedOverReason.PROFILE_UNKNOWN: gettext_lazy(
        "The LMS does not tell the learner’s profile. The next run asks again."
    ),
    PassedOverReason.RESTRICTED: gettext_lazy(
        "The account is inactive in the LMS, or the LMS allows the learner no certificates."
    ),
    PassedOverReason.EVALUATION_FAILED: gettext_lazy(
        "The learner could not be evaluated because of an error, which is in the log. The next run tries again."
    ),
    PassedOverReason.NO_ACCOUNT: gettext_lazy("The LMS names a learner who has no account here."),
    PassedOverReason.CANNOT_BE_STORED: gettext_lazy("The database refused the credential. The error is in the log."),
}


@dataclass(frozen=True)
class Learner:
    """A learner who was passed over; ``url`` is the page of the account, or of what was issued to it."""

    name: str
    url: str = ""


@dataclass(frozen=True)
class Group:
    """The learners who were passed over for one reason; ``rest`` of them are not listed."""

    reason: str
    label: str
    number: int
    learners: list[Learner]
    rest: int


def list_groups(request: HttpRequest, run: GenerationRun) -> list[Group]:
    """Return the learners whom a run passed over by reason. Accounts take one query, however many there are.

    Only those who may look at credentials or accounts see who they are.
    """
    detail = run.passed_over_detail
    may_see_accounts = can_look_at(request, get_user_model())
    listed: dict[str, list[int]] = detail.get("learners", {})
    if not (may_see_accounts or can_look_at(request, Credential)):
        listed = {}
    names = _find_names([user_id for user_ids in listed.values() for user_id in user_ids])
    groups = []
    for reason, number in sorted(detail.get("counts", {}).items(), key=lambda item: (-item[1], item[0])):
        learners = [
            Learner(names[user_id], _get_address(user_id, names[user_id], may_see_accounts=may_see_accounts))
            if user_id in names
            else Learner(_("user %d, no account here") % user_id)
            for user_id in listed.get(reason, ())
        ]
        groups.append(Group(reason, str(LABELS.get(reason, reason)), number, learners, number - len(learners)))
    return groups


def _get_address(user_id: int, name: str, *, may_see_accounts: bool) -> str:
    """The page of the account, if the host has one in its admin, or else what was issued to the learner."""
    if may_see_accounts:
        with suppress(NoReverseMatch):
            return reverse(admin_urlname(get_user_model()._meta, "change"), args=[user_id])  # type: ignore[arg-type]  # noqa: SLF001
    return f"{get_url('credential_changelist')}?{urlencode({'q': name})}"


def _find_names(user_ids: list[int]) -> dict[int, str]:
    users = get_user_model()
    names: dict[int, str] = {}
    for batch in in_batches(user_ids):
        rows = users._default_manager.filter(pk__in=batch)  # noqa: SLF001
        names.update(rows.values_list("pk", users.USERNAME_FIELD))
    return names
