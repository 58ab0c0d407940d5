"""Processes that a test looks for."""

from __future__ import annotations

import os
from contextlib import suppress

import psutil


def running_below(module: str, pid: int | None = None) -> set[int]:
    """The processes that run a module, among all that a process (this one) has started.

    One that has ended is not among them, even if nobody has asked yet how.
    """
    found = set()
    for child in psutil.Process(pid or os.getpid()).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if module in child.cmdline():
                found.add(child.pid)
    return found
