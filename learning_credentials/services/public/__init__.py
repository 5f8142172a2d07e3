"""Gives the public answers: about one credential, its page, files, images and badge, and whether a file is genuine."""

from learning_credentials.services.public.badges import (
    are_badges_offered,
    bake_badge,
    get_achievement_image,
    get_badge,
    get_badge_image,
    get_did_document,
    get_status_list,
)
from learning_credentials.services.public.downloads import Download, get_download, get_file_name, open_artifact
from learning_credentials.services.public.inspection import inspect_file
from learning_credentials.services.public.lookup import list_issued
from learning_credentials.services.public.page_pictures import get_issuer_logo, get_page_picture
from learning_credentials.services.public.pending_visits import write_due_visits, write_visits
from learning_credentials.services.public.pictures import can_draw_pdf, draw_first_page, draw_page
from learning_credentials.services.public.typed import MAX_TEXT, inspect_text
from learning_credentials.services.public.verification import (
    get_page_address,
    list_credentials,
    set_credential_indexable,
    verify_credential,
)
from learning_credentials.services.public.visits import (
    Counts,
    DayCounts,
    get_credential_counts,
    list_daily_counts,
    note_download,
    note_share,
    note_verification,
)

__all__ = [
    "MAX_TEXT",
    "Counts",
    "DayCounts",
    "Download",
    "are_badges_offered",
    "bake_badge",
    "can_draw_pdf",
    "draw_first_page",
    "draw_page",
    "get_achievement_image",
    "get_badge",
    "get_badge_image",
    "get_credential_counts",
    "get_did_document",
    "get_download",
    "get_file_name",
    "get_issuer_logo",
    "get_page_address",
    "get_page_picture",
    "get_status_list",
    "inspect_file",
    "inspect_text",
    "list_credentials",
    "list_daily_counts",
    "list_issued",
    "note_download",
    "note_share",
    "note_verification",
    "open_artifact",
    "set_credential_indexable",
    "verify_credential",
    "write_due_visits",
    "write_visits",
]
