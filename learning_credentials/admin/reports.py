"""Send reports as files: issued credentials of a learning context, and learners who keep a course certificate without passing."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy

from learning_credentials.filenames import get_attachment_disposition, make_file_name
from learning_credentials.services.reports import iter_issued_certificates_csv, iter_kept_certificates_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http.response import HttpResponseBase

    from learning_credentials.models import CredentialConfiguration

#: The texts about downloads in the admin's log.
EXPORTED_ISSUED = gettext_lazy("Downloaded “Issued (CSV)”")
EXPORTED_KEPT = gettext_lazy("Downloaded “Kept without passing (CSV)”")

CSV = "text/csv; charset=utf-8"


def serve_issued(context_key: str, configuration: CredentialConfiguration | None = None) -> HttpResponseBase:
    """Stream the issued credentials of a context, or only those of one configuration."""
    if configuration is None:
        return _stream(iter_issued_certificates_csv(context_key), "Issued", context_key)
    lines = iter_issued_certificates_csv(configuration_id=configuration.pk)
    return _stream(lines, "Issued", context_key, configuration.credential_type.slug)


def serve_kept(course_key: str) -> HttpResponseBase:
    """Stream the learners who are downloadable and do not pass now.

    Raises:
        TransientError: the LMS could not answer the first question.
    """
    lines = iter_kept_certificates_csv(course_key)
    # Read the header and the first row now. If the LMS is down, a page can then say so, instead of an incomplete file.
    first = list(islice(lines, 2))
    return _stream(chain(first, lines), "Kept without passing", course_key)


def _stream(lines: Iterator[str], *texts: str) -> HttpResponseBase:
    filename = make_file_name(*texts, extension="csv")
    headers = {"Content-Disposition": get_attachment_disposition(filename), "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(lines, content_type=CSV, headers=headers)
