"""Which forms wait below the one that asks, read off the conversation's events.

A request that needs a form of its own may come while another form asks. Rasa knows one active form
only: the second takes the place of the first, without an event that would end it. So what waits is
found by looking back, and with it what it had gathered when it was interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker


@dataclass
class FormStack:
    """The forms of a conversation that are not done."""

    active: str | None = None
    """The form that asks."""

    waiting: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Those that it interrupted, the latest last, each with all slots as they were then."""

    went_on: bool = False
    """Whether the active form was interrupted and has taken the talk up again, not just begun."""

    turns_since: int = 0
    """The user's messages since a form began, went on or ended."""

    def take(self, loop: str | None, by_itself: bool, slots: Mapping[str, Any]) -> None:
        """Takes account of a form that begins, goes on, or ends.

        Args:
            loop: The form that is active from here on, if any.
            by_itself: Whether it is the form's own action that says so. A form begins by itself;
                it is another action that lets it go on.
            slots: All slots as they are.
        """
        if loop == self.active:
            return
        self.turns_since = 0
        self.went_on = not by_itself and any(form == loop for form, _ in self.waiting)
        if self.went_on:
            while self.waiting.pop()[0] != loop:
                pass
        elif loop is not None and self.active is not None:
            self.waiting.append((self.active, dict(slots)))
        elif loop is not None:
            self.waiting.clear()
        self.active = loop


def form_stack(tracker: Tracker) -> FormStack:
    """Reads the forms that are not done off a conversation."""
    stack = FormStack()
    slots: dict[str, Any] = {}
    last_action: object = None
    for event in tracker.events:
        kind = event.get("event")
        if kind in ("session_started", "restart"):
            stack = FormStack()
        elif kind == "slot":
            slots[str(event.get("name"))] = event.get("value")
        elif kind == "action":
            last_action = event.get("name")
        elif kind == "active_loop":
            loop = event.get("name")
            stack.take(str(loop) if loop else None, loop == last_action, slots)
        elif kind == "user":
            if stack.active is None:
                stack.waiting.clear()
            stack.turns_since += 1
    return stack
