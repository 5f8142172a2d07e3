"""Find credentials whose configuration got another type or context after it issued them.

Earlier versions allowed such changes.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db.models import Count, F
from django.db.models.fields.json import KT

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from learning_credentials.models.credentials import Credential


def count_moved(credentials: QuerySet[Credential]) -> dict[int, int]:
    """Count the live credentials whose context or type differs from their configuration's, by configuration id.

    Their learners count as holders and receive nothing new. A renamed type still counts as the same type if its name or its slug stayed.
    """
    groups = (
        credentials.filter(is_current=True)
        .order_by()
        .values("configuration_id", "learning_context_key", "credential_type_name")
        .annotate(
            slug=KT("achievement__type"),
            number=Count("pk"),
            present_key=F("configuration__learning_context_key"),
            present_name=F("configuration__credential_type__name"),
            present_slug=F("configuration__credential_type__slug"),
        )
    )
    moved: Counter[int] = Counter()
    for group in groups:
        has_other_name = group["credential_type_name"] != group["present_name"]
        is_other_type = has_other_name and group["slug"] and group["slug"] != group["present_slug"]
        if is_other_type or group["learning_context_key"] != group["present_key"]:
            moved[group["configuration_id"]] += group["number"]
    return dict(moved)
