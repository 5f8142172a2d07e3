"""Reads assets for generators, which never touch models themselves.

What was read is hashed: an `Asset` always carries the hash of its very content. Contents that the row vouches for are kept in the process,
so that a worker does not read the same template and fonts again for each chunk.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from learning_credentials.data import Asset, AssetKind
from learning_credentials.exceptions import AssetNotFoundError, StorageUnavailableError
from learning_credentials.models.assets import CredentialAsset

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}")
#: How many assets are looked for beside the one that is asked for.
_MAX_EXPECTED = 200


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
            asset = _kept.find(key) if key else None
            if asset is None:
                with row.file.open("rb") as file:
                    content = file.read()
                # Hashed from what was read, so that a cache keyed by it can never serve another file's content.
                asset = Asset.of(slug, AssetKind(row.kind), content)
                if asset.sha256 == row.sha256:
                    if key:
                        _kept.keep(key, asset)
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


class _Kept:
    """The contents used last, up to so many bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._assets: OrderedDict[tuple[object, ...], Asset] = OrderedDict()
        self._lock = Lock()

    def find(self, key: tuple[object, ...]) -> Asset | None:
        with self._lock:
            if key in self._assets:
                self._assets.move_to_end(key)
            return self._assets.get(key)

    def keep(self, key: tuple[object, ...], asset: Asset) -> None:
        with self._lock:
            if key in self._assets or len(asset.content) > self._max_bytes:
                return
            self._assets[key] = asset
            self._bytes += len(asset.content)
            while self._bytes > self._max_bytes:
                _key, dropped = self._assets.popitem(last=False)
                self._bytes -= len(dropped.content)


_kept = _Kept(max_bytes=32 * 1024 * 1024)
