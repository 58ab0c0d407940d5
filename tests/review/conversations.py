"""Conversations that tests make up, as Rasa's own SQL tracker store keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

_numbers = count(1)


def said(
    text: str,
    intent: str,
    confidence: float = 0.9,
    *others: tuple[str, float],
    entities: Sequence[Mapping[str, Any]] = (),
    mood: str = "neutral",
) -> UserUttered:
    """A message as a channel brings it; with the fallback as intent, the others are its ranking."""
    ranking = [{"name": name, "confidence": value} for name, value in others]
    first = {"name": intent, "confidence": confidence}
    parsed = {
        "text": text,
        "intent": first,
        "intent_ranking": [first, *ranking],
        "entities": [dict(entity) for entity in entities],
        "sentiment": {"name": mood, "confidence": 0.9},
    }
    return UserUttered(
        text,
        first,
        parsed["entities"],
        parsed,
        input_channel="rest",
        message_id=f"message-{next(_numbers)}",
    )


def entity(text: str, words: str, name: str) -> dict[str, Any]:
    """An entity that the model found."""
    start = text.index(words)
    return {"entity": name, "value": words, "start": start, "end": start + len(words)}


def form(name: str | None) -> list[Event]:
    """A form that begins to ask, or ends."""
    return [ActiveLoop(name), ActionExecuted("action_listen")]


def keep(conversations: Mapping[str, Sequence[Event]], **store: Any) -> None:
    """Writes conversations into a tracker store, by Rasa's own code."""
    tracker_store = SQLTrackerStore(Domain.empty(), **store)
    for sender, events in conversations.items():
        tracker = DialogueStateTracker.from_events(sender, list(events))
        asyncio.run(tracker_store.save(tracker))
    tracker_store.engine.dispose()
