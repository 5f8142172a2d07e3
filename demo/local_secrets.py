"""Create random secrets for one demo installation. They are stored in its directory, and only its owner can read them."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class LocalSecrets(NamedTuple):
    """Secrets that must differ between machines."""

    secret_key: str
    admin_password: str
    learner_password: str


def load_secrets(directory: Path) -> LocalSecrets:
    """Return the secrets in ``directory``. Create them if there are none.

    Several processes may start at once. The first one that puts its file in place wins, and the others read that file.
    """
    return LocalSecrets(**json.loads(_load(directory / "secrets.json", _make_secrets)))


def load_badge_key(directory: Path) -> str:
    """Return the private key in ``directory`` that signs badges. Create it if there is none.

    The key is stored like the other secrets.
    """
    return _load(directory / "badge-key", _make_badge_key).strip()


def _make_secrets() -> str:
    made = LocalSecrets(secrets.token_urlsafe(50), secrets.token_urlsafe(12), secrets.token_urlsafe(12))
    return json.dumps(made._asdict(), indent=1)


def _make_badge_key() -> str:
    from learning_credentials.badges.keys import create_key

    return f"{create_key().export()}\n"


def _load(path: Path, make: Callable[[], str]) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _create(path, make())
    return path.read_text(encoding="utf-8")


def _create(path: Path, content: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
