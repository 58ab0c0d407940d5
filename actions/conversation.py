"""Looking back over a conversation: what was said last, what was asked, what is talked of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk import Tracker

LIST_NAME = "list_name"

_LISTEN = "action_listen"
_EXTERNAL = "is_external"
"""How Rasa marks what no person said, in the event's metadata."""


def last_bot_action(tracker: Tracker) -> str | None:
    """What Parley did last before the user's latest message, if it did anything since."""
    seen_latest = False
    for event in reversed(without_external(tracker.applied_events())):
        kind = event.get("event")
        if kind == "user":
            if seen_latest:
                return None
            seen_latest = True
        elif kind == "session_started":
            return None
        elif seen_latest and kind == "action" and event.get("name") != _LISTEN:
            return str(event.get("name"))
    return None


def message_before(tracker: Tracker) -> Mapping[str, Any] | None:
    """What Rasa made of the user's message before the latest one."""
    events = without_external(tracker.applied_events())
    users = [event for event in events if event.get("event") == "user"]
    if len(users) < 2:
        return None
    parsed: Mapping[str, Any] = users[-2].get("parse_data") or {}
    return {**parsed, "text": users[-2].get("text") or parsed.get("text")}


def without_external(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The events without those turns that no person began.

    A reminder that comes between a question and its answer changes nothing of either.
    """
    kept: list[Mapping[str, Any]] = []
    external = False
    for event in events:
        if event.get("event") == "user":
            external = bool((event.get("metadata") or {}).get(_EXTERNAL))
        elif event.get("event") == "session_started":
            external = False
        if not external:
            kept.append(event)
    return kept


def is_external(events: Iterable[Mapping[str, Any]]) -> bool:
    """Whether no person, but the delivery of reminders, began the latest turn."""
    for event in reversed(list(events)):
        if event.get("event") == "user":
            return bool((event.get("metadata") or {}).get(_EXTERNAL))
    return False


def channel_of(tracker: Tracker) -> str | None:
    """The channel of the person's latest message; what is said on their behalf has none."""
    for event in reversed(tracker.events):
        if event.get("event") == "user" and event.get("input_channel"):
            return str(event["input_channel"])
    return None


def list_in_talk(tracker: Tracker) -> str | None:
    """The list that "it" stands for: named or used in this session before the latest message.

    A slot carried over from the session before does not count.
    """
    spoken = False
    told: object = None
    name: object = None
    for event in tracker.events:
        kind = event.get("event")
        if kind in ("session_started", "restart"):
            spoken, told, name = False, None, None
        elif kind == "user":
            # What was set since the message before; what this one sets is not talk yet.
            spoken, name = True, told
        elif kind == "slot" and event.get("name") == LIST_NAME and spoken:
            told = event.get("value")
    return str(name) if name else None


def form_starts_now(tracker: Tracker, form: str) -> bool:
    """Whether the form was started by the user's latest message.

    Rasa's validation actions are called alike for a form's first turn and for later ones;
    but only then does the loop's event stand behind the message.
    """
    if tracker.active_loop_name != form:
        return True
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "active_loop" and event.get("name") == form:
            return True
    return False


def slot_before_message(tracker: Tracker, slot: str) -> Any:
    """The value that a slot had when the user wrote the latest message."""
    before_message = False
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            before_message = True
        elif before_message and event.get("event") == "slot" and event.get("name") == slot:
            return event.get("value")
    return None
