"""Reminders "twice a day", "three times a week": how often is said, and when is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from actions.reading import Message, text_of
from actions.reminder_times import (
    DEFAULT_HOUR,
    NO_SUCH_TIME,
    Times,
    When,
    outside_of_text,
    times_in,
)
from actions.values import impossible, recurrences, times

OFTEN = "reminder_often"
"""The slot: how often something is wanted, as long as it is not known when."""

DAILY = "FREQ=DAILY"

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(rf"(?i)\b({'|'.join(_WEEKDAYS)})s?\b")
_DAY_OF_MONTH = re.compile(r"(?i)\b(\d{1,2})(?:st|nd|rd|th)\b")
_LINK = re.compile(r"(?i)[\s,&]*(?:and|then)?\s*(?:at\s*)?")
_HALF_OF_DAY = re.compile(
    r"(?i)(?:\b|\d)[ap]\.?m\b|noon|midday|midnight|morning|evening|night|"
    r"\b(?:0\d|1[3-9]|2[0-3])\b"
)
"""Words that say which of two times a clock shows."""

_EARLIEST = 6


@dataclass(frozen=True)
class Often:
    """How often something is wanted."""

    rule: str
    """RFC 5545, without the times: "FREQ=DAILY"."""

    times: int
    """How often in each of its periods."""

    def to_slot(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def often_in(message: Message) -> Often | None:
    """How often a message wants something, where that is more than once a day or a week."""
    found = [r for r in recurrences(outside_of_text(message)) if r.times > 1]
    return Often(found[0].rule, found[0].times) if found else None


def often_from_slot(value: object) -> Often | None:
    """What `to_slot` gave."""
    return Often(str(value["rule"]), int(value["times"])) if isinstance(value, Mapping) else None


def times_of(often: Often, message: Message, now: datetime, *, asked: bool) -> Times:
    """When something is due that is wanted so often, as far as the message says so.

    Args:
        often: How often.
        message: The message.
        now: The present moment, in the person's time zone.
        asked: Whether it answers the question for the times. Then other than as many are taken,
            too; before, they are asked for.
    """
    for words, _ in impossible(outside_of_text(message)):
        return Times([], NO_SUCH_TIME, words)
    if asked and any(r.times == 1 for r in recurrences(message)):
        return times_in(message, now)  # "every Monday and Thursday at nine": all of it
    clock_times = _clock_times(message, anything=asked)
    if often.rule == DAILY:
        if not clock_times or (len(clock_times) != often.times and not asked):
            return Times([])
        return Times([When(_next(now, hour, minute), DAILY) for hour, minute in clock_times])
    hour, minute = clock_times[0] if clock_times else (DEFAULT_HOUR, 0)
    text = text_of(message)
    if often.rule == "FREQ=WEEKLY":
        days = {_WEEKDAYS.index(name.casefold()) for name in _WEEKDAY.findall(text)}
        rule = f"{often.rule};BYDAY={','.join(_CODES[day] for day in sorted(days))}"
        first = [d for d in _days_from(now, hour, minute) if d.weekday() in days]
    elif often.rule == "FREQ=MONTHLY":
        days = {int(number) for number in _DAY_OF_MONTH.findall(text) if 0 < int(number) < 32}
        rule = f"{often.rule};BYMONTHDAY={','.join(str(day) for day in sorted(days))}"
        first = [d for d in _days_from(now, hour, minute) if d.day in days]
    else:
        dates = [m.start.astimezone(now.tzinfo) for m in times(message) if m.date_given]
        at = [d.replace(hour=hour, minute=minute) for d in dates]
        return Times([When(moment, often.rule) for moment in at if moment > now])
    if not days or not first:
        return Times([])
    return Times([When(_at(first[0], hour, minute, now), rule)])


def _clock_times(message: Message, *, anything: bool) -> list[tuple[int, int]]:
    """The times of day in a message, in their order: 8:00, 13:00 and 18:00 for "at 8, 1 and 6"."""
    text = str(message.get("text") or "")
    found: list[tuple[int, int]] = []
    end: int | None = None
    entities = [e for e in outside_of_text(message)["entities"] if "start" in e]
    for entity in sorted(entities, key=lambda one: int(one["start"])):
        value, words = entity["value"], text[entity["start"] : entity["end"]]
        if entity["entity"] == "time" and _says_hour(entity):
            start = datetime.fromisoformat(str(value["from"] if isinstance(value, dict) else value))
            known = isinstance(value, dict) or _HALF_OF_DAY.search(words)
            found.append(_behind(found, start.hour, start.minute, known=bool(known)))
        elif entity["entity"] == "number" and value == int(value) and 0 < value <= 24:
            listed = end is not None and _LINK.fullmatch(text[end : entity["start"]])
            if not (listed or (anything and not found)):
                continue
            found.append(_behind(found, int(value) % 24, 0, known=value > 12))
        else:
            continue
        end = int(entity["end"])
    return list(dict.fromkeys(found))


def _says_hour(entity: Mapping[str, Any]) -> bool:
    info = entity.get("additional_info") or {}
    return bool(info.get("time_given")) or (
        isinstance(entity["value"], dict) and info.get("grain") == "hour"
    )


def _behind(
    found: list[tuple[int, int]], hour: int, minute: int, *, known: bool
) -> tuple[int, int]:
    """The reading of a clock that is meant: the next behind the time before it."""
    if known:
        return hour, minute
    readings = [(hour % 12, minute), (hour % 12 + 12, minute)]
    earliest = found[-1] if found else (_EARLIEST, -1)
    return next((one for one in readings if one > earliest), readings[1])


def _next(now: datetime, hour: int, minute: int) -> datetime:
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def _days_from(now: datetime, hour: int, minute: int) -> list[date]:
    """The days of the next two months on which that time is still to come."""
    first = _next(now, hour, minute).date()
    return [first + timedelta(days=number) for number in range(62)]


def _at(day: date, hour: int, minute: int, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=now.tzinfo)
