"""Says what importing an allowlist would do."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from learning_credentials.conf import get_settings
from learning_credentials.lms import get_lms
from learning_credentials.models import AllowlistEntry, CourseCertificate, CredentialConfiguration
from learning_credentials.models.batches import in_batches
from learning_credentials.services.course_runs import find_opening, list_course_certificate_configurations
from learning_credentials.services.credentials import find_candidates, get_mail_delay
from learning_credentials.services.desk.consequences.values import Consequences, group, rolled_back
from learning_credentials.services.issuing import count_reachable
from learning_credentials.services.staff import RowResult, import_allowlist
from learning_credentials.services.standings import Cause, evaluate_and_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.common import Actor


def foresee_allowlist_import(
    context_key: str, file: IO[bytes] | IO[str], *, configuration_id: int | None = None, actor: Actor = None
) -> tuple[list[RowResult], Consequences]:
    """Return the result of each row, and who would receive a credential.

    For a course certificate, the learners receive it directly after the import. For another configuration, the next run issues it.

    Raises:
        As `import_allowlist`.
    """
    with rolled_back():
        newest = AllowlistEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        results = import_allowlist(context_key, file, configuration_id=configuration_id, actor=actor)
        entries = AllowlistEntry.objects.filter(learning_context_key=context_key, is_active=True, pk__gt=newest)
        rows = list(entries.order_by("pk").values_list("user", "scope"))
        added = sorted(user_id for user_id, _scope in rows)
        is_course_certificate = any(not scope for _user_id, scope in rows)
        receiving = _find_receiving(context_key, None if is_course_certificate else configuration_id, added)
    counts, learners = group([("new", user_id) for user_id in receiving])
    left_counts, left_lists = group(("not_yet", user_id) for user_id in added if user_id not in set(receiving))
    is_mailed = get_settings().NOTIFY_LEARNERS
    reachable = count_reachable(receiving) if is_mailed else 0
    run = CourseCertificate.objects.filter(course_key=context_key).first()
    return results, Consequences(
        counts,
        learners,
        left_counts,
        left_lists,
        checked=len(results),
        mails=reachable,
        mails_from=find_opening(run) if run else None,
        mail_delay=(get_mail_delay() or None) if is_course_certificate else None,
        unreachable=len(receiving) - reachable if is_mailed else 0,
    )


def _find_receiving(context_key: str, configuration_id: int | None, user_ids: Sequence[int]) -> list[int]:
    """Return the learners to whom a credential is issued directly, or by the next run of a configuration. One appears once for each."""
    if configuration_id is not None:
        keys = [configuration_id]
    else:
        issuing = list_course_certificate_configurations(context_key).filter(is_enabled=True)
        keys = list(issuing.order_by("pk").values_list("pk", flat=True))
    configurations = CredentialConfiguration.objects.filter(pk__in=keys).select_related("credential_type")
    found: list[int] = []
    for batch in in_batches(list(user_ids)):
        if configuration_id is None:
            evaluate_and_store(context_key, batch, cause=Cause.ALLOWLIST_ADDED)
            possible = list(batch)
        else:  # a run looks only at learners who are enrolled
            enrolled = get_lms().get_enrolments([context_key], batch)
            possible = [user_id for user_id in batch if (user_id, context_key) in enrolled]
        for configuration in configurations:
            found += [candidate.profile.user_id for candidate in find_candidates(configuration, possible)]
    return sorted(found)
