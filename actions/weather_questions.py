"""What is asked about the weather: where, when, and what about it; and what stays in talk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from rasa_sdk import Tracker

from actions.places import place_from, says_here
from actions.reading import Message, text_of
from actions.values import Moment, durations, times
from actions.weather_words import GENERAL, aspect_of

IN_TALK = "weather_in_talk"
"""The slot: the question that was answered last."""

TELLING = frozenset({"action_tell_weather", "action_tell_weather_there"})

_MESSAGES_IN_TALK = 3
"""The question is in talk up to the second message after it."""

_CONTINUES = re.compile(
    r"^(?:and|also|but|or|what about|how about)\b|\b(?:too|as well|then)\b", re.I
)
_WHOLE_QUESTION = re.compile(
    r"\b(?:is|are|will|do|does|should|shall|can|what|what's|how|how's|tell|give|show|weather|"
    r"forecast)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Question:
    """A question about the weather."""

    place: str | None = None
    """As it was said; None for the place where the person is at home."""

    time: Mapping[str, Any] | None = None
    """The entity of the time, as in a message; None for now."""

    duration: float | None = None
    """Seconds: how far ahead to look, where no time was said."""

    about: str = GENERAL

    @property
    def moment(self) -> Moment | None:
        """The time that is asked about."""
        found = times({"entities": [self.time]}) if self.time else []
        return found[0] if found else None

    @property
    def ahead(self) -> timedelta | None:
        """How far to look ahead."""
        return None if self.duration is None else timedelta(seconds=self.duration)

    def to_slot(self) -> dict[str, Any]:
        """The question as plain JSON."""
        return asdict(self)


def question_from(tracker: Tracker) -> Question:
    """Reads the question off the latest message, and what it leaves out off the talk."""
    message = tracker.latest_message
    before = question_in_talk(tracker)
    text = text_of(message)
    place = place_from(message)
    time: Mapping[str, Any] | None = _time_entity(message)
    ahead = None if time else next((d.total_seconds() for d in durations(message)), None)
    about = aspect_of(text)
    if before is None:
        return Question(place, time, ahead, about)
    if place is None and not says_here(message):
        place = before.place
    if not text or _continues(text):
        if time is None and ahead is None:
            time, ahead = before.time, before.duration
        about = before.about if about == GENERAL and "weather" not in text.casefold() else about
    return Question(place, time, ahead, about)


def question_in_talk(tracker: Tracker) -> Question | None:
    """The question that was answered a moment ago, if it was one about the weather."""
    kept = tracker.get_slot(IN_TALK)
    if not isinstance(kept, Mapping):
        return None
    messages = 0
    for event in reversed(tracker.applied_events()):
        kind = event.get("event")
        if kind == "session_started" or messages > _MESSAGES_IN_TALK:
            return None
        messages += kind == "user"
        if kind == "action" and event.get("name") in TELLING and messages:
            return Question(**kept)
    return None


def kept_question(tracker: Tracker) -> Question:
    """The question for which the form asked for a place."""
    kept = tracker.get_slot(IN_TALK)
    return Question(**kept) if isinstance(kept, Mapping) else Question()


def _continues(text: str) -> bool:
    """Whether a message goes on with a question rather than asking a new one."""
    return bool(_CONTINUES.search(text)) or not _WHOLE_QUESTION.search(text)


def _time_entity(message: Message) -> dict[str, Any] | None:
    found = [e for e in message.get("entities") or [] if e.get("entity") == "time"]
    keys = ("entity", "value", "additional_info")
    return {key: found[0].get(key) for key in keys} if found and times(message) else None
