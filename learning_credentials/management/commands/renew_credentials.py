"""Renew expired credentials from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from learning_credentials.management.commands._changes import ChangeCommand
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.issuing import renew_credential

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from learning_credentials.models import Credential


class Command(ChangeCommand):
    """``manage.py renew_credentials VERIFY_UUID… | --configuration ID | --context KEY --reason TEXT``."""

    help = "Renew expired credentials. The criteria are not checked again. Each new credential is valid from now on."

    def get_rows(self) -> QuerySet[Credential]:
        """Return the credentials that have expired and were not renewed."""
        return super().get_rows().filter(is_current=True, expires_at__lte=timezone.now())

    def change(self, uuid: UUID, options: dict[str, Any]) -> str:
        """Renew one credential."""
        successor = renew_credential(uuid, reason=options["reason"])
        return f"{get_verification_url(successor.verify_uuid)}: {successor.status}"
