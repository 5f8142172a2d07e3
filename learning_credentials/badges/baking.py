"""Badges in images: checks of the image of an achievement, and the badge written into it and read out again."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from learning_credentials.badges import png, svg
from learning_credentials.badges.documents import MAX_BYTES as MAX_TEXT_BYTES
from learning_credentials.children.checking import check_file
from learning_credentials.exceptions import AssetError, MalformedBadgeError

if TYPE_CHECKING:
    from types import ModuleType

_QUESTION = Path(__file__).with_name("images_reading.py")
PNG = "image/png"
SVG = "image/svg+xml"
EXTENSIONS = {PNG: "png", SVG: "svg"}
#: Bytes of an achievement's image.
MAX_IMAGE_BYTES = 250 * 1024
#: Bytes of a picture with a badge in it that is read: an SVG, and a PNG, which takes less time.
MAX_PNG_BYTES = 16 * 1024 * 1024
MAX_BAKED_BYTES = MAX_IMAGE_BYTES + MAX_TEXT_BYTES + 64 * 1024


def check_badge_image(content: bytes) -> str:
    """Return the media type of an achievement's image, a square PNG or SVG.

    Raises:
        AssetError: it cannot serve as one; the message says why.
    """
    if not content:
        raise AssetError("the file is empty")
    if len(content) > MAX_IMAGE_BYTES:
        msg = f"the image has {len(content) / 1024:.0f} KiB; at most {MAX_IMAGE_BYTES // 1024} are accepted"
        raise AssetError(msg)
    media_type, module = _choose(content)
    module.check(content)
    return media_type


def check_uploaded_image(content: bytes) -> None:
    """Check an achievement's image in a child process, which has limits of time and memory.

    Raises:
        AssetError: as `check_badge_image`.
        TransientError: too much else is going on to tell.
    """
    if len(content) > MAX_IMAGE_BYTES:
        check_badge_image(content)
    check_file(_QUESTION, content, [], lambda: check_badge_image(content))


class BadgeImage:
    """An achievement's image, checked once, into which any number of badges can be baked."""

    __slots__ = ("content", "media_type")

    def __init__(self, content: bytes) -> None:
        """Check the image; raises `AssetError` like `check_badge_image`."""
        self.media_type = check_badge_image(content)
        tidied: bytes = (svg if self.media_type == SVG else png).tidy(content)
        self.content = tidied

    @property
    def extension(self) -> str:
        """The ending of a file of it, without a dot."""
        return EXTENSIONS[self.media_type]

    def bake(self, text: str) -> bytes:
        """Return the image with the text of a badge in it, as `write_document` wrote it.

        Raises:
            MalformedBadgeError: it is too long, or would not come out of the image as it went in.
        """
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise MalformedBadgeError("the badge is too long to fit in an image")
        if "]]>" in text or "\0" in text:
            raise MalformedBadgeError("the badge contains characters that an image cannot store")
        module = png if self.media_type == PNG else svg
        baked: bytes = module.bake(self.content, text)
        return baked


@cache
def get_default_image(media_type: str = SVG) -> BadgeImage:
    """Return the image of achievements that have none of their own, as `PNG` or `SVG`."""
    name = f"achievement.{EXTENSIONS[media_type]}"
    return BadgeImage(resources.files(__package__).joinpath("images", name).read_bytes())


def find_texts(content: bytes) -> list[str]:
    """Return the texts of all badges in an image from anywhere, in their order. Nothing in it is run, fetched or believed.

    Raises:
        MalformedBadgeError: it is no PNG or SVG, is broken or too large, or a badge in it is not written as a standard says.
        TooManyBadgesError: it has more badges in it than are looked at.
    """
    media_type, module = _choose(content)
    limit = MAX_BAKED_BYTES if media_type == SVG else MAX_PNG_BYTES
    if len(content) > limit:
        msg = f"the image is larger than {limit // 1024} KiB"
        raise MalformedBadgeError(msg)
    texts: list[str] = module.find_texts(content)
    return texts


def unbake(content: bytes) -> str:
    """Return the text of the badge in an image.

    Raises:
        MalformedBadgeError: as `find_texts`, or it has none or more than one badge.
    """
    texts = find_texts(content)
    if len(texts) != 1:
        raise MalformedBadgeError("the image contains more than one badge" if texts else "the image contains no badge")
    return texts[0]


def find_problem(content: bytes) -> str:
    """Return why an image is more than a picture with a badge in it, such as a document of another kind too; or an empty text."""
    _, module = _choose(content)
    problem: str = module.find_problem(content)
    return problem


def _choose(content: bytes) -> tuple[str, ModuleType]:
    return (PNG, png) if content.startswith(png.SIGNATURE) else (SVG, svg)
