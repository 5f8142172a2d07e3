"""Provides the code that all rooms share: the database, accounts, the private storage, addresses, history, messages and CSV."""

from learning_credentials.services.common.accounts import (
    find_held_account,
    find_known_accounts,
    hold_accounts,
    hold_learner,
    lock_for_deletion,
    require_account,
)
from learning_credentials.services.common.addresses import (
    get_badge_image_url,
    get_download_url,
    get_status_list_url,
    get_url_maker,
    get_verification_url,
)
from learning_credentials.services.common.artifacts import (
    Folder,
    archive_file,
    delete_files,
    get_archive_name,
    list_files,
    open_file,
)
from learning_credentials.services.common.asset_files import AssetUpload, begin_asset_upload, note_unused_asset_file
from learning_credentials.services.common.database import (
    ByKey,
    as_text,
    drop_broken_connection,
    get_committed,
    insert_rows,
    is_contention,
    persist,
    retry_on_contention,
)
from learning_credentials.services.common.history import Actor, find_actor_id, get_actor_id, new_event, record_events
from learning_credentials.services.common.ids import parse_uuid
from learning_credentials.services.common.leases import get_claim_timeout
from learning_credentials.services.common.line_files import append_lines, read_lines
from learning_credentials.services.common.messages import (
    Backlog,
    WorkResult,
    discard_message,
    put_message,
    retry_messages,
    sweep_messages,
    work_off,
)
from learning_credentials.services.common.names import find_new_names, is_printable, read_name, require_name
from learning_credentials.services.common.scope import Viewer, has_permission, is_in_use
from learning_credentials.services.common.spreadsheets import TextSink, iter_csv
from learning_credentials.services.common.statements import ListParameter, Parameter, Statement
from learning_credentials.services.common.stray_clearing import ClearedStrays, clear_strays, find_stray_files
from learning_credentials.services.common.strays import (
    delete_stray_files,
    get_claim_dir,
    get_examples_root,
    note_stray_files,
    note_strays,
    note_strays_of_claims,
)

__all__ = [
    "Actor",
    "AssetUpload",
    "Backlog",
    "ByKey",
    "ClearedStrays",
    "Folder",
    "ListParameter",
    "Parameter",
    "Statement",
    "TextSink",
    "Viewer",
    "WorkResult",
    "append_lines",
    "archive_file",
    "as_text",
    "begin_asset_upload",
    "clear_strays",
    "delete_files",
    "delete_stray_files",
    "discard_message",
    "drop_broken_connection",
    "find_actor_id",
    "find_held_account",
    "find_known_accounts",
    "find_new_names",
    "find_stray_files",
    "get_actor_id",
    "get_archive_name",
    "get_badge_image_url",
    "get_claim_dir",
    "get_claim_timeout",
    "get_committed",
    "get_download_url",
    "get_examples_root",
    "get_status_list_url",
    "get_url_maker",
    "get_verification_url",
    "has_permission",
    "hold_accounts",
    "hold_learner",
    "insert_rows",
    "is_contention",
    "is_in_use",
    "is_printable",
    "iter_csv",
    "list_files",
    "lock_for_deletion",
    "new_event",
    "note_stray_files",
    "note_strays",
    "note_strays_of_claims",
    "note_unused_asset_file",
    "open_file",
    "parse_uuid",
    "persist",
    "put_message",
    "read_lines",
    "read_name",
    "record_events",
    "require_account",
    "require_name",
    "retry_messages",
    "retry_on_contention",
    "sweep_messages",
    "work_off",
]
