"""Keeps track of the files of assets, so that no file stays in the storage that no row refers to.

An upload has its own directory, which is noted before the file is stored. The file of a replaced or deleted asset is noted in the
transaction that makes the change.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from pathlib import PurePosixPath
from posixpath import dirname
from typing import TYPE_CHECKING
from uuid import uuid4

from learning_credentials.conf import get_settings
from learning_credentials.models import CredentialAsset
from learning_credentials.models.assets import ASSETS_FOLDER
from learning_credentials.services.common import strays
from learning_credentials.storages import get_storage

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Longer than any request takes to store a file and to commit its row.
LONGEST_REQUEST = timedelta(hours=1)
#: Characters of the uploaded file's name that are kept.
MAX_STEM = 80
MAX_SUFFIX = 10


class AssetUpload:
    """One file that an operator uploads.

    Args:
        file_name: the name that the operator's browser gave the file.
    """

    def __init__(self, file_name: str) -> None:
        self._token = uuid4().hex
        name = PurePosixPath(file_name)
        self._file = f"{name.stem[:MAX_STEM]}{name.suffix[:MAX_SUFFIX]}"
        self.directory = f"{ASSETS_FOLDER}{self._token}"
        self.is_begun = False

    def note(self) -> None:
        """Note the directory. Commit the note before you store anything."""
        name = get_storage().generate_filename(f"{self.directory}/{self._file}")
        strays.note_strays([self.directory], file_names=[name], delay=LONGEST_REQUEST)

    def save_into(self, asset: CredentialAsset) -> None:
        """Set the name under which the asset's next save will store the file, and note the file that it replaces."""
        self.is_begun = True
        asset.file.name = f"{self._token}/{self._file}"
        if asset.pk:
            for replaced in CredentialAsset.objects.filter(pk=asset.pk).values_list("file", flat=True):
                note_unused_asset_file(replaced)

    def forget(self) -> None:
        """Stop watching the directory. Call it in the transaction that saves the asset, or if nothing was stored."""
        strays.forget(self.directory)


@contextmanager
def begin_asset_upload(file_name: str) -> Iterator[AssetUpload]:
    """Return a context manager for storing an asset's new file, so that the sweep finds the file if saving the asset fails.

    Enter it outside any transaction. In the transaction that saves the asset, call ``save_into`` before the save and ``forget`` after it.

    Args:
        file_name: the name of the uploaded file.
    """
    upload = AssetUpload(file_name)
    upload.note()
    try:
        yield upload
    finally:
        if not upload.is_begun:
            upload.forget()


def note_unused_asset_file(name: str) -> None:
    """Have the sweep delete the file of a replaced or deleted asset, after the time in which a worker may still read it.

    Args:
        name: the file's name in the storage. If it is empty, nothing is noted.
    """
    if not name:
        return
    delay = timedelta(seconds=get_settings().CLAIM_TIMEOUT)
    directory = dirname(name)
    if f"{directory}/".endswith(ASSETS_FOLDER):  # the directory has files of other assets too
        strays.note_stray_files([name], delay=delay)
    else:
        strays.note_strays([directory], file_names=[name], delay=delay)
