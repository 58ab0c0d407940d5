"""How the scripts speak to the person who started them."""

import contextlib
import sys
from pathlib import Path
from typing import NoReturn, TextIO


def say(line: str) -> None:
    """Tell something, on standard output."""
    _write(sys.stdout, line)


def complain(line: str) -> None:
    """Tell of a trouble, on standard error."""
    _write(sys.stderr, line)


def give_up(line: str) -> NoReturn:
    """Tell what cannot be done and what would mend it, and end with status 1."""
    complain(line)
    raise SystemExit(1)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, indented so that it stands apart from our own words."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    told = [line for line in lines if line.strip()][-count:]
    return "\n".join(f"    {line}" for line in told) or "    (nothing was logged)"


def _write(stream: TextIO, line: str) -> None:
    # A terminal that was closed while servers are being ended is no reason to stop
    # ending them.
    with contextlib.suppress(OSError, ValueError):
        stream.write(line + "\n")
        stream.flush()
