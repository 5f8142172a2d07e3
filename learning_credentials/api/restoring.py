"""After a backup was restored: what it forgot of revocations and of places in status lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import credentials, staff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from learning_credentials.services.staff import RestorePlan, RestoreResult


def plan_restore(lists: Sequence[bytes], logs: Sequence[Path], *, blocks_reissue: bool = True) -> RestorePlan:
    """Compare the database with signed status lists and logs of revocations that are newer. Nothing is changed.

    Args:
        lists: status lists as the site published them, from a monitor, a cache or an archive.
        logs: files that were the setting ``REVOCATION_LOG``.
        blocks_reissue: whether nothing is issued in place of credentials that only a list tells to be revoked.

    Raises:
        MalformedBadgeError, UnknownKeyError, ChangedBadgeError: a list is not one of this site, or was changed.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        OSError: a log cannot be read.
    """
    return staff.plan_restore(lists, logs, blocks_reissue=blocks_reissue)


def apply_restore(plan: RestorePlan) -> RestoreResult:
    """Do what a plan says: close the status lists, and invalidate what was revoked. Safe to repeat."""
    return staff.apply_restore(plan)


def get_revocation_log() -> Path | None:
    """Return where revocations are logged; None: nowhere."""
    return credentials.get_revocation_log_path()
