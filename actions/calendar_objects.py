"""Events as iCalendar objects (RFC 5545): reading, making, moving, cancelling.

An object is the text of one `VCALENDAR` with all components of one UID: the event, or a series
with the occurrences that differ from it. That is what a CalDAV server keeps as one resource, and
what is written as a whole.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from uuid import uuid4

import icalendar
import recurring_ical_events

logger = logging.getLogger(__name__)

PRODUCT = "-//Parley//Calendar//EN"

DAY = timedelta(days=1)

_VOLATILE = {"DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE"}
"""What servers and programs stamp on an event without changing it."""


class ObjectError(ValueError):
    """An object that is no iCalendar, or holds what cannot be computed with."""


@dataclass(frozen=True)
class Event:
    """An event, or one occurrence of a series, as its owner sees it."""

    uid: str
    title: str
    start: datetime
    """Aware, in the owner's time zone; of an all-day event, midnight."""

    end: datetime
    """Exclusive."""

    all_day: bool = False
    place: str | None = None
    occurrence: str | None = None
    """Of a series: the moment or day at which this occurrence was due at first, ISO 8601."""

    busy: bool = True
    """Whether the time is taken (RFC 5545: TRANSP, and not cancelled)."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, for a slot."""
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}

    @staticmethod
    def from_json(value: Any, zone: tzinfo) -> Event:
        """Reads what `to_json` gave."""
        start, end = (
            datetime.fromisoformat(value[name]).astimezone(zone) for name in ("start", "end")
        )
        return Event(**{**value, "start": start, "end": end})


def new_event(
    title: str,
    start: datetime,
    end: datetime,
    *,
    all_day: bool = False,
    place: str | None = None,
    rule: str | None = None,
) -> tuple[str, str]:
    """Makes an event, or a series of them.

    Args:
        title: Its summary.
        start: Aware, in a time zone with an IANA name; a series recurs in that zone.
        end: Exclusive.
        all_day: Whether it has days only.
        place: Where it is.
        rule: Of a series, an RFC 5545 rule.

    Returns:
        Its UID and its object.
    """
    uid = f"{uuid4()}@parley"
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("summary", title)
    _set_times(event, start, end, all_day=all_day)
    if place:
        event.add("location", place)
    if rule:
        event.add("rrule", icalendar.vRecur.from_ical(rule.removeprefix("RRULE:")))
    _stamp(event)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return uid, _written(calendar)


def occurrences(
    objects: Iterable[str], start: datetime, end: datetime, zone: tzinfo
) -> list[Event]:
    """All events, and all occurrences of series, that overlap a stretch of time.

    Args:
        objects: The objects they are in; an object that cannot be computed with is passed over.
        start: Aware.
        end: Exclusive, aware.
        zone: In which the events are to be seen.

    Returns:
        The events by their start.
    """
    found = []
    for text in objects:
        try:
            calendar = _parsed(text)
            series = {_uid(e) for e in calendar.walk("VEVENT") if "RRULE" in e or "RDATE" in e}
            # Days begin elsewhere at another time: look further, and keep what overlaps here.
            components = recurring_ical_events.of(calendar).between(start - DAY, end + DAY)
            events = [_event(c, zone, series) for c in components]
        except Exception as error:  # what other programs wrote must not hide all the rest
            logger.warning("An event cannot be read: %s", type(error).__name__)
            continue
        found += [e for e in events if e.start < end and e.end > start]
    return sorted(found, key=lambda event: (event.start, event.end, event.title))


def moved(text: str, event: Event, start: datetime, end: datetime, *, all_day: bool) -> str:
    """The object with the event, or that one occurrence of a series, at another time.

    Raises:
        ObjectError: If the event is not in it.
    """
    calendar = _parsed(text)
    component = _component(calendar, event)
    if event.occurrence and "RECURRENCE-ID" not in component:
        component = _exception(calendar, component, event)
    _set_times(component, start, end, all_day=all_day)
    _stamp(component, again=True)
    return _written(calendar)


def without(text: str, event: Event, *, series: bool = False) -> str | None:
    """The object without the event, or without that one occurrence of a series.

    Args:
        text: The object.
        event: Which.
        series: Whether all occurrences go.

    Returns:
        The object; None where nothing would be left of it.

    Raises:
        ObjectError: If the event is not in it.
    """
    if series or not event.occurrence:
        return None
    calendar = _parsed(text)
    master = next((e for e in calendar.walk("VEVENT") if "RECURRENCE-ID" not in e), None)
    due = datetime.fromisoformat(event.occurrence)
    calendar.subcomponents = [
        c
        for c in calendar.subcomponents
        if c.name != "VEVENT" or "RECURRENCE-ID" not in c or not _is_due(c, due)
    ]
    if master is None:
        return _written(calendar) if calendar.walk("VEVENT") else None
    excluded = _like(master["DTSTART"].dt, due)
    # The library knows by itself how a day is written for other properties, but not for these.
    parameters = {} if isinstance(excluded, datetime) else {"VALUE": "DATE"}
    master.add("exdate", excluded, parameters=parameters)
    _stamp(master, again=True)
    return _written(calendar)


