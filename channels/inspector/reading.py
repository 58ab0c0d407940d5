"""Conversations as the tracker store keeps them, a part at a time."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from channels.inspector.state import Event

MOST_READ_WHOLE = 50
"""Of a store that can only hand out whole conversations, so many are listed."""

LISTED_AGAIN_AFTER = 10.0
"""Seconds for which the list of such a store is kept."""


class ConversationsUnreadableError(Exception):
    """The tracker store does not answer."""


@dataclass
class Summary:
    """One conversation in the list."""

    id: str
    turns: int
    last_at: float
    channel: str | None
    text: str | None
    """What the person said last."""
    mood: str | None

    @classmethod
    def of(cls, sender: str, turns: int, last_at: float, last: Event | None) -> Summary:
        """Of a conversation, its number of turns, and its last message."""
        said = last or {}
        sentiment = (said.get("parse_data") or {}).get("sentiment") or {}
        return cls(
            sender,
            turns,
            last_at,
            said.get("input_channel"),
            said.get("text"),
            sentiment.get("name"),
        )


@dataclass
class Listing:
    """The newest conversations."""

    conversations: list[Summary]
    total: int
    """How many there are, found or not."""
    version: str
    """Changes with the store."""
    partial: str | None = None
    """What was not looked through, in words."""


@dataclass
class Excerpt:
    """Some turns of a conversation."""

    total: int
    """Turns that the conversation has."""
    first: int
    """The number of the first turn that is told, from 1."""
    before: list[Event]
    """What came before, as far as it bears on slots: of other events the type alone."""
    events: list[Event]
    """All events of the turns."""
    version: str
    """Changes with the conversation."""
    starts: list[int] = field(default_factory=list)
    """Where the turns begin among the events."""


class Reader(ABC):
    """Reads a tracker store; changes nothing."""

    @abstractmethod
    async def newest(self, limit: int, search: str) -> Listing:
        """The newest conversations, those alone in which something is found.

        Raises:
            ConversationsUnreadableError: If the store does not answer.
        """

    @abstractmethod
    async def version(self, sender: str) -> str | None:
        """Changes with the conversation; None where there is no such conversation.

        Raises:
            ConversationsUnreadableError: If the store does not answer.
        """

    @abstractmethod
    async def turns(self, sender: str, first: int, last: int) -> Excerpt | None:
        """The turns from one number to another, both included and both cut to what there is.

        A negative number counts from the end, -1 being the newest turn.

        Raises:
            ConversationsUnreadableError: If the store does not answer.
        """

    @abstractmethod
    async def messages(self, sender: str, last: int, most: int) -> list[tuple[int, Event]]:
        """The messages of the last turns up to one, with the turns' numbers, oldest first.

        Raises:
            ConversationsUnreadableError: If the store does not answer.
        """


class WholeReader(Reader):
    """Reads a store through Rasa's own interface, which hands out whole conversations."""

    def __init__(self, store: TrackerStore) -> None:
        """Keeps the store."""
        self._store = store
        self._listed: tuple[float, int, list[tuple[Summary, str]]] | None = None

    async def newest(self, limit: int, search: str) -> Listing:
        """Looks through the last conversations that the store names."""
        if self._listed is None or time.monotonic() - self._listed[0] > LISTED_AGAIN_AFTER:
            self._listed = await self._read()
        _, total, known = self._listed
        wanted = search.lower()
        found = [one for one, words in known if not wanted or wanted in words]
        latest = max((one.last_at for one, _ in known), default=0.0)
        partial = f"{len(known)} of {total} conversations" if len(known) < total else None
        return Listing(found[:limit], total, f"{total}-{latest!r}", partial)

    async def _read(self) -> tuple[float, int, list[tuple[Summary, str]]]:
        try:
            senders = list(await self._store.keys())
        except Exception as error:
            raise ConversationsUnreadableError(type(error).__name__) from error
        known = []
        for sender in senders[-MOST_READ_WHOLE:]:
            events = await self._events(sender)
            if events:
                said = [event for event in events if event.get("event") == "user"]
                at = float(events[-1].get("timestamp") or 0.0)
                words = "\n".join([sender, *(str(event.get("text") or "") for event in events)])
                last = said[-1] if said else None
                known.append((Summary.of(sender, len(said), at, last), words.lower()))
        known.sort(key=lambda one: one[0].last_at, reverse=True)
        return time.monotonic(), len(senders), known

    async def version(self, sender: str) -> str | None:
        """The number of events."""
        events = await self._events(sender)
        return str(len(events)) if events else None

    async def turns(self, sender: str, first: int, last: int) -> Excerpt | None:
        """Cuts the turns out of the whole."""
        events = await self._events(sender)
        if not events:
            return None
        starts = turn_starts(events)
        begin, end = bounds(first, last, len(starts))
        cut = starts[begin - 1] if begin > 1 else 0
        until = starts[end] if end < len(starts) else len(events)
        return Excerpt(
            total=len(starts),
            first=begin,
            before=events[:cut],
            events=events[cut:until],
            version=str(len(events)),
            starts=[start - cut for start in starts[begin - 1 : end]],
        )

    async def messages(self, sender: str, last: int, most: int) -> list[tuple[int, Event]]:
        """Takes the messages out of the whole."""
        events = await self._events(sender)
        said = [event for event in events if event.get("event") == "user"]
        numbered = list(enumerate(said, 1))
        return numbered[: bounds(1, last, len(said))[1]][-most:]

    async def _events(self, sender: str) -> list[Event]:
        try:
            tracker: DialogueStateTracker | None = await self._store.retrieve_full_tracker(sender)
        except Exception as error:
            raise ConversationsUnreadableError(type(error).__name__) from error
        # As they are stored: with everything in them, and of JSON alone.
        return (
            [] if tracker is None else [json.loads(json.dumps(e.as_dict())) for e in tracker.events]
        )


def bounds(first: int, last: int, total: int) -> tuple[int, int]:
    """The turns that are asked for, as numbers from 1 to `total`."""
    begin = first if first > 0 else total + 1 + first
    end = last if last > 0 else total + 1 + last
    return max(1, min(begin, total)), max(0, min(end, total))


def turn_starts(events: Sequence[Event]) -> list[int]:
    """Where turns begin: at a message, or at the session that was begun because of it."""
    starts: list[int] = []
    after = 0
    for position, event in enumerate(events):
        if event.get("event") == "user":
            starts.append(_session_start(events, after, position))
            after = position + 1
    return starts


def _session_start(events: Sequence[Event], after: int, position: int) -> int:
    """Where the turn of the message at a position begins, but not before `after`."""
    for begin in range(after, position):
        if _begins_session(events[begin]):
            return begin
    return position


def _begins_session(event: Mapping[str, Any]) -> bool:
    """Rasa begins a session with an action; before it, with what came along with the message."""
    return (event.get("event") == "action" and event.get("name") == "action_session_start") or (
        event.get("event") == "slot" and event.get("name") == "session_started_metadata"
    )


def innermost_store(store: TrackerStore) -> TrackerStore:
    """The store itself, without what Rasa wraps around it."""
    while isinstance(getattr(store, "_tracker_store", None), TrackerStore):
        store = store._tracker_store
    return store
