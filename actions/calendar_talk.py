"""What the skill's messages and slots hold: titles, events, what is talked of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from rasa_sdk import Tracker

from actions.calendar_matching import names_nothing
from actions.calendar_objects import Event
from actions.calendar_times import USUAL_LENGTH, When
from actions.reading import Message, entities_of, text_of

EVENT = "event"
"""The entity: a title. In what Parley says on the user's behalf, `additional_info` holds what is
known beside it: `found` (an event), `when` (its new time), `all_day`."""

TITLE, PLACE, WHEN, KNOWN, FOUND, CONFIRM, DOUBT = (
    "event_title",
    "event_place",
    "event_when",
    "event_known_time",
    "events_found",
    "confirm_event",
    "event_doubt",
)
"""The slots that the forms gather in."""

IN_TALK = "event_in_talk"
"""The slot: the event that "it" stands for."""

TIMES = frozenset({"time", "duration", "recurrence", "invalid"})
"""The entities that are no part of a title."""

LONGEST_TITLE = 200

_EVERYTHING = re.compile(r"(?i)\b(?:everything|all|both|clear|empty)\b(?! day)")
_NEXT = re.compile(r"(?i)\b(?:next|coming up|upcoming)\b")
_SERIES = re.compile(r"(?i)\b(?:every|each|series|all (?:of )?(?:the|my|future)|recurring)\b")
_ALL_DAY = re.compile(r"(?i)\b(?:all|the whole|whole) day\b")
_CALENDAR = re.compile(r"(?i)\b(?:down )?(?:in|into|to|on) (?:my|the|our) (?:calendar|diary)\b")
_LASTING = re.compile(r"(?i)\bfor\b[^,]*\b(?:minutes?|hours?|days?|weeks?)\b")
_REQUEST = re.compile(
    r"(?i)\W*(?:(?:please|can|could|would|you)\b\W*)*"
    r"(?:put|add|enter|schedule|book|pencil in|plan|note)\b(.*)"
)
_MOST_WORDS_OF_A_TITLE = 6
_OPENING = re.compile(
    r"(?i)^(?:(?:please|just|it'?s|it is|call it|name it|title it|make it|i mean|i meant|um|uh|er|"
    r"well|the title is|oh|a|an|the|my)\b[\s,:]*)+"
)
_CLOSING = re.compile(r"(?i)[\s,]+(?:please|thanks|thank you)\W*$")


def title_in(message: Message) -> str:
    """The title that a message names; empty where there is none."""
    return " and ".join(dict.fromkeys(entities_of(message, EVENT)))


def says_next(message: Message) -> bool:
    """Whether a message means what comes next."""
    return bool(_NEXT.search(text_of(message)))


def title_from_words(words: str) -> str:
    """The title that the words of a bare answer are."""
    title = " ".join(_CLOSING.sub("", _OPENING.sub("", words.strip())).split())
    return title.strip(" \t.,;:!?\"'“”‘’")


def beside(message: Message, kinds: frozenset[str] | None = None) -> str:
    """The words of a message that are no entities, or none of these kinds."""
    rest = list(str(message.get("text") or ""))
    for entity in message.get("entities") or []:
        start, end = entity.get("start"), entity.get("end")
        wanted = kinds is None or entity.get("entity") in kinds
        if wanted and isinstance(start, int) and isinstance(end, int):
            rest[start:end] = " " * (end - start)
    return "".join(rest)


def title_of_request(message: Message) -> str:
    """The title in a request whose title was not recognised as one; empty where unsure.

    "Put a day off on Tuesday in my calendar": what is put, without its time.
    """
    # "A day" is a length of time, but not in "a day off".
    words = beside(message, TIMES - {"duration"})
    for other in (_ALL_DAY, _CALENDAR, _LASTING):
        words = other.sub(" ", words)
    found = _REQUEST.match(words)
    title = title_from_words(found[1]) if found else ""
    sure = 0 < len(title.split()) <= _MOST_WORDS_OF_A_TITLE and not names_nothing(title)
    return title if sure else ""


def place_in(message: Message) -> str | None:
    """The place that a message names."""
    return next(iter(entities_of(message, "place")), None)


def known_of(message: Message) -> Mapping[str, Any]:
    """What Parley has put into the message beside the title, on the user's behalf."""
    for entity in message.get("entities") or []:
        if entity.get("entity") == EVENT and entity.get("additional_info"):
            known: Mapping[str, Any] = entity["additional_info"]
            return known
    return {}


def event_entity(event: Event, when: When | None = None, **more: Any) -> dict[str, Any]:
    """An event as an entity, for what Parley says on the user's behalf."""
    info: dict[str, Any] = {"found": event.to_json(), **more}
    if when is not None:
        info["when"] = when.to_json()
    return {"entity": EVENT, "value": event.title, "additional_info": info}


def time_entity(when: When) -> list[dict[str, Any]]:
    """A time as the entities that say it (docs/values.md)."""
    if when.rule:
        info = {"start": when.start.isoformat(), "time_given": not when.all_day}
        return [{"entity": "recurrence", "value": when.rule, "additional_info": info}]
    info = {
        "type": "value",
        "grain": "day" if when.all_day else "minute",
        "date_given": True,
        "time_given": not when.all_day,
        "past": False,
    }
    said: list[dict[str, Any]] = [
        {"entity": "time", "value": when.start.isoformat(), "additional_info": info}
    ]
    length = when.end - when.start
    if not when.all_day and length != USUAL_LENGTH:
        minutes = length.total_seconds() / 60
        lasting: dict[str, Any] = {"unit": "minute", "amount": minutes}
        said.append({"entity": "duration", "value": minutes * 60, "additional_info": lasting})
    return said


def events_in_slot(tracker: Tracker, zone: tzinfo) -> list[Event]:
    """The events that a form has found."""
    value = tracker.get_slot(FOUND)
    events = value.get("events") if isinstance(value, Mapping) else None
    return [Event.from_json(one, zone) for one in events or []]


def event_in_talk(tracker: Tracker, zone: tzinfo) -> Event | None:
    """The event that "it" stands for, of this session."""
    for event in reversed(tracker.events):
        if event.get("event") == "session_started":
            return None
        if event.get("event") == "slot" and event.get("name") == IN_TALK:
            value = event.get("value")
            return Event.from_json(value, zone) if value else None
    return None


def says_everything(message: Message) -> bool:
    """Whether a message means all events that fit."""
    return bool(_EVERYTHING.search(text_of(message)))


def says_series(message: Message) -> bool:
    """Whether a message means all occurrences of a series."""
    return bool(_SERIES.search(text_of(message)))
