"""A Mosquitto broker with a password, and simulated devices that hang on it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from scripts.project import ROOT
from tests.services.house import House

USERNAME, PASSWORD = "parley", "p@ss/word"
PARLEYS_URL = "mqtt://parley:p%40ss%2Fword@127.0.0.1:{port}"

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


def find_program(name: str) -> str:
    """Where a program is; Debian keeps mosquitto where only root's PATH looks.

    Raises:
        FileNotFoundError: It is not there.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise FileNotFoundError(f"There is no {name}: install Debian's package mosquitto.")
    return found


class Mosquitto:
    """The broker on a free port of this machine, the same after each start."""

    def __init__(self, folder: Path) -> None:
        """Prepares it; `start` starts it."""
        self.folder = folder
        self.port = _free_port()
        self.url = PARLEYS_URL.format(port=self.port)
        self.house = House(self.port, USERNAME, PASSWORD)
        self._process: subprocess.Popen[bytes] | None = None
        passwords = folder / "passwords"
        subprocess.run(
            [find_program("mosquitto_passwd"), "-b", "-c", str(passwords), USERNAME, PASSWORD],
            check=True,
            capture_output=True,
        )
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\n"
            "allow_anonymous false\n"
            f"password_file {passwords}\n"
            "persistence true\n"
            f"persistence_location {folder}/\n" + ("user root\n" if os.geteuid() == 0 else ""),
            # Started by root it would become a user who cannot read this folder.
            encoding="utf-8",
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells Parley where the broker is, and which devices there are."""
        return {
            "PARLEY_MQTT_URL": self.url,
            "PARLEY_HOME": str(ROOT / "home.example.yml"),
            "PARLEY_MQTT_TIMEOUT": "3",
            "PARLEY_MQTT_ANSWER_TIMEOUT": "2",
        }

    def start(self) -> None:
        """Starts the broker and the devices, unless they run; the devices do as they are told."""
        if self._process is None:
            self._process = subprocess.Popen(
                [find_program("mosquitto"), "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            self._wait_until_open(self._process)
            self.house.connect()
        self.answer()

    def stop(self) -> None:
        """Ends the broker; retained messages are kept."""
        if self._process is None:
            return
        self.house.disconnect()
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)
        self._process = None

    def hang(self) -> None:
        """The broker is there but does nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """The broker works again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def reset(self) -> None:
        """The devices are as in the beginning."""
        self.house.reset()

    def fall_silent(self) -> None:
        """Nobody powers the reading lamp and the counter light any more."""
        self.house.silent |= {"reading lamp", "counter light"}

    def answer(self) -> None:
        """All devices have power again."""
        self.house.silent.clear()

    def _wait_until_open(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"mosquitto ended with {process.returncode}.")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError("mosquitto does not listen.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
