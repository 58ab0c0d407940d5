"""Typed values out of a message, as `ValueExtractor` puts them there (docs/values.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Message = Mapping[str, Any]
"""What Rasa made of a user's message (`tracker.latest_message`)."""


@dataclass(frozen=True)
class Moment:
    """A point or a stretch of time."""

    start: datetime
    """Aware."""

    end: datetime | None
    """Exclusive; None for a point in time."""

    grain: str
    """How fine it was said: "minute", "hour", "day", …"""

    date_given: bool
    """Whether the day was said, rather than supplied."""

    time_given: bool
    """Whether the time of day was said."""

    past: bool
    """Whether it lay before the moment it was said."""


@dataclass(frozen=True)
class Recurrence:
    """Something that happens again and again."""

    rule: str
    """RFC 5545: "FREQ=WEEKLY;BYDAY=TU"."""

    start: datetime
    """The first time, aware."""

    time_given: bool
    """Whether the time of day was said."""

    times: int = 1
    """How often in each day, week … of the rule; where more than once, it is not said when."""


@dataclass(frozen=True)
class Measure:
    """A number with its unit."""

    value: float
    unit: str | None


def times(message: Message) -> list[Moment]:
    """The times in a message, in the order they were said."""
    found = []
    for entity in _entities(message, "time"):
        info = entity.get("additional_info") or {}
        value = entity["value"]
        start, end = (
            (value.get("from"), value.get("to")) if isinstance(value, Mapping) else (value, None)
        )
        found.append(
            Moment(
                start=datetime.fromisoformat(str(start)),
                end=datetime.fromisoformat(str(end)) if end else None,
                grain=str(info.get("grain") or "minute"),
                date_given=bool(info.get("date_given")),
                time_given=bool(info.get("time_given")),
                past=bool(info.get("past")),
            )
        )
    return found


def durations(message: Message) -> list[timedelta]:
    """The durations in a message."""
    return [timedelta(seconds=float(e["value"])) for e in _entities(message, "duration")]


def recurrences(message: Message) -> list[Recurrence]:
    """The recurrences in a message."""
    found = []
    for entity in _entities(message, "recurrence"):
        info = entity["additional_info"]
        found.append(
            Recurrence(
                rule=str(entity["value"]),
                start=datetime.fromisoformat(str(info["start"])),
                time_given=bool(info.get("time_given")),
                times=int(info.get("times") or 1),
            )
        )
    return found


def numbers(message: Message) -> list[float]:
    """The plain numbers in a message."""
    return [float(entity["value"]) for entity in _entities(message, "number")]


def ordinals(message: Message) -> list[int]:
    """The ordinals in a message: 2 for "the second one", -1 for "the last"."""
    return [int(entity["value"]) for entity in _entities(message, "ordinal")]


def percentages(message: Message) -> list[float]:
    """The percentages in a message: 50 for "fifty percent"."""
    return [float(entity["value"]) for entity in _entities(message, "percentage")]


def measures(message: Message, kind: str) -> list[Measure]:
    """The values of a kind that has units: `temperature`, `amount` or `money`."""
    return [
        Measure(float(e["value"]), (e.get("additional_info") or {}).get("unit"))
        for e in _entities(message, kind)
    ]


def is_shared(entity: Mapping[str, Any]) -> bool:
    """Whether it is the first number of a range, with the unit of the second."""
    return bool((entity.get("additional_info") or {}).get("shared"))


def impossible(message: Message) -> list[tuple[str, str]]:
    """What cannot be ("the 30th of February"): the words, and the reason by its name."""
    return [
        (str(e["value"]), str((e.get("additional_info") or {}).get("reason")))
        for e in _entities(message, "invalid")
    ]


def _entities(message: Message, kind: str) -> list[Mapping[str, Any]]:
    found = [
        e
        for e in message.get("entities") or []
        if e.get("entity") == kind and e.get("value") is not None
    ]
    return sorted(found, key=lambda entity: int(entity.get("start") or 0))
