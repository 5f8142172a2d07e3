"""Answer a question about the file on standard input, within limits. See `learning_credentials.children`.

This is a separate program. It limits itself before it reads the file, and it imports only those modules of the app that the question needs.
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
    """Read the file, ask the question and write the answer."""
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
    """Limit the resources of this process, if the system supports that."""
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
    """Return the function ``answer`` of the module at a path."""
    spec = importlib.util.spec_from_file_location("question", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.answer


if __name__ == "__main__":
    main()
