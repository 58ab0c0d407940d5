"""Turns as the page shows them: what was said, understood, decided, changed and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from channels.inspector.marking import is_placed, segments
from channels.inspector.reading import Excerpt
from channels.inspector.state import Event, State
from channels.inspector.timing import Timings, moment

MOST_RANKED = 10
"""So many intents of a ranking are told."""

_QUIET = frozenset({"user", "user_featurization", "entities", "action", "bot", "slot"})
"""Events that are told in a way of their own, or say nothing of the conversation."""

_ENTITY_KEYS = frozenset({"entity", "value", "start", "end", "extractor", "role", "group"})


def tell_turns(
    sender: str, excerpt: Excerpt, initial_slots: Mapping[str, Any], timings: Timings
) -> list[dict[str, Any]]:
    """The turns of an excerpt, oldest first.

    Args:
        sender: Whose conversation it is.
        excerpt: The turns.
        initial_slots: What the slots are in the beginning.
        timings: What was measured.
    """
    state = State(initial_slots).apply_all(excerpt.before)
    ends = [*excerpt.starts[1:], len(excerpt.events)]
    state.apply_all(excerpt.events[: excerpt.starts[0]] if excerpt.starts else excerpt.events)
    return [
        _tell(sender, excerpt.first + number, excerpt.events[start:end], state, timings)
        for number, (start, end) in enumerate(zip(excerpt.starts, ends, strict=True))
    ]


def slots_around(
    excerpt: Excerpt, initial_slots: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """All slots before and after the turns of an excerpt."""
    start = excerpt.starts[0] if excerpt.starts else 0
    state = State(initial_slots).apply_all(excerpt.before).apply_all(excerpt.events[:start])
    before = dict(state.slots)
    return before, state.apply_all(excerpt.events[start:]).slots


def _tell(
    sender: str, number: int, events: Sequence[Event], state: State, timings: Timings
) -> dict[str, Any]:
    before, loop_before = dict(state.slots), state.loop
    steps = [step for event in events for step in _steps(event, state)]
    message = next((event for event in events if event.get("event") == "user"), {})
    names = [*before, *(name for name in state.slots if name not in before)]
    return {
        "number": number,
        **_message(message),
        "loop_before": loop_before,
        "loop_after": state.loop,
        "slots": [
            {"name": name, "before": before.get(name), "after": state.slots.get(name)}
            for name in names
            if before.get(name) != state.slots.get(name)
        ],
        "steps": steps,
        "begins_session": any(event.get("event") == "session_started" for event in events),
        "timing": _timing(sender, message, timings),
        # Told where nothing was measured; an event's time is when it was written down.
        "span": float(events[-1].get("timestamp") or 0) - float(message.get("timestamp") or 0),
    }


def _message(event: Event) -> dict[str, Any]:
    parsed = event.get("parse_data") or {}
    text = str(event.get("text") or "")
    entities = [_entity(entity, text) for entity in parsed.get("entities") or []]
    return {
        "kind": _kind(event, text),
        "text": text,
        "at": event.get("timestamp"),
        "channel": event.get("input_channel"),
        "segments": segments(text, entities),
        "entities": entities,
        "intent": parsed.get("intent") or {},
        "ranking": _ranking(parsed.get("intent_ranking")),
        "retrieval": _retrieval(parsed.get("response_selector")),
        "sentiment": parsed.get("sentiment"),
        "in_scope": parsed.get("in_scope"),
    }


def _kind(event: Event, text: str) -> str:
    """Who began the turn: a person, a button, an action on the person's behalf, or something else.

    Rasa gives an id to every message that comes in.
    """
    if (event.get("metadata") or {}).get("is_external"):
        return "external"
    if not event.get("message_id"):
        return "on_behalf"
    return "payload" if text.startswith("/") else "message"


def _entity(entity: Mapping[str, Any], text: str) -> dict[str, Any]:
    told = {key: deepcopy(entity.get(key)) for key in _ENTITY_KEYS if entity.get(key) is not None}
    told["placed"] = is_placed(entity, text)
    if told["placed"]:
        told["text"] = text[entity["start"] : entity["end"]]
    more = {key: value for key, value in entity.items() if key not in _ENTITY_KEYS}
    confidences = [more.pop(key) for key in list(more) if key.startswith("confidence")]
    if confidences:
        told["confidence"] = confidences[0]
    told["more"] = more
    return told


def _ranking(ranking: Any) -> list[dict[str, Any]]:
    return [
        {"name": ranked.get("name"), "confidence": ranked.get("confidence")}
        for ranked in (ranking or [])[:MOST_RANKED]
    ]


def _retrieval(selectors: Any) -> list[dict[str, Any]]:
    """What each response selector ranked, as full retrieval intents."""
    told = []
    for name, selected in (selectors or {}).items():
        if not isinstance(selected, Mapping):
            continue
        ranking = [
            {"name": ranked.get("intent_response_key"), "confidence": ranked.get("confidence")}
            for ranked in (selected.get("ranking") or [])[:MOST_RANKED]
        ]
        chosen = selected.get("response") or {}
        if ranking or chosen.get("intent_response_key"):
            told.append(
                {
                    "selector": name,
                    "name": chosen.get("intent_response_key"),
                    "confidence": chosen.get("confidence"),
                    "ranking": ranking,
                }
            )
    return told


def _steps(event: Event, state: State) -> list[dict[str, Any]]:
    """What is told of an event, which is applied to the state."""
    kind = event.get("event")
    loop, name = state.loop, event.get("name")
    before = state.slots.get(str(name))
    state.apply(event)
    if kind == "slot":
        value = event.get("value")
        changed = before != value
        return [
            {"kind": "slot", "name": name, "before": before, "value": value, "changed": changed}
        ]
    if kind == "action":
        return [
            {
                "kind": "action",
                "name": name or event.get("action_text"),
                "policy": event.get("policy"),
                "confidence": event.get("confidence"),
                "loop": loop,
            }
        ]
    if kind == "bot":
        return [_said(event)]
    if kind in _QUIET:
        return []
    more = {
        key: value
        for key, value in event.items()
        if key not in ("event", "timestamp", "metadata", "name") and value is not None
    }
    return [{"kind": "event", "event": kind, "name": name, "more": more}]


def _said(event: Event) -> dict[str, Any]:
    data = {key: value for key, value in (event.get("data") or {}).items() if value}
    metadata = event.get("metadata") or {}
    buttons = [*(data.pop("buttons", None) or []), *(data.pop("quick_replies", None) or [])]
    return {
        "kind": "bot",
        "text": event.get("text"),
        "response": metadata.get("utter_action"),
        "buttons": [
            {"title": button.get("title"), "payload": button.get("payload")}
            for button in buttons
            if isinstance(button, Mapping)
        ],
        "more": data,
    }


def _timing(sender: str, message: Event, timings: Timings) -> dict[str, Any] | None:
    keys = [str(message["message_id"])] if message.get("message_id") else []
    if message.get("timestamp") is not None:
        keys.append(moment(float(message["timestamp"])))
    for key in keys:
        recording = timings.of(sender, key)
        if recording is not None:
            return recording.as_dict()
    return None
