"""Provide failing brokers for tests: one that is down, one that never answers, and a connection to a real one that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def find_closed_port() -> int:
    """Return a port on which no program listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def listen_silently() -> Iterator[int]:
    """Accept connections and never answer. Yield the port."""
    kept: list[socket.socket] = []
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:  # closed
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


class Wire:
    """Forward a port to a server.

    A cut wire refuses and drops connections. A frozen wire keeps connections open and forwards nothing.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = find_closed_port()
        self._server: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()

    def mend(self) -> None:
        """Forward connections from now on."""
        self._flows.set()
        if self._server is None:
            self._server = socket.create_server(("127.0.0.1", self.port), backlog=100)
            threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def freeze(self) -> None:
        """Keep old and new connections open and forward nothing."""
        self._flows.clear()

    def cut(self) -> None:
        """Refuse new connections and drop the others."""
        if self._server is not None:
            self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None
        self._flows.set()
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near = server.accept()[0]
                far = socket.create_connection(self._target)
            except OSError:  # cut
                return
            self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
