"""Rasa's programs without the seconds in which Rasa and TensorFlow are imported.

One process imports them, once, and each program is forked from it: a process of its own, with the
arguments, environment and log that it is given, that can be killed, and that ends with the tests,
as one started by its command line does. Importing starts no threads but those of OpenBLAS, which
has them anew after a fork; and none of our own code is imported before the fork, so nothing of it
is older than the environment that it reads.

That a command line does the same is seen where a person's commands are tested, in `tests/scripts`,
and with the trained assistant in `tests/conversations`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from unittest.mock import patch

from scripts import tether
from scripts.processes import Process, end, running
from scripts.project import ROOT, process_environment

preloaded = ["rasa.__main__", "rasa.core.run", "rasa.model_training", "rasa.server", "httpx"]
"""What is imported before a fork: libraries alone. A `conftest.py` adds what its servers need."""

FORKS = sys.platform == "linux"
"""Elsewhere the system's own libraries do not outlive a fork."""


class Forked:
    """A forked process, which is dealt with as one of `subprocess` is."""

    def __init__(self, process: ForkServerProcess) -> None:
        """Takes it, started."""
        assert process.pid is not None
        self._process = process
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; a signal's number is negative."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """How it ended, None if it has not."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end.

        Raises:
            subprocess.TimeoutExpired: It did not end in time.
        """
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return status

    def send_signal(self, number: int, /) -> None:
        """Sends it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


@contextmanager
def running_rasa(*arguments: str, environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    """Rasa's command line as a process of its own, which is ended on the way out.

    Args:
        *arguments: What `rasa` is called with.
        environment: Its whole environment.
        log: A file for what it writes.
    """
    with ExitStack() as stack:
        if not FORKS:
            yield stack.enter_context(
                running("scripts.rasa_program", *arguments, environment=environment, log=log)
            )
            return
        process = _server().Process(
            target=_become, args=(["scripts.rasa_program", *arguments], dict(environment), log)
        )
        process.start()
        forked = Forked(process)
        stack.callback(end, forked, group=True)
        yield forked


@cache
def _server() -> ForkServerContext:
    """The process to fork from, which has imported all when it is first asked."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(preloaded)
    # Libraries look at these while they are imported.
    with patch.dict(os.environ, process_environment()):
        forkserver.ensure_running()
    return context


def _become(command: list[str], environment: dict[str, str], log: Path) -> None:
    """Becomes the program that `scripts.processes.running` would have started."""
    os.setsid()
    os.chdir(ROOT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    parent = multiprocessing.parent_process()
    assert parent is not None
    sys.argv = ["scripts.tether", str(parent.sentinel), *command]
    tether.main()
