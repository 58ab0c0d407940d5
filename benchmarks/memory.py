"""What a process takes of the machine's memory."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def peak_rss_mb() -> float:
    """Returns this process's largest resident set so far, in MiB.

    On Linux not `getrusage`'s: that one starts from the size of the process that forked us.
    """
    peak = _status_line("VmHWM")
    if peak is not None:
        return peak
    # Kibibytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def rss_mb() -> float:
    """Returns this process's resident set as it is now, in MiB; the peak where unknown."""
    now = _status_line("VmRSS")
    return peak_rss_mb() if now is None else now


def _status_line(name: str) -> float | None:
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return None
