"""A calendar in an .ics file, which other programs may use as well.

Only the lines of the object that is changed are written anew; all others stay, byte by byte,
whatever they say. The file is replaced as a whole, so that nobody reads half of it, and while
one process changes it another waits.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from actions.calendar_objects import PRODUCT, ObjectError, fingerprint
from actions.clients.calendar import CHANGED, CalendarError

_EMPTY = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nEND:VCALENDAR\r\n"
_RETRY_SECONDS = 0.02
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class _Block:
    """Lines of a file that belong together: a component of the calendar, or lines beside."""

    kind: str
    """The component's name; empty for the calendar's own lines."""

    key: str
    """A VEVENT's UID, a VTIMEZONE's TZID."""

    text: str


class IcsCalendar:
    """A file; one that is not there is an empty calendar."""

    def __init__(self, path: Path, deadline: float) -> None:
        """Takes the file's path.

        Args:
            path: Of the file; it and its folder are made with the first event.
            deadline: Until when another's lock is waited for, on the monotonic clock.
        """
        # A link stays a link: what it leads to is replaced.
        self._path = path.expanduser().resolve()
        self._deadline = deadline

    def objects(self, _start: datetime, _end: datetime) -> list[str]:
        """All objects of the file."""
        blocks = _blocks(self._read())
        uids = dict.fromkeys(b.key for b in blocks if b.kind == "VEVENT" and b.key)
        return [_object(blocks, uid) for uid in uids]

    def object(self, uid: str) -> str | None:
        """The object with a UID, if there is one."""
        blocks = _blocks(self._read())
        there = any(b.kind == "VEVENT" and b.key == uid for b in blocks)
        return _object(blocks, uid) if there else None

    def write(self, uid: str, text: str | None, expected: str | None) -> None:
        """Keeps or removes an object; see `Calendar`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                before = self.object(uid)
                _refuse_other(before, expected)
                self._replace(_merged(self._read(), uid, text))
        except OSError as error:
            raise CalendarError(
                f"The calendar's file cannot be written: {error.strerror}"
            ) from None

    def _read(self) -> str:
        try:
            # As bytes: Python would turn the line ends into its own.
            text = self._path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            return _EMPTY
        except (OSError, UnicodeDecodeError) as error:
            raise CalendarError(f"The calendar's file cannot be read: {error}") from None
        return text if text.strip() else _EMPTY

    def _replace(self, text: str) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            if self._path.exists():
                os.chmod(name, self._path.stat().st_mode)
            os.replace(name, self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The file itself is replaced, so the lock is on one beside it, which stays.
        lock = self._path.with_name(f".{self._path.name}.lock")
        with open(lock, "a", encoding="utf-8") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > self._deadline:
                        raise CalendarError("Another process holds the calendar's file.") from None
                    time.sleep(_RETRY_SECONDS)
            # Closing the file gives the lock back.
            yield


def _refuse_other(there: str | None, expected: str | None) -> None:
    """Raises where an object is not what the caller has seen."""
    try:
        same = (
            there is expected is None
            if there is None or expected is None
            else fingerprint(there) == fingerprint(expected)
        )
    except ObjectError as error:
        raise CalendarError(str(error)) from None
    if not same:
        raise CalendarError("The event is not as it was.", CHANGED)


def _blocks(text: str) -> list[_Block]:
    """The file in pieces, which joined are the file.

    Raises:
        CalendarError: If it is no iCalendar file.
    """
    blocks: list[_Block] = []
    lines: list[str] = []
    names: list[str] = []
    calendars = 0
    for line in _LINES.findall(text):
        word, _, value = line.strip().partition(":")
        word, value = word.upper(), value.strip().upper()
        if word == "BEGIN" and len(names) == 1:
            # A component begins.
            blocks.append(_Block("", "", "".join(lines)))
            lines = []
        lines.append(line)
        if word == "BEGIN":
            calendars += value == "VCALENDAR"
            names.append(value)
        elif word == "END":
            if not names or names.pop() != value:
                raise CalendarError("The calendar's file is damaged: its components overlap.")
            if len(names) == 1:
                whole = "".join(lines)
                blocks.append(_Block(value, _key(value, whole), whole))
                lines = []
    if names or calendars != 1:
        raise CalendarError("The calendar's file is not one whole calendar.")
    blocks.append(_Block("", "", "".join(lines)))
    return blocks


def _key(kind: str, text: str) -> str:
    name = {"VEVENT": "UID", "VTIMEZONE": "TZID"}.get(kind)
    depth = 0
    for line in _unfolded(text):
        word, _, value = line.partition(":")
        word = word.split(";")[0].upper()
        depth += (word == "BEGIN") - (word == "END")
        # An alarm within an event may have a UID of its own.
        if word == name and depth == 1:
            return value.strip()
    return ""


def _unfolded(text: str) -> list[str]:
    joined = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    return joined.split("\n")


def _object(blocks: list[_Block], uid: str) -> str:
    """The calendar with the events of one UID only, and all its time zones."""
    return "".join(
        b.text for b in blocks if b.kind in ("", "VTIMEZONE") or (b.kind, b.key) == ("VEVENT", uid)
    )


def _merged(file: str, uid: str, text: str | None) -> str:
    """The file with an object in the place of what it had of that UID."""
    blocks = _blocks(file)
    new = _blocks(text) if text else []
    zones = {b.key for b in blocks if b.kind == "VTIMEZONE"}
    added = [b for b in new if b.kind == "VTIMEZONE" and b.key not in zones]
    added += [b for b in new if b.kind == "VEVENT"]
    kept = "".join(b.text for b in blocks if (b.kind, b.key) != ("VEVENT", uid))
    # New components stand before the calendar's end.
    end = kept.upper().rindex("END:VCALENDAR")
    return kept[:end] + "".join(b.text for b in added) + kept[end:]
