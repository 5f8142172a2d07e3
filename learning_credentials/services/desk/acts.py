"""Lists what people did lately: acts on credentials and course runs from the history, and everything else from the admin's log.

Acts of the app itself are left out: the schedule, events from the LMS, workers.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    CourseCertificate,
    Credential,
    CredentialConfiguration,
    CredentialEvent,
    GenerationRun,
)
from learning_credentials.models.batches import in_batches
from learning_credentials.services.course_runs import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

#: How many rows of each source one page reads, and how many acts it shows.
MAX_READ = 500
MAX_SHOWN = 50
#: Rows of one act follow each other within this time.
_GAP = timedelta(minutes=2)
#: How many learners of an act are named.
_NAMED = 3
#: The most configurations and runs of a course whose log is read.
_MAX_OF_COURSE = 200
#: What people do to credentials. Runs create, issue and fail: the log has the start of a run.
_Action = CredentialEvent.Action
ACTIONS = (
    _Action.RETRIED,
    _Action.INVALIDATED,
    _Action.CANCELLED,
    _Action.REPLACED,
    _Action.BLOCK_LIFTED,
    _Action.DATE_OVERRIDDEN,
    _Action.RENEWED,
    _Action.EXPIRY_CHANGED,
    _Action.UNDONE,
    _Action.RESTORED,
    _Action.MAIL_CALLED_BACK,
    _Action.MAIL_RELEASED,
    _Action.RENDERED_AGAIN,
)
_Subject = CertificateEvent.Subject
#: The histories that tell of acts. Changes of a certificate status follow from acts.
_SUBJECTS: dict[type[Model], str] = {
    CourseCertificate: _Subject.COURSE_CERTIFICATE,
    AllowlistEntry: _Subject.ALLOWLIST,
    CertificateInvalidation: _Subject.INVALIDATION,
}


class Limit(Protocol):
    """Leaves only the rows that the viewer may see."""

    def __call__(self, rows: QuerySet[Any], model: type[Model]) -> QuerySet[Any]:
        """Return them. ``model`` is the one whose permissions count: the credential's for its events."""


@dataclass(frozen=True)
class ActFilter:
    """Which acts to list.

    Args:
        since: from this time on.
        until: before this time.
        context_key: in this learning context. Empty: everywhere.
        user_ids: by one of these people or about them. None: by anyone.
    """

    since: datetime
    until: datetime
    context_key: str = ""
    user_ids: Collection[Any] | None = None


@dataclass
class Act:
    """One act of one person, on one row or on many.

    ``what`` is a word of the history, ``allowlist_begun``, ``allowlist_ended``, ``invalidation_begun``, ``invalidation_ended``, the name of
    a changed field of a course run, or a sentence of the log: see ``source``. ``model`` and ``key`` name the row, if there is one.
    ``is_cut``: the act has more rows than ``number``, which were not read.
    """

    at: datetime
    actor_id: Any
    what: str
    source: str
    context_key: str = ""
    context_name: str = ""
    learners: list[str] = field(default_factory=list)
    reason: str = ""
    model: type[Model] | None = None
    key: str = ""
    number: int = 1
    first_at: datetime | None = None
    detail: str = ""
    is_cut: bool = False


def list_acts(
    asked: ActFilter, *, models: Collection[type[Model]], limit: Limit, log_of: Any = None
) -> tuple[list[Act], bool]:
    """Return the newest acts, and whether there are older ones. Rows that one person changed in one go are one act.

    The number of queries does not depend on the number of rows.

    Args:
        asked: which acts.
        models: the models whose rows the viewer may see.
        limit: leaves only the rows that the viewer may see.
        log_of: show only this account's entries of the admin's log. None: everybody's.
    """
    sources = [list(source[:MAX_READ]) for source in _list_sources(asked, models, limit, log_of)]
    # Below the oldest row of a source that was cut, other sources must not go on: something would be missing between.
    cut = [source[-1] for source in sources if len(source) == MAX_READ]
    reached = max((_get_moment(row) for row in cut), default=None)
    merged = [act for source in sources for act in map(_read, source) if reached is None or act.at >= reached]
    grouped = _drop_repeated(_group(sorted(merged, key=attrgetter("at"), reverse=True)))
    if cut and len(grouped) <= MAX_SHOWN:
        grouped[-1].is_cut = grouped[-1].number > 1
    return grouped[:MAX_SHOWN], len(grouped) > MAX_SHOWN or bool(cut)


