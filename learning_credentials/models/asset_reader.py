"""Read assets for generators, which do not use models themselves.

Every content is hashed after it was read, so the hash of an `Asset` always fits its content. If the content has the hash in the row, the
process caches it. A worker then does not read the same template and fonts again for each chunk.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache

from learning_credentials.data import Asset, AssetKind
from learning_credentials.exceptions import AssetNotFoundError, StorageUnavailableError
from learning_credentials.models.assets import CredentialAsset

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}")
#: How many expected assets are loaded together with the requested one.
_MAX_EXPECTED = 200
#: How many bytes of contents a process caches.
_MAX_KEPT = 32 * 1024 * 1024

_kept: LRUCache[tuple[object, ...], Asset] = LRUCache(_MAX_KEPT, getsizeof=lambda asset: len(asset.content))
_LOCK = Lock()


def is_slug(text: str) -> bool:
    """Return whether a text has the form of an asset's slug."""
    return _SLUG.fullmatch(text) is not None


class DatabaseAssets:
    """An `AssetReader` for stored assets. One reader reads each slug only once.

    Args:
        expected: slugs that the caller may request. Their rows are loaded together with the first requested one. Unknown slugs do no harm.
    """

    def __init__(self, expected: Iterable[str] = ()) -> None:
        self._expected = sorted(expected)[:_MAX_EXPECTED]
        self._rows: dict[str, CredentialAsset] = {}
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
        row = self._find(slug)
        try:
            key = _make_key(row)
            with _LOCK:
                asset = _kept.get(key) if key else None
            if asset is None:
                with row.file.open("rb") as file:
                    content = file.read()
                # Hash the bytes that were read. A cache with this key can then never return another file's content.
                asset = Asset.of(slug, AssetKind(row.kind), content)
                if asset.sha256 == row.sha256:
                    if key and len(asset.content) <= _MAX_KEPT:
                        with _LOCK:
                            _kept[key] = asset
                elif row.sha256:
                    logger.warning(
                        "The stored file of asset '%s' is not the file that was uploaded: its hash differs", slug
                    )
        except Exception as error:  # a host's storage can raise any error
            msg = f"the file of asset '{slug}' cannot be read: {error}"
            raise StorageUnavailableError(msg) from error
        return asset

    def _find(self, slug: str) -> CredentialAsset:
        # Do not query the database for a text that cannot be a slug, such as a lone surrogate: the database may refuse it.
        row = self._find_row(slug) if is_slug(slug) else None
        if row is None:
            msg = f"there is no asset with the slug '{slug}'"
            raise AssetNotFoundError(msg)
        return row

    def _find_row(self, slug: str) -> CredentialAsset | None:
        if self._expected:
            wanted, self._expected = {slug, *self._expected}, []
            self._rows = {row.slug: row for row in CredentialAsset.objects.filter(slug__in=wanted).order_by()}
        return self._rows.get(slug) or CredentialAsset.objects.filter(slug=slug).first()


def _make_key(row: CredentialAsset) -> tuple[object, ...] | None:
    """Return a cache key that changes whenever the asset changes.

    The key changes when the row is saved, gets another file, or its file on disk is overwritten.
    """
    if not row.sha256:
        return None
    try:
        found = Path(row.file.path).stat()
    except (NotImplementedError, OSError):  # not on disk, or missing: reading the file reports that
        stamp: tuple[int, ...] = ()
    else:
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    return (row.slug, row.kind, row.file.name, row.sha256, row.modified, *stamp)
