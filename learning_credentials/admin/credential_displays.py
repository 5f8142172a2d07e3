"""Display credentials in the admin: the columns of the list and the fields of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from learning_credentials.admin.base import NOTHING, get_url, link
from learning_credentials.admin.fields import dump
from learning_credentials.admin.large_lists import LargeChangeList
from learning_credentials.admin.operations import OperatingAdmin
from learning_credentials.admin.visits import render_visits
from learning_credentials.custom_fields import format_field
from learning_credentials.models import Credential
from learning_credentials.pdf import choose_locale
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.course_runs import describe_visibility
from learning_credentials.services.credentials import read_fields
from learning_credentials.services.public import Counts, are_badges_offered, get_credential_counts
from learning_credentials.verify_codes import format_code

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from learning_credentials.data import CredentialVisibility

Status = Credential.Status
#: Credentials with these statuses have a public page.
PUBLISHED = frozenset({Status.AVAILABLE, Status.INVALIDATED})


class CredentialChangeList(LargeChangeList):
    """Load the visibility and the counts of all credentials of a page at once. See `CredentialDisplays.shown` and `visits`."""

    def get_results(self, request: HttpRequest) -> None:
        """Set the visibility and the counts on each credential."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        seen = describe_visibility(self.result_list)
        counts = get_credential_counts([credential.verify_uuid for credential in self.result_list])
        for credential in self.result_list:
            credential.visibility = seen[credential.pk]
            credential.counts = counts[credential.verify_uuid]


