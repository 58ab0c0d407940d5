"""When an event is to be, read off a message: at a time, on days, again and again.

A message may say only the day, which is kept until the hour is known. An hour without "in the
morning" or the like is settled by what the event is (dinner is in the evening, breakfast in the
morning), else by the part of the day that was named; else one to six are in the afternoon.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from actions.reading import Message, text_of
from actions.values import Moment, durations, impossible, numbers, recurrences, times

USUAL_LENGTH = timedelta(hours=1)
"""Of an event whose end is not said."""

DAY = timedelta(days=1)

_ALL_DAY = re.compile(r"(?i)\b(?:all|the whole|the entire|whole)[ -]day\b")
_CLEAR = re.compile(
    r"(?i)\b(?:a\.?m\b|p\.?m\b|morning|noon|midday|afternoon|evening|night|tonight|midnight"
    r"|0\d[:.h]\d\d|(?:1[3-9]|2[0-3])[:.h]?\d\d|from now|in\s.*\b(?:hours?|minutes?))"
    r"|\d\s*[ap]\.?m\b|(?:^|\b(?:at|from|to|till?|until)\s+)(?:1[3-9]|2[0-3])\b"
)
"""What leaves no doubt about an hour."""

_EVENING = re.compile(
    r"(?i)\b(?:dinner|supper|drinks?|party|concert|theatre|theater|cinema|movie|film|opera|ballet"
    r"|show|pub|evening|night|date)\b"
)
_MORNING = re.compile(r"(?i)\b(?:breakfast|sunrise|morning)\b")
_LUNCH = re.compile(r"(?i)\b(?:lunch|brunch)\b")
_SPAN = re.compile(r"(?i)\b(?:to|till?|until|-|–)\b|\d\s*[-–]\s*\d")
_FINE = ("second", "minute", "hour")


@dataclass(frozen=True)
class When:
    """The time of an event, or as much of it as is known."""

    start: datetime
    """Aware, in the person's time zone."""

    end: datetime
    """Exclusive. Of a part of a day (`open`), where that part ends."""

    all_day: bool = False
    rule: str | None = None
    open: bool = False
    """Whether the hour is not known yet."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, for a slot."""
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}

    @staticmethod
    def from_json(value: Mapping[str, Any], zone: tzinfo) -> When:
        """Reads what `to_json` gave."""
        start, end = (
            datetime.fromisoformat(value[name]).astimezone(zone) for name in ("start", "end")
        )
        return When(**{**value, "start": start, "end": end})


def says_all_day(message: Message) -> bool:
    """Whether a message says "all day"."""
    return bool(_ALL_DAY.search(text_of(message)))


def read_when(
    message: Message, now: datetime, title: str = "", known: When | None = None, asked: bool = False
) -> When | None:
    """When an event is to be, from a message and what was known before it.

    Args:
        message: What was said.
        now: The present moment, in the person's time zone.
        title: What the event is.
        known: What an earlier message said: its day, or all of it, which this one changes.
        asked: Whether the message answers the question when; then a bare number is an hour.

    Returns:
        The time, `open` where the hour is still to be asked for; None where it says nothing.
    """
    text, found = text_of(message), _in_zone(times(message), now)
    if asked and not any(moment.time_given for moment in found):
        found += _from_numbers(message, now)
    # "Three times a week" says no day: that is asked for.
    repeated = [one for one in recurrences(message) if one.times == 1]
    if repeated:
        start, given = repeated[0].start.astimezone(now.tzinfo), repeated[0].time_given
        if given:
            start = clear_hour(start, None, title, text)
        end = start + (USUAL_LENGTH if given else DAY)
        known = When(start, end, rule=repeated[0].rule, open=not given)
    when = settle(found, known, now, title, text)
    lasting = durations(message)
    if when and lasting and not (when.open or when.all_day):
        when = replace(when, end=when.start + max(lasting[0], timedelta(minutes=1)))
    if when and says_all_day(message):
        when = _whole_days(when)
    return when


def settle(
    found: Sequence[Moment], known: When | None, now: datetime, title: str, text: str
) -> When | None:
    """Puts together a day, an hour, and what was known before."""
    day = next((m for m in found if m.date_given), None)
    hour = next((m for m in found if m.time_given), None)
    part = next((m for m in found if m.end and not m.time_given and m.grain in _FINE), None)
    if hour is not None:
        on = day if day and not day.time_given else None
        opened = _open(on) if on else known if day is None else None
        return _at(hour, opened, part, now, title, text)
    if part is not None:
        return _in_part(part, known if part is not day else None)
    return _open(day, known) if day else known


