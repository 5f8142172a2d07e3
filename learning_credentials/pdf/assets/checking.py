"""Check uploaded files in a child process."""

from __future__ import annotations

from pathlib import Path

from learning_credentials.children.checking import check_file
from learning_credentials.data import Asset, AssetKind
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.assets.font_trial import check_font
from learning_credentials.pdf.content.images import check_image
from learning_credentials.pdf.template.opening import Template, TemplateUse, check_template, open_template

#: Greatest size of a file in bytes. A collection of fonts for East Asia has 20 to 30 MB.
MAX_BYTES = {
    AssetKind.PDF_TEMPLATE: 20 * 1024 * 1024,
    AssetKind.IMAGE: 20 * 1024 * 1024,
    AssetKind.FONT: 32 * 1024 * 1024,
}
_USUAL = TemplateUse()
_QUESTION = Path(__file__).with_name("checking_child.py")
_CHECKS = {AssetKind.PDF_TEMPLATE: check_template, AssetKind.IMAGE: check_image, AssetKind.FONT: check_font}


def check(kind: AssetKind, content: bytes) -> None:
    """Check a file in a child process, which has limits of time and memory.

    Raises:
        AssetError: it cannot serve as an asset of that kind; the message says why.
        TransientError: the server is too busy to check it now.
    """
    if not content:
        raise AssetError("the file is empty")
    if len(content) > (most := MAX_BYTES[AssetKind(kind)]):
        msg = f"the file has {len(content) / 2**20:.1f} MiB. At most {most // 2**20} are accepted"
        raise AssetError(msg)
    check_file(_QUESTION, content, [AssetKind(kind).value], lambda: check_here(kind, content))


def check_here(kind: AssetKind, content: bytes) -> None:
    """Do the same in this process, without a check of the file's size."""
    _CHECKS[AssetKind(kind)](content)


def open_checked_template(asset: Asset, use: TemplateUse = _USUAL) -> Template:
    """Open an operator's template. Each content is checked once, in a child process, before this process opens it.

    Args:
        asset: the template.
        use: how documents use it.

    Raises:
        AssetError: it cannot be used; the message says why.
        TransientError: the server is too busy to check it now.
    """
    check_file(
        _QUESTION,
        asset.content,
        [AssetKind.PDF_TEMPLATE.value],
        lambda: check_template(asset.content),
        sha256=asset.sha256,
    )
    return open_template(asset.content, asset.sha256, use)
