"""The terminal of a review: what is shown, and which key was pressed.

With a terminal on both ends, keys work without Enter, and a sentence is edited in its line. From
a pipe or a file, each line is a key or an answer, so that a review can be scripted. There are
colours only where the terminal has them and NO_COLOR is not set.
"""

from __future__ import annotations

import os
import shutil
import sys
import termios
import textwrap
import tty
from collections.abc import Sequence
from typing import TextIO

_CODES = {"strong": "1", "faint": "2", "good": "32", "bad": "31", "note": "36"}
_NARROWEST, _WIDEST = 40, 100
_ENDS = ("\x03", "\x04", "")
"""Ctrl-C, Ctrl-D, and the end of the input."""


TOGETHER = "\u00a0"
"""A space at which no line is broken."""


class Screen:
    """Shows lines, and asks."""

    def __init__(self, source: TextIO | None = None, target: TextIO | None = None) -> None:
        """Takes the terminal, or what stands in for it."""
        self._in = source or sys.stdin
        self._out = target or sys.stdout
        self.on_terminal = self._in.isatty() and self._out.isatty()
        self._colours = (
            self._out.isatty()
            and "NO_COLOR" not in os.environ
            and os.environ.get("TERM", "dumb") != "dumb"
        )
        self.ended = False
        """Whether there is nothing more to be read."""

    @property
    def width(self) -> int:
        """Columns that are written in."""
        columns = shutil.get_terminal_size((80, 24)).columns
        return max(_NARROWEST, min(columns, _WIDEST))

    def style(self, text: str, name: str) -> str:
        """A text in a colour, where there are colours."""
        return f"\033[{_CODES[name]}m{text}\033[0m" if self._colours else text

    def show(self, line: str = "", indent: str = "", style: str | None = None) -> None:
        """Shows a line, broken where the terminal ends; further lines are indented."""
        # What people said is theirs: signs that steer a terminal are none of ours.
        clean = "".join(sign if sign.isprintable() or sign == TOGETHER else " " for sign in line)
        broken = textwrap.wrap(
            clean, self.width - 1, subsequent_indent=indent, break_on_hyphens=False
        ) or [""]
        for part in (line.replace(TOGETHER, " ") for line in broken):
            self._out.write((self.style(part, style) if style else part) + "\n")
        self._out.flush()

    def field(self, name: str, value: str, style: str | None = None) -> None:
        """Shows a value beside its name."""
        self.show(f"  {name:<10}{value}", indent=" " * 12, style=style)

    def key(self, prompt: str) -> str:
        """Asks for a key; `q` where the input has ended."""
        self._out.write(prompt)
        self._out.flush()
        if not self.on_terminal:
            return self._line().strip() or ("q" if self.ended else "")
        pressed = self._pressed()
        self._out.write(
            ("" if pressed in "\r\n" else pressed if pressed.isprintable() else "") + "\n"
        )
        if pressed in _ENDS:
            self.ended = True
            return "q"
        return "" if pressed in "\r\n" else pressed

    def ask(self, prompt: str, given: str = "", choices: Sequence[str] = ()) -> str:
        """Asks for a line; on a terminal what is given stands there to be edited.

        Tab completes to one of the choices. Empty where nothing was said.
        """
        if not self.on_terminal:
            self._out.write(prompt)
            self._out.flush()
            return self._line().strip()
        # Only here: where it is imported, readline takes over the terminal.
        import readline

        matching: list[str] = []

        def complete(text: str, state: int) -> str | None:
            if state == 0:
                matching[:] = [one for one in choices if one.startswith(text)]
            return matching[state] if state < len(matching) else None

        readline.set_completer_delims(" ")
        readline.set_completer(complete)
        readline.parse_and_bind("tab: complete")
        readline.set_startup_hook(lambda: readline.insert_text(given))
        try:
            return input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            self._out.write("\n")
            return ""
        finally:
            readline.set_startup_hook(None)

    def _line(self) -> str:
        line = self._in.readline()
        self.ended = self.ended or not line
        # What was read is shown, so that the record of a script can be followed.
        self._out.write(line if line.endswith("\n") else f"{line}\n")
        return line

    def _pressed(self) -> str:
        descriptor = self._in.fileno()
        before = termios.tcgetattr(descriptor)
        try:
            tty.setcbreak(descriptor)
            pressed = os.read(descriptor, 1).decode("latin-1")
            if pressed == "\x1b":
                # An arrow or another key of several signs: none of them is meant.
                tty.setcbreak(descriptor)
                attributes = termios.tcgetattr(descriptor)
                attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 0, 1
                termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
                os.read(descriptor, 16)
                return "\n"
            return pressed
        except KeyboardInterrupt:
            return "\x03"
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
