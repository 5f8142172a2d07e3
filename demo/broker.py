"""A broker that needs no server. Messages are files, and a file appears only when it is complete.

Kombu's own file transport writes into a file that a worker may be about to read. A worker that finds an incomplete message ends.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Write messages under a temporary name and rename the files."""

    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{round(time.monotonic() * 1000)}_{uuid4()}"
        part = folder / f"{name}.part"
        try:
            part.write_text(dumps(payload), encoding="utf-8")
            part.rename(folder / f"{name}.{queue}.msg")
        except OSError as error:
            msg = f"Cannot put a message into {folder}: {error}"
            raise ChannelError(msg) from error


class Transport(filesystem.Transport):
    """Kombu's file transport with this channel."""

    Channel = Channel
