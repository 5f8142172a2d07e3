"""Reads assets for generators, which never touch models themselves."""

from __future__ import annotations

from learning_credentials.data import Asset, AssetKind
from learning_credentials.exceptions import AssetNotFoundError, StorageUnavailableError
from learning_credentials.models.assets import CredentialAsset


class DatabaseAssets:
    """An `AssetReader` over `CredentialAsset`; each slug is read once in this reader's life."""

    def __init__(self) -> None:
        self._read: dict[str, Asset] = {}

    def get(self, slug: str) -> Asset:
        """Return the asset.

        Raises:
            AssetNotFoundError: no asset has that slug.
            StorageUnavailableError: its file could not be read.
        """
        if slug not in self._read:
            self._read[slug] = self._load(slug)
        return self._read[slug]

    def _load(self, slug: str) -> Asset:
        row = CredentialAsset.objects.filter(slug=slug).first()
        if row is None:
            msg = f"there is no asset with the slug '{slug}'"
            raise AssetNotFoundError(msg)
        try:
            with row.file.open("rb") as file:
                content = file.read()
        except (OSError, ValueError) as error:
            msg = f"the file of asset '{slug}' cannot be read: {error}"
            raise StorageUnavailableError(msg) from error
        # Hashed from what was read, so that a cache keyed by it can never serve another file's content.
        return Asset.of(slug, AssetKind(row.kind), content)
