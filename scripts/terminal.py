"""The terminal as the person left it to us."""

import contextlib
import sys
import termios
from collections.abc import Iterator


@contextlib.contextmanager
def restored_terminal() -> Iterator[None]:
    """Put the terminal's settings back on the way out.

    A prompt that is killed leaves the terminal without echo.
    """
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error, OSError):
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
