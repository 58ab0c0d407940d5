"""Which connections there are, and who tells them that something was said.

The database is where all of it is: what this process writes there is told at once; what another
one writes is found by a light look, once a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from actions.storage.database import StorageError
from channels.web.history import History, Place
from channels.web.sessions import Sessions

logger = logging.getLogger(__name__)

LOOKS_EVERY = 1.0
"""Seconds between two looks for what another process wrote, and for turns that are over."""

CHECKS_EVERY = 10
"""Looks between two checks whether the sessions are still there."""


class Listener(Protocol):
    """A connection, to the hub."""

    typing: bool
    """Whether the page shows that an answer is on its way."""

    def tell(self) -> None:
        """Something was said, or a turn is over."""

    def forgotten(self) -> None:
        """The session has ended."""

    def leave(self) -> None:
        """The server is about to end."""


class Hub:
    """The connections of this process, by conversation."""

    def __init__(self, history: History, sessions: Sessions) -> None:
        """Prepares; `start` begins to look."""
        self._history = history
        self._sessions = sessions
        self._connected: dict[str, set[Listener]] = {}
        self._watching: asyncio.Task[None] | None = None

    @contextmanager
    def connected(self, conversation: str, listener: Listener) -> Iterator[None]:
        """Has a connection told of its conversation."""
        self._connected.setdefault(conversation, set()).add(listener)
        try:
            yield
        finally:
            listeners = self._connected[conversation]
            listeners.discard(listener)
            if not listeners:
                del self._connected[conversation]

    def tell(self, conversation: str) -> None:
        """Says that something happened in a conversation."""
        for listener in self._connected.get(conversation, ()):
            listener.tell()

    def forgotten(self, conversation: str) -> None:
        """Says that a session has ended."""
        for listener in list(self._connected.get(conversation, ())):
            listener.forgotten()

    def leave(self) -> None:
        """Has all pages connect anew: another server is there for them, or this one again soon."""
        for listeners in list(self._connected.values()):
            for listener in list(listeners):
                listener.leave()

    def start(self) -> None:
        """Begins to look, in the running loop."""
        self._watching = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Looks no more."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        place: Place | None = None
        look = 0
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            try:
                # Whoever comes while nobody is there reads all there is.
                place = await self._look(place) if self._connected else None
                look += 1
                if look % CHECKS_EVERY == 0:
                    await self._check()
            except StorageError as error:
                logger.error("web: the channels' database: %s", error)
            except Exception:
                logger.exception("web: looking for what was said failed.")

    async def _look(self, place: Place | None) -> Place:
        """Tells of what was said after a place; everybody where there is none.

        Returns:
            Where the next look goes on.
        """
        newest = await asyncio.to_thread(self._history.newest)
        changed: Iterable[str] = ()
        if place is None:
            changed = list(self._connected)
        elif newest != place:
            changed = await asyncio.to_thread(self._history.changed_since, place)
        for conversation in changed:
            self.tell(conversation)
        self._tell_of_turns()
        return newest

    def _tell_of_turns(self) -> None:
        for listeners in self._connected.values():
            for listener in listeners:
                if listener.typing:
                    listener.tell()

    async def _check(self) -> None:
        for gone in await asyncio.to_thread(self._sessions.gone, list(self._connected)):
            self.forgotten(gone)
