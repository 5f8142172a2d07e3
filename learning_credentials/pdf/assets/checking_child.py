"""Return why a file cannot be an asset. A child process runs it with the kind as argument. See `learning_credentials.children`."""

from __future__ import annotations


def answer(content: bytes, kind: str) -> str:
    """Return the reason, or an empty text if the file can be used."""
    from learning_credentials.data import AssetKind
    from learning_credentials.exceptions import AssetError
    from learning_credentials.pdf.assets.checking import check_here

    try:
        check_here(AssetKind(kind), content)
    except AssetError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        return str(error) or "the file cannot be used"
    return ""
