"""Sends one request to an operator's address, and only to addresses that the app may reach.

The name is looked up once, every address is checked, and the connection goes to the very address that was checked. Redirects are not
followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How many bytes of an answer are kept.
KEPT = 2000

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(ValueError):
    """The app does not send to this address."""


@dataclass(frozen=True)
class Answer:
    """What the receiver answered."""

    status: int
    body: str
    milliseconds: int

    @property
    def is_success(self) -> bool:
        """Return whether the receiver took the event: a status from 200 to 299."""
        return 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str
    host_header: str


def check_url(url: str) -> None:
    """Check an address before it is stored, without looking up its name.

    Raises:
        RefusedAddressError: the address is no web address, contains a password, is not encrypted, or is an IP address that the app
            may not reach.
    """
    target = _read(url)
    try:
        address = ipaddress.ip_address(target.host)
    except ValueError:
        pass  # a name, which is looked up when something is sent
    else:
        _check_address(address, target)
    if target.scheme == "http" and not get_settings().WEBHOOK_NETWORKS:
        raise RefusedAddressError("The address must begin with https://.")


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a request and return the answer. Redirects are answers.

    Raises:
        RefusedAddressError: the app does not send to this address.
        OSError, http.client.HTTPException: no answer. The text says why.
    """
    target = _read(url)
    seconds = get_settings().WEBHOOK_TIMEOUT
    began = time.monotonic()
    connection = _Connection(target, _find_address(target), seconds)
    # Each step has a time limit. A receiver that sends one byte at a time ends with this one.
    guard = Timer(seconds, connection.cut)
    guard.daemon = True
    guard.start()
    try:
        sent = {"Host": target.host_header, "Content-Type": "application/json", "Connection": "close", **headers}
        connection.request("POST", target.path, body=body, headers=sent)
        response = connection.getresponse()
        content = response.read(KEPT)
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() - began >= seconds:
            msg = f"no answer within {seconds} seconds"
            raise TimeoutError(msg) from error
        raise
    finally:
        guard.cancel()
        connection.close()
    milliseconds = round((time.monotonic() - began) * 1000)
    text = content.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Answer(response.status, text, milliseconds)


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was checked. The certificate must be that of the host's name."""

    def __init__(self, target: _Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._target = target
        self._address = address

    def connect(self) -> None:
        """Connect to the checked address, and not to what the name may mean now."""
        self.sock = socket.create_connection((self._address, self._target.port), self.timeout)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        """End the connection from another thread."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _read(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        msg = f"This is no web address: {error}."
        raise RefusedAddressError(msg) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedAddressError("The address must begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise RefusedAddressError("The address must not contain a user name or a password.")
    if not url.isascii() or any(character.isspace() for character in url):
        raise RefusedAddressError("The address must have only ASCII characters, without spaces.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    default = 443 if parts.scheme == "https" else 80
    host_header = parts.netloc
    return _Target(parts.scheme, parts.hostname, port or default, path, host_header)


def _find_address(target: _Target) -> str:
    """Look up the host's name. Return its first address, if the app may reach all of them."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        _check_address(ipaddress.ip_address(address), target)
    return addresses[0]


def _check_address(address: _Address, target: _Target) -> None:
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    real: _Address = mapped or address
    networks = [ipaddress.ip_network(network) for network in get_settings().WEBHOOK_NETWORKS]
    if any(real.version == network.version and real in network for network in networks):
        return
    if not real.is_global or real.is_multicast:
        msg = f"{target.host} leads to {address}, which is not a public address. The setting WEBHOOK_NETWORKS can allow it."
        raise RefusedAddressError(msg)
    if target.scheme == "http":
        raise RefusedAddressError("The address must begin with https://.")
