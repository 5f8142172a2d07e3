"""Provide the servers of one run: its own database on a server that may be shared, and its own broker."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import servers as all_servers  # noqa: E402

#: The combinations of servers: database and broker.
LINES = {
    "postgresql-redis": (all_servers.PostgreSQL, all_servers.Redis),
    "mariadb-rabbitmq": (all_servers.MariaDB, all_servers.RabbitMQ),
    "postgresql-rabbitmq": (all_servers.PostgreSQL, all_servers.RabbitMQ),
    "mariadb-redis": (all_servers.MariaDB, all_servers.Redis),
}


class Database:
    """A database that is created for one run and dropped after it."""

    def __init__(self, kind: type[all_servers.PostgreSQL | all_servers.MariaDB]) -> None:
        self._server = kind()
        self._is_mariadb = kind is all_servers.MariaDB
        self.name = f"lcred_chaos_{secrets.token_hex(4)}"
        self.url = ""

    def make(self) -> str:
        """Find or start the server and create the database. Return a description of the server."""
        found = self._server.make_ready()
        self._run(f"CREATE DATABASE {self.name}{' CHARACTER SET utf8mb4' if self._is_mariadb else ''}")
        self.url = f"{self._server.url.rstrip('/')}/{self.name}"
        return found

    def cut_connections(self, spared: int) -> int:
        """Close all connections to this database except one. Return how many were closed."""
        if not self._is_mariadb:
            listing = f"SELECT pid FROM pg_stat_activity WHERE datname = '{self.name}' AND pid <> {spared}"  # noqa: S608
            return len(self._run(f"SELECT pg_terminate_backend(pid) FROM ({listing}) AS others"))  # noqa: S608
        listing = f"SELECT id FROM information_schema.processlist WHERE db = '{self.name}' AND id <> {spared}"  # noqa: S608
        rows = self._run(listing)
        for (number,) in rows:
            try:
                self._run(f"KILL {number}")
            except Exception:  # noqa: S112  it has just ended by itself
                continue
        return len(rows)

    def drop(self) -> None:
        """Drop the database, and stop the server if it was started for this run."""
        if self.url:
            self.cut_connections(0)
            self._run(f"DROP DATABASE IF EXISTS {self.name}")
        self._server.stop()

    def _run(self, statement: str) -> list[tuple[object, ...]]:
        return list(self._server.execute(self._server.url, statement))


class Broker:
    """A broker that can be killed and started again at the same address."""

    def __init__(self, kind: type[all_servers.Server]) -> None:
        self._server = kind()
        self._is_redis = kind is all_servers.Redis
        self.url = ""

    def start(self) -> str:
        """Start the broker. Return a description of it."""
        started = self._server.start()
        self.url = self._server.url
        return started

    def restart(self) -> None:
        """Kill the broker and start it again.

        Redis then has lost all messages. RabbitMQ has lost none that it confirmed.
        """
        self._server.restart()

    def lose_messages(self, queue: str) -> None:
        """Delete all waiting messages."""
        if self._is_redis:
            import redis

            with redis.Redis.from_url(self.url) as client:
                client.flushall()
            return
        from kombu import Connection

        with Connection(self.url, connect_timeout=5) as connection, connection.channel() as channel:
            channel.queue_purge(queue)

    def stop(self) -> None:
        """Stop the broker and remove its files."""
        self._server.stop()
