"""An action server whose actions a test can hold up, and which counts what it was asked."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.services.http import HttpServer, Request, Response

LONG_TEXT = " ".join(f"This is sentence number {number} of a long story." for number in range(400))
"""Some 18,000 characters: more than any platform takes in one message."""


class ActionServer(HttpServer):
    """The small bot's actions.

    `action_count` says how many messages it has had of this conversation; `action_wait` answers as
    soon as it is let go; with the intent `tell_long` it tells a long story. `action_hand_over` and
    `action_take_back` hand the conversation to a person and take it back.
    """

    def __init__(self) -> None:
        """Listens on a free port, and lets everything go."""
        super().__init__()
        self.go = threading.Event()
        self.go.set()
        self.asked: Counter[str] = Counter()
        self.waiting = threading.Semaphore(0)
        """Released for each action that has begun to wait."""
        self.texts: list[tuple[str, str]] = []
        """Conversation and text of each message that an action was asked about, in order."""

    def answer(self, request: Request) -> Response:
        return Response.of(self._run(request.json()))

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Nothing is let go within the context."""
        self.go.clear()
        try:
            yield
        finally:
            self.go.set()

    def stop(self) -> None:
        """Lets everything go, and ends."""
        self.go.set()
        super().stop()

    def _run(self, body: dict[str, Any]) -> dict[str, Any]:
        name = body["next_action"]
        tracker = body["tracker"]
        self.asked[name] += 1
        self.texts.append((tracker["sender_id"], tracker["latest_message"]["text"]))
        if name == "action_count":
            number = (tracker["slots"]["counted"] or 0) + 1
            return {
                "events": [{"event": "slot", "name": "counted", "value": number}],
                "responses": [{"text": f"That makes {number}."}],
            }
        if name in ("action_hand_over", "action_take_back"):
            handed = True if name == "action_hand_over" else None
            return {
                "events": [{"event": "slot", "name": "handed_off", "value": handed}],
                "responses": [{"text": "A person has it." if handed else "It's me again."}],
            }
        if tracker["latest_message"]["intent"]["name"] == "tell_long":
            return {"events": [], "responses": [{"text": LONG_TEXT}]}
        self.waiting.release()
        self.go.wait(120)
        return {"events": [], "responses": [{"text": "I waited."}]}
