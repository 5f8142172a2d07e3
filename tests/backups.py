"""Back up and restore the database of a test with an operator's tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest
from django.db import connection, connections

if TYPE_CHECKING:
    from pathlib import Path

#: The commands that make and restore a backup.
TOOLS = {"postgresql": ("pg_dump", "pg_restore"), "mysql": ("mysqldump", "mysql")}


def back_up(path: Path) -> None:
    """Write the database to a file."""
    if connection.vendor == "sqlite":
        _copy_sqlite(to=path)
        return
    dump, _ = _find_tools()
    with path.open("wb") as file:
        extra = ["--format=custom"] if connection.vendor == "postgresql" else ["--single-transaction"]
        _run([dump, *extra, *_list_options()], stdout=file)


def restore(path: Path) -> None:
    """Restore the database from a file."""
    if connection.vendor == "sqlite":
        _copy_sqlite(back_from=path)
        return
    _, load = _find_tools()
    connections.close_all()
    with path.open("rb") as file:
        if connection.vendor == "postgresql":
            _run([load, "--clean", "--if-exists", "--no-owner", *_list_options("--dbname")], stdin=file)
        else:
            _run([load, *_list_options()], stdin=file)


def _copy_sqlite(*, to: Path | None = None, back_from: Path | None = None) -> None:
    connection.ensure_connection()
    other = sqlite3.connect(to or back_from)
    try:
        if to:
            connection.connection.backup(other)
        else:
            other.backup(connection.connection)
    finally:
        other.close()


def _find_tools() -> tuple[str, str]:
    found = [shutil.which(name) for name in TOOLS[connection.vendor]]
    if None in found:
        pytest.skip(f"needs {' and '.join(TOOLS[connection.vendor])}")
    return found[0], found[1]


def _list_options(database_option: str = "") -> list[str]:
    settings = connection.settings_dict
    user = "--username" if connection.vendor == "postgresql" else "--user"
    host = [f"--host={settings['HOST']}"] if settings["HOST"] else []
    port = [f"--port={settings['PORT']}"] if settings["PORT"] else []
    name = f"{database_option}={settings['NAME']}" if database_option else settings["NAME"]
    return [*host, *port, *([f"{user}={settings['USER']}"] if settings["USER"] else []), name]


def _run(command: list[str], **streams: object) -> None:
    password = connection.settings_dict["PASSWORD"]
    environment = {**os.environ, **({"PGPASSWORD": password, "MYSQL_PWD": password} if password else {})}
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, check=False, timeout=120, **streams)  # noqa: S603  of our own
    assert done.returncode == 0, done.stderr.decode()
