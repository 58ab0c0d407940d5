"""Files: calendars, recordings of what was spoken, logs and reports."""

from __future__ import annotations

import fcntl
import html
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actions.clients.calendar import file_name
from privacy.redaction import redact
from privacy.stores import ErasureError, Person

LOCK_SECONDS = 5.0
SHORTEST_KNOWN = 8
"""Characters. In a log, "yes" may be anybody's."""


class CalendarFiles:
    """A folder with a calendar for each person."""

    name = "calendars"

    def __init__(self, place: str) -> None:
        """Takes the calendar's place, as the calendar's settings name it."""
        shared = place.startswith(("http://", "https://")) or place.endswith(".ics")
        self._shared = place if shared else ""
        self._folder = None if shared else Path(place).expanduser()

    def find(self, person: Person) -> Counter[str]:
        """How many events are in their file."""
        path = self._path(person)
        if path is None or not path.exists():
            return Counter()
        try:
            events = path.read_bytes().upper().count(b"BEGIN:VEVENT")
        except OSError as error:
            raise ErasureError(f"The calendar {path}: {error.strerror}") from None
        return Counter({"events of the calendar": events, "calendar files": 1})

    def erase(self, person: Person, in_turn: bool = False) -> Counter[str]:
        """Deletes their file, and what lies beside it because of it."""
        path = self._path(person)
        if path is None or not path.parent.is_dir():
            return Counter()
        lock = path.with_name(f".{path.name}.lock")
        if not path.exists() and not lock.exists():
            return Counter()
        try:
            with _locked(lock):
                found = self.find(person)
                path.unlink(missing_ok=True)
                # What a process that was killed has not put in the file's place.
                for left in path.parent.glob(f".{path.name}.*"):
                    left.unlink(missing_ok=True)
        except OSError as error:
            raise ErasureError(f"The calendar {path}: {error.strerror}") from None
        return found

    def expire(self, before: float) -> Counter[str]:
        """A calendar is no conversation: age takes nothing from it."""
        return Counter()

    def purge(self) -> None:
        """A file that is gone leaves none behind."""

    def outside(self) -> str:
        """A calendar that several use, or that another program keeps."""
        return "the calendar that is shared, or on a server of its own" if self._shared else ""

    def _path(self, person: Person) -> Path | None:
        return self._folder / file_name(person.conversation) if self._folder else None


