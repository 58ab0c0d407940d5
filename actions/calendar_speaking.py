"""How events and their times are put into words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from actions.calendar_objects import Event
from actions.calendar_times import DAY, USUAL_LENGTH, When
from actions.speaking import join
from actions.speaking_times import speak_day, speak_moment, speak_recurrence, speak_time

MOST_SPOKEN = 8
"""How many events are named before the rest is only counted."""


def speak_span(start: datetime, end: datetime, now: datetime, *, all_day: bool) -> str:
    """Puts the time of an event into words; an hour's length goes without saying."""
    if all_day:
        last = (end - timedelta(minutes=1)).date()
        first = speak_day(start.date(), now.date())
        if last <= start.date():
            return f"{first}, all day"
        return f"from {first.removeprefix('on ')} to {_bare_day(last, now)}"
    spoken = speak_moment(start, now)
    if end - start == USUAL_LENGTH or end - start < timedelta(minutes=2):
        return spoken
    until = speak_time(end) if end - start < DAY else speak_moment(end, now)
    return f"{spoken}, until {until}"


def speak_when(when: When, now: datetime) -> str:
    """Puts the time of a new event into words."""
    if when.rule:
        spoken = speak_recurrence(when.rule, when.start)
        spoken = spoken.removesuffix(" at 0:00") if when.all_day else spoken
        return f"{spoken}, the first time {speak_day(when.start.date(), now.date())}"
    return speak_span(when.start, when.end, now, all_day=when.all_day)


def speak_event(event: Event, now: datetime) -> str:
    """Puts an event into words: its title and its time."""
    where = f", {event.place}" if event.place else ""
    span = speak_span(event.start, event.end, now, all_day=event.all_day)
    return f"{event.title} {span}{where}"


def speak_events(
    events: Sequence[Event],
    now: datetime,
    *,
    on_one_day: bool = False,
    most: int | None = None,
) -> str:
    """Enumerates events; the rest beyond a handful is counted."""
    most = most or MOST_SPOKEN
    spoken = []
    for event in events[:most]:
        if not on_one_day:
            spoken.append(speak_event(event, now))
        elif event.all_day:
            spoken.append(f"{event.title} (all day)")
        else:
            spoken.append(f"{event.title} at {speak_time(event.start)}")
    rest = len(events) - most
    if rest > 0:
        spoken.append(f"{rest} more")
    # With commas inside, semicolons tell the events apart.
    if any("," in one for one in spoken) and len(spoken) > 1:
        return f"{'; '.join(spoken[:-1])}; and {spoken[-1]}"
    return join(spoken)


def speak_window(start: datetime, end: datetime, now: datetime, grain: str) -> str:
    """Puts the stretch of time that was asked about into words: "tomorrow morning"."""
    days = (end - start + timedelta(hours=2)) // DAY
    if grain in ("week", "month", "year") and days > 1:
        return speak_moment(start, now, grain)
    if days > 1:
        first = speak_day(start.date(), now.date()).removeprefix("on ")
        return f"from {first} to {_bare_day((end - timedelta(minutes=1)).date(), now)}"
    if days == 1:
        return speak_day(start.date(), now.date())
    part = _PARTS.get((start.hour, end.hour))
    if part and start.minute == end.minute == 0:
        day = speak_day(start.date(), now.date())
        if day == "today":
            return "tonight" if part == "night" else f"this {part}"
        return f"{day} {part}"
    return f"{speak_moment(start, now)}, until {speak_time(end)}"


_PARTS = {
    (6, 12): "morning",
    (12, 18): "afternoon",
    (18, 0): "evening",
    (18, 22): "evening",
    (22, 6): "night",
}


def _bare_day(day: date, now: datetime) -> str:
    return speak_day(day, now.date()).removeprefix("on ")
