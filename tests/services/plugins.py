"""Provide a generator that is slow enough to be killed while it works."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from learning_credentials.data import Artifact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.data import CredentialData

#: How many seconds one artifact takes.
DURATION = 0.1


def generate_slowly(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make plain text slowly, and write a trace file each time."""
    time.sleep(DURATION)
    traces = get_trace_dir()
    traces.mkdir(exist_ok=True)
    with (traces / str(credential.verify_uuid)).open("a") as trace:
        trace.write("made\n")
    return Artifact(credential.user_full_name.encode(), "text/plain", "txt")


def get_trace_dir() -> Path:
    """Return the directory of the trace files."""
    return Path(settings.VAR_DIR) / "traces"
