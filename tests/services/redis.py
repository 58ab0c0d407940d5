"""A Redis server with a password, in a folder of its own."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import redis

PASSWORD = "p@ss/word"

_URL = "redis://:p%40ss%2Fword@127.0.0.1:{port}/0"
_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


def find_program() -> str:
    """Where the server is.

    Raises:
        FileNotFoundError: It is not there.
    """
    found = shutil.which("redis-server")
    if found is None:
        raise FileNotFoundError("There is no redis-server: install Debian's package redis-server.")
    return found


class Redis:
    """The server on a free port of this machine, the same after each start."""

    def __init__(self, folder: Path) -> None:
        """Prepares it; `start` starts it."""
        self.port = _free_port()
        self.url = _URL.format(port=self.port)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells Parley where it is."""
        return {"PARLEY_REDIS_URL": self.url}

    def start(self) -> None:
        """Starts it, unless it runs, with what it kept."""
        if self._process is not None:
            return
        with open(self._folder / "redis.log", "ab") as log:
            self._process = subprocess.Popen(
                [find_program(), "--port", str(self.port), "--bind", "127.0.0.1"]
                + ["--requirepass", PASSWORD, "--dir", str(self._folder)]
                + ["--appendonly", "yes", "--save", ""],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_up(self._process)

    def stop(self) -> None:
        """Ends it; what is in it is kept."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)
        self._process = None

    def hang(self) -> None:
        """It is there but does nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It works again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"redis-server ended with {process.returncode}.")
            try:
                client.ping()
                client.close()
                return
            except redis.ConnectionError:
                time.sleep(0.02)
        raise TimeoutError("redis-server does not answer.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
