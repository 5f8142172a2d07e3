"""Provides the functions that the code of a host project calls. The names in ``__all__`` are public: they change in a major version only.

The functions take ids and plain values. They return values of `learning_credentials.data`, or model instances, which callers can read but
must not save. ``actor`` is who asks: a user, a user id, or None for the app itself. They check neither permissions nor
limits to learning contexts, and ``actor`` is only what the history names: ask `has_permission` with the act and the context first.
Functions that render do so in the calling process, outside any transaction of their own. Do not call them inside a transaction.

The app's own pages, tasks and commands do not use this module. They call the rooms in `learning_credentials.services`.
"""

from learning_credentials.services.common import (
    get_verification_url,
    has_permission,
)
from learning_credentials.services.course_runs import (
    change_course_certificate,
    get_course_certificate,
    set_certificate_available_date,
)
from learning_credentials.services.credentials import (
    retry_credentials,
)
from learning_credentials.services.desk import (
    copy_configuration,
    copy_credential_type,
    export_learner,
    retire_learner,
    undo_award,
    undo_revocation,
)
from learning_credentials.services.issuing import (
    cancel_run,
    change_expiry,
    continue_run,
    find_requestable,
    get_criteria,
    get_eligibility,
    issue_credential,
    issue_pending_credentials,
    list_eligible_learners,
    pause_run,
    preview_credential,
    reissue_credential,
    renew_credential,
    request_credential,
    start_run,
    undo_run,
)
from learning_credentials.services.public import (
    Counts,
    bake_badge,
    get_badge,
    get_credential_counts,
    get_download,
    inspect_file,
    inspect_text,
    list_credentials,
    open_artifact,
    verify_credential,
)
from learning_credentials.services.reports import (
    IssuedCertificate,
    IssuedCount,
    count_issued_certificates,
    get_certificate_info,
    get_certificate_status,
    get_learner_status,
    get_program_status,
    iter_issued_certificates,
    list_certificate_infos,
    list_certificate_statuses,
    list_learner_statuses,
)
from learning_credentials.services.staff import (
    Obstacle,
    RowResult,
    RowStatus,
    add_allowlist_entry,
    find_allowlist_obstacles,
    import_allowlist,
    invalidate_certificate,
    invalidate_credential,
    lift_certificate_invalidation,
    lift_reissue_block,
    override_issue_date,
    remove_allowlist_entry,
)
from learning_credentials.services.standings import (
    Cause,
    evaluate_course_certificate,
    evaluate_course_certificates,
)

__all__ = [
    "Cause",
    "Counts",
    "IssuedCertificate",
    "IssuedCount",
    "Obstacle",
    "RowResult",
    "RowStatus",
    "add_allowlist_entry",
    "bake_badge",
    "cancel_run",
    "change_course_certificate",
    "change_expiry",
    "continue_run",
    "copy_configuration",
    "copy_credential_type",
    "count_issued_certificates",
    "evaluate_course_certificate",
    "evaluate_course_certificates",
    "export_learner",
    "find_allowlist_obstacles",
    "find_requestable",
    "get_badge",
    "get_certificate_info",
    "get_certificate_status",
    "get_course_certificate",
    "get_credential_counts",
    "get_criteria",
    "get_download",
    "get_eligibility",
    "get_learner_status",
    "get_program_status",
    "get_verification_url",
    "has_permission",
    "import_allowlist",
    "inspect_file",
    "inspect_text",
    "invalidate_certificate",
    "invalidate_credential",
    "issue_credential",
    "issue_pending_credentials",
    "iter_issued_certificates",
    "lift_certificate_invalidation",
    "lift_reissue_block",
    "list_certificate_infos",
    "list_certificate_statuses",
    "list_credentials",
    "list_eligible_learners",
    "list_learner_statuses",
    "open_artifact",
    "override_issue_date",
    "pause_run",
    "preview_credential",
    "reissue_credential",
    "remove_allowlist_entry",
    "renew_credential",
    "request_credential",
    "retire_learner",
    "retry_credentials",
    "set_certificate_available_date",
    "start_run",
    "undo_award",
    "undo_revocation",
    "undo_run",
    "verify_credential",
]
