"""Write what one person may do where, and why, in words."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import can_look_at, get_url, has_model_permission
from learning_credentials.admin.scoping import is_viewer_limited
from learning_credentials.lms import Act, get_lms
from learning_credentials.models import ContextGrant
from learning_credentials.services.staff import SourceKind, explain_rights, list_grants_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from learning_credentials.lms import Scope
    from learning_credentials.services.staff import ExplainedAct, ExplainedRights, Source

logger = logging.getLogger(__name__)

#: How many contexts a text names.
MAX_NAMED = 5

ACTS: dict[Act, _StrPromise] = {
    Act.VIEW_CONTEXT: gettext_lazy("See which credentials there are"),
    Act.VIEW_ELIGIBILITY: gettext_lazy("See learners’ progress and grades"),
    Act.REQUEST_CREDENTIAL: gettext_lazy("Request a credential for a learner (REST)"),
    Act.DOWNLOAD_FILE: gettext_lazy("Download files"),
    Act.VIEW_LEARNER_STATUS: gettext_lazy("See certificate statuses"),
    Act.VIEW_COURSE_CERTIFICATE: gettext_lazy("See the settings of course runs"),
    Act.ADD_COURSE_CERTIFICATE: gettext_lazy("Add settings of course runs"),
    Act.CHANGE_COURSE_CERTIFICATE: gettext_lazy("Change settings of course runs, such as the available date"),
    Act.START_RUN: gettext_lazy("Start runs and make examples"),
    Act.ISSUE_CREDENTIAL: gettext_lazy("Issue credentials"),
    Act.INVALIDATE_CREDENTIAL: gettext_lazy("Revoke credentials and undo awards"),
    Act.REISSUE_CREDENTIAL: gettext_lazy("Reissue and renew credentials, correct names"),
    Act.LIFT_BLOCK: gettext_lazy("Lift blocks of revoked credentials"),
    Act.CHANGE_DATES: gettext_lazy("Change expiries and dates on public pages"),
    Act.RETRY_CREDENTIAL: gettext_lazy("Retry failed credentials"),
    Act.SEND_MAIL: gettext_lazy("Send e-mails again, call them back"),
    Act.EXPORT_CREDENTIALS: gettext_lazy("Download lists and archives"),
    Act.VIEW_PERSONAL_DATA: gettext_lazy("See all about a learner"),
    Act.ALLOW_LEARNER: gettext_lazy("Add to the allowlist"),
    Act.END_ALLOWING: gettext_lazy("Remove from the allowlist"),
    Act.BAR_LEARNER: gettext_lazy("Bar learners"),
    Act.END_BARRING: gettext_lazy("Lift bars"),
    Act.EVALUATE_LEARNER: gettext_lazy("Evaluate certificate statuses again"),
}


def find_titles(keys: Sequence[str]) -> dict[str, str]:
    """Return the titles of learning contexts. Without an answer of the LMS there are none."""
    try:
        return {key: context.name for key, context in get_lms().find_contexts(keys).items()} if keys else {}
    except Exception:
        # The backend is the host's code, and a list must show the keys without it.
        logger.warning("The LMS backend failed to name learning contexts", exc_info=True)
        return {}


def list_administrators(request: HttpRequest, context_key: str) -> dict[str, Any]:
    """Return for the page of a course run who may administer it according to the grants, if the user may see them."""
    if not can_look_at(request, ContextGrant, context_key=context_key):
        return {}
    lines = [
        {
            "url": get_url("contextgrant_change", grant.pk),
            "who": grant.holder,
            "role": str(grant.role) if grant.role else _("own permissions"),
            "where": grant.describe_contexts() if grant.is_prefix else "",
        }
        for grant in list_grants_for(context_key)
    ]
    may_give = has_model_permission(request, "add", ContextGrant) and not is_viewer_limited(request)
    return {"administrators": lines, "shows_administrators": True, "can_delegate": may_give}


def describe_rights(person: Any, context_key: str) -> dict[str, Any]:
    """Return the values for the template: whether the person is limited and why, and each act with its contexts and sources."""
    rights = explain_rights(person)
    return {
        "person": person,
        "context_key": context_key,
        "summary": _summarise(rights),
        "grants": [
            {
                "url": get_url("contextgrant_change", grant.pk),
                "holder": _("group %s") % grant.group if grant.group else "",
                "where": grant.describe_contexts(),
                "role": str(grant.role) if grant.role else _("own permissions"),
                "is_active": bool(grant.is_active),
            }
            for grant in rights.grants
        ],
        "acts": [_describe_act(explained, context_key) for explained in rights.acts],
        "is_staff": bool(getattr(person, "is_staff", False)),
        "problem": rights.problem,
    }


def _summarise(rights: ExplainedRights) -> str:
    if not rights.is_active:
        return _("The account is not active. It can do nothing.")
    if rights.is_superuser:
        return _("The person is a superuser: everything is allowed, in all learning contexts.")
    if not rights.is_limited:
        return _("The person is not limited: each permission holds in all learning contexts.")
    reasons = []
    if rights.lms_scope is not None:
        reasons.append(_("the LMS says which learning contexts the person administers"))
    if any(grant.is_active for grant in rights.grants):
        reasons.append(_("there are grants"))
    elif rights.grants:
        reasons.append(_("all grants have ended"))
    if rights.problem:
        reasons.append(_("the LMS does not answer"))
    return _("The person is limited to some learning contexts, because %s.") % _(" and ").join(reasons)


def _describe_act(explained: ExplainedAct, context_key: str) -> dict[str, Any]:
    scope = explained.scope
    return {
        "label": ACTS[explained.act],
        "is_allowed": scope.covers(context_key) if context_key else bool(scope),
        "where": describe_scope(scope),
        "sources": list(dict.fromkeys(_describe_source(source) for source in explained.sources)),
    }


def describe_scope(scope: Scope) -> str:
    """Return the contexts of a scope in words, at most a few of them by name."""
    if scope.is_everything:
        return _("all learning contexts")
    if not scope:
        return _("nowhere")
    named = [*(_("all that begin with %s") % prefix for prefix in scope.prefixes), *sorted(scope.keys)]
    rest = len(named) - MAX_NAMED
    shown = ", ".join(named[:MAX_NAMED])
    return f"{shown} {ngettext('and %d more', 'and %d more', rest) % rest}" if rest > 0 else shown


def _describe_source(source: Source) -> str:
    name = source.permission.partition(".")[2]
    match source.kind:
        case SourceKind.SUPERUSER:
            return _("superuser")
        case SourceKind.ACCOUNT:
            return _("permission %s of the account") % name
        case SourceKind.GROUP:
            return _("permission %(name)s of the group “%(group)s”") % {"name": name, "group": source.name}
        case SourceKind.ROLE:
            return _("permission %(name)s of the role “%(role)s”") % {"name": name, "role": source.name}
    return _("permission %s of another authentication backend") % name
