"""Installs packages of npm into a directory of their own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import servers

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT = 10 * 60


def install(what: str, directory: Path, *packages: str, options: tuple[str, ...] = ()) -> None:
    """Install packages, or without any what the directory's ``package.json`` names. Their scripts are not run.

    Raises:
        ServiceError: npm could not; the message begins with ``what``.
    """
    print(f"==> Installing {what}", flush=True)
    directory.mkdir(parents=True, exist_ok=True)
    description = directory / "package.json"
    if not description.exists():
        description.write_text('{"private": true}\n')
    # From within: with a prefix npm passes over the settings of the machine, which may say whom to trust.
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