def iter_acts(asked: ActFilter, *, models: Collection[type[Model]], limit: Limit, log_of: Any = None) -> Iterator[Act]:
    """Yield every row of history and log that tells of an act, the newest first, in flat memory."""
    sources = (map(_read, source.iterator(chunk_size=2000)) for source in _list_sources(asked, models, limit, log_of))
    return heapq.merge(*sources, key=attrgetter("at"), reverse=True)


def find_actor_names(user_ids: Iterable[Any]) -> dict[Any, str]:
    """Return the user name, and the full name if the account has one, of each account."""
    users = get_user_model()
    names = {}
    for batch in in_batches(sorted({each for each in user_ids if each is not None})):
        for user in users._default_manager.filter(pk__in=batch):  # noqa: SLF001  a public interface in spite of its name
            full = user.get_full_name() if hasattr(user, "get_full_name") else ""
            names[user.pk] = f"{full} ({user.get_username()})" if full else user.get_username()
    return names


def _list_sources(
    asked: ActFilter, models: Collection[type[Model]], limit: Limit, log_of: Any = None
) -> list[QuerySet[Any]]:
    """Return the rows of each source, the newest first."""
    sources: list[QuerySet[Any]] = []
    if Credential in models:
        sources.append(_select_credential_events(asked, limit))
    sources += [_select_course_events(asked, model, limit) for model in _SUBJECTS if model in models]
    sources.append(_select_log(asked, models, limit, log_of))
    return sources


def _select_credential_events(asked: ActFilter, limit: Limit) -> QuerySet[Any]:
    rows = CredentialEvent.objects.filter(
        action__in=ACTIONS, actor__isnull=False, created_at__gte=asked.since, created_at__lt=asked.until
    )
    if asked.context_key:
        rows = rows.filter(credential__learning_context_key=asked.context_key)
    if asked.user_ids is not None:
        rows = rows.filter(Q(actor__in=asked.user_ids) | Q(credential__user__in=asked.user_ids))
    shown = ("user_full_name", "learning_context_key", "learning_context_name", "credential_type_name")
    only = ("action", "actor_id", "created_at", "reason", *(f"credential__{name}" for name in shown))
    return limit(rows, Credential).select_related("credential").only(*only).order_by("-created_at", "-pk")


def _select_course_events(asked: ActFilter, model: type[Model], limit: Limit) -> QuerySet[Any]:
    rows = CertificateEvent.objects.filter(
        subject=_SUBJECTS[model], actor__isnull=False, created_at__gte=asked.since, created_at__lt=asked.until
    )
    if asked.context_key:
        rows = rows.filter(learning_context_key=asked.context_key)
    if asked.user_ids is not None:
        rows = rows.filter(Q(actor__in=asked.user_ids) | Q(user__in=asked.user_ids))
    return limit(rows, model).select_related("user").order_by("-created_at", "-pk")


