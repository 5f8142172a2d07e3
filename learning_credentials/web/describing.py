"""Prepare the data of one credential for the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.urls import NoReverseMatch
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from learning_credentials.custom_fields import format_field
from learning_credentials.data import WITHDRAWN, PagePicture, VerificationStatus
from learning_credentials.grades import find_grade, format_value
from learning_credentials.http.paths import get_path_maker
from learning_credentials.page_options import LogoPosition, Section, get_page_options
from learning_credentials.pdf import choose_locale
from learning_credentials.web.sharing import list_share_links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale

    from learning_credentials.data import Verification
    from learning_credentials.http.paths import PathMaker
    from learning_credentials.page_options import PageOptions

#: The prefix of a reason that the rules of course certificates write. The certificate status that caused the invalidation follows it.
STANDING_PREFIX = "certificate_status:"
_STANDINGS = {
    "notpassing": gettext_lazy("The holder no longer meets the requirements of the course."),
    "unverified": gettext_lazy("The identity of the holder is no longer verified."),
}
_OTHER_STANDING = gettext_lazy("The holder is no longer entitled to it.")


def describe(verification: Verification, make: PathMaker | None = None) -> dict[str, Any]:
    """Return the values that the public page and the learner's list both show.

    Args:
        verification: the credential.
        make: makes the paths, for callers that need more of them.
    """
    is_revoked = verification.status is VerificationStatus.INVALIDATED
    key, make = verification.verify_uuid, make or get_path_maker()
    return {
        "credential": verification,
        "state": "valid" if verification.is_valid else "revoked" if is_revoked else "expired",
        "reason": describe_reason(verification.invalidation_reason),
        "page_url": make("credential", key),
        "download_url": make("credential_download", key) if verification.has_download else "",
        "successor_url": make("credential", verification.replaced_by) if verification.replaced_by else "",
        "renewal_url": make("credential", verification.renewed_by) if verification.renewed_by else "",
    }


def describe_page(verification: Verification) -> dict[str, Any]:
    """Return the values for the public page. Sections that the type's options hide are left out."""
    options = get_page_options(verification.page_options, verification.mode)
    issuer = verification.issuer
    picture = verification.picture if options.has(Section.PICTURE) else None
    key, make = verification.verify_uuid, get_path_maker()
    picture_url = make("credential_picture", key) if picture else ""
    is_shareable = verification.is_valid and options.has(Section.SHARE)
    return {
        **describe(verification, make),
        "sections": options.sections,
        "intro": options.get_intro(get_language() or ""),
        "is_indexable": verification.is_indexable and verification.is_valid,
        # The issuer's address is entered data: only a web address may become a link.
        "issuer_url": issuer.url if issuer.url.startswith(("https://", "http://")) else "",
        "logo_url": make("credential_logo", key) if _has_logo(verification, options) else "",
        "logo_position": options.logo.value,
        "theme_url": make("theme", options.accent[1:]) if options.accent else "",
        "qr_url": make("credential_qr", key),
        "verify_file_url": make("verify_file"),
        "certificate_url": picture_url if picture is PagePicture.CERTIFICATE else "",
        "emblem_url": picture_url if picture is PagePicture.ACHIEVEMENT else "",
        "share_image_url": urljoin(verification.verify_url, picture_url) if picture_url else "",
        "results": _list_shown_results(verification, options),
        "custom_fields": list_fields(verification),
        "badge_url": _find_badge_url("credential_badge_json", verification, options, make),
        "badge_image_url": _find_badge_url("credential_badge_png", verification, options, make),
        "share_url": make("credential_share", key) if is_shareable else "",
        "share_links": list_share_links(verification) if is_shareable else [],
    }


def describe_reason(reason: str) -> str:
    """Return the reason of an invalidation for people: a text by staff unchanged, and a decision by the rules in words."""
    if reason == WITHDRAWN:
        return _("The holder asked for it to be withdrawn. Its data was erased.")
    if not reason.startswith(STANDING_PREFIX):
        return reason
    return str(_STANDINGS.get(reason.removeprefix(STANDING_PREFIX), _OTHER_STANDING))


def list_results(results: Mapping[str, Any], decimals: int = 0) -> list[tuple[str, str]]:
    """Return results as labels and values in the reader's language, with this many decimals of per cent."""
    locale = choose_locale(get_language() or "")
    named = (
        (_("Grade"), format_value(find_grade(results), locale, decimals)),
        (_("Letter grade"), str(results.get("letter_grade") or "")),
        (pgettext("result", "Completed"), _format_share(results.get("current_completion"), locale, decimals)),
    )
    return [(label, value) for label, value in named if value]


def list_fields(verification: Verification) -> list[tuple[str, str]]:
    """Return the public custom fields as labels and values in the reader's language."""
    locale = choose_locale(get_language() or "")
    return [(field.label, format_field(field, locale)) for field in verification.custom_fields]


def _list_shown_results(verification: Verification, options: PageOptions) -> list[tuple[str, str]]:
    """Return the results to show.

    A revoked credential shows none, because its results may be the reason for the revocation.
    """
    is_revoked = verification.status is VerificationStatus.INVALIDATED
    if is_revoked or not verification.results or not options.has(Section.RESULTS):
        return []
    return list_results(verification.results, verification.grade_decimals)


def _format_share(share: object, locale: Locale, decimals: int) -> str:
    return format_value(share, locale, decimals) if isinstance(share, (int, float)) else ""


def _has_logo(verification: Verification, options: PageOptions) -> bool:
    return bool(verification.issuer.logo) and options.logo is not LogoPosition.HIDDEN


def _find_badge_url(name: str, verification: Verification, options: PageOptions, make: PathMaker) -> str:
    if not verification.has_badge or not options.has(Section.BADGE):
        return ""
    try:
        return make(name, verification.verify_uuid)
    except NoReverseMatch:  # the host does not include the badge URLs
        return ""
