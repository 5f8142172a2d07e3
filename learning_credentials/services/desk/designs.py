"""Starts types from the designs that ship with the app: stores the drawing of a design as an asset, and draws pictures of designs."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from learning_credentials.data import Asset, AssetKind, CredentialData, IssuerData, SignatoryData, StaticAssets
from learning_credentials.exceptions import StorageUnavailableError
from learning_credentials.models import CredentialAsset
from learning_credentials.pdf import MadeDesign, list_placeholders, make_design, prepare_renderer
from learning_credentials.services.common import begin_asset_upload

_SAMPLE_UUID = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
_SAMPLE_DAY = date(2026, 11, 22)
_SIGNATURE = "sample-signature"
_SIGNATURE_DRAWING = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 180 56" width="180" height="56">'
    b'<path d="M6 40c14-34 26-34 20-4s22 8 30-12 10-6 4 10 22 4 34-10 26 12 60 2" fill="none" stroke="#24334f" '
    b'stroke-width="2.5" stroke-linecap="round"/></svg>'
)


class StartedDesign(NamedTuple):
    """A design whose drawing is an asset."""

    asset: CredentialAsset
    options: dict[str, Any]
    is_new: bool
    """Whether the asset was stored now."""


def start_design(name: str, *, colour: str, paper: str, language: str) -> StartedDesign:
    """Store the drawing of a design as an asset, unless it is one already. Return the options that use it.

    Call it outside of a transaction. The asset's slug comes from its content, so that two people who start from the same design share it.

    Args:
        name: one of `DESIGN_NAMES`.
        colour: a hex colour of six digits, with ``#``.
        paper: one of `DESIGN_PAPERS`.
        language: of the words.

    Raises:
        StorageUnavailableError: the file could not be stored.
    """
    made = make_design(name, colour=colour, paper=paper, language=language)
    sha256 = hashlib.sha256(made.drawing).hexdigest()
    number = 1
    while True:
        slug = made.slug if number == 1 else f"{made.slug}-{number}"
        found = CredentialAsset.objects.filter(slug=slug).first()
        if found is None:
            found = _store(slug, f"Drawing of the design “{name}”, {colour}, {paper}", made.drawing, sha256)
            if found is not None:
                return StartedDesign(found, _use(made, slug), is_new=True)
        elif found.sha256 == sha256 and found.kind == AssetKind.IMAGE:
            return StartedDesign(found, _use(made, slug), is_new=False)
        else:
            number += 1  # an operator replaced the file


def _use(made: MadeDesign, slug: str) -> dict[str, Any]:
    return {**made.options, "background": {**made.options["background"], "asset": slug}}


def _store(slug: str, description: str, content: bytes, sha256: str) -> CredentialAsset | None:
    """Store an asset. Return None if another request stored one with this slug at the same time."""
    asset = CredentialAsset(slug=slug, description=description, kind=AssetKind.IMAGE.value, sha256=sha256)
    name = f"{slug}.svg"
    with begin_asset_upload(name) as upload:
        try:
            with transaction.atomic():
                asset.file = ContentFile(content, name=name)
                upload.save_into(asset)
                asset.save(force_insert=True)
                upload.forget()
        except IntegrityError:
            return None  # the sweep deletes the file
        except OSError as error:
            msg = f"the drawing of the design could not be stored: {error}"
            raise StorageUnavailableError(msg) from error
    return asset


def preview_design(name: str, *, colour: str, paper: str, language: str) -> bytes:
    """Return the PDF of a made-up learner in a design. Nothing is stored. Arguments are those of `start_design`."""
    made = make_design(name, colour=colour, paper=paper, language=language)
    assets = StaticAssets(
        {
            made.slug: Asset.of(made.slug, AssetKind.IMAGE, made.drawing),
            _SIGNATURE: Asset.of(_SIGNATURE, AssetKind.IMAGE, _SIGNATURE_DRAWING),
        }
    )
    sample = {placeholder.name: placeholder.sample for placeholder in list_placeholders()}
    credential = CredentialData(
        verify_uuid=_SAMPLE_UUID,
        verify_url=sample["verify_url"],
        verify_code=sample["verify_code"],
        user_full_name=sample["name"],
        learning_context_key=sample["context_key"],
        learning_context_name=sample["context_name"],
        credential_type_name=sample["credential_type"],
        issued_at=datetime(_SAMPLE_DAY.year, _SAMPLE_DAY.month, _SAMPLE_DAY.day, 12, tzinfo=UTC),
        issue_date=_SAMPLE_DAY,
        assets=assets,
        issuer=IssuerData(sample["issuer_name"]),
        signatories=tuple(
            SignatoryData(
                sample[f"signatory_{number}_name"],
                sample[f"signatory_{number}_title"],
                sample[f"signatory_{number}_organisation"],
                _SIGNATURE,
            )
            for number in (1, 2)
        ),
        evidence={"current_grades": {"Total": 0.92}},
        is_sample=True,
    )
    return bytes(prepare_renderer(made.options, assets)(credential).content)
