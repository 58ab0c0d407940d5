"""Starting servers, waiting for them, and ending them whatever happens."""

import contextlib
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Protocol

from scripts.project import python_module

GRACE_SECONDS = 8.0
"""How long a process has to end after SIGTERM before it is killed."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Process(Protocol):
    """A process that was started here: one of `subprocess`, or what can do the same."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """The exit status, once it has been asked for."""

    def poll(self) -> int | None:
        """The exit status, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end; `subprocess.TimeoutExpired` is raised if it takes longer."""

    def send_signal(self, number: int, /) -> None:
        """Sends a signal, unless it has ended."""


class Stopped(BaseException):
    """Someone asked this program to end. Not an error, so no `except Exception`."""

    def __init__(self, number: int) -> None:
        """Keep which signal it was."""
        super().__init__(number)
        self.status = 128 + number
        """The exit status that says so."""


class ServerDiedError(Exception):
    """A server ended, or said nothing for too long, before it was ready."""


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into `Stopped`; pass over later ones.

    One is enough: those that follow, as when Ctrl-C reaches the program twice, must not
    break off the ending of the servers.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        for name in STOP_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        raise Stopped(number)

    former = {name: signal.signal(name, stop) for name in STOP_SIGNALS}
    try:
        yield
    finally:
        for name, handler in former.items():
            signal.signal(name, handler)


@contextlib.contextmanager
def running(
    module: str,
    *arguments: str,
    environment: Mapping[str, str],
    log: Path | None = None,
    log_output: bool = True,
    foreground: bool = False,
) -> Iterator["subprocess.Popen[bytes]"]:
    """A module as a process of its own, which is ended on the way out.

    Args:
        module: The module, with its `arguments`.
        *arguments: What it is called with.
        environment: Its whole environment.
        log: A file for what it writes; None leaves it the terminal.
        log_output: Whether its standard output goes to the log as well as its errors.
        foreground: It talks to the person: it keeps the terminal, and Ctrl-C is its own.
    """
    theirs, ours = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, ours)
        log_file = stack.enter_context(log.open("wb")) if log else None
        try:
            process = subprocess.Popen(
                python_module("scripts.tether", str(theirs), module, *arguments),
                env=environment,
                stdin=None if foreground else subprocess.DEVNULL,
                stdout=log_file if log_output else None,
                stderr=log_file,
                pass_fds=(theirs,),
                start_new_session=not foreground,
            )
        finally:
            os.close(theirs)
        try:
            yield process
        finally:
            end(process, group=not foreground)


def end(process: Process, *, group: bool) -> None:
    """End a process, and the group that it leads, politely and then for good."""
    _send(process, signal.SIGTERM, group=group)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    if group or process.poll() is None:
        _send(process, signal.SIGKILL, group=group)
    process.wait()


def wait_until_healthy(process: Process, port: int, path: str, seconds: float) -> None:
    """Wait until a server on this machine answers with 200.

    Raises:
        ServerDiedError: It ended, or did not answer in the given time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerDiedError(f"ended with status {process.returncode}")
        if _answers(port, path):
            return
        time.sleep(0.1)
    raise ServerDiedError(f"did not answer within {seconds:.0f} seconds")


def _answers(port: int, path: str) -> bool:
    # http.client rather than urllib: no proxy stands between us and ourselves.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _send(process: Process, number: int, *, group: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
