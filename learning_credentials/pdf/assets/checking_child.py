"""Says why a file cannot serve as an asset. Run by a child process, with the kind as argument; see `learning_credentials.children`."""

from __future__ import annotations


def answer(content: bytes, kind: str) -> str:
    """Return the reason, or an empty text for a file that can be used."""
    from learning_credentials.data import AssetKind
    from learning_credentials.exceptions import AssetError
    from learning_credentials.pdf.assets.checking import check_here

    try:
        check_here(AssetKind(kind), content)
    except AssetError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        return str(error) or "it cannot be used"
    return ""
