"""Provide a storage on disk that fails in several ways. A control file says how often."""

from __future__ import annotations

import errno
import json
import os
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


@dataclass(frozen=True)
class Faults:
    """The share of calls that fail in each way."""

    #: The file is saved, but the answer is lost.
    lost: float = 0
    #: The call is refused before anything is written.
    refused: float = 0
    #: The disk is full, and a part of the file is left.
    full: float = 0
    #: The call takes seconds longer than a claim lasts without renewal.
    hanging: float = 0
    deleting: float = 0
    listing: float = 0
    opening: float = 0

    def write(self, control: Path, seed: int) -> None:
        """Let all processes fail in this way from now on."""
        temporary = control.with_suffix(".new")
        temporary.write_text(json.dumps({**asdict(self), "seed": seed}))
        temporary.replace(control)


class FaultyStorage(FileSystemStorage):
    """A storage that fails at random and records each failure beside the control file."""

    HANGS_FOR = 9

    def __init__(self, control: str, **options: Any) -> None:
        super().__init__(**options)
        self._control = Path(control)
        self._read_at = -1
        self._faults: dict[str, float] = {}
        self._random = random.Random(0)

    def delete(self, name: str) -> None:
        """Delete the file, or fail."""
        self._perhaps("deleting", f"{name} cannot be deleted now")
        super().delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """List the directory, or fail."""
        self._perhaps("listing", f"{path} cannot be listed now")
        directories, files = super().listdir(path)
        return directories, files

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._perhaps("opening", f"{name} cannot be opened now")
        return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        self._perhaps("refused", "the storage is not there")
        if self._happens("full"):
            path = Path(self.path(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read()[:100])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        if self._happens("hanging"):
            time.sleep(self.HANGS_FOR)
        saved: str = super()._save(name, content)
        self._perhaps("lost", "the answer of the storage was lost")
        return saved

    def _perhaps(self, fault: str, message: str) -> None:
        if self._happens(fault):
            raise OSError(message)

    def _happens(self, fault: str) -> bool:
        self._read_control()
        if self._random.random() >= self._faults.get(fault, 0):
            return False
        with self._control.with_name("storage-faults.log").open("a") as log:
            log.write(f"{fault}\n")
        return True

    def _read_control(self) -> None:
        try:
            changed_at = self._control.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._faults = json.loads(self._control.read_text())
                self._random = random.Random(f"{self._faults.pop('seed')}:{changed_at}:{os.getpid()}")
                self._read_at = changed_at
        except FileNotFoundError:
            self._faults = {}
