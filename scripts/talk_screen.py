"""What the terminal shows while somebody talks to the assistant, and the keys that they press."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import sys
import termios
import tty
from collections.abc import Callable, Iterator

from scripts.console import complain, say
from scripts.terminal import restored_terminal
from voice.asr import Recognition
from voice.talking import Replies, State

PRESS = {" ", "\n", "\r"}
END = {"q", "\x03", "\x04"}
"""q, Ctrl-C and Ctrl-D."""

_METER = 12
_QUIETEST = 30.0
"""Decibels below the loudest at which the meter begins to show something."""
_LOUDEST = 12_000.0
"""Root mean square of somebody who speaks into the microphone at full volume."""

_TOLD = {
    State.LISTENING: "listening",
    State.HEARING: "hearing",
    State.UNDERSTANDING: "understanding",
    State.SPEAKING: "speaking",
}


class Screen:
    """Tells what goes on: on a terminal in a line that changes, else in lines of their own."""

    def __init__(self, phrase: str = "") -> None:
        """Prepares; where there is a wake phrase, it is what is waited for."""
        self._changing = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        waited = f'say "{phrase}", or press Enter' if phrase else "press Enter and speak"
        self._names = {**_TOLD, State.WAITING: waited}
        self._state: State | None = None
        self._meter = 0

    def state(self, state: State) -> None:
        """Shows what goes on."""
        self._state = state
        self._meter = 0
        if self._changing:
            self._draw()
        else:
            say(f"({self._names[state]})")

    def level(self, loudness: float) -> None:
        """Shows how loud it is, while it counts."""
        if not self._changing or self._state not in (State.LISTENING, State.HEARING):
            return
        decibels = 20 * math.log10(max(loudness, 1.0) / _LOUDEST)
        share = min(1.0, max(0.0, 1 + decibels / _QUIETEST))
        meter = round(share * _METER)
        # It falls slowly, as meters do.
        meter = max(meter, self._meter - 1)
        if meter != self._meter:
            self._meter = meter
            self._draw()

    def heard(self, heard: Recognition) -> None:
        """Shows what was heard."""
        if heard.text:
            doubt = "" if heard.accepted else " (?)"
            self.tell(f"You: {heard.text}{doubt}")

    def replied(self, replies: Replies) -> None:
        """Shows what is answered."""
        for reply in replies.replies:
            if reply.get("text"):
                self.tell(f"Parley: {reply['text']}")
            titles = [str(button.get("title")) for button in reply.get("buttons") or ()]
            if any(titles):
                self.tell(f"  ({' / '.join(titles)})")

    def trouble(self, told: str) -> None:
        """Shows what failed."""
        self._clear()
        complain(told)
        self._draw()

    def tell(self, line: str) -> None:
        """Shows a line that stays."""
        self._clear()
        say(line)
        self._draw()

    def close(self) -> None:
        """Leaves the terminal as it should be."""
        self._clear()
        self._state = None

    def _draw(self) -> None:
        if not self._changing or self._state is None:
            return
        line = f"[{self._names[self._state]}]"
        if self._state in (State.LISTENING, State.HEARING):
            line += f" {'#' * self._meter}{'.' * (_METER - self._meter)}"
        width = shutil.get_terminal_size().columns - 1
        self._write(f"\r\x1b[K{line[:width]}")

    def _clear(self) -> None:
        if self._changing:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(text)
            sys.stdout.flush()


@contextlib.contextmanager
def keys(press: Callable[[], None], end: Callable[[], None]) -> Iterator[None]:
    """Reads single keys while it lasts, where there is a terminal; inside of the running loop.

    Args:
        press: Called when Enter or the space bar is pressed.
        end: Called for q and Ctrl-D, and where the terminal is gone.
    """
    if not sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def read() -> None:
        try:
            typed = os.read(descriptor, 64).decode(errors="replace")
        except OSError:
            typed = ""
        if not typed or END & set(typed):
            loop.remove_reader(descriptor)
            end()
        elif PRESS & set(typed):
            press()

    with restored_terminal():
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        loop.add_reader(descriptor, read)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)
