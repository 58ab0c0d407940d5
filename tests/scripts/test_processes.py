"""Servers end with the program that started them, however that ends."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from scripts.processes import ServerDiedError, running, wait_until_healthy
from tests.scripts.conftest import ROOT

# A server that starts a process of its own and does not end when it is asked to.
STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("pids").write_text(f"{os.getpid()} {child.pid}")
time.sleep(60)
"""
WILLING = """
import os, pathlib, time
pathlib.Path("pids").write_text(str(os.getpid()))
time.sleep(60)
"""
# What `make chat` is to its servers: it starts one and waits to be ended.
PARENT = """
import os, sys, time
from scripts import processes
processes.GRACE_SECONDS = 0.5
try:
    with processes.stopped_by_signals():
        with processes.running("server", environment=dict(os.environ)):
            time.sleep(60)
except processes.Stopped as stopped:
    sys.exit(stopped.status)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{tmp_path}")
    (tmp_path / "parent.py").write_text(textwrap.dedent(PARENT), encoding="utf-8")
    return tmp_path


def server(folder: Path, text: str) -> None:
    (folder / "server.py").write_text(textwrap.dedent(text), encoding="utf-8")


def started(folder: Path) -> list[int]:
    """The processes of the server, once it has started."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        path = folder / "pids"
        if path.exists() and path.read_text(encoding="utf-8"):
            return [int(pid) for pid in path.read_text(encoding="utf-8").split()]
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def left(pids: list[int], seconds: float = 10) -> list[int]:
    """Those that are still alive after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(_is_alive(pid) for pid in pids):
        time.sleep(0.05)
    return [pid for pid in pids if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("text", [WILLING, STUBBORN])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything(folder: Path, text: str, number: signal.Signals) -> None:
    server(folder, text)
    with subprocess.Popen([sys.executable, "parent.py"]) as parent:
        pids = started(folder)
        parent.send_signal(number)
        assert parent.wait(20) == 128 + number
        assert left(pids) == []


def test_a_second_signal_does_not_break_off_the_ending(folder: Path) -> None:
    server(folder, STUBBORN)
    with subprocess.Popen([sys.executable, "parent.py"]) as parent:
        pids = started(folder)
        for _ in range(3):
            parent.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert parent.wait(20) == 128 + signal.SIGINT
        assert left(pids) == []


def test_a_killed_parent_takes_its_server_along(folder: Path) -> None:
    server(folder, WILLING)
    with subprocess.Popen([sys.executable, "parent.py"]) as parent:
        pids = started(folder)
        parent.kill()
        parent.wait(20)
        assert left(pids) == []


def test_output_goes_to_the_log(folder: Path) -> None:
    server(folder, "import sys; print('out'); print('err', file=sys.stderr)")
    log = folder / "server.log"
    with running("server", environment=dict(os.environ), log=log) as process:
        assert process.wait(20) == 0
    assert sorted(log.read_text(encoding="utf-8").split()) == ["err", "out"]


def test_dead_server_is_not_waited_for(folder: Path) -> None:
    server(folder, "raise SystemExit(4)")
    with running("server", environment=dict(os.environ)) as process:
        with pytest.raises(ServerDiedError, match="ended with status 4"):
            wait_until_healthy(process, _free_port(), "/", seconds=30)


def test_silent_server_is_not_waited_for_for_ever(folder: Path) -> None:
    server(folder, WILLING)
    with running("server", environment=dict(os.environ)) as process:
        with pytest.raises(ServerDiedError, match="did not answer within 1 seconds"):
            wait_until_healthy(process, _free_port(), "/", seconds=1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
