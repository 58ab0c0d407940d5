"""Events as Rasa's tracker store keeps them, for conversations that tests make up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.events import Event as RasaEvent

from channels.inspector.reading import Excerpt, turn_starts
from channels.inspector.state import Event

_numbers = count(1)


def said(
    text: str,
    intent: str,
    entities: Sequence[Mapping[str, Any]] = (),
    message_id: str | None = "",
    sentiment: str | None = None,
    confidence: float = 0.9,
) -> RasaEvent:
    """A message; one that an action said for the person where `message_id` is None."""
    parsed: dict[str, Any] = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [
            {"name": intent, "confidence": confidence},
            {"name": "out_of_scope", "confidence": 1 - confidence},
        ],
        "entities": [dict(entity) for entity in entities],
    }
    if sentiment:
        parsed["sentiment"] = {"name": sentiment, "confidence": confidence}
    number = f"message-{next(_numbers)}" if message_id == "" else message_id
    return UserUttered(
        text,
        parsed["intent"],
        parsed["entities"],
        parsed,
        input_channel="rest",
        message_id=number,
    )


def did(name: str, policy: str = "RulePolicy", confidence: float = 1.0) -> RasaEvent:
    """An action."""
    return ActionExecuted(name, policy, confidence)


def listens() -> RasaEvent:
    """The end of a turn."""
    return did("action_listen")


def answered(text: str, response: str, buttons: Sequence[Mapping[str, str]] = ()) -> RasaEvent:
    """What the bot said."""
    data = {"buttons": [dict(button) for button in buttons]} if buttons else None
    return BotUttered(text, data, {"utter_action": response})


def session() -> list[RasaEvent]:
    """The begin of a session."""
    return [did("action_session_start"), SessionStarted(), listens()]


def loop(name: str | None) -> RasaEvent:
    """A form begins, or ends."""
    return ActiveLoop(name)


def filled(name: str, value: Any) -> RasaEvent:
    """A slot is set."""
    return SlotSet(name, value)


def entity(text: str, word: str, name: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """An entity on a word of a text."""
    start = text.index(word)
    found = {"entity": name, "start": start, "end": start + len(word), "extractor": "Extractor"}
    return {**found, "value": word if value is None else value, **more}


def stored(*events: RasaEvent | Sequence[RasaEvent]) -> list[Event]:
    """The events as JSON, with times that rise."""
    flat = [one for event in events for one in (event if isinstance(event, Sequence) else [event])]
    told: list[Event] = [json.loads(json.dumps(event.as_dict())) for event in flat]
    return [{**event, "timestamp": 1_800_000_000.0 + n} for n, event in enumerate(told)]


def excerpt(events: Sequence[Event], first: int = 1, last: int | None = None) -> Excerpt:
    """Turns of a conversation."""
    starts = turn_starts(events)
    last = len(starts) if last is None else last
    cut = starts[first - 1] if first > 1 else 0
    until = starts[last] if last < len(starts) else len(events)
    return Excerpt(
        total=len(starts),
        first=first,
        before=list(events[:cut]),
        events=list(events[cut:until]),
        version="",
        starts=[start - cut for start in starts[first - 1 : last]],
    )
