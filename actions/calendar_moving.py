"""Where an event is to be moved to, read off a message that may also say where it is now."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from actions.calendar_objects import Event
from actions.calendar_times import DAY, USUAL_LENGTH, When, says_all_day, settle
from actions.reading import Message, text_of
from actions.values import Moment, durations, numbers, times

_TO = re.compile(r"(?i)\b(?:to|till?|until|onto)\s+(?:the\s+)?$")
_BEGINS_WITH_TO = re.compile(r"(?i)\b(?:to|till?|until)\b")
_TO_NUMBER = re.compile(r"(?i)\b(?:to|till?|until)\s+(?:around\s+|about\s+)?\w+\W*$")
_EARLIER = re.compile(r"(?i)\b(?:earlier|sooner|forwards?|ahead|up)\b")
_CLEAR_HALF = re.compile(
    r"(?i)\b(?:a\.?m|p\.?m|morning|noon|midday|afternoon|evening|night|tonight|midnight)\b"
    r"|\d\s*[ap]\.?m\b|\b(?:0\d|1[3-9]|2[0-3])[:.]\d\d"
)


@dataclass(frozen=True)
class Move:
    """The times of a message about moving."""

    present: tuple[Moment, ...]
    """When the event takes place now."""

    new: tuple[Moment, ...]
    """When it is to take place."""


def read_move(
    message: Message, now: datetime, is_present: Callable[[Moment], bool], *, asked: bool = False
) -> Move:
    """Tells the time that an event has from the time that it is to have.

    Args:
        message: What was said.
        now: The present moment, in the person's time zone.
        is_present: Whether an event that may be meant takes place at a time.
        asked: Whether the message answers "to when?".
    """
    text = text_of(message)
    found = [_local(moment, now) for moment in times(message)]
    if asked or not text:
        return Move((), tuple(found))
    heads = _heads(message)
    to = next((i for i, head in enumerate(heads) if _TO.search(head)), None)
    if to is not None:
        return Move(tuple(found[:to]), tuple(found[to:]))
    if len(found) == 1:
        return _split(message, found[0], is_present)
    if found and is_present(found[0]):
        return Move(tuple(found[:1]), tuple(found[1:]))
    return Move((), tuple(found))


def moved_event(
    message: Message, event: Event, new: Sequence[Moment], now: datetime
) -> When | None:
    """The time that an event is to have.

    Args:
        message: What was said.
        event: The event.
        new: What the message says of its new time.
        now: The present moment, in the person's time zone.

    Returns:
        The time, `open` where only a part of a day is known; None where nothing is said.
    """
    text = text_of(message)
    lasting = durations(message)
    if not new:
        if lasting:
            by = -lasting[0] if _EARLIER.search(text) else lasting[0]
            return _when(event, event.start + by)
        return None
    day = next((m for m in new if m.date_given), None)
    hour = next((m for m in new if m.time_given), None)
    if hour is not None and day is None:
        # Without a day it is the day that the event has.
        start = event.start.replace(hour=hour.start.hour, minute=hour.start.minute, second=0)
        if not _CLEAR_HALF.search(text) and text:
            start = _closer(start, event)
        length = hour.end - hour.start if hour.end else _length(event)
        return When(start, start + length)
    if hour is not None:
        when = settle(new, None, now, event.title, text)
        if when and not hour.end:
            when = replace(when, end=when.start + _length(event))
        return when
    part = next((m for m in new if m.end and m.grain in ("hour", "minute")), None)
    if part and part.end and not event.all_day:
        start = _on(event.start, part.start if part.date_given else event.start)
        if part.start <= start < part.end:
            return _when(event, start)
        return settle(new, None if part.date_given else _day_of(event), now, event.title, text)
    if day is None or day.grain not in ("day", "hour", "minute"):
        return None
    when = _when(event, _on(event.start, day.start))
    return replace(when, all_day=True) if says_all_day(message) else when


def _split(message: Message, moment: Moment, is_present: Callable[[Moment], bool]) -> Move:
    """One time alone: the present one, the new one, or "from Friday to Monday", which is both."""
    text = text_of(message)
    if moment.end:
        start = replace(moment, end=None)
        # The end of "to Monday" is the end of that day.
        end = replace(moment, start=moment.end - DAY, end=None)
        if moment.grain != "day":
            end = replace(end, start=moment.end, date_given=False)
        if is_present(start) and moment.time_given is (moment.grain != "day"):
            return Move((start,), (end,))
        return Move((), (moment,))
    if not is_present(moment):
        return Move((), (moment,))
    hours = [int(n) for n in numbers(message) if n == int(n) and 0 <= n <= 24]
    if hours and _TO_NUMBER.search(text):
        hour = moment.start.replace(hour=hours[-1] % 24, minute=0)
        return Move((moment,), (replace(moment, start=hour, date_given=False),))
    return Move((moment,), ())


def _heads(message: Message) -> list[str]:
    """The words before each time of a message."""
    text = str(message.get("text") or "")
    found = [
        e
        for e in message.get("entities") or []
        if e.get("entity") == "time" and e.get("value") is not None
    ]
    found.sort(key=lambda entity: int(entity.get("start") or 0))
    heads = []
    for entity in found:
        start = int(entity.get("start") or 0)
        starts_with_to = _BEGINS_WITH_TO.match(text[start:])
        heads.append(text[:start] + ("to " if starts_with_to else ""))
    return heads


def _closer(start: datetime, event: Event) -> datetime:
    """Of an hour before and after noon the one that is nearer to the event's hour."""
    both = [start.replace(hour=start.hour % 12), start.replace(hour=start.hour % 12 + 12)]
    return min(both, key=lambda one: abs(one - event.start))


def _length(event: Event) -> timedelta:
    return USUAL_LENGTH if event.all_day else event.end - event.start


def _when(event: Event, start: datetime) -> When:
    return When(start, start + (event.end - event.start), all_day=event.all_day)


def _on(time: datetime, day: datetime) -> datetime:
    return time.replace(year=day.year, month=day.month, day=day.day)


def _day_of(event: Event) -> When:
    start = event.start.replace(hour=0, minute=0, second=0)
    return When(start, start + DAY, open=True)


def _local(moment: Moment, now: datetime) -> Moment:
    end = moment.end.astimezone(now.tzinfo) if moment.end else None
    return replace(moment, start=moment.start.astimezone(now.tzinfo), end=end)
