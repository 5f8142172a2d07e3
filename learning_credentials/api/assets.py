"""Stores the files that operators upload for generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import common

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from learning_credentials.services.common import AssetUpload


def begin_asset_upload(file_name: str) -> AbstractContextManager[AssetUpload]:
    """Return a context manager for storing an asset's new file, so that the sweep finds the file if saving the asset fails.

    Enter it outside any transaction. In the transaction that saves the asset, call ``save_into`` before the save and ``forget`` after it.

    Args:
        file_name: the name of the uploaded file.
    """
    return common.begin_asset_upload(file_name)
