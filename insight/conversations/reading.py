"""Events of a period out of a store, as a report reads them."""

from __future__ import annotations

from collections.abc import Iterator

from insight.conversations.events import Event, Faults, read_event
from insight.conversations.periods import Period
from insight.conversations.store import ConversationStore


class Reading:
    """Reads a store's events, and counts them and what is wrong with some of them."""

    def __init__(self, store: ConversationStore, period: Period) -> None:
        """Takes an open store."""
        self._store = store
        self._period = period
        self.faults = Faults()
        self.events = 0

    def __iter__(self) -> Iterator[Event]:
        """Yields the events that can be read."""
        for row in self._store.rows(self._period.since, self._period.until):
            self.events += 1
            event = read_event(row, self.faults)
            if event is not None:
                yield event