def _at(
    hour: Moment, day: When | None, part: Moment | None, now: datetime, title: str, text: str
) -> When:
    """An hour, on a day that may have been said apart from it."""
    length = hour.end - hour.start if hour.end else None
    start = hour.start
    rule = day.rule if day else None
    if day:
        start = day.start.replace(hour=start.hour, minute=start.minute, second=start.second)
    hours = (part.start, part.end) if part else (day.start, day.end) if day else None
    if hour.date_given or day or _says_kind(title):
        start = clear_hour(start, hours, title, text)
    if start < now and not (hour.date_given or day):
        start += DAY
    if length is None:
        # To a time that was known all of, another beginning leaves its length.
        length = day.end - day.start if day and not (day.open or day.all_day) else USUAL_LENGTH
    return When(start, start + length, rule=rule)


def clear_hour(
    start: datetime, within: tuple[datetime, datetime | None] | None, title: str, text: str
) -> datetime:
    """The hour that is meant by one that may be before or after noon."""
    if not text or _CLEAR.search(text):
        return start
    early = start.replace(hour=start.hour % 12)
    late = start.replace(hour=start.hour % 12 + 12)
    if within and within[1] and within[1] - within[0] < DAY:
        inside = [one for one in (early, late) if within[0] <= one < within[1]]
        if len(inside) == 1:
            return inside[0]
    hour = early.hour
    if _EVENING.search(title) and hour >= 4:
        return late
    if _MORNING.search(title) and hour >= 4:
        return early
    if _LUNCH.search(title):
        return late if hour < 5 else early
    return late if hour < 7 else early


def _says_kind(title: str) -> bool:
    return any(kind.search(title) for kind in (_EVENING, _MORNING, _LUNCH))


def _open(day: Moment, known: When | None = None) -> When | None:
    """A day whose hour is not known; several days are whole days; a month is no day at all."""
    if day.grain not in ("day", *_FINE):
        return None
    end = day.end or day.start + DAY
    if day.end and end - day.start > DAY + timedelta(hours=2):
        return When(day.start, end, all_day=True)
    if known and not known.open:
        # A time that was known all of goes to another day.
        start = known.start.replace(year=day.start.year, month=day.start.month, day=day.start.day)
        return replace(known, start=start, end=start + (known.end - known.start))
    return When(day.start, end, rule=known.rule if known else None, open=True)


def _in_part(part: Moment, known: When | None) -> When:
    start, end = part.start, part.end or part.start + USUAL_LENGTH
    if known:
        length = end - start
        start = known.start.replace(hour=start.hour, minute=start.minute)
        return replace(known, start=start, end=start + length, all_day=False, open=True)
    return When(start, end, open=True)


def _whole_days(when: When) -> When:
    start = when.start.replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + DAY
    while end < when.end and when.all_day:
        end += DAY
    return replace(when, start=start, end=end, all_day=True, open=False)


def _from_numbers(message: Message, now: datetime) -> list[Moment]:
    """A bare number as an hour: "7", "2 to 4"."""
    hours = [int(n) for n in numbers(message) if n == int(n) and 0 <= n <= 24]
    if not hours or len(hours) > 2:
        return []
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = today + timedelta(hours=hours[0])
    if start <= now:
        later = start + DAY / 2 if hours[0] <= 12 else start
        start = later if later > now else start + DAY
    end = None
    if len(hours) == 2:
        if not _SPAN.search(text_of(message)):
            return []
        end = start + timedelta(hours=(hours[1] - hours[0]) % 12 or 12)
    return [Moment(start, end, "hour", date_given=False, time_given=True, past=False)]


def _in_zone(found: Sequence[Moment], now: datetime) -> list[Moment]:
    return [
        replace(
            moment,
            start=moment.start.astimezone(now.tzinfo),
            end=moment.end.astimezone(now.tzinfo) if moment.end else None,
        )
        for moment in found
    ]


def cannot_be(message: Message) -> str | None:
    """The words for a time that cannot be ("the 30th of February"), if there are any."""
    return next((words for words, _ in impossible(message)), None)


def window(message: Message, now: datetime) -> tuple[datetime, datetime, Moment] | None:
    """The stretch of time that a message asks about, if it says one."""
    found = _in_zone(times(message), now)
    day = next((m for m in found if m.date_given), None)
    fine = next((m for m in found if not m.date_given), None)
    moment = day or fine
    if moment is None:
        return None
    start = moment.start
    if day and fine and fine is not day and not day.time_given:
        clear = clear_hour(
            day.start.replace(hour=fine.start.hour, minute=fine.start.minute),
            None,
            "",
            text_of(message),
        )
        length = fine.end - fine.start if fine.end else USUAL_LENGTH
        return clear, clear + length, replace(fine, date_given=True)
    return start, moment.end or start + (DAY if moment.grain == "day" else USUAL_LENGTH), moment
