"""Conversations for the tests, of Rasa's own events, kept by Rasa's own tracker store."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import URL, make_url

BEGIN = 1_790_000_000.0
"""A moment in September 2026, in seconds since 1970."""


class Talk:
    """A conversation, told event by event."""

    def __init__(self, sender: str, at: float = BEGIN, channel: str = "rest") -> None:
        """Begins with a session."""
        self.sender = sender
        self.channel = channel
        self.at = at
        self.events: list[Event] = []
        self.session()

    def session(self) -> Talk:
        """A session begins."""
        self._add(ActionExecuted("action_session_start"))
        self._add(SessionStarted())
        return self.listen()

    def say(
        self,
        text: str,
        intent: str,
        *,
        mood: str | None = None,
        guess: str = "",
        on_behalf: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> Talk:
        """The person says something."""
        ranking = [{"name": name, "confidence": 0.4} for name in (intent, guess) if name]
        parsed: dict[str, Any] = {
            "intent": {"name": intent, "confidence": 0.9},
            "entities": [],
            "intent_ranking": ranking,
            "text": text,
        }
        if mood:
            parsed["sentiment"] = {"name": mood, "confidence": 0.9}
        self.at += 10
        return self._add(
            UserUttered(
                text,
                intent=parsed["intent"],
                parse_data=parsed,
                input_channel=None if on_behalf else self.channel,
                message_id=None if on_behalf else f"id-{len(self.events)}",
                metadata=metadata,
            )
        )

    def do(self, *actions: str) -> Talk:
        """Actions are run."""
        for action in actions:
            self._add(ActionExecuted(action, policy="RulePolicy", confidence=1.0))
        return self

    def answer(self, text: str = "All right.", after: float = 0.5) -> Talk:
        """The assistant says something."""
        self.at += after
        return self._add(BotUttered(text))

    def loop(self, name: str | None) -> Talk:
        """A form begins, or ends."""
        return self._add(ActiveLoop(name))

    def fill(self, slot: str, value: object) -> Talk:
        """A slot is set."""
        return self._add(SlotSet(slot, value))

    def listen(self) -> Talk:
        """The assistant waits for what the person says."""
        return self._add(ActionExecuted("action_listen"))

    def _add(self, event: Event) -> Talk:
        self.at += 0.001
        event.timestamp = self.at
        self.events.append(event)
        return self


def keep(url: str | Path, *talks: Talk) -> None:
    """Has Rasa's tracker store keep conversations."""
    address = make_url(f"sqlite:///{url}" if isinstance(url, Path) else url)
    store = SQLTrackerStore(Domain.empty(), **_arguments(address))

    async def save() -> None:
        for talk in talks:
            tracker = DialogueStateTracker.from_events(talk.sender, talk.events)
            await store.save(tracker)

    try:
        # A test that is asynchronous itself has no use for this.
        asyncio.run(save())
    finally:
        store.engine.dispose()


def _arguments(address: URL) -> dict[str, Any]:
    return {
        "dialect": address.drivername,
        "host": address.host,
        "port": address.port,
        "db": address.database,
        "username": address.username,
        "password": address.password,
    }
