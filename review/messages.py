"""From a conversation's events to its messages, each with what speaks for its being misread."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from review.scoring import Signals, misreading
from review.store import Conversation, Event

FALLBACK, OUT_OF_SCOPE = "nlu_fallback", "out_of_scope"
TAKEN_BACK = frozenset({"correct", "undo"})
"""Intents that say: that was not what I wanted."""

BROKEN_OFF = frozenset({"cancel", "start_over"})
"""Intents that end a form before it is filled."""

ANSWERS = frozenset({"affirm", "deny", "cancel", "greet", "thank", "goodbye", "repeat", "choose"})
"""Intents of which somebody may say the same twice and mean it."""

LONGEST = 300
"""Characters: nobody says more than that in one sentence."""

ALIKE = 0.8
"""From here on a message is taken for the one before it, said once more (Ratcliff/Obershelp)."""

SOON = 2
"""Turns within which somebody says again what was misread."""

MOST_RANKED = 5
"""Intents that are told of a message."""

_MEANT = re.compile(
    r"(?i)^\W*(?:no|nope|sorry|wait|actually)?\W*(?:i (?:meant|said|mean)\b|that'?s not what i|"
    r"not what i (?:meant|said|asked)|that'?s (?:wrong|not right)|you misunder\w+|wrong\b)"
)
"""A correction in words, whatever intent it was taken for."""

_MOODS = {"negative": -1, "neutral": 0, "positive": 1}


@dataclass(frozen=True)
class Message:
    """Something that somebody said, as the model read it."""

    text: str
    intent: str
    """The best one, before any fallback."""
    signals: Signals
    entities: Sequence[Mapping[str, Any]] = ()
    sentiment: str | None = None
    ranking: Sequence[tuple[str, float]] = ()
    """Intents and their confidences, the best first."""
    conversation: str = ""
    times: int = 1
    """How often it was said."""
    variants: tuple[str, ...] = field(default=(), repr=False)
    """What else was said that differs by no more than signs and capitals."""

    @property
    def misreading(self) -> float:
        """The chance that it was misread."""
        return misreading(self.signals)

    @property
    def reasons(self) -> list[str]:
        """Why it is worth a look, in words."""
        signals = self.signals
        told = [
            (signals.corrected, "corrected afterwards"),
            (signals.repeated, "said again"),
            (signals.fallback, "Parley asked back"),
            (signals.out_of_scope, "taken for out of scope"),
            (signals.form_abandoned, "its form was broken off"),
            (signals.mood_dropped, "the mood dropped"),
            (signals.confidence < 0.8, f"unsure ({signals.confidence:.2f})"),
        ]
        return [words for applies, words in told if applies]


def messages_of(conversation: Conversation) -> list[Message]:
    """The messages of a conversation that somebody typed or spoke.

    Buttons, events from outside, and what actions said on somebody's behalf are none.
    """
    turns = _turns(conversation.events)
    found: list[Message] = []
    for number, (event, after) in enumerate(turns):
        message = _read(event, conversation.id)
        if message is None:
            continue
        later = [one for one, _ in turns[number + 1 : number + 1 + SOON]]
        found.append(replace(message, signals=_signals(message, after, later)))
    return found


def reread(message: Message, parsed: Mapping[str, Any]) -> Message:
    """A message as another parse reads it; what came of it in the conversation stays."""
    name, confidence = best_intent(parsed)
    decided = str(_mapping(parsed.get("intent")).get("name") or "")
    signals = replace(
        message.signals,
        confidence=confidence,
        fallback=decided == FALLBACK,
        out_of_scope=decided == OUT_OF_SCOPE,
    )
    return replace(
        message,
        intent=name,
        signals=signals,
        entities=_mappings(parsed.get("entities")),
        sentiment=_mapping(parsed.get("sentiment")).get("name"),
        ranking=_told(parsed),
    )


def best_intent(parsed: Mapping[str, Any]) -> tuple[str, float]:
    """Name and confidence of the best intent that the classifier found, before any fallback."""
    for name, confidence in ranking_of(parsed):
        if name != FALLBACK:
            return name, confidence
    return _plain(_mapping(parsed.get("intent")).get("name")), 0.0


def ranking_of(parsed: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The intents of a parse and their confidences, the best first.

    A retrieval intent is told with the answer that was chosen (`faq/privacy`).
    """
    ranked = parsed.get("intent_ranking") or [parsed.get("intent")]
    answers = [
        str(_mapping(_mapping(selector).get("response")).get("intent_response_key") or "")
        for selector in _mapping(parsed.get("response_selector")).values()
    ]
    told = []
    for one in _mappings(ranked):
        name = str(one.get("name") or "")
        if name:
            full = next((key for key in answers if key.startswith(f"{name}/")), name)
            told.append((full, _number(one.get("confidence"))))
    return told


