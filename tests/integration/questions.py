"""A question for child processes. It does what a hostile file can cause."""

import os
import signal
import tempfile
import time


def answer(content: bytes, act: str) -> object:
    """Answer, or behave as a hostile file would cause."""
    if act == "spin":
        while True:
            pass
    if act == "eat":
        return len([bytearray(32 * 1024 * 1024) for _ in range(100)])
    if act == "sleep":
        time.sleep(60)
    if act == "abort":
        signal.signal(signal.SIGABRT, signal.SIG_DFL)
        os.abort()
    if act == "write":
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
    return {"length": len(content), "environment": sorted(os.environ)}
