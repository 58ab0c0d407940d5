"""The course of the user's mood over a conversation: how much anger at Parley has gathered.

Each message of the user's warms or cools a measure, the heat. A cross message halves what was
there and adds one; a calm one halves it; a kind one takes it away. So one cross message makes 1,
two in a row make 1.5, and it takes two calm ones after those to come below one half. What is sad
rather than cross ("my cat died") leaves the heat as it is, and so do buttons and what Parley
says on the user's behalf. It begins anew with each session and restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from actions.reading import intent_of

Course = Literal["steady", "souring", "angry", "recovered"]

DECAY = 0.5
"""What is left of the heat after a message."""

ANGRY = 1.5
"""The heat of two cross messages in a row."""

COOL = 0.5
"""The heat below which anger is over; two calm messages after any anger reach it."""

LEAST_CONFIDENCE = 0.5
"""Of a sentiment that counts; a less certain one is taken for neutral."""

APOLOGY = "utter_apologise"

_FINDS_FAULT = "complain"
_ABOUT_THE_DAY = frozenset({"greet", "goodbye", "mood_unhappy", "ask_how_are_you", "tell_joke"})
"""Intents in which bad feelings are about life, not about Parley."""


@dataclass(frozen=True)
class Mood:
    """Where the course of the mood has come to with the latest message."""

    course: Course = "steady"
    """`steady`: nothing of note. `souring`: cross a moment ago. `angry`: cross twice in a row,
    and not calmed down since. `recovered`: has been angry, and calmed down."""

    heat: float = 0.0
    """The measure, from 0 to below 2."""

    cross: bool = False
    """Whether the latest message itself is cross."""

    apologised: bool = False
    """Whether Parley has apologised since this anger began."""


def follow(events: Iterable[Mapping[str, Any]]) -> Mood:
    """Follows the mood through the events of a tracker, as Rasa sends them to actions."""
    mood = Mood()
    for event in events:
        kind = event.get("event")
        if kind in ("session_started", "restart"):
            mood = Mood()
        elif kind == "user":
            mood = _after(mood, event)
        elif kind == "bot" and (event.get("metadata") or {}).get("utter_action") == APOLOGY:
            mood = Mood(mood.course, mood.heat, mood.cross, apologised=mood.course == "angry")
    return mood


def _after(mood: Mood, event: Mapping[str, Any]) -> Mood:
    message = event.get("parse_data") or {}
    feeling = _feeling(message)
    # Rasa gives every message that comes in an id; what an action says for the user has none.
    said_for_the_user = event.get("message_id", "") is None
    if feeling is None or said_for_the_user:
        return Mood(mood.course, mood.heat, cross=False, apologised=mood.apologised)
    cross = feeling == "cross"
    heat = 0.0 if feeling == "kind" else mood.heat * DECAY + cross
    course = _course(mood.course, heat)
    return Mood(course, heat, cross, apologised=mood.apologised and course == "angry")


def _feeling(message: Mapping[str, Any]) -> Literal["cross", "calm", "kind"] | None:
    """How a message bears on Parley; None if it does not."""
    sentiment = message.get("sentiment") or {}
    name = sentiment.get("name")
    intent = intent_of(message)
    if name is None:
        return None
    sure = float(sentiment.get("confidence") or 0.0) >= LEAST_CONFIDENCE
    if name == "positive" and sure:
        return "kind"
    if intent == _FINDS_FAULT:
        return "cross"
    if name == "negative" and sure:
        return None if intent in _ABOUT_THE_DAY else "cross"
    return "calm"


def _course(before: Course, heat: float) -> Course:
    if heat >= ANGRY or (before == "angry" and heat >= COOL):
        return "angry"
    if before == "angry" or (before == "recovered" and heat < COOL):
        return "recovered"
    return "souring" if heat >= COOL else "steady"
