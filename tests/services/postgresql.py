"""A PostgreSQL server with a password, and as many databases in it as tests want."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg2

USER, PASSWORD = "parley", "p@ss/word"

_URL = "postgresql://parley:p%40ss%2Fword@127.0.0.1:{port}/{name}"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED = ("postgres", "nobody")


def find_program(name: str) -> str:
    """Where a program of the server is; Debian keeps them apart, by version.

    Raises:
        FileNotFoundError: It is not there.
    """
    versions = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"There is no {name}: install Debian's package postgresql.")
    return found


class PostgreSQL:
    """The server on a free port of this machine, in a folder of its own."""

    def __init__(self) -> None:
        """Makes the folder; `start` starts the server in it."""
        self.port = _free_port()
        # Not below pytest's folder, into which nobody but its owner may look: the server
        # refuses to be root's.
        self._folder = Path(tempfile.mkdtemp(prefix="parley-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _unprivileged()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def start(self) -> None:
        """Starts it, unless it runs; the first time with nothing in it."""
        if self._process is not None:
            return
        data = self._folder / "data"
        if not data.exists():
            self._make(data)
        with open(self._folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [find_program("postgres"), "-D", str(data), "-p", str(self.port)]
                # No socket in the file system, and no waiting for the disk.
                + ["-h", "127.0.0.1", "-k", "", "-F"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **self._as,
            )
        self._wait_until_up(self._process)

    def stop(self) -> None:
        """Ends it; what is in it is kept."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_STOP_SECONDS)
        self._process = None

    def remove(self) -> None:
        """Ends it and takes all of it away."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self) -> str:
        """Makes an empty database; its address."""
        self._made += 1
        name = f"test_{self._made}"
        self.run(f"CREATE DATABASE {name}")
        return _URL.format(port=self.port, name=name)

    def run(self, statement: str, database: str = "postgres") -> None:
        """Runs a statement as the server's owner."""
        connection = self.connect(database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def connect(self, database: str) -> Any:
        """A connection of its own, beside Parley's."""
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database
        )

    def _make(self, data: Path) -> None:
        secret = self._folder / "secret"
        secret.write_text(PASSWORD, encoding="utf-8")
        subprocess.run(
            [find_program("initdb"), "-D", str(data), "-U", USER, "--pwfile", str(secret)]
            + ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=self._folder,
            **self._as,
        )

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                log = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"postgres ended with {process.returncode}:\n{log[-2000:]}")
            try:
                self.connect("postgres").close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        raise TimeoutError("postgres does not answer.")


def _unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise KeyError(f"Nobody to run the server as: {' or '.join(_UNPRIVILEGED)}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
