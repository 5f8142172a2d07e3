"""Show who received no credential from a run: how many for each reason, what to do, and the first of them by name.

A *failed* credential was due but could not be made. A learner whom the run *skipped* has no credential from it at all.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth import get_user_model
from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import can_look_at, get_url
from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.credentials import SkipReason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from learning_credentials.models import GenerationRun

#: How many learners of failed credentials are listed. Learners who were skipped have the same limit.
MAX_LISTED = 1000

LABELS: dict[str, _StrPromise] = {
    SkipReason.REISSUE_BLOCKED: gettext_lazy(
        "Staff revoked the credential and blocked a new one. Lift the block to issue one."
    ),
    SkipReason.ATTEMPTS_EXHAUSTED: gettext_lazy(
        "The credential failed too often. Fix the error, then try the credential again."
    ),
    SkipReason.PROFILE_UNKNOWN: gettext_lazy("The LMS did not return the learner’s profile. The next run asks again."),
    SkipReason.RESTRICTED: gettext_lazy(
        "The account is inactive in the LMS, or the LMS does not allow this learner certificates."
    ),
    SkipReason.EVALUATION_FAILED: gettext_lazy(
        "An error prevented the evaluation of the learner. The log has the error. The next run tries again."
    ),
    SkipReason.NO_ACCOUNT: gettext_lazy("The LMS returned a learner who has no account on this site."),
    SkipReason.CANNOT_BE_STORED: gettext_lazy("The database refused the credential. The log has the error."),
}


@dataclass(frozen=True)
class Learner:
    """A learner who received nothing.

    ``url`` is the page of the failed credential, of the account, or of the learner's credentials.
    """

    name: str
    url: str = ""


@dataclass(frozen=True)
class Group:
    """The learners who received nothing for one reason.

    ``rest`` of them are not listed. ``url`` lists all of them.
    """

    reason: str
    label: str
    number: int
    learners: list[Learner]
    rest: int
    is_failed: bool = False
    url: str = ""


def list_groups(request: HttpRequest, run: GenerationRun) -> list[Group]:
    """Return the learners who received nothing from a run, by reason: first the failed credentials, then the skipped learners.

    Only users who may view credentials or accounts see the names. The number of queries does not grow with the learners.
    """
    return [*_list_failed(request, run), *_list_skipped(request, run)]


def _list_failed(request: HttpRequest, run: GenerationRun) -> list[Group]:
    """Group failed credentials by error code. If another run retries a credential, it belongs to that run from then on."""
    failed = Credential.objects.filter(generation_run=run, status=Credential.Status.ERROR).order_by()
    numbers = dict(failed.values_list("error_code").annotate(number=Count("pk")))
    if not numbers:
        return []
    user_name = f"user__{get_user_model().USERNAME_FIELD}"
    columns = ("pk", "error_code", "error_message", "user_id", user_name, "user_full_name")
    listed: dict[str, list[Learner]] = {}
    said: dict[str, set[str]] = {}
    for pk, code, message, user_id, name, full_name in failed.order_by("error_code", user_name, "pk").values_list(
        *columns
    )[:MAX_LISTED]:
        said.setdefault(code, set()).add(message)
        listed.setdefault(code, []).append(
            Learner(name or full_name or _("no account"), _find_failed_address(request, pk, user_id))
        )
    may_see = can_look_at(request, Credential) or can_look_at(request, get_user_model())
    all_url = f"{get_url('credential_changelist')}?generation_run__id__exact={run.pk}"
    return [
        Group(
            code,
            _describe_messages(said.get(code, set())),
            number,
            learners := listed.get(code, []) if may_see else [],
            number - len(learners),
            is_failed=True,
            url=f"{all_url}&{urlencode({'error_code': code})}" if can_look_at(request, Credential) else "",
        )
        for code, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    ]


def _describe_messages(messages: set[str]) -> str:
    """Return the message if all credentials have the same. Otherwise return that each credential has its own."""
    if len(messages) == 1:
        (text,) = messages
        return text[:1].upper() + text[1:]
    return _("The page of each credential shows its message.")


def _find_failed_address(request: HttpRequest, pk: UUID, user_id: int | None) -> str:
    """Return the page of the credential. For users who may only view accounts, return the page of the account."""
    if can_look_at(request, Credential):
        return get_url("credential_change", pk)
    return _find_account_address(user_id) if user_id is not None and can_look_at(request, get_user_model()) else ""


def _list_skipped(request: HttpRequest, run: GenerationRun) -> list[Group]:
    return group_learners(request, run.skipped_detail, LABELS)


def group_learners(request: HttpRequest, detail: Mapping[str, Any], labels: Mapping[str, _StrPromise]) -> list[Group]:
    """Return the learners that a run has counted and listed, by reason, the largest group first.

    Args:
        request: decides who sees names.
        detail: ``counts`` by reason, and the ids of the first ``learners`` by reason.
        labels: of the reasons.
    """
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
            else Learner(_("user %d, no account on this site") % user_id)
            for user_id in listed.get(reason, ())
        ]
        groups.append(Group(reason, str(labels.get(reason, reason)), number, learners, number - len(learners)))
    return groups


def _get_address(user_id: int, name: str, *, may_see_accounts: bool) -> str:
    """Return the page of the account if the host's admin has one. Otherwise return the list of the learner's credentials."""
    if may_see_accounts and (address := _find_account_address(user_id)):
        return address
    return f"{get_url('credential_changelist')}?{urlencode({'q': name})}"


def _find_account_address(user_id: int) -> str:
    with suppress(NoReverseMatch):
        return reverse(admin_urlname(get_user_model()._meta, "change"), args=[user_id])  # type: ignore[arg-type]  # noqa: SLF001
    return ""


def _find_names(user_ids: list[int]) -> dict[int, str]:
    users = get_user_model()
    names: dict[int, str] = {}
    for batch in in_batches(user_ids):
        rows = users._default_manager.filter(pk__in=batch)  # noqa: SLF001
        names.update(rows.values_list("pk", users.USERNAME_FIELD))
    return names