def _select_log(asked: ActFilter, models: Collection[type[Model]], limit: Limit, log_of: Any = None) -> QuerySet[Any]:
    """Return the entries of the admin's log about rows of models that the viewer may see."""
    from django.contrib.admin.models import LogEntry  # a host need not install the admin

    types = ContentType.objects.get_for_models(*models) if models else {}
    rows = LogEntry.objects.filter(
        content_type__in=[each.pk for each in types.values()],
        action_time__gte=asked.since,
        action_time__lt=asked.until,
    )
    if log_of is not None:
        rows = rows.filter(user=log_of)
    if asked.user_ids is not None:
        rows = rows.filter(user__in=asked.user_ids)
    if asked.context_key:
        condition = Q(pk__in=())
        for model, lookup in (
            (CourseCertificate, "course_key"),
            (CredentialConfiguration, "learning_context_key"),
            (GenerationRun, "configuration__learning_context_key"),
        ):
            if model in types:
                found = limit(model.objects.filter(**{lookup: asked.context_key}), model).order_by("-pk")
                keys = [str(pk) for pk in found.values_list("pk", flat=True)[:_MAX_OF_COURSE]]
                condition |= Q(content_type=types[model], object_id__in=keys)
        rows = rows.filter(condition)
    return rows.order_by("-action_time", "-pk")


def _get_moment(row: Any) -> datetime:
    moment: datetime = row.created_at if isinstance(row, (CredentialEvent, CertificateEvent)) else row.action_time
    return moment


def _read(row: Any) -> Act:
    if isinstance(row, CredentialEvent):
        credential = row.credential
        return Act(
            row.created_at,
            row.actor_id,
            row.get_action_display(),
            "credential",
            credential.learning_context_key,
            credential.learning_context_name,
            [credential.user_full_name],
            row.reason,
            Credential,
            str(row.credential_id),
            detail=credential.credential_type_name,
        )
    if isinstance(row, CertificateEvent):
        model = next(model for model, subject in _SUBJECTS.items() if subject == row.subject)
        is_switch = model is not CourseCertificate
        return Act(
            row.created_at,
            row.actor_id,
            f"{row.subject}_{'begun' if row.to_value == ACTIVE else 'ended'}" if is_switch else row.field,
            "course",
            row.learning_context_key,
            learners=[row.user.get_username()] if row.user else [],
            reason=row.reason,
            model=model,
            key=str(row.subject_id),
            detail="" if is_switch else f"{row.from_value or '–'} → {row.to_value or '–'}",
        )
    content_type = ContentType.objects.get_for_id(row.content_type_id)
    return Act(
        row.action_time,
        row.user_id,
        row.object_repr,
        "admin",
        model=content_type.model_class(),
        key="" if row.is_deletion() or not row.object_id else str(row.object_id),
        detail=row.get_change_message(),
    )


def _group(acts: Iterable[Act]) -> list[Act]:
    """Make one act of rows that follow each other and tell the same. The newest row comes first."""
    grouped: list[Act] = []
    for act in acts:
        last = grouped[-1] if grouped else None
        if last is None or not _is_same(last, act):
            act.first_at = act.at
            grouped.append(act)
            continue
        last.number += 1
        last.first_at = act.at
        if len(last.learners) < _NAMED:
            last.learners += [name for name in act.learners if name not in last.learners]
        if act.context_key != last.context_key:
            last.context_key = last.context_name = ""
        last.key = ""
    return grouped


def _is_same(last: Act, act: Act) -> bool:
    same = ("actor_id", "what", "source", "reason", "model")
    is_close = last.first_at is not None and last.first_at - act.at <= _GAP
    return act.source != "admin" and is_close and all(getattr(last, name) == getattr(act, name) for name in same)


def _drop_repeated(acts: list[Act]) -> list[Act]:
    """Leave out entries of the admin's log about acts that the history tells better."""
    told = [act for act in acts if act.source != "admin"]

    def is_told(entry: Act) -> bool:
        return any(
            act.model is entry.model
            and act.actor_id == entry.actor_id
            and act.first_at is not None
            and act.first_at - _SLACK <= entry.at <= act.at + _SLACK
            for act in told
        )

    return [act for act in acts if act.source != "admin" or not is_told(act)]


#: The log's entry is written after the history, when all rows are done.
_SLACK = timedelta(seconds=10)
