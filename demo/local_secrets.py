"""Secrets of one demo installation: made at random on first use, kept in its own directory, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class LocalSecrets(NamedTuple):
    """What must not be the same on two machines."""

    secret_key: str
    admin_password: str
    learner_password: str


def load_secrets(directory: Path) -> LocalSecrets:
    """Return the secrets kept in ``directory``, making them if there are none.

    Several processes may start at once: the first to put its file in place wins, the others read that one.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / "secrets.json"
    if not path.exists():
        _create(path)
    return LocalSecrets(**json.loads(path.read_text(encoding="utf-8")))


def _create(path: Path) -> None:
    made = LocalSecrets(secrets.token_urlsafe(50), secrets.token_urlsafe(12), secrets.token_urlsafe(12))
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(made._asdict(), file, indent=1)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