def _read(event: Event, conversation: str) -> Message | None:
    text = " ".join(str(event.get("text") or "").split())
    external = _mapping(event.get("metadata")).get("is_external")
    if not text or len(text) > LONGEST or text.startswith("/") or external:
        return None
    parsed = event.get("parse_data")
    if not event.get("message_id") or not isinstance(parsed, Mapping):
        return None
    if not any(letter.isalpha() for letter in text):
        return None
    decided = _decided(event)
    intent, confidence = best_intent(parsed)
    signals = Signals(
        confidence=confidence,
        fallback=decided == FALLBACK,
        out_of_scope=decided == OUT_OF_SCOPE,
    )
    # Where white space was lost, so were the entities' places.
    entities = parsed.get("entities") if text == event.get("text") else None
    return Message(
        text=text,
        intent=intent,
        signals=signals,
        entities=_mappings(entities),
        sentiment=_mapping(parsed.get("sentiment")).get("name"),
        ranking=_told(parsed),
        conversation=conversation,
    )


def _told(parsed: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [one for one in ranking_of(parsed) if one[0] != FALLBACK][:MOST_RANKED]


def _signals(message: Message, after: Sequence[Event], later: Sequence[Event]) -> Signals:
    """What the turn itself and the next ones say of a message."""
    following = [_read(event, "") for event in later]
    said = [one for one in following if one is not None]
    then = said[0] if said else None
    corrected = then is not None and (
        _decided(later[0]) in TAKEN_BACK or bool(_MEANT.search(then.text))
    )
    repeated = message.intent not in ANSWERS and any(_alike(message, one) for one in said)
    dropped = then is not None and _mood(then) < min(_mood(message), 0)
    loops = [event.get("name") for event in after if event.get("event") == "active_loop"]
    began = bool(loops) and loops[-1] is not None
    broken_off = began and bool(later) and _decided(later[0]) in BROKEN_OFF
    return replace(
        message.signals,
        corrected=corrected,
        repeated=repeated,
        mood_dropped=dropped,
        form_abandoned=broken_off or (began and not later),
    )


def _alike(one: Message, other: Message) -> bool:
    first, second = one.text.casefold(), other.text.casefold()
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= ALIKE


def _mood(message: Message) -> int:
    return _MOODS.get(message.sentiment or "", 0)


def _decided(event: Event) -> str:
    return str(_mapping(_mapping(event.get("parse_data")).get("intent")).get("name") or "")


def _turns(events: Sequence[Event]) -> list[tuple[Event, list[Event]]]:
    """Each message of a person, with the events up to the next."""
    turns: list[tuple[Event, list[Event]]] = []
    for event in events:
        if event.get("event") == "user" and event.get("message_id"):
            turns.append((event, []))
        elif turns:
            turns[-1][1].append(event)
    return turns


def _plain(name: Any) -> str:
    return "" if name in (None, FALLBACK) else str(name)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _mapping(value: Any) -> Mapping[str, Any]:
    """A part of what was stored, or nothing where it is not what it should be."""
    return value if isinstance(value, Mapping) else {}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
