"""What is shown of an error where errors are reported: by a debug page, or by a tracker that records variables."""

from __future__ import annotations

import traceback


def list_variables(error: BaseException) -> list[str]:
    """The variables of every frame of ours that an error went through, and of what led to it."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if frame.f_globals["__name__"].startswith("learning_credentials.")]
    assert ours
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [repr(frame.f_locals) for frame in ours] + (list_variables(cause) if cause else [])
