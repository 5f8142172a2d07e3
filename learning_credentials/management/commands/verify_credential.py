"""Verify a credential from the command line, by its code, its id, its address or its file."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from learning_credentials.conf import get_settings
from learning_credentials.data import Compared, Verdict
from learning_credentials.exceptions import CredentialsError
from learning_credentials.http.comparisons import describe_compared
from learning_credentials.http.public_answers import InspectionSerializer
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.public import inspect_file, inspect_text
from learning_credentials.verify_codes import read_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.core.management.base import CommandParser

    from learning_credentials.data import Claims, Inspection, Verification

#: Exit statuses: the credential is valid, it is not valid, or nothing is known or the command failed.
VALID, NOT_VALID, UNKNOWN = 0, 1, 2
_JOINERS = "\u200c\u200d"


class Command(BaseCommand):
    """``manage.py verify_credential CODE | ID | URL | FILE [--json]``."""

    help = (
        "Say whether a credential is valid. Give its code, its public id or address, or a file: a PDF, a badge as JSON, "
        "or an image with a badge in it. The answer is the same as on the public page. The exit status is 0 "
        "if the credential is valid, 1 if it is not, and 2 if nothing is known about it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "what",
            metavar="WHAT",
            help="a code, an id, an address or a file. Write ./ID for a file whose name is an id",
        )
        parser.add_argument("--json", action="store_true", help="print the answer of POST verify/ as JSON")

    def handle(self, **options: Any) -> None:
        """Verify, print the answer, and exit with its status."""
        try:
            found = self._inspect(options["what"])
        except CredentialsError as error:
            msg = f"{error.code}: {error}"
            raise CommandError(msg, returncode=UNKNOWN) from error
        if options["json"]:
            self.stdout.write(json.dumps(InspectionSerializer(found).data, ensure_ascii=False, indent=2, default=str))
        else:
            for line in _write(found):
                self.stdout.write(line)
        if not found.is_valid:
            raise SystemExit(UNKNOWN if found.verdict is Verdict.UNKNOWN else NOT_VALID)

    def _inspect(self, what: str) -> Inspection:
        if what.startswith(("https://", "http://")):
            return inspect_text(what)
        with suppress(ValueError):
            return inspect_text(str(UUID(what)))
        typed = read_code(what)
        # The name of a file can look like a code.
        if typed and (not typed.problem or what.replace("-", "").isalnum()) and not Path(what).exists():
            return inspect_text(what)
        limit = get_settings().UPLOAD_MAX_BYTES
        try:
            with Path(what).open("rb") as file:
                # Read one byte more than the limit. It shows that the file is too large.
                return inspect_file(file.read(limit + 1))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            msg = f"'{_clean(what)}' is neither a code, an id or an address nor a file that can be read: {reason}"
            raise CommandError(msg, returncode=UNKNOWN) from error


def _write(found: Inspection) -> Iterator[str]:
    yield from _write_answer(found)
    for number, badge in enumerate(found.badges, 1):
        yield ""
        yield f"Badge {number}:"
        yield from _write_answer(badge)
    if found.sha256:
        yield f"{'SHA-256:':<16}{found.sha256}"


def _write_answer(found: Inspection) -> Iterator[str]:
    heading = "VALID" if found.is_valid else "UNKNOWN" if found.verdict is Verdict.UNKNOWN else "NOT VALID"
    yield f"{heading} ({found.verdict}, {found.finding}): {found.message}"
    facts = [
        *(_list_facts(found.verification) if found.verification else ()),
        *(_list_claims(found.claims) if found.claims else ()),
        ("Compared", "" if found.badges or found.compared is Compared.NOTHING else describe_compared(found)),
    ]
    for label, value in facts:
        if value:
            yield f"{label + ':':<16}{_clean(str(value))}"


def _list_claims(claims: Claims) -> Iterator[tuple[str, Any]]:
    yield "Says issuer", claims.issuer_name
    yield "Says id", claims.issuer_id
    yield "Says title", claims.name
    yield "Says from", claims.valid_from
    yield "Says until", claims.valid_until
    yield "Says state at", claims.status_url
    yield "Format", claims.format
    yield "Signature", claims.signature
    yield "Check at", " ".join(claims.verifiers)


def _list_facts(credential: Verification) -> Iterator[tuple[str, Any]]:
    yield "Credential", credential.credential_type_name
    yield "Code", credential.verify_code
    yield "Awarded to", credential.user_full_name
    yield "Awarded for", credential.learning_context_name
    yield "Issued by", credential.issuer.name
    yield "Issued on", credential.issue_date
    yield "Expires", _write_time(credential.expires_at)
    yield "Status", credential.status
    yield "Invalidated", _write_time(credential.invalidated_at)
    yield "Reason", credential.invalidation_reason
    yield "Replaced by", credential.replaced_by and get_verification_url(credential.replaced_by)
    yield "Renewed by", credential.renewed_by and get_verification_url(credential.renewed_by)
    yield "Page", credential.verify_url


def _write_time(moment: datetime | None) -> str:
    """Return a time to the minute in the site's time zone, with the name of the zone."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}" if moment else ""


def _clean(text: str) -> str:
    """Return a text without characters that a terminal would interpret or that change the visible order."""
    return "".join(char if char.isprintable() or char in _JOINERS else " " if char.isspace() else "" for char in text)
