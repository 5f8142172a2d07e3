"""Return why an image cannot be the image of an achievement. A child process runs this module. See `learning_credentials.children`."""

from __future__ import annotations


def answer(content: bytes) -> str:
    """Return the reason, or an empty text for an image that can be used."""
    from learning_credentials.badges.baking import check_badge_image
    from learning_credentials.exceptions import AssetError

    try:
        check_badge_image(content)
    except AssetError as error:
        if isinstance(error.__cause__, MemoryError):
            raise error.__cause__ from None
        return str(error) or "the file cannot be used"
    return ""
