"""Restores the revocations, and the used places in status lists, that are missing from the database after a backup was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import credentials, staff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from learning_credentials.services.staff import RestorePlan, RestoreResult


def plan_restore(lists: Sequence[bytes], logs: Sequence[Path], *, blocks_reissue: bool = True) -> RestorePlan:
    """Compare the database with newer status lists and revocation logs; return the plan. Nothing is changed.

    Args:
        lists: signed status lists as the site published them, from a monitor, a cache or an archive.
        logs: files that were the setting ``REVOCATION_LOG``.
        blocks_reissue: whether to block a new credential for learners whose revocation is known only from a list.

    Raises:
        MalformedBadgeError, UnknownKeyError, ChangedBadgeError: a list is not one of this site, or was changed.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        OSError: a log cannot be read.
    """
    return staff.plan_restore(lists, logs, blocks_reissue=blocks_reissue)


def apply_restore(plan: RestorePlan) -> RestoreResult:
    """Apply a plan: close the status lists, and invalidate the credentials that were revoked. Safe to repeat."""
    return staff.apply_restore(plan)


def get_revocation_log() -> Path | None:
    """Return the path of the revocation log, or None if there is no log."""
    return credentials.get_revocation_log_path()
