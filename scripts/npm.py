"""Install npm packages into a directory."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import servers

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT = 10 * 60


def install(what: str, directory: Path, *packages: str, options: tuple[str, ...] = ()) -> None:
    """Install the given packages. Without packages, install what the directory's ``package.json`` names. Their scripts do not run.

    Raises:
        ServiceError: npm failed. The message begins with ``what``.
    """
    print(f"==> Installing {what}", flush=True)
    directory.mkdir(parents=True, exist_ok=True)
    description = directory / "package.json"
    if not description.exists():
        description.write_text('{"private": true}\n')
    # Run npm inside the directory: with a prefix it ignores the machine's settings, which may name trusted certificates.
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--no-package-lock",
        *options,
        *packages,
    ]
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"{what}: npm did not end in {_TIMEOUT} seconds"
        raise servers.ServiceError(msg) from error
    if done.returncode:
        msg = f"{what}: npm could not install it:\n{done.stdout.decode(errors='replace')[-2000:]}"
        raise servers.ServiceError(msg)
