"""Define the files that operators upload, as generators read them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class AssetKind(StrEnum):
    """The kinds of uploaded assets."""

    PDF_TEMPLATE = "pdf_template"
    IMAGE = "image"
    FONT = "font"
    BADGE_IMAGE = "badge_image"


@dataclass(frozen=True, slots=True)
class Asset:
    """One input file of a generator. ``sha256`` (hex) is the stored hash of ``content``. Generators can use it as a cache key."""

    slug: str
    kind: AssetKind
    content: bytes = field(repr=False)
    sha256: str

    @classmethod
    def of(cls, slug: str, kind: AssetKind, content: bytes) -> Asset:
        """Return an asset made from bytes. Calculate the hash."""
        return cls(slug, kind, content, hashlib.sha256(content).hexdigest())


class AssetReader(Protocol):
    """Interface through which generators get their assets by slug."""

    def get(self, slug: str) -> Asset:
        """Return the asset.

        Raises:
            AssetNotFoundError: no asset has that slug.
            StorageUnavailableError: its file could not be read.
        """
        ...


@dataclass(frozen=True)
class StaticAssets:
    """An `AssetReader` over assets in memory, for previews, tests and plug-ins."""

    assets: Mapping[str, Asset] = field(default_factory=dict)

    def get(self, slug: str) -> Asset:
        """Return the asset or raise `AssetNotFoundError`."""
        from learning_credentials.exceptions import AssetNotFoundError

        try:
            return self.assets[slug]
        except KeyError:
            msg = f"there is no asset with the slug '{slug}'"
            raise AssetNotFoundError(msg) from None
