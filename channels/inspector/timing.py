"""How long each stage of a turn took: what was measured of the latest turns, in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

TURNS_KEPT = 500
"""Of so many turns, of all conversations together, it is known how long their stages took."""


@dataclass
class Span:
    """One stage."""

    kind: str
    """What it is: `understanding`, `component`, `prediction`, `policy`, `action` …"""
    name: str
    parent: int
    """The number of the span that it is a part of; -1 for a stage of the turn itself."""
    start: float
    """`time.perf_counter` when it began."""
    end: float = 0.0
    """And when it was over; 0 before."""
    note: dict[str, Any] = field(default_factory=dict)
    """More to tell of it: what a policy would have done."""


@dataclass
class Recording:
    """What was measured of one turn."""

    sender: str
    key: str
    """The message's id; for a turn that no message began, what `moment` makes of its time."""
    spans: list[Span] = field(default_factory=list)
    start: float = 0.0
    end: float = 0.0
    arrived: float = 0.0
    """When it was handed in to be handled; 0 once that has begun."""
    trace: tuple[int, int] | None = None
    """The numbers of its trace and of its first span, where traces are sent."""
    active: bool = False
    """Whether it is being recorded. A task that is begun in a turn, as a reminder is, goes on in
    its context when the turn is long over."""

    def as_dict(self) -> dict[str, Any]:
        """The stages, in seconds from the beginning of the turn."""
        return {
            "seconds": round(self.end - self.start, 7),
            "spans": [
                {
                    "kind": span.kind,
                    "name": span.name,
                    "parent": span.parent,
                    "start": round(span.start - self.start, 7),
                    # One that is not over: the turn goes on.
                    "seconds": round((span.end or span.start) - span.start, 7),
                    **span.note,
                }
                for span in self.spans
            ],
        }


_current: ContextVar[tuple[Recording, int] | None] = ContextVar("inspected_turn", default=None)


class Timings:
    """The recordings, newest last. Threads may record at the same time."""

    def __init__(self, most: int = TURNS_KEPT) -> None:
        """Starts empty.

        Args:
            most: Turns that are kept.
        """
        self.listeners: list[Callable[[Recording], None]] = []
        """Told of each recording when it is over, or for now: a message may only be understood."""
        self.opinions = True
        """Whether what each policy would have done is noted. It makes all of them say."""
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Recording] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, most: int) -> None:
        """Keeps so many turns at least."""
        self._most = max(self._most, most)

    def of(self, sender: str, key: str) -> Recording | None:
        """What was measured of a turn that is over."""
        recording = self._kept.get((sender, key))
        return recording if recording is not None and recording.end else None

    @contextmanager
    def turn(self, sender: str, key: str) -> Iterator[Recording]:
        """Records a turn, or goes on with one: a message may be understood before it is handled.

        Within another turn nothing new begins: that one's recording goes on.
        """
        within = _recorded()
        if within is not None:
            yield within[0]
            return
        began = time.perf_counter()
        with self._lock:
            recording = self._kept.get((sender, key))
            if recording is None:
                recording = Recording(sender, key, start=began)
                self._keep(recording)
        before = _current.set((recording, -1))
        recording.active = True
        try:
            yield recording
        finally:
            recording.active = False
            recording.end = time.perf_counter()
            for listener in self.listeners:
                listener(recording)
            _current.reset(before)

    def rename(self, recording: Recording, key: str) -> None:
        """Keeps a recording under another key: that of a message of which it was not known."""
        with self._lock:
            self._kept.pop((recording.sender, recording.key), None)
            recording.key = key
            self._keep(recording)

    def _keep(self, recording: Recording) -> None:
        self._kept[recording.sender, recording.key] = recording
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


class span:
    """Measures a stage of the turn that is being recorded; nothing outside of one.

    A class, not a generator: there are some sixty stages in a turn, and this costs half as much.
    """

    __slots__ = ("_before", "_kind", "_measured", "_name")

    def __init__(self, kind: str, name: str) -> None:
        """Prepares.

        Args:
            kind: What it is.
            name: Which of them.
        """
        self._kind, self._name = kind, name
        self._measured: Span | None = None

    def __enter__(self) -> Span | None:
        """Begins; returns what is measured, None outside of a turn."""
        within = _recorded()
        if within is None:
            return None
        recording, parent = within
        self._before = _current.set((recording, len(recording.spans)))
        self._measured = measured = Span(self._kind, self._name, parent, time.perf_counter())
        recording.spans.append(measured)
        return measured

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Ends."""
        measured = self._measured
        if measured is None:
            return
        measured.end = time.perf_counter()
        _current.reset(self._before)
        if kind is not None and issubclass(kind, Exception):
            # Rasa goes on without an action that failed, and no event tells of it.
            measured.note["failed"] = kind.__name__


def current() -> tuple[Recording, int] | None:
    """The turn that is being recorded, and the number of its innermost span: -1 for none."""
    return _recorded()


def innermost() -> Span | None:
    """The stage that is being measured."""
    within = _recorded()
    return within[0].spans[within[1]] if within is not None and within[1] >= 0 else None


def _recorded() -> tuple[Recording, int] | None:
    within = _current.get()
    return within if within is not None and within[0].active else None


def moment(timestamp: float) -> str:
    """The key of a turn that no message began: the time that Rasa wrote into its event."""
    return f"at {timestamp!r}"
