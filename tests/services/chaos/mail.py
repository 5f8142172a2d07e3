"""Provide a local mail server that refuses, delays and disconnects, and a mail backend that says which process sends."""

from __future__ import annotations

import os
import random
import re
import socketserver
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from django.core.mail.backends import smtp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.mail import EmailMessage

PROCESS_HEADER = "X-Process"
_URL = re.compile(r"/credentials/([0-9a-f-]{36})/")


class EmailBackend(smtp.EmailBackend):
    """Django's SMTP backend with the sending process in a header."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Add the header and send."""
        for message in email_messages:
            message.extra_headers[PROCESS_HEADER] = str(os.getpid())
        return super().send_messages(email_messages) or 0


class Taken(NamedTuple):
    """An e-mail that the server accepted."""

    process: int
    credential: str
    at: float


class Manners(NamedTuple):
    """The server's behaviour: the shares of connections and e-mails that it refuses, and the seconds that an e-mail takes."""

    unreachable: float = 0
    refused: float = 0
    for_good: float = 0
    seconds: float = 0


class Sink(socketserver.ThreadingTCPServer):
    """Accept e-mails and remember them. The server never accepts an e-mail and then reports a failure."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.manners = Manners()
        self.taken: list[Taken] = []
        self.refused = 0
        self._random = random.Random(f"{seed}:mail")
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Return the server's port."""
        port: int = self.server_address[1]
        return port

    def happens(self, share: float) -> bool:
        """Return at random whether something happens. Count refusals."""
        with self._lock:
            does = self._random.random() < share
            self.refused += does
            return does

    def take(self, content: str) -> None:
        """Remember an e-mail."""
        process = re.search(rf"^{PROCESS_HEADER}: (\d+)", content, re.MULTILINE)
        credential = _URL.search(content.replace("=\n", ""))
        with self._lock:
            self.taken.append(
                Taken(int(process[1]) if process else 0, credential[1] if credential else content, time.time())
            )


class _Session(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        try:
            self._talk()
        except OSError:  # the other end was killed
            return

    def _talk(self) -> None:
        if self.server.happens(self.server.manners.unreachable):
            return
        self._say("220 chaos")
        while line := self.rfile.readline().decode("latin-1").strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "RCPT" and self.server.happens(self.server.manners.for_good):
                self._say("550 no such mailbox, says the chaos")
            elif verb == "RCPT" and self.server.happens(self.server.manners.refused):
                self._say("451 try again later")
            elif verb == "DATA":
                self._say("354 go on")
                self._read()
            else:
                self._say("250 ok")

    def _read(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.decode("latin-1").rstrip("\r\n"))
        if line:
            # The e-mail counts as accepted from here on. A process that is killed before it reads the answer was still sending it.
            self.server.take("\n".join(lines))
            time.sleep(self.server.manners.seconds)
            self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
