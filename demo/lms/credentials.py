"""Define the college's own processor and generator. A host writes such functions and names their module in its settings.

``PROCESSOR_MODULES`` and ``GENERATOR_MODULES`` in ``demo/settings.py`` name this module. The admin then offers both functions.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from pydantic import Field

from demo.lms.models import Completion
from learning_credentials.data import Artifact
from learning_credentials.options import Options, parse
from learning_credentials.plugins import generator, processor
from learning_credentials.qr_codes import draw_svg

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from learning_credentials.data import CredentialData, CriteriaSource


class EarlyFinisherOptions(Options):
    """Options that say what counts as early."""

    days_before_end: int = Field(
        14, ge=0, description="How many days before the run's end the last of it must be done."
    )


class EarlyFinisherWriter:
    """Writes what an early finisher did. A host with translations of its own calls ``ngettext`` here."""

    def collect(self, source: CriteriaSource) -> dict[str, Any]:
        """Return the number of days."""
        return {"days": parse(EarlyFinisherOptions, source.options).days_before_end}

    def write(self, facts: Mapping[str, Any], language: str) -> str:  # noqa: ARG002
        """Return the sentence. The college writes it in English only."""
        return f"The whole course completed at least {facts['days']} days before it ended."


@processor(options=EarlyFinisherOptions, criteria=EarlyFinisherWriter())
def retrieve_early_finishers(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Find learners who finished a course run well before its end."""
    required_days = parse(EarlyFinisherOptions, options).days_before_end
    rows = Completion.objects.filter(run__key=learning_context_key, run__ends_at__isnull=False).select_related("run")
    if user_id is not None:
        rows = rows.filter(user_id=user_id)
    if user_ids is not None:
        rows = rows.filter(user_id__in=user_ids)
    return {row.user_id: _days_ahead(row, required_days) for row in rows.order_by("user_id")}


def _days_ahead(row: Completion, required_days: int) -> dict[str, Any]:
    ahead = row.run.ends_at - row.finished_at if row.finished_at else None
    return {
        "is_eligible": ahead is not None and ahead >= timedelta(days=required_days),
        "current_days_before_end": ahead.days if ahead else None,
        "required_days_before_end": required_days,
    }


class CardOptions(Options):
    """Options for the design of the card."""

    accent: str = Field("#1f6f54", pattern="^#[0-9a-fA-F]{6}$", description="Colour of the card's edge, as #rrggbb.")


CARD = """<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360" role="img" xml:lang="{language}">
<title>{title}</title>
<rect x="1.5" y="1.5" width="637" height="357" rx="18" fill="#fff" stroke="{accent}" stroke-width="3"/>
<path d="M1.5 19.5a18 18 0 0 1 18-18h601a18 18 0 0 1 18 18v44h-637z" fill="{accent}"/>
<g font-family="Noto Sans, Helvetica, Arial, sans-serif" fill="#1c2733">
<text x="32" y="41" font-size="20" fill="#fff">{issuer}</text>
<text x="32" y="130" font-size="15" fill="#5a6875">{title}</text>
<text x="32" y="180" font-size="32" font-weight="600" {squeeze}>{name}</text>
<text x="32" y="225" font-size="19">{context}</text>
<text x="32" y="318" font-size="13" fill="#5a6875">{date}</text>
</g>
<svg x="492" y="206" width="122" height="122">{qr}</svg>
<text x="553" y="344" font-size="13" font-family="Noto Sans Mono, Consolas, monospace" text-anchor="middle">{code}</text>
</svg>
"""
CARD_TEXT_WIDTH = 576
LONGEST_NAME = 30


@generator(options=CardOptions)
def generate_card(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make a card for the phone: one scalable image with a QR code."""
    # Only a name that is wider than the card is compressed. Others keep their natural width.
    is_long = len(credential.user_full_name) > LONGEST_NAME
    squeeze = f'textLength="{CARD_TEXT_WIDTH}" lengthAdjust="spacingAndGlyphs"' if is_long else ""
    card = CARD.format(
        accent=parse(CardOptions, options).accent,
        language=escape(credential.language or "en", {'"': "&quot;"}),
        title=escape(credential.credential_type_name),
        issuer=escape(credential.issuer.name),
        name=escape(credential.user_full_name),
        squeeze=squeeze,
        context=escape(credential.learning_context_name),
        date=credential.issue_date.isoformat(),
        qr=draw_svg(credential.verify_url, border=1, has_size=False),
        code=credential.verify_code,
    )
    return Artifact(card.encode(), "image/svg+xml", "svg")
