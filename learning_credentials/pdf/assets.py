"""Checks of uploaded files, and access to those that the options name."""

from __future__ import annotations

from pathlib import Path

from learning_credentials.children.checking import check_file
from learning_credentials.data import Asset, AssetKind, AssetReader
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.faces import split_font_name
from learning_credentials.pdf.font_names import BUILTIN_NAMES
from learning_credentials.pdf.fonts import Font, check_font, get_builtin_font, get_font
from learning_credentials.pdf.images import check_image
from learning_credentials.pdf.template import Template, check_template, open_template

#: Greatest size of a file; a collection of fonts for East Asia has 20 to 30 MB.
MAX_BYTES = {
    AssetKind.PDF_TEMPLATE: 20 * 1024 * 1024,
    AssetKind.IMAGE: 20 * 1024 * 1024,
    AssetKind.FONT: 32 * 1024 * 1024,
}
_NAMES = {
    AssetKind.PDF_TEMPLATE: "a PDF template",
    AssetKind.IMAGE: "an image",
    AssetKind.FONT: "a font",
    AssetKind.BADGE_IMAGE: "a badge image",
}
_QUESTION = Path(__file__).with_name("assets_reading.py")
_CHECKS = {AssetKind.PDF_TEMPLATE: check_template, AssetKind.IMAGE: check_image, AssetKind.FONT: check_font}


def check(kind: AssetKind, content: bytes) -> None:
    """Check a file in a child process, which has limits of time and memory.

    Raises:
        AssetError: it cannot serve as an asset of that kind; the message says why.
        TransientError: too much else is going on to tell.
    """
    if not content:
        raise AssetError("the file is empty")
    if len(content) > (most := MAX_BYTES[AssetKind(kind)]):
        msg = f"the file has {len(content) / 2**20:.1f} MiB; at most {most // 2**20} are accepted"
        raise AssetError(msg)
    check_file(_QUESTION, content, [AssetKind(kind).value], lambda: check_here(kind, content))


def check_here(kind: AssetKind, content: bytes) -> None:
    """Do the same without a child process, and without a look at the size of the file."""
    _CHECKS[AssetKind(kind)](content)


def open_checked_template(asset: Asset) -> Template:
    """Open an operator's template. A process checks each content once before it opens it, in a child.

    Raises:
        AssetError: it cannot be used; the message says why.
        TransientError: too much else is going on to tell.
    """
    check_file(
        _QUESTION,
        asset.content,
        [AssetKind.PDF_TEMPLATE.value],
        lambda: check_template(asset.content),
        sha256=asset.sha256,
    )
    return open_template(asset.content, asset.sha256)


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
        msg = f"'#{fragment}': the built-in font {slug} has one face and is not variable"
        raise AssetError(msg)
    return get_builtin_font(slug)
