"""Asking the calendar: what is in it, which event is meant, what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rasa_sdk import Tracker

from actions.calendar_matching import AHEAD, by_title, names_nothing, nearest, takes_place
from actions.calendar_objects import Event, new_event, occurrences
from actions.calendar_talk import event_in_talk, known_of, says_next, says_series, title_in
from actions.calendar_times import DAY, When
from actions.clients.calendar import ask_calendar
from actions.clock import zone_of
from actions.reading import Message
from actions.values import Moment, times

_LOOK_BACK = timedelta(days=60)
_CHECKED_OF_A_SERIES = timedelta(days=60)


@dataclass(frozen=True)
class Found:
    """What a message means of the calendar."""

    events: tuple[Event, ...]
    certain: bool = False
    """Whether the message leaves no doubt: one event, and a title and a day, or its exact title."""


async def events_between(tracker: Tracker, start: datetime, end: datetime) -> list[Event]:
    """The events of a stretch of time; may raise `CalendarError`."""
    zone = zone_of(tracker)
    return await ask_calendar(
        tracker.sender_id,
        lambda calendar: occurrences(calendar.objects(start, end), start, end, zone),
    )


async def find_meant(
    tracker: Tracker, message: Message, now: datetime, present: tuple[Moment, ...]
) -> Found | None:
    """The events that a message may mean.

    Args:
        tracker: The conversation.
        message: What was said.
        now: The present moment, in the person's time zone.
        present: When the event takes place, as far as the message says.

    Returns:
        The events, none where none fits; None where the message says nothing of which.

    Raises:
        CalendarError: If the calendar is away.
    """
    zone = zone_of(tracker)
    chosen = known_of(message).get("found")
    if chosen:
        return Found((Event.from_json(chosen, zone),), certain=True)
    name = title_in(message)
    if names_nothing(name):
        name = ""
    if not name and not present and says_next(message):
        ahead = await events_between(tracker, now, now + AHEAD)
        return Found(tuple(event for event in ahead if event.start >= now)[:1])
    if not name and not present:
        talked_of = event_in_talk(tracker, zone)
        if talked_of is None:
            return None
        there = await events_between(tracker, talked_of.start - DAY, talked_of.end + DAY)
        same = [e for e in there if (e.uid, e.start) == (talked_of.uid, talked_of.start)]
        return Found(tuple(same))
    start = min([now, *(moment.start for moment in present)]) - DAY
    there = await events_between(tracker, start, now + AHEAD)
    if present:
        fitting = [e for e in there if any(takes_place(e, moment) for moment in present)]
        match = by_title(name, fitting)
        events = match.events if any(m.date_given for m in present) else nearest(match.events)
        sure = len(events) == 1 and bool(name) and not match.loose and present[0].date_given
        return Found(events, certain=sure)
    match = by_title(name, [event for event in there if event.end > now])
    events = nearest(match.events)
    one = len(events) == 1
    return Found(events, certain=one and match.exact and not events[0].occurrence)


def present_or_new(there: list[Event], name: str, moment: Moment) -> bool:
    """Whether an event of that name takes place at a time."""
    return any(takes_place(event, moment) for event in by_title(name, there).events)


async def in_the_way(tracker: Tracker, when: When, moving: Event | None = None) -> list[Event]:
    """The events at the same time as a new one; days and free time are in nobody's way.

    Args:
        tracker: The conversation.
        when: The time of the new one.
        moving: The event that is to be there, if it is in the calendar already.

    Raises:
        CalendarError: If the calendar is away.
    """
    if when.all_day:
        return []
    zone = zone_of(tracker)
    mine = [(when.start, when.end)]
    until = when.end
    if when.rule:
        _, text = new_event("", when.start, when.end, rule=when.rule)
        until = when.start + _CHECKED_OF_A_SERIES
        mine = [(e.start, e.end) for e in occurrences([text], when.start, until, zone)]
    found = []
    for event in await events_between(tracker, when.start, until):
        itself = moving and (event.uid, event.occurrence) == (moving.uid, moving.occurrence)
        if itself or event.all_day or not event.busy:
            continue
        if any(event.start < end and event.end > start for start, end in mine):
            found.append(event)
    return found


async def around(tracker: Tracker, message: Message, now: datetime) -> list[Event]:
    """All events that a message about moving may be about."""
    first = min([now, *(moment.start.astimezone(now.tzinfo) for moment in times(message))])
    return await events_between(tracker, max(first, now - _LOOK_BACK) - DAY, now + AHEAD)


def is_series(event: Event, message: Message) -> bool:
    """Whether a message means a series rather than one occurrence of it."""
    return bool(event.occurrence) and says_series(message)
