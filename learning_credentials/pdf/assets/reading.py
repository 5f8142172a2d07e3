"""Return the assets and fonts that options name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.data import Asset, AssetKind, AssetReader
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.fonts.loading import get_builtin_font, get_font
from learning_credentials.pdf.fonts.names import BUILTIN_NAMES, split_font_name

if TYPE_CHECKING:
    from learning_credentials.pdf.fonts.classes import Font

_NAMES = {
    AssetKind.PDF_TEMPLATE: "a PDF template",
    AssetKind.IMAGE: "an image",
    AssetKind.FONT: "a font",
    AssetKind.BADGE_IMAGE: "a badge image",
}


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


def get_named_font(assets: AssetReader, name: str) -> Font:
    """Return the font that the options name: a built-in one, or an asset, with a face or weight of it after a ``#``.

    Raises:
        AssetNotFoundError: no font has that name.
        AssetError: it cannot be used, or has no such face or weight.
        StorageUnavailableError: it could not be read.
    """
    slug, fragment = split_font_name(name)
    if slug not in BUILTIN_NAMES:
        asset = get_asset(assets, slug, AssetKind.FONT)
        return get_font(asset.content, asset.sha256, fragment)
    if fragment is not None:
        msg = f"'#{fragment}': the built-in font {slug} has only one face. Remove the part after the #"
        raise AssetError(msg)
    return get_builtin_font(slug)
