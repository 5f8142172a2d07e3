"""Make Open Badges. The file of the credential is the signed badge, alone or baked into the achievement's image."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StrictInt

from learning_credentials.badges.composing import choose_image, sign_badge
from learning_credentials.badges.documents import MEDIA_TYPE
from learning_credentials.badges.keys import load_keys
from learning_credentials.conf import get_settings
from learning_credentials.data import Artifact
from learning_credentials.grades import DECIMALS_HELP, MAX_DECIMALS
from learning_credentials.option_types import ShownAs
from learning_credentials.options import Options, parse
from learning_credentials.plugins import generator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from learning_credentials.badges.baking import BadgeImage
    from learning_credentials.data import AssetReader, CredentialData


class OpenBadgeOptions(Options):
    """Options of `generate_open_badge`."""

    badge_format: Annotated[
        Literal["json", "image"],
        ShownAs(labels={"json": "A document", "image": "The image of the achievement, with the badge in it"}),
    ] = Field("json", description="The badge as a document, or baked into the image of the achievement.")
    grade_decimals: StrictInt = Field(0, ge=0, le=MAX_DECIMALS, title="Decimals of grades", description=DECIMALS_HELP)


def prepare_badges(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Read the options and keys once. Return a function that makes one badge. Raises like `generate_open_badge`."""
    parsed = parse(OpenBadgeOptions, options)
    key = load_keys(get_settings()).signing_key
    images: dict[str, BadgeImage] = {}

    def make(credential: CredentialData) -> Artifact:
        text = sign_badge(credential, key, created=datetime.now(UTC))
        if parsed.badge_format == "json":
            return Artifact(text.encode(), MEDIA_TYPE, "json")
        slug = credential.badge.image if credential.badge else ""
        if slug not in images:
            images[slug] = choose_image(slug, assets)
        image = images[slug]
        return Artifact(image.bake(text), image.media_type, image.extension)

    return make


@generator(title="Open Badge", options=OpenBadgeOptions, prepare=prepare_badges, needs_badge=True)
def generate_open_badge(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make a signed Open Badge 3.0.

    Args:
        credential: the credential, with ``badge``.
        options: see `OpenBadgeOptions`.

    Raises:
        OptionsError: the options are wrong.
        ConfigurationError: there is no key that signs.
        GenerationError: this learner's badge cannot be made.
        AssetError: the image cannot be used.
        StorageUnavailableError: the image could not be read.
    """
    return prepare_badges(options, credential.assets)(credential)