def fingerprint(text: str) -> str:
    """A digest of an object's events: equal where they are, however a server writes them."""
    lines = []
    for event in _parsed(text).walk("VEVENT"):
        lines.append(
            "\n".join(
                sorted(
                    str(line)
                    for line in event.content_lines()
                    if line and str(line).split(":")[0].split(";")[0] not in _VOLATILE
                )
            )
        )
    return hashlib.sha256("\n\n".join(sorted(lines)).encode()).hexdigest()


def _parsed(text: str) -> icalendar.Calendar:
    try:
        calendar = icalendar.Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError) as error:
        raise ObjectError(f"Not an iCalendar object: {type(error).__name__}.") from None
    if not isinstance(calendar, icalendar.Calendar):
        raise ObjectError("Not an iCalendar object.")
    return calendar


def _written(calendar: icalendar.Calendar) -> str:
    # icalendar's own way of doing this fails where a time zone is there that nothing uses.
    there = {str(zone.get("TZID")) for zone in calendar.walk("VTIMEZONE")}
    missing = sorted(calendar.get_used_tzids() - there)
    calendar.subcomponents[:0] = [icalendar.Timezone.from_tzid(tzid) for tzid in missing]
    return str(calendar.to_ical().decode("utf-8"))


def _uid(component: Any) -> str:
    return str(component.get("UID") or "")


def _event(component: Any, zone: tzinfo, series: set[str]) -> Event:
    start, end = component["DTSTART"].dt, component["DTEND"].dt
    all_day = not isinstance(start, datetime)
    due = component.get("RECURRENCE-ID")
    repeats = _uid(component) in series and due is not None
    begins = _aware(start, zone)
    free = str(component.get("TRANSP") or "").upper() == "TRANSPARENT"
    cancelled = str(component.get("STATUS") or "").upper() == "CANCELLED"
    return Event(
        uid=_uid(component),
        title=str(component.get("SUMMARY") or "").strip() or "something without a name",
        start=begins,
        # An event without an end takes its day, or a moment.
        end=max(_aware(end, zone), begins + (DAY if all_day else timedelta(minutes=1))),
        all_day=all_day,
        place=str(component.get("LOCATION") or "").strip() or None,
        occurrence=due.dt.isoformat() if repeats else None,
        busy=not free and not cancelled,
    )


def _aware(value: date | datetime, zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), zone)
    # A time without a zone is the time on the wall, wherever one is.
    return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)


def _component(calendar: icalendar.Calendar, event: Event) -> Any:
    """The component that says when an event takes place; of a series, maybe for all of it."""
    components = [c for c in calendar.walk("VEVENT") if _uid(c) == event.uid]
    masters = [c for c in components if "RECURRENCE-ID" not in c]
    if event.occurrence:
        due = datetime.fromisoformat(event.occurrence)
        changed = [c for c in components if "RECURRENCE-ID" in c and _is_due(c, due)]
        masters = changed or masters
    if not masters:
        raise ObjectError("The event is not in its object.")
    return masters[0]


def _exception(calendar: icalendar.Calendar, master: Any, event: Event) -> Any:
    """A component for one occurrence of a series, with all that the series has."""
    component = icalendar.Event.from_ical(master.to_ical())
    for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
        component.pop(name, None)
    due = datetime.fromisoformat(str(event.occurrence))
    component.add("recurrence-id", _like(master["DTSTART"].dt, due))
    calendar.add_component(component)
    return component


def _is_due(component: Any, due: datetime) -> bool:
    value = component["RECURRENCE-ID"].dt
    return bool(value == _like(value, due))


def _like(example: date | datetime, moment: datetime) -> date | datetime:
    """A moment as a series counts its own: a day, a time on the wall, a time in its zone."""
    if not isinstance(example, datetime):
        return moment.date()
    if example.tzinfo is None or moment.tzinfo is None:
        return moment.replace(tzinfo=example.tzinfo)
    return moment.astimezone(example.tzinfo)


def _set_times(component: Any, start: datetime, end: datetime, *, all_day: bool) -> None:
    before = component["DTSTART"].dt if "DTSTART" in component else None
    zone = before.tzinfo if isinstance(before, datetime) and before.tzinfo else None
    for name in ("DTSTART", "DTEND", "DURATION"):
        component.pop(name, None)
    if all_day:
        component.add("dtstart", start.date())
        component.add("dtend", max(end.date(), start.date() + DAY))
        return
    # A series and its exceptions stay in the zone in which they were made.
    component.add("dtstart", start.astimezone(zone) if zone else start)
    component.add("dtend", end.astimezone(zone) if zone else end)


def _stamp(component: Any, *, again: bool = False) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    names = ["dtstamp", "last-modified"] if again else ["dtstamp", "created"]
    for name in names:
        component.pop(name, None)
        component.add(name, now)
    if again:
        sequence = int(component.get("SEQUENCE") or 0)
        component.pop("SEQUENCE", None)
        component.add("sequence", sequence + 1)
