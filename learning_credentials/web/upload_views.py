"""Serve the page where anyone can have a code or a file verified. The app checks the file and does not store it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect

from learning_credentials import uploads
from learning_credentials.conf import get_settings
from learning_credentials.data import ClaimFormat
from learning_credentials.exceptions import UploadTooLargeError
from learning_credentials.http.code_limits import TooManyCodesError, answer_limited
from learning_credentials.http.comparisons import describe_compared
from learning_credentials.http.throttles import PublicThrottle
from learning_credentials.services.public import MAX_TEXT, inspect_file, inspect_text
from learning_credentials.web import headers
from learning_credentials.web.describing import describe
from learning_credentials.web.views import PublicView, render_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse
    from django.views.generic import View

    from learning_credentials.data import Inspection

#: The colours of a verdict are those of a valid, an expired or a revoked credential.
_STATES = {"unchanged": "valid", "expired": "expired", "unknown": "expired"}

#: Names of the formats, for people.
_FORMATS: Mapping[ClaimFormat, Any] = {
    ClaimFormat.OPEN_BADGES_3: gettext_lazy("Open Badges 3.0 with a signature in it"),
    ClaimFormat.OPEN_BADGES_3_JWT: gettext_lazy("Open Badges 3.0 as a signed token (VC-JWT)"),
    ClaimFormat.VERIFIABLE_CREDENTIAL: gettext_lazy("Verifiable Credential with a signature in it"),
    ClaimFormat.VERIFIABLE_CREDENTIAL_JWT: gettext_lazy("Verifiable Credential as a signed token (VC-JWT)"),
    ClaimFormat.OPEN_BADGES_2: gettext_lazy("Open Badges 2.0, confirmed by its issuer's site"),
    ClaimFormat.OPEN_BADGES_2_SIGNED: gettext_lazy("Open Badges 2.0, signed"),
    ClaimFormat.BLOCKCERTS: gettext_lazy("Blockcerts"),
    ClaimFormat.EUROPEAN_DIGITAL_CREDENTIAL: gettext_lazy("European Digital Credential"),
    ClaimFormat.SIGNED_PDF: gettext_lazy("Signed PDF"),
}


class PageThrottle(PublicThrottle):
    """Count requests by address, together with those to the public endpoints.

    The account is ignored, because a host may have no accounts.
    """

    def get_cache_key(self, request: HttpRequest, view: View) -> str:  # noqa: ARG002
        """Return the key under which this caller's requests are counted."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}  # type: ignore[arg-type]


# The CSRF token is in the body. Code that reads the body to get the token (such as Django's middleware) would write a large file to a
# temporary file. So this view reads the form with its limits first and checks the token afterwards.
class InspectionView(PublicView):
    """Accept a code or a file. Say whether the credential is valid, and whether the file is unchanged since its issue."""

    http_method_names = ["get", "head", "post", "options"]  # noqa: RUF012

    @method_decorator(csrf_protect)
    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return _render(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read the form. Refuse it after too many requests or if it is too large."""
        throttle = PageThrottle()
        if not throttle.allow_request(request, self):  # type: ignore[arg-type]  # it asks a request for no more than Django's has
            problem = _("There were too many requests. Please try again in a minute.")
            return _refuse(request, problem, throttle.wait() or 1)
        try:
            content = uploads.receive(request)
        except UploadTooLargeError:
            limit = f"{get_settings().UPLOAD_MAX_BYTES / 1024 / 1024:.4g}"
            problem = _("The file is too large. The limit is %(limit)s MB.") % {"limit": limit}
            return _render(request, problem=problem, field="file", status=413)
        return self._answer(request, content)

    @method_decorator(csrf_protect)
    def _answer(self, request: HttpRequest, content: bytes | None) -> HttpResponse:
        if content:
            return _render(request, inspect_file(content))
        typed = request.POST.get("code", "").strip()[:MAX_TEXT]
        if not typed:
            problem = _("Please enter a code or choose a file.") if content is None else _("The file is empty.")
            return _render(request, problem=problem, field="code" if content is None else "file", status=400)
        try:
            return _render(request, answer_limited(request, typed, inspect_text), typed=typed)
        except TooManyCodesError as error:
            problem = _(
                "There were too many codes that no credential has. Try again later, or use the QR code or the file of "
                "the credential."
            )
            return _refuse(request, problem, error.seconds, field="code")


def _refuse(request: HttpRequest, problem: str, seconds: float, field: str = "") -> HttpResponse:
    response = _render(request, problem=problem, field=field, status=429)
    response["Retry-After"] = str(ceil(seconds))
    return response


def _render(
    request: HttpRequest,
    inspection: Inspection | None = None,
    *,
    problem: str = "",
    field: str = "",
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show an answer or a problem, and the form. ``field`` has the problem. ``typed`` stays in the form if no code was found."""
    context: dict[str, Any] = {"problem": problem, "field": field, "inspection": inspection}
    if inspection:
        context |= _describe(inspection)
        context["parts"] = [_describe(part) for part in inspection.badges]
        context["typed"] = "" if inspection.verification else typed
    response = render_page(request, "verify", context, status=status)
    response["Content-Security-Policy"] = headers.get_page_policy(has_form=True)
    response["Cache-Control"] = headers.NO_CACHING
    return response


def _describe(inspection: Inspection) -> dict[str, Any]:
    """Return what the page shows about an answer, or about the answer for one of several badges."""
    named = describe(inspection.verification) if inspection.verification else None
    claimed_format = _FORMATS[inspection.claims.format] if inspection.claims else ""
    state = _STATES.get(inspection.verdict.value, "revoked")
    return {
        "inspection": inspection,
        "state": state,
        "named": named,
        "claimed_format": claimed_format,
        "compared": describe_compared(inspection),
    }
