"""Provide plug-ins that observe and disturb the making of a chunk.

Tests see what a chunk asks of the storage and the mail server.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.core.mail.backends.locmem import EmailBackend

from learning_credentials.data import Artifact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.core.mail import EmailMessage

    from learning_credentials.data import CredentialData

#: Called with each credential before it is rendered. Tests clear it.
BEFORE_EACH: list[Callable[[CredentialData], object]] = []
#: Called with each name that a storage is asked about, before it answers. Tests clear it.
BEFORE_EXISTS: list[Callable[[str], object]] = []
#: Called with each e-mail that the server accepted, before it answers. Tests clear it.
AFTER_MAIL: list[Callable[[EmailMessage], object]] = []
#: How often a storage of this module got each kind of call. Tests clear it.
STORAGE_CALLS: Counter[str] = Counter()


def generate_from_assets(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Return the contents of the assets that the options name."""
    for call in BEFORE_EACH:
        call(credential)
    contents = [credential.assets.get(slug).content for slug in options.get("slugs", ())]
    return Artifact(b"\n".join([credential.user_full_name.encode(), *contents]), "text/plain", "txt")


class NamingStorage(FileSystemStorage):
    """A host's storage on disk that changes names."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Put every file into the host's folder."""
        return super().get_available_name(f"host/{name}", max_length)


class RemoteStorage(InMemoryStorage):
    """A storage in which every call needs a round trip."""

    def exists(self, name: str) -> bool:
        """Count the call and answer."""
        STORAGE_CALLS["exists"] += 1
        for call in BEFORE_EXISTS:
            call(name)
        return super().exists(name)

    def delete(self, name: str) -> None:
        """Count the call and delete."""
        STORAGE_CALLS["delete"] += 1
        super().delete(name)

    def _open(self, name: str, mode: str = "rb") -> Any:
        STORAGE_CALLS["open"] += 1
        return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        STORAGE_CALLS["save"] += 1
        return super()._save(name, content)


class SecretiveStorage(RemoteStorage):
    """A storage that cannot list its files and raises its own error."""

    def listdir(self, path: str) -> Any:
        """Refuse."""
        raise RuntimeError("AccessDenied: ListBucket")


class PickyMail(EmailBackend):
    """A mail server that refuses one address."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Refuse or send."""
        if any("refused" in address for message in messages for address in message.to):
            raise ConnectionRefusedError("no such mailbox")
        return super().send_messages(messages)


class ForgetfulMail(EmailBackend):
    """A mail server that accepts two messages, then closes the connection, and answers QUIT with an error."""

    _left = 0

    def open(self) -> bool:
        """Connect."""
        self._left = 2
        return True

    def close(self) -> None:
        """Disconnect, or raise because the connection is closed already."""
        if not self._left:
            raise ConnectionResetError("the connection was dropped")

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Send, or fail because the connection is closed."""
        if not self._left:
            raise ConnectionResetError("the connection was dropped")
        self._left -= 1
        return super().send_messages(messages)


class WatchedMail(EmailBackend):
    """A mail server that lets tests act between the acceptance of an e-mail and the answer."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Accept the e-mails and let the test act."""
        taken = super().send_messages(messages)
        for message in messages:
            for call in AFTER_MAIL:
                call(message)
        return taken


class VanishingMail(ForgetfulMail):
    """A mail server that accepts two messages, closes the connection and refuses the second connection."""

    _opened = 0

    def open(self) -> bool:
        """Connect, but fail the second time."""
        type(self)._opened += 1
        if type(self)._opened == 2:
            raise ConnectionRefusedError("the server is gone")
        return super().open()