class CredentialDisplays(OperatingAdmin[Credential]):
    """Define the columns and fields of credentials. `CredentialAdmin` has the buttons."""

    def get_fieldsets(self, request: HttpRequest, obj: Credential | None = None) -> list[tuple[Any, Any]]:  # noqa: ARG002
        """Leave out the sections that do not apply to the credential."""
        sections: list[tuple[Any, tuple[Any, ...], bool]] = [
            (
                None,
                (
                    ("status_badge", "attempts"),
                    ("user_full_name", "user_link"),
                    ("credential_type_name", "context"),
                    ("configuration_link", "run_link"),
                    ("issued_at", "expires_at", "notified_at"),
                    ("shown", "date_override"),
                ),
                True,
            ),
            (_("What went wrong"), ("error_code", "error_message"), bool(obj and obj.error_code)),
            (
                _("E-mail"),
                (("notification_attempts", "notification_held_until"), "notification_error"),
                bool(obj and obj.notification_error and not obj.notified_at),
            ),
            (
                _("Waiting e-mail"),
                ("mail_hold", ("notification_held_until", "mail_called_back_at")),
                obj is not None
                and obj.mail_hold_id is not None
                and obj.status == Status.AVAILABLE
                and not (obj.notified_at or obj.notification_error),
            ),
            (_("Public"), (("verify_uuid", "code"), "public_page", "artifact"), True),
            (_("Badge"), ("badge",), bool(obj and obj.status_list_id)),
            (_("Visits"), ("visit_chart",), bool(obj and obj.status in PUBLISHED)),
            (
                _("Replacement"),
                (("replaces_link", "successor_link"),),
                bool(obj and (obj.replaces_id or hasattr(obj, "successor"))),
            ),
            (
                _("Revocation"),
                (("invalidated_at", "archived_at", "blocks_reissue"), "invalidation_reason"),
                bool(obj and obj.invalidated_at),
            ),
        ]
        snapshot = {
            "fields": (
                "achievement_text",
                "issuer_text",
                "signatories_text",
                "evidence_text",
                "fields_text",
                "language",
            ),
            "classes": ("collapse",),
        }
        shown = [(title, {"fields": fields}) for title, fields, applies in sections if applies]
        technical = {"fields": ("file_details", "place"), "classes": ("collapse",)}
        return [*shown, (_("As it was issued"), snapshot), (_("Technical"), technical)]

    @admin.display(description=gettext_lazy("verification code"))
    def code(self, obj: Credential) -> str:
        """Return the code as it is printed."""
        return format_code(obj.verify_code) or NOTHING

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_badge(self, obj: Credential) -> SafeString:
        """Return the status in its colour."""
        kind, label = describe_status(obj)
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', kind, label)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_and_error(self, obj: Credential) -> SafeString:
        """Return the status, and the error code if there is one."""
        return format_html('{}<br><span class="quiet">{}</span>', self.status_badge(obj), obj.error_code)

    @admin.display(description=gettext_lazy("learner"), ordering="user_full_name")
    def learner(self, obj: Credential) -> SafeString:
        """Return the name and the user name. After retirement there is no user name."""
        username = obj.user.get_username() if obj.user else NOTHING
        return format_html('{}<br><span class="quiet">{}</span>', obj.user_full_name, username)

    @admin.display(description=gettext_lazy("learning context"), ordering="learning_context_key")
    def context(self, obj: Credential) -> SafeString:
        """Return the context's name and key."""
        return format_html('{}<br><span class="quiet">{}</span>', obj.learning_context_name, obj.learning_context_key)

    @admin.display(description=gettext_lazy("credential"), ordering="learning_context_key")
    def award(self, obj: Credential) -> SafeString:
        """Return the type, and the context with its key. One column for both leaves room for names."""
        return format_html("{}<br>{}", obj.credential_type_name, self.context(obj))

    @admin.display(description=gettext_lazy("issued"), ordering="issued_at")
    def dates(self, obj: Credential) -> SafeString:
        """Return the date of issue and, below it, more about the dates.

        These are the shown date if it differs, the expiry, and whether the credential is hidden.
        """
        issued = formats.localize(timezone.localtime(obj.issued_at)) if obj.issued_at else NOTHING
        seen = _get_visibility(obj)
        is_other = seen.issue_date and obj.issued_at and seen.issue_date != _get_day(obj.issued_at)
        shown = _("shown as %s") % formats.date_format(seen.issue_date) if is_other and seen.issue_date else ""
        return _join_lines(issued, *(_show_quiet(line) for line in (shown, _describe_expiry(obj))), _show_hidden(seen))

    @admin.display(description=gettext_lazy("shown as"))
    def shown(self, obj: Credential) -> SafeString | str:
        """Return the date that is shown, and whether the credential is visible."""
        seen = _get_visibility(obj)
        note = _(" (set by staff)") if obj.date_override else ""
        return _join_lines(
            f"{formats.date_format(seen.issue_date)}{note}" if seen.issue_date else "", _show_hidden(seen)
        )

    @admin.display(description=gettext_lazy("account"))
    def user_link(self, obj: Credential) -> str:
        """Return the learner's user name and id."""
        return f"{obj.user.get_username()} ({obj.user.pk})" if obj.user else NOTHING

    @admin.display(description=gettext_lazy("configuration"))
    def configuration_link(self, obj: Credential) -> SafeString:
        """Return a link to the configuration."""
        return link(get_url("credentialconfiguration_change", obj.configuration_id), obj.configuration)

    @admin.display(description=gettext_lazy("run"))
    def run_link(self, obj: Credential) -> SafeString | str:
        """Return a link to the run that requested the credential."""
        return (
            link(get_url("generationrun_change", obj.generation_run_id), obj.generation_run)
            if obj.generation_run
            else NOTHING
        )

    @admin.display(description=gettext_lazy("public page"))
    def public_page(self, obj: Credential) -> SafeString | str:
        """Return a link to the page where anyone can verify the credential."""
        if obj.status not in PUBLISHED:
            return NOTHING
        url = get_verification_url(obj.verify_uuid)
        return link(url, url)

    @admin.display(description=gettext_lazy("badge"))
    def badge(self, obj: Credential) -> SafeString | str:
        """Return links to the badge in each format for verifiers and wallets."""
        if not are_badges_offered():
            return _("This site does not sign badges: it has no key.")
        if obj.status != Status.AVAILABLE:
            return NOTHING
        pages = (("badge_json", _("document")), ("badge_png", _("PNG")), ("badge_svg", _("SVG")))
        links = (
            (reverse(f"learning_credentials:credential_{name}", args=[obj.verify_uuid]), label) for name, label in pages
        )
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    @admin.display(description=gettext_lazy("place in the status list"))
    def place(self, obj: Credential) -> SafeString | str:
        """Return the place in the status list where verifiers look up the status."""
        if obj.status_list_id is None:
            return NOTHING
        said = _("place %(index)d in list %(list)d") % {"index": obj.status_list_index, "list": obj.status_list_id}
        return link(get_url("statuslist_change", obj.status_list_id), said)

    @admin.display(description=gettext_lazy("visits"))
    def visits(self, obj: Credential) -> SafeString | str:
        """Return how often the credential was verified and downloaded. The list has loaded the counts for the whole page."""
        counts: Counts = getattr(obj, "counts", Counts())
        if not any(counts):
            return NOTHING
        said = _("%(verifications)d verifications, %(downloads)d downloads") % counts._asdict()
        return format_html('<span title="{}">{} / {}</span>', said, *counts)

    @admin.display(description=gettext_lazy("visits"))
    def visit_chart(self, obj: Credential) -> SafeString:
        """Return the sums, and a chart of the last days."""
        return render_visits(obj.verify_uuid)

    @admin.display(description=gettext_lazy("achievement"))
    def achievement_text(self, obj: Credential) -> SafeString:
        """Return the achievement as the badge describes it."""
        return _pre(obj.achievement)

    @admin.display(description=gettext_lazy("file"))
    def artifact(self, obj: Credential) -> SafeString | str:
        """Return a link to the file for staff."""
        if not obj.artifact_name:
            return NOTHING
        return link(get_url("credential_artifact", obj.pk), _("Open the file"))

    @admin.display(description=gettext_lazy("file"))
    def file_details(self, obj: Credential) -> SafeString | str:
        """Return the media type and the hash of the file."""
        if not obj.artifact_name:
            return NOTHING
        return format_html("{}<br>SHA-256 {}", obj.artifact_media_type, obj.artifact_sha256)

    @admin.display(description=gettext_lazy("replaces"))
    def replaces_link(self, obj: Credential) -> SafeString | str:
        """Return a link to the predecessor."""
        return (
            link(get_url("credential_change", obj.replaces_id), obj.replaces.verify_uuid) if obj.replaces else NOTHING
        )

    @admin.display(description=gettext_lazy("replaced by"))
    def successor_link(self, obj: Credential) -> SafeString | str:
        """Return a link to the successor."""
        successor: Credential | None = getattr(obj, "successor", None)
        return link(get_url("credential_change", successor.pk), successor.verify_uuid) if successor else NOTHING

    @admin.display(description=gettext_lazy("issuer"))
    def issuer_text(self, obj: Credential) -> SafeString:
        """Return the snapshot of the issuer."""
        return _pre(obj.issuer)

    @admin.display(description=gettext_lazy("signatories"))
    def signatories_text(self, obj: Credential) -> SafeString:
        """Return the snapshot of the signatories."""
        return _pre(obj.signatories)

    @admin.display(description=gettext_lazy("custom fields"))
    def fields_text(self, obj: Credential) -> SafeString | str:
        """Return the values of custom fields, each with its label."""
        locale = choose_locale(get_language() or "")
        rows = [(field.label, format_field(field, locale)) for field in read_fields(obj.custom_fields)]
        return format_html_join(mark_safe("<br>"), "<bdi>{}</bdi>: <bdi>{}</bdi>", rows) if rows else NOTHING

    @admin.display(description=gettext_lazy("evidence"))
    def evidence_text(self, obj: Credential) -> SafeString:
        """Return the evidence."""
        return _pre(obj.evidence)


