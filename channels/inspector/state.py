"""Slots and the active loop, as the events of a conversation leave them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Event = dict[str, Any]
"""An event as Rasa's tracker stores keep it; of those that change no state the type may be all."""

CHANGES_STATE = frozenset({"slot", "reset_slots", "restart", "session_started", "active_loop"})
"""The types of events that change slots or the active loop by themselves."""


class State:
    """Slots and the active loop, event by event; with what was taken back taken back.

    It follows `DialogueStateTracker.applied_events` of Rasa 3.6, on events as they are stored: a
    tracker would read the whole of each message that a person ever sent.
    """

    def __init__(self, initial: Mapping[str, Any]) -> None:
        """Begins as a conversation does.

        Args:
            initial: The slots' initial values.
        """
        self._initial = dict(initial)
        self._applied: list[Event] = []
        self.slots: dict[str, Any] = dict(initial)
        self.loop: str | None = None

    def apply_all(self, events: Iterable[Event]) -> State:
        """Applies events in order."""
        for event in events:
            self.apply(event)
        return self

    def apply(self, event: Event) -> None:
        """Applies one event."""
        kind = event.get("event")
        if kind in ("restart", "session_started"):
            self._applied = []
            self._begin()
        elif kind == "rewind":
            undo_until("user", self._applied)
            undo_until("action", self._applied)
            self._replay()
        elif kind == "undo":
            undo_until("action", self._applied)
            self._replay()
        else:
            self._applied.append(light(event))
            self._change(event)

    def _begin(self) -> None:
        self.slots = dict(self._initial)
        self.loop = None

    def _replay(self) -> None:
        self._begin()
        for event in self._applied:
            self._change(event)

    def _change(self, event: Event) -> None:
        kind = event.get("event")
        if kind == "slot":
            self.slots[str(event.get("name"))] = event.get("value")
        elif kind == "reset_slots":
            self.slots = dict(self._initial)
        elif kind in ("active_loop", "form"):
            self.loop = event.get("name")


def undo_until(kind: str, applied: list[Event]) -> None:
    """Takes events from the end, up to the latest of a type, which is taken too."""
    while applied:
        if applied.pop().get("event") == kind:
            return


def without_reverted(events: Iterable[Event]) -> list[Event]:
    """The events less what was taken back, and less what says so."""
    applied: list[Event] = []
    for event in events:
        if event.get("event") == "rewind":
            undo_until("user", applied)
            undo_until("action", applied)
        elif event.get("event") == "undo":
            undo_until("action", applied)
        else:
            applied.append(event)
    return applied


def light(event: Event) -> Event:
    """What of an event bears on the state."""
    if event.get("event") in CHANGES_STATE:
        return {key: event[key] for key in ("event", "name", "value") if key in event}
    return {"event": event.get("event")}
