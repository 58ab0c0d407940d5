"""What a message says of when a reminder is due: typed values in, moments out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.clock import between, later
from actions.reading import Message, text_of
from actions.recurring import UnusableRuleError, next_occurrence
from actions.storage.reminders import ALARM, TIMER
from actions.values import (
    Moment,
    Recurrence,
    durations,
    impossible,
    numbers,
    recurrences,
    times,
)

DEFAULT_HOUR = 9
"""Where only a day was said."""

FARTHEST = timedelta(days=3653)
"""How far ahead something may be set: ten years."""

NO_SUCH_TIME, NEGATIVE, PAST, TOO_FAR, TOO_OFTEN = (
    "no_such_time",
    "negative",
    "past",
    "too_far",
    "too_often",
)

_DAY_OR_MORE = frozenset({"day", "week", "month", "quarter", "year"})
_MORNING = re.compile(r"(?i)\b(?:\d{1,2}\s?a\.?m\b|a\.m\.|morning)")
_AFTERNOON = re.compile(
    r"(?i)\b(?:\d{1,2}\s?p\.?m\b|p\.m\.|noon|afternoon|evening|tonight|night)|"
    r"\b(?:1[3-9]|2[0-3])(?:[:.]\d\d|\s?h\b)"
)
_VALUES = frozenset({"time", "duration", "recurrence", "number", "ordinal", "invalid"})
_MORE_OF_A_UNIT = re.compile(
    r"(?i)(?:\b(\w+)\s+)?\b(?:more|extra|additional|less|fewer)\s+(second|minute|hour)s?\b"
)
_COUNTS = {"a": 1, "an": 1, "one": 1, "another": 1, "couple": 2, "few": 3}
_UNITS = {"second": 1, "minute": 60, "hour": 3600}
_EVENING = 18


@dataclass(frozen=True)
class When:
    """When something is due, and whether it recurs."""

    due: datetime
    """Aware."""

    rrule: str | None = None

    def to_slot(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"due": self.due.isoformat(), "rrule": self.rrule}


def from_slot(value: object, zone: Any) -> list[When]:
    """The moments of a slot, in a time zone."""
    found = []
    for entry in value if isinstance(value, list) else []:
        due = datetime.fromisoformat(str(entry["due"])).astimezone(zone)
        found.append(When(due, entry.get("rrule")))
    return found


@dataclass(frozen=True)
class Times:
    """What a message says of times."""

    whens: list[When]
    trouble: str | None = None
    """Why there are none, by its name: `NO_SUCH_TIME`, `NEGATIVE`, `PAST`, `TOO_FAR`,
    `TOO_OFTEN`."""

    words: str = ""
    """What was said of it, where that is known."""


def outside_of_text(message: Message) -> dict[str, Any]:
    """The message without the values that are only part of what to be reminded of.

    "Remind me at nine to watch the ten o'clock news": ten o'clock is not when. Where all times
    are within the text, it was the text that was read too long, and they count.
    """
    entities = list(message.get("entities") or [])
    texts = [e for e in entities if e.get("entity") == "reminder_text" and "start" in e]
    inside = [
        e
        for e in entities
        if e.get("entity") in _VALUES
        and "start" in e
        and any(t["start"] <= e["start"] and e["end"] <= t["end"] for t in texts)
    ]
    when = [e for e in entities if e.get("entity") in ("time", "duration", "recurrence")]
    if all(any(e is i for i in inside) for e in when):
        return dict(message)
    return {**message, "entities": [e for e in entities if not any(e is i for i in inside)]}


def times_in(message: Message, now: datetime, kind: str | None = None) -> Times:
    """When a new reminder is due, by its message: once for each moment that was said.

    Args:
        message: The message.
        now: The present moment, in the person's time zone.
        kind: What it is to be. A timer runs "for ten" minutes, and an alarm that would wake
            somebody in the evening is meant for the morning.
    """
    outer = outside_of_text(message)
    for words, reason in impossible(outer):
        return Times([], NEGATIVE if reason == "negative_duration" else NO_SUCH_TIME, words)
    moments = times(outer)
    try:
        # What is wanted several times a day waits for the times (actions/reminder_often.py).
        rules = [one for one in recurrences(outer) if one.times == 1]
        repeated = [_repeating(r, moments, now, text_of(message)) for r in rules]
    except UnusableRuleError:
        return Times([], TOO_OFTEN)
    if repeated:
        return _checked(repeated, now)
    lengths = _durations(outer)
    if kind == TIMER and moments:
        bare = _bare_lengths(outer)
        if bare and len(bare) == len(moments):
            moments, lengths = [], [*bare, *lengths]
    if moments:
        if any(moment.past for moment in moments):
            return Times([], PAST)
        dues = [(moment, due) for moment in moments if (due := _due(moment, now))]
        if kind == ALARM:
            dues = [(m, _in_the_morning(due, m, message, now)) for m, due in dues]
        return _checked([When(due) for _, due in dues], now)
    return _checked([When(later(now, length)) for length in lengths], now)


def time_from_number(message: Message, now: datetime, kind: str) -> Times:
    """A bare number as the answer to "when?": minutes for a timer, else the next such hour."""
    found = numbers(message)
    if not found:
        return Times([])
    # "From three to four", but "four instead of three".
    instead = re.search(r"(?i)\b(?:instead|rather|not)\b", text_of(message))
    number = found[0] if instead else found[-1]
    if kind == TIMER:
        return _checked([When(later(now, timedelta(minutes=min(number, 1e7))))], now)
    if number != int(number) or not 0 <= number <= 24:
        return Times([], NO_SUCH_TIME, f"{number:g}")
    hours = {int(number) % 24} | ({int(number) % 12 + 12} if number <= 12 else set())
    start = now.replace(minute=0, second=0, microsecond=0)
    upcoming = [
        start.replace(hour=hour) + timedelta(days=days) for hour in hours for days in (0, 1)
    ]
    return Times([When(min(moment for moment in upcoming if moment > now))])


def moved(due: datetime, message: Message, now: datetime) -> Times:
    """When something is due that is moved by the message; what it leaves out stays.

    Args:
        due: When it was due, in the person's time zone.
        message: Says the new time, or day, or both.
        now: The present moment.
    """
    outer = outside_of_text(message)
    for words, reason in impossible(outer):
        return Times([], NEGATIVE if reason == "negative_duration" else NO_SUCH_TIME, words)
    moments = times(outer)
    if not moments:
        part = _part_of_hour(text_of(message), due)
        return _checked([When(part)], now) if part else times_in(outer, now)
    # "From three to four": the new time is what is said last.
    moment = moments[-1]
    start = moment.start.astimezone(now.tzinfo)
    if _from_now(moment, outer):
        return _checked([When(start)], now)
    if not moment.date_given:
        start = _at_time(due, start, text_of(message))
        if start <= now:
            start += timedelta(days=1) if due.date() > now.date() else timedelta(0)
        if start <= now:
            start = moment.start.astimezone(now.tzinfo)
    elif not moment.time_given or moment.grain in _DAY_OR_MORE:
        start = datetime.combine(start.date(), due.timetz())
    return _checked([When(start)], now)


def length_in(message: Message) -> timedelta | None:
    """How much time is given, taken or waited for: the duration in "five more minutes"."""
    outer = outside_of_text(message)
    found = _durations(outer)
    if found:
        return found[0]
    more = _MORE_OF_A_UNIT.search(text_of(message))
    if not more:
        return None
    said = numbers(outer)
    count = said[0] if said else _COUNTS.get((more.group(1) or "one").lower(), 1)
    return timedelta(seconds=min(count, 1e4) * _UNITS[more.group(2).lower()])


def _durations(message: Message) -> list[timedelta]:
    try:
        return [min(length, FARTHEST * 2) for length in durations(message)]
    except OverflowError:
        return [FARTHEST * 2]


def _bare_lengths(message: Message) -> list[timedelta]:
    """The lengths in "timers for five and ten minutes": of "for five", which reads as a time."""
    units = [
        str((e.get("additional_info") or {}).get("unit"))
        for e in message.get("entities") or []
        if e.get("entity") == "duration"
    ]
    size = next((_UNITS[unit] for unit in units if unit in _UNITS), 60)
    found = []
    for moment, words in zip(times(message), _words_of(message, "time"), strict=True):
        if moment.grain == "hour" and re.fullmatch(r"(?i)for\s+(?:\d{1,2}|[a-z]+)", words):
            found.append(timedelta(seconds=size * (moment.start.hour % 12 or 12)))
    return found


def _in_the_morning(due: datetime, moment: Moment, message: Message, now: datetime) -> datetime:
    """The next morning, where "wake me at seven" was said in the afternoon."""
    if moment.date_given or due.hour < _EVENING or moment.end is not None:
        return due
    if _AFTERNOON.search(text_of(message)) or not text_of(message):
        return due
    earlier = due - timedelta(hours=12)
    return earlier if earlier > now else due + timedelta(hours=12)


def _words_of(message: Message, kind: str) -> list[str]:
    """The words in which values of a kind were said; empty where there are none."""
    text = str(message.get("text") or "")
    entities = [e for e in message.get("entities") or [] if e.get("entity") == kind]
    return [
        text[e["start"] : e["end"]] if "start" in e and not text.startswith("/") else ""
        for e in sorted(entities, key=lambda e: int(e.get("start") or 0))
    ]


def _due(moment: Moment, now: datetime) -> datetime | None:
    start = moment.start.astimezone(now.tzinfo)
    if moment.grain in _DAY_OR_MORE and not moment.time_given:
        start = start.replace(hour=DEFAULT_HOUR, minute=0)
        # "Today", said in the afternoon, leaves the hour open.
        return start if start > now else None
    if moment.end is not None and start <= now < moment.end:
        soon = later(now, timedelta(hours=1))
        return soon if soon < moment.end else None
    return start


def _repeating(recurrence: Recurrence, moments: Sequence[Moment], now: datetime, text: str) -> When:
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    start = recurrence.start.astimezone(zone)
    rule = recurrence.rule
    if not recurrence.time_given and "HOURLY" not in rule and "MINUTELY" not in rule:
        said = [m.start.astimezone(zone) for m in moments if m.time_given]
        hour, minute = (said[0].hour, said[0].minute) if said else (DEFAULT_HOUR, 0)
        # "Every Monday at seven" is in the morning at any time of the day; so is "at seven,
        # every Monday".
        if said and hour > 12 and not _AFTERNOON.search(text):
            hour -= 12
        start = start.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if start <= now:
        following = next_occurrence(rule, start, start, now, zone)
        if following is None:
            raise UnusableRuleError(f"No time to come: {rule}.")
        return When(following, rule)
    # Asking for the one after proves the rule to be one.
    next_occurrence(rule, start, start, start, zone)
    return When(start, rule)


def _checked(whens: list[When], now: datetime) -> Times:
    if any(between(now, when.due) > FARTHEST for when in whens):
        return Times([], TOO_FAR)
    # A timer of nothing is as much a slip as one that runs backwards.
    if any(abs(between(now, when.due)) < timedelta(seconds=1) for when in whens):
        return Times([], NEGATIVE)
    if any(between(now, when.due) < timedelta(0) for when in whens):
        return Times([], PAST)
    return Times(whens)


def _from_now(moment: Moment, message: Message) -> bool:
    """Whether the moment was said as a distance ("in ten minutes")."""
    words = _words_of(message, "time")
    return moment.grain == "second" or any(w.lower().startswith("in ") for w in words)


def _at_time(due: datetime, time: datetime, text: str) -> datetime:
    """The day of one at the time of day of the other; the afternoon stays the afternoon."""
    hour = time.hour
    if not _MORNING.search(text):
        if hour < 12 <= due.hour:
            hour += 12
        elif due.hour < 12 <= hour and not re.search(r"(?i)p\.?m|afternoon|evening", text):
            # "Move it to eight", said in the afternoon of an alarm at seven in the morning.
            hour -= 12
    if re.search(r"\b(?:1[2-9]|2[0-3])[:.]\d\d\b", text):
        hour = time.hour
    return due.replace(hour=hour, minute=time.minute, second=0, microsecond=0)


_PARTS = {"half past": (0, 30), "quarter past": (0, 15), "quarter to": (-1, 45)}


def _part_of_hour(text: str, due: datetime) -> datetime | None:
    """The moment, where a part of the hour alone is named: "make it half past"."""
    for words, (hours, minute) in _PARTS.items():
        if re.search(rf"(?i)\b{words}\b(?!\s+\w*\d|\s+(?:one|two|three|four|five|six))", text):
            return (due + timedelta(hours=hours)).replace(minute=minute, second=0)
    return None
