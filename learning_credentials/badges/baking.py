"""Check the image of an achievement, write badges into images, and read badges from images."""

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
#: Largest image with a badge that is read, in bytes: an SVG, and a PNG, which takes less time.
MAX_PNG_BYTES = 16 * 1024 * 1024
MAX_BAKED_BYTES = MAX_IMAGE_BYTES + MAX_TEXT_BYTES + 64 * 1024


def check_badge_image(content: bytes) -> str:
    """Return the media type of an achievement's image: a square PNG or SVG.

    Raises:
        AssetError: the image cannot be used. The message says why.
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
    """Check an achievement's image in a child process with limits of time and memory.

    Raises:
        AssetError: as `check_badge_image`.
        TransientError: the server is too busy to check the image.
    """
    if len(content) > MAX_IMAGE_BYTES:
        check_badge_image(content)
    check_file(_QUESTION, content, [], lambda: check_badge_image(content))


class BadgeImage:
    """The image of an achievement. It is checked once, and any number of badges can be baked into it."""

    __slots__ = ("content", "media_type")

    def __init__(self, content: bytes) -> None:
        """Check the image. Raises `AssetError` like `check_badge_image`."""
        self.media_type = check_badge_image(content)
        tidied: bytes = (svg if self.media_type == SVG else png).tidy(content)
        self.content = tidied

    @property
    def extension(self) -> str:
        """Return the file extension of the image, without a dot."""
        return EXTENSIONS[self.media_type]

    def bake(self, text: str) -> bytes:
        """Return the image with the text of a badge in it. `write_document` makes the text.

        Raises:
            MalformedBadgeError: the text is too long, or reading the image would not return the same text.
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
    """Return the image of achievements without their own image, as `PNG` or `SVG`."""
    name = f"achievement.{EXTENSIONS[media_type]}"
    return BadgeImage(resources.files(__package__).joinpath("images", name).read_bytes())


def find_texts(content: bytes) -> list[str]:
    """Return the texts of all badges in an image from anywhere, in their order. Nothing in the image is run, fetched or trusted.

    Raises:
        MalformedBadgeError: the file is not a PNG or SVG, is broken or too large, or contains a badge that does not follow a standard.
        TooManyBadgesError: the image contains more badges than the app checks.
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
        MalformedBadgeError: as `find_texts`, or the image does not contain exactly one badge.
    """
    texts = find_texts(content)
    if len(texts) != 1:
        raise MalformedBadgeError("the image contains more than one badge" if texts else "the image contains no badge")
    return texts[0]


def find_problem(content: bytes) -> str:
    """Return why an image is more than an image with a badge, such as also a document of another kind, or an empty text."""
    _, module = _choose(content)
    problem: str = module.find_problem(content)
    return problem


def _choose(content: bytes) -> tuple[str, ModuleType]:
    return (PNG, png) if content.startswith(png.SIGNATURE) else (SVG, svg)