class VoiceRecordings:
    """Recordings of what was spoken, each with a file beside it that names the conversation."""

    name = "recordings"

    def __init__(self, folder: Path | None) -> None:
        """Takes the folder; None where none are kept."""
        self._folder = folder

    def find(self, person: Person) -> Counter[str]:
        """How many are theirs."""
        return Counter({"recordings": sum(1 for _ in self._theirs(person))})

    def erase(self, person: Person, in_turn: bool = False) -> Counter[str]:
        """Deletes theirs."""
        return self._delete(list(self._theirs(person)))

    def expire(self, before: float) -> Counter[str]:
        """Deletes those from before a moment."""
        old = [path for path, facts in self._all() if float(facts.get("at") or 0) < before]
        return self._delete(old)

    def purge(self) -> None:
        """A file that is gone leaves none behind."""

    def outside(self) -> str:
        """Nothing."""
        return ""

    def _theirs(self, person: Person) -> Iterator[Path]:
        for path, facts in self._all():
            if facts.get("conversation") == person.conversation:
                yield path

    def _all(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        if self._folder is None or not self._folder.is_dir():
            return
        # As `channels/voice/keeping.py` names them: nothing else in the folder is touched.
        for path in sorted(self._folder.glob("[0-9a-f]" * 32 + ".json")):
            try:
                facts = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                # Being written, or deleted by now.
                continue
            if isinstance(facts, dict):
                yield path, facts

    def _delete(self, paths: list[Path]) -> Counter[str]:
        try:
            for path in paths:
                path.with_suffix(".wav").unlink(missing_ok=True)
                path.unlink(missing_ok=True)
        except OSError as error:
            raise ErasureError(f"The recordings: {error.strerror}") from None
        return Counter({"recordings": len(paths)})


class LogFiles:
    """Logs, in which lines are blanked that name a conversation or hold what was said in it."""

    name = "logs"

    def __init__(self, folder: Path) -> None:
        """Takes the folder."""
        self._folder = folder

    def find(self, person: Person) -> Counter[str]:
        """How many lines there are."""
        lines = sum(len(self._places(path, person)) for path in self._files())
        return Counter({"lines of logs": lines})

    def erase(self, person: Person, in_turn: bool = False) -> Counter[str]:
        """Blanks them where they stand: whoever writes on stays where they are in the file."""
        blanked = 0
        for path in self._files():
            places = self._places(path, person)
            if not places:
                continue
            try:
                with path.open("r+b") as file:
                    for start, end in places:
                        file.seek(start)
                        file.write(b" " * (end - start))
            except OSError as error:
                raise ErasureError(f"The log {path}: {error.strerror}") from None
            blanked += len(places)
        return Counter({"lines of logs": blanked})

    def expire(self, before: float) -> Counter[str]:
        """Logs begin anew with each start; whoever keeps older ones sees to them."""
        return Counter()

    def purge(self) -> None:
        """They were overwritten."""

    def outside(self) -> str:
        """Nothing."""
        return ""

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.log*")) if self._folder.is_dir() else []

    def _places(self, path: Path, person: Person) -> list[tuple[int, int]]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ErasureError(f"The log {path}: {error.strerror}") from None
        # Looked for in the whole first: most of what was said is in no log.
        told = [one for one in _as_logged(person) if one.search(content)]
        if not told:
            return []
        places, start = [], 0
        for line in content.splitlines(keepends=True):
            end = start + len(line)
            if any(one.search(line) for one in told):
                places.append((start, start + len(line.rstrip(b"\r\n"))))
            start = end
        return places


class Reports:
    """Reports on conversations, as `make stats` and others leave them: pages that can be remade."""

    name = "reports"

    def __init__(self, folder: Path) -> None:
        """Takes the folder."""
        self._folder = folder

    def find(self, person: Person) -> Counter[str]:
        """How many hold something that they said."""
        return Counter({"reports": len(self._telling(person))})

    def erase(self, person: Person, in_turn: bool = False) -> Counter[str]:
        """Deletes those."""
        paths = self._telling(person)
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise ErasureError(f"The reports: {error.strerror}") from None
        return Counter({"reports": len(paths)})

    def expire(self, before: float) -> Counter[str]:
        """Deletes those made before a moment."""
        old = [path for path in self._pages() if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        return Counter({"reports": len(old)})

    def purge(self) -> None:
        """A file that is gone leaves none behind."""

    def outside(self) -> str:
        """Nothing; one that was copied elsewhere is not known."""
        return ""

    def _pages(self) -> list[Path]:
        return sorted(self._folder.glob("*.html")) if self._folder.is_dir() else []

    def _telling(self, person: Person) -> list[Path]:
        pages = self._pages()
        told = _as_logged(person, html.escape) if pages else []
        return [path for path in pages if any(one.search(path.read_bytes()) for one in told)]


def _as_logged(person: Person, also: Callable[[str], str] = str) -> list[re.Pattern[bytes]]:
    """What gives a person away: as it is and masked, and as JSON, Python and `also` write it."""
    said = {one for one in person.said if len(one) >= SHORTEST_KNOWN}
    known = said | {redact(one).text for one in said}
    ways = {
        way for one in known for way in (one, json.dumps(one)[1:-1], repr(one)[1:-1], also(one))
    }
    # A text of several lines is several lines of the log.
    pieces = {piece.strip() for way in ways for piece in way.splitlines()}
    found = [re.escape(piece.encode()) for piece in pieces if len(piece) >= SHORTEST_KNOWN]
    # The id itself, and not a part of somebody else's.
    conversation = re.escape(person.conversation.encode())
    found.append(rb"(?<![\w~%.-])" + conversation + rb"(?![\w~%-]|\.\w)")
    return [re.compile(one) for one in found]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds the lock that the calendar's own writers take."""
    deadline = time.monotonic() + LOCK_SECONDS
    with path.open("a", encoding="utf-8") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ErasureError("Another process holds the calendar's file.") from None
                time.sleep(0.02)
        yield
