"""Find the servers that the service tests need, or install and start them.

The script uses the first of these servers: the one in its environment variable, the one at its usual address, or one that it starts itself.
The last one uses a free port and a temporary directory, and is stopped and removed at the end. If Debian packages are missing, they are
installed if the account may install packages.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

START_TIMEOUT = 90
ALWAYS_START_VARIABLE = "TEST_SERVICES_START"


class ServiceError(Exception):
    """A server, or something that it needs, is missing. The message says what to do."""


def install_packages(*packages: str) -> None:
    """Install Debian packages.

    Raises:
        ServiceError: this is not Debian, the account is not root, or apt-get failed.
    """
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        msg = f"needs the packages {names} (or their like); only root on a Debian system can install them from here"
        raise ServiceError(msg)
    print(f"==> Installing {names}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            msg = f"{' '.join(command)} failed:\n{done.stdout.decode(errors='replace')[-2000:]}"
            raise ServiceError(msg)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server(ABC):
    """One server: how to reach it, and how to start it."""

    name: ClassVar[str]
    variable: ClassVar[str]
    default_url: ClassVar[str]
    program: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]
    user: ClassVar[str]

    def __init__(self) -> None:
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: Path | None = None
        self._launch_arguments: tuple[list[str], dict[str, str], str] | None = None

    @abstractmethod
    def ping(self, url: str) -> str:
        """Return the server's version. Raise any error if it does not answer."""

    @abstractmethod
    def command(self, directory: Path, port: int) -> tuple[list[str], dict[str, str], str]:
        """Prepare ``directory``. Return the command line and environment that start the server, and its URL."""

    def make_ready(self) -> str:
        """Find or start the server. Return a line that describes it.

        Raises:
            ServiceError: there is no server and none can be started.
        """
        if url := os.environ.get(self.variable, ""):
            try:
                version = self.ping(url)
            except Exception as error:
                msg = f"{self.variable} names a server that does not answer: {error}"
                raise ServiceError(msg) from error
            self.url = url
            return f"{version}, named by {self.variable}"
        if not os.environ.get(ALWAYS_START_VARIABLE):
            try:
                version = self.ping(self.default_url)
            except Exception:  # noqa: S110  (whatever answers there, it is not a server for us)
                pass
            else:
                self.url = self.default_url
                return f"{version}, found running"
        return f"{self.start()}, started here"

    def start(self) -> str:
        """Start a new server, even if another one runs already. Return its version.

        Raises:
            ServiceError: it cannot be installed or does not start.
        """
        if not self.find_program():
            install_packages(*self.packages)
        self._directory = Path(tempfile.mkdtemp(prefix="lcred-server-"))
        if self.run_as:
            account = pwd.getpwnam(self.run_as)
            os.chown(self._directory, account.pw_uid, account.pw_gid)
        self._launch_arguments = self.command(self._directory, free_port())
        return self._launch()

    def restart(self) -> str:
        """Kill the server that this process started and start it again at the same address. Return its version."""
        self.kill()
        return self._launch()

    def kill(self) -> None:
        """Kill the server that this process started without letting it save anything. Its files stay."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop the server that this process started and remove its files."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def find_program(self, name: str = "") -> str:
        """Return the path of a program, or an empty text."""
        name = name or self.program
        places = [
            str(found)
            for pattern in ("lib/postgresql/*/bin", "lib/rabbitmq/bin", "sbin", "local/sbin")
            for found in sorted(Path("/usr").glob(pattern), reverse=True)
        ]
        # Search the system's directories first: a program on PATH may be a wrapper that changes the user.
        return shutil.which(name, path=os.pathsep.join(places)) or shutil.which(name) or ""

    @property
    def run_as(self) -> str | None:
        """Return the user who runs the server. Some servers refuse to run as root."""
        return self.user if os.geteuid() == 0 else None

    def run(self, command: list[str]) -> None:
        """Run a command that prepares the server.

        Raises:
            ServiceError: the command failed.
        """
        done = subprocess.run(
            command,
            user=self.run_as,
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            msg = f"{command[0]} failed:\n{done.stdout.decode(errors='replace')[-2000:]}"
            raise ServiceError(msg)

    def _launch(self) -> str:
        if self._directory is None or self._launch_arguments is None:
            msg = "was not started here"
            raise ServiceError(msg)
        command, environment, url = self._launch_arguments
        log = self._directory / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                user=self.run_as,
                cwd=self._directory,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        version = self._wait(url, log)
        self.url = url
        return version

    def _wait(self, url: str, log: Path) -> str:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                return self.ping(url)
            except Exception as error:
                has_ended = self._process is not None and self._process.poll() is not None
                if has_ended or time.monotonic() > deadline:
                    msg = f"does not start ({error}):\n{log.read_text(errors='replace')[-2000:]}"
                    raise ServiceError(msg) from error
                time.sleep(0.3)


class PostgreSQL(Server):
    """A PostgreSQL server, with psycopg as client."""

    name = "PostgreSQL"
    variable = "TEST_POSTGRES_URL"
    default_url = "postgresql://postgres@127.0.0.1:5432"
    program = "postgres"
    packages = ("postgresql",)
    user = "postgres"

    def ping(self, url: str) -> str:
        """Return the version."""
        return f"PostgreSQL {self.execute(url, 'SHOW server_version')[0][0]}"

    def execute(self, url: str, statement: str) -> list[tuple[str, ...]]:
        """Run one statement outside a transaction."""
        import psycopg

        with psycopg.connect(url, dbname="postgres", connect_timeout=5, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def command(self, directory: Path, port: int) -> tuple[list[str], dict[str, str], str]:
        """Make a cluster that trusts local connections."""
        data = str(directory / "data")
        self.run([self.find_program("initdb"), "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"])
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={directory}", "-c", "fsync=off"]
        command = [self.find_program(), "-D", data, "-p", str(port), *options]
        return command, {}, f"postgresql://postgres@127.0.0.1:{port}"


class MariaDB(Server):
    """A MariaDB server (or MySQL, if its variable names one), with mysqlclient as client."""

    name = "MariaDB"
    variable = "TEST_MYSQL_URL"
    default_url = "mysql://root@127.0.0.1:3306"
    program = "mariadbd"
    packages = ("mariadb-server",)
    user = "mysql"

    def ping(self, url: str) -> str:
        """Return the version."""
        version = self.execute(url, "SELECT version()")[0][0]
        return version if "MariaDB" in version else f"MySQL {version}"

    def execute(self, url: str, statement: str) -> list[tuple[str, ...]]:
        """Run one statement."""
        import MySQLdb

        parts = urlsplit(url)
        connection = MySQLdb.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or "root"),
            password=unquote(parts.password or ""),
            connect_timeout=5,
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def command(self, directory: Path, port: int) -> tuple[list[str], dict[str, str], str]:
        """Make a data directory whose root has no password."""
        data = f"--datadir={directory / 'data'}"
        self.run(
            [
                self.find_program("mariadb-install-db"),
                "--no-defaults",
                data,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ]
        )
        # Debian's configuration sets this. The server's own default cannot store every name.
        charset = "--character-set-server=utf8mb4"
        address = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={directory / 'socket'}"]
        # The data need not survive the server.
        keeping = ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
        command = [self.find_program(), "--no-defaults", data, charset, *keeping, *address]
        return command, {}, f"mysql://root@127.0.0.1:{port}"


class Redis(Server):
    """A Redis server, with its own client."""

    name = "Redis"
    variable = "TEST_REDIS_URL"
    default_url = "redis://127.0.0.1:6379/0"
    program = "redis-server"
    packages = ("redis-server",)
    user = "redis"

    def ping(self, url: str) -> str:
        """Return the version."""
        import redis

        with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
            return f"Redis {client.info('server')['redis_version']}"

    def command(self, directory: Path, port: int) -> tuple[list[str], dict[str, str], str]:
        """Return the command. There is nothing to prepare, because the server stores nothing on disk."""
        command = [
            self.find_program(),
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(directory),
        ]
        return command, {}, f"redis://127.0.0.1:{port}/0"


class RabbitMQ(Server):
    """A RabbitMQ server, with kombu as client."""

    name = "RabbitMQ"
    variable = "TEST_RABBITMQ_URL"
    default_url = "amqp://guest:guest@127.0.0.1:5672//"
    program = "rabbitmq-server"
    packages = ("rabbitmq-server",)
    user = "rabbitmq"

    def ping(self, url: str) -> str:
        """Return the version."""
        from kombu import Connection

        with Connection(url, connect_timeout=5) as connection:
            connection.connect()
            properties = connection.connection.server_properties
            return f"RabbitMQ {properties.get('version', '')}".rstrip()

    def command(self, directory: Path, port: int) -> tuple[list[str], dict[str, str], str]:
        """Give the node its own name, cookie and files."""
        environment = {
            "HOME": str(directory),
            "RABBITMQ_NODENAME": f"lcred{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(directory / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
        }
        return [self.find_program()], environment, f"amqp://guest:guest@127.0.0.1:{port}//"
