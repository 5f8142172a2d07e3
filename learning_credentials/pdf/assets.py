"""Checks of uploaded files, and access to those that the options name."""

from __future__ import annotations

from learning_credentials.data import Asset, AssetKind, AssetReader
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.fonts import check_font
from learning_credentials.pdf.images import check_image
from learning_credentials.pdf.template import check_template

MAX_BYTES = 20 * 1024 * 1024
_NAMES = {AssetKind.PDF_TEMPLATE: "a PDF template", AssetKind.IMAGE: "an image", AssetKind.FONT: "a font"}
_CHECKS = {AssetKind.PDF_TEMPLATE: check_template, AssetKind.IMAGE: check_image, AssetKind.FONT: check_font}


def check(kind: AssetKind, content: bytes) -> None:
    """Raise `AssetError` with the reason if a file cannot serve as an asset of that kind."""
    if not content:
        raise AssetError("the file is empty")
    if len(content) > MAX_BYTES:
        msg = f"the file has {len(content) / 2**20:.1f} MiB; at most {MAX_BYTES // 2**20} are accepted"
        raise AssetError(msg)
    _CHECKS[AssetKind(kind)](content)


def get_asset(assets: AssetReader, slug: str, kind: AssetKind) -> Asset:
    """Return an asset of a kind.

    Raises:
        AssetNotFoundError: no asset has that slug.
        AssetError: it is of another kind.
        StorageUnavailableError: it could not be read.
    """
    asset = assets.get(slug)
    if asset.kind != kind:
        msg = f"'{slug}' is {_NAMES[asset.kind]}, not {_NAMES[kind]}"
        raise AssetError(msg)
    return asset
