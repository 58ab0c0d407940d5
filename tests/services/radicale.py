"""A CalDAV server: Radicale, with one person and one calendar."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

USER, PASSWORD = "ann", "only-for-tests"
START_SECONDS = 30.0


class Radicale:
    """The server, with its storage in a folder."""

    def __init__(self, folder: Path) -> None:
        """Writes its configuration; `start` starts it."""
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        self._config = folder / "radicale.ini"
        self._config.write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            "[auth]\ntype = htpasswd\n"
            f"htpasswd_filename = {folder / 'users'}\nhtpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {folder / 'storage'}\n",
            encoding="utf-8",
        )

    @property
    def url(self) -> str:
        """The calendar's address."""
        return f"http://127.0.0.1:{self.port}/{USER}/home/"

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells Parley where the calendar is."""
        return {
            "PARLEY_CALENDAR": self.url,
            "PARLEY_CALENDAR_USER": USER,
            "PARLEY_CALENDAR_PASSWORD": PASSWORD,
            "PARLEY_CALENDAR_TIMEOUT": "5",
        }

    def start(self) -> None:
        """Starts it, unless it runs, and makes the calendar, unless it is there."""
        if self._process is not None:
            return
        with open(self.folder / "radicale.log", "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "radicale", "--config", str(self._config)],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.ask("MKCALENDAR", self.url)
                return
            except urllib.error.HTTPError as error:
                if error.code in (403, 405, 409):  # it is there already
                    return
                raise
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends it; what it keeps stays."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def clear(self) -> None:
        """Takes everything out of the calendar."""
        self.start()
        self.ask("DELETE", self.url)
        self.ask("MKCALENDAR", self.url)

    def everything(self) -> str:
        """All of the calendar, as the server gives it."""
        return self.ask("GET", self.url)

    def put(self, name: str, text: str) -> None:
        """Puts an object into the calendar, as another program would."""
        self.ask("PUT", f"{self.url}{name}.ics", text)

    def ask(self, method: str, url: str, body: str = "") -> str:
        """Sends a request as the calendar's owner; returns the reply."""
        secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {secret}"}
        if body:
            headers["Content-Type"] = "text/calendar; charset=utf-8"
        request = urllib.request.Request(url, body.encode() or None, headers, method=method)
        # No proxy stands between the tests and their own servers.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as reply:
            return str(reply.read().decode("utf-8"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
