"""Answers a question about a file on standard input, within limits: see `learning_credentials.children`.

A program of its own: it limits itself before it looks at the file, and imports nothing of the app but what the question does.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import sys
from typing import Any

OUT_OF_MEMORY = 3


def main() -> None:
    """Read, look, write."""
    libraries, question, cpu_seconds, memory, *arguments = sys.argv[1:]
    sys.path[:] = libraries.split(os.pathsep)
    logging.disable(logging.CRITICAL)
    limit(int(cpu_seconds), int(memory))
    try:
        answer = load(question)(sys.stdin.buffer.read(), *arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


def limit(cpu_seconds: int, memory: int) -> None:
    """Bound what this process may take, where the system can do that."""
    try:
        import resource
    except ImportError:
        return
    bounds = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def load(path: str) -> Any:
    """Return the function ``answer`` of the module in a file."""
    spec = importlib.util.spec_from_file_location("question", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.answer


if __name__ == "__main__":
    main()