def _get_day(moment: datetime) -> date:
    """Return the day in the project's time zone, as the public sees it."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def _get_visibility(obj: Credential) -> CredentialVisibility:
    """Return the visibility that the list has loaded. Without it, query it for this credential."""
    noted: CredentialVisibility | None = getattr(obj, "visibility", None)
    return noted or describe_visibility([obj])[obj.pk]


def _describe_expiry(obj: Credential) -> str:
    if obj.expires_at is None or obj.status != Status.AVAILABLE:
        return ""
    day = formats.date_format(_get_day(obj.expires_at))
    if not obj.is_expired:
        return _("valid until %s") % day
    return (_("expired on %s") if obj.is_current else _("expired on %s and renewed")) % day


def _show_quiet(text: str) -> SafeString | str:
    return format_html('<span class="quiet">{}</span>', text) if text else ""


def _show_hidden(seen: CredentialVisibility) -> SafeString | str:
    if seen.is_visible:
        return ""
    until = formats.date_format(timezone.localtime(seen.visible_from)) if seen.visible_from else ""
    badge = '<span class="lcred-badge lcred-hidden">{}</span> <span class="quiet">{}</span>'
    return format_html(badge, _("hidden"), _("until %s") % until if until else "")


def _join_lines(*lines: str) -> SafeString:
    shown = [line for line in lines if line] or [NOTHING]
    return format_html_join("", "<div>{}</div>", ((line,) for line in shown))


def _pre(value: Any) -> SafeString:
    return format_html('<pre class="lcred-pre">{}</pre>', dump(value))


def describe_status(credential: Credential) -> tuple[str, str]:
    """Return the status of a credential as verifiers read it: a word for the style sheet, and its text. "Expired" is not stored."""
    if credential.status == Status.AVAILABLE and credential.is_expired:
        return "expired", pgettext("credential", "Expired")
    return credential.status, credential.get_status_display()
