"""Reads assets for generators, which never touch models themselves.

What was read is hashed: an `Asset` always carries the hash of its very content. Contents that the row vouches for are kept in the process,
so that a worker does not read the same template and fonts again for each chunk.
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
#: How many assets are looked for beside the one that is asked for.
_MAX_EXPECTED = 200
#: Bytes of contents that a process keeps.
_MAX_KEPT = 32 * 1024 * 1024

_kept: LRUCache[tuple[object, ...], Asset] = LRUCache(_MAX_KEPT, getsizeof=lambda asset: len(asset.content))
_LOCK = Lock()


def is_slug(text: str) -> bool:
    """Whether a text has the form of an asset's slug."""
    return _SLUG.fullmatch(text) is not None


class DatabaseAssets:
    """An `AssetReader` over `CredentialAsset`; each slug is read once in this reader's life.

    Args:
        expected: slugs that may be asked for; their rows are read together with the first one that is. Unknown ones do no harm.
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
                # Hashed from what was read, so that a cache keyed by it can never serve another file's content.
                asset = Asset.of(slug, AssetKind(row.kind), content)
                if asset.sha256 == row.sha256:
                    if key and len(asset.content) <= _MAX_KEPT:
                        with _LOCK:
                            _kept[key] = asset
                elif row.sha256:
                    logger.warning("The file of asset '%s' is not the one that was uploaded: its hash differs", slug)
        except Exception as error:  # a host's storage may refuse in any way
            msg = f"the file of asset '{slug}' cannot be read: {error}"
            raise StorageUnavailableError(msg) from error
        return asset

    def _find(self, slug: str) -> CredentialAsset:
        # A text that cannot be a slug, such as half a character, is not asked of the database, which may not take it.
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
    """All that changes when an asset does: any save of the row, another file, and a file on disk that is written over."""
    if not row.sha256:
        return None
    try:
        found = Path(row.file.path).stat()
    except (NotImplementedError, OSError):  # not on disk, or not there: reading it will tell
        stamp: tuple[int, ...] = ()
    else:
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
    return (row.slug, row.kind, row.file.name, row.sha256, row.modified, *stamp)
