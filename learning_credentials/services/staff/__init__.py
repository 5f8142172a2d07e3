"""Carries out what staff do to credentials and learners: invalidate, block, allow, restore."""

from learning_credentials.services.staff.allowlist import add_allowlist_entry, remove_allowlist_entry
from learning_credentials.services.staff.allowlist_import import (
    RowResult,
    RowStatus,
    import_allowlist,
    write_allowlist_results,
)
from learning_credentials.services.staff.allowlist_obstacles import (
    Obstacle,
    describe_allowlist_obstacles,
    find_allowlist_obstacles,
)
from learning_credentials.services.staff.certificate_invalidations import (
    invalidate_certificate,
    lift_certificate_invalidation,
)
from learning_credentials.services.staff.explaining import (
    ExplainedAct,
    ExplainedRights,
    Source,
    SourceKind,
    explain_rights,
)
from learning_credentials.services.staff.grants import end_grant, give_grant, list_grants_for
from learning_credentials.services.staff.invalidation import (
    invalidate_credential,
    invalidate_credentials,
    lift_reissue_block,
    override_issue_date,
)
from learning_credentials.services.staff.restoring import RestorePlan, RestoreResult, apply_restore, plan_restore

__all__ = [
    "ExplainedAct",
    "ExplainedRights",
    "Obstacle",
    "RestorePlan",
    "RestoreResult",
    "RowResult",
    "RowStatus",
    "Source",
    "SourceKind",
    "add_allowlist_entry",
    "apply_restore",
    "describe_allowlist_obstacles",
    "end_grant",
    "explain_rights",
    "find_allowlist_obstacles",
    "give_grant",
    "import_allowlist",
    "invalidate_certificate",
    "invalidate_credential",
    "invalidate_credentials",
    "lift_certificate_invalidation",
    "lift_reissue_block",
    "list_grants_for",
    "override_issue_date",
    "plan_restore",
    "remove_allowlist_entry",
    "write_allowlist_results",
]
