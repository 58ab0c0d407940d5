"""What was said, and when: moments and stretches of time from the reference time."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from custom_components.value_extraction.clocks import PARTS, Clock, ImpossibleError
from custom_components.value_extraction.times import Said
from custom_components.value_extraction.zones import Now

_EVENING = 18
"""The hour from which on a number may be an hour of the night: "at five" said at nine."""

_DAWN = 6


@dataclass(frozen=True)
class Moment:
    """A point in time, or a stretch of it."""

    start: datetime
    """Aware."""

    grain: str
    end: datetime | None = None
    """Exclusive; None for a point."""

    date_given: bool = False
    time_given: bool = False

    def past(self, now: datetime) -> bool:
        """Whether all of it lies before a moment."""
        if self.end is not None:
            return self.end <= now
        if self.grain == "day":
            return self.start.date() < now.date()
        return self.start < now


def resolve(said: Said, now: Now) -> Moment:
    """The moment that was said.

    Raises:
        ImpossibleError: There is none like it.
    """
    if said.now:
        return Moment(now.moment, "second", date_given=True, time_given=True)
    if said.day is None and said.clock is None and said.part is None:
        distance = said.offset or timedelta()
        # Whole minutes stay exact to the second all the same: a timer is no appointment.
        grain = "second" if abs(distance) < timedelta(minutes=1) else "minute"
        return Moment(now.elapsed(distance), grain, date_given=True, time_given=True)
    moment = _resolve_named(said, now)
    if said.offset is None:
        return moment
    # Shifted as the clock on the wall goes on, then put into the zone.
    return dataclasses.replace(
        moment,
        start=_shift(moment.start, said.offset, now),
        end=None,
        grain="minute",
        time_given=True,
    )


def _resolve_named(said: Said, now: Now) -> Moment:
    if said.clock is not None and not said.clock.possible:
        raise ImpossibleError("no_such_time")
    if said.day is None:
        return _without_day(said, now)
    stretch = said.day(now.today)
    start = stretch.start
    if said.clock is not None:
        hour = _hour_on(said, start, now)
        return Moment(_at(start, hour, now), _grain(said.clock), date_given=True, time_given=True)
    if said.part is not None:
        return _part_of(start, said.part, now, date_given=True)
    first = now.local(datetime.combine(start, time()))
    end = now.local(datetime.combine(stretch.end, time())) if stretch.end else None
    return Moment(first, stretch.grain, end, date_given=True)


def _without_day(said: Said, now: Now) -> Moment:
    """The next time that a clock shows it, or the next such part of a day."""
    if said.clock is None:
        part = said.part or "morning"
        for ahead in (0, 1):
            found = _part_of(now.today + timedelta(days=ahead), part, now, date_given=False)
            if found.end is not None and found.end > now.moment:
                break
        return found
    hours = (said.clock.within(said.part),) if said.part else said.clock.readings()
    candidates = sorted(
        _at(now.today + timedelta(days=ahead), hour, now)
        for ahead in (-1, 0, 1, 2)
        for hour in hours
    )
    coming = [moment for moment in candidates if moment > now.moment]
    if not said.part and not said.clock.half_known and _DAWN <= now.wall.hour < _EVENING:
        # In the daytime nobody means the small hours.
        coming = [moment for moment in coming if moment.hour >= _DAWN] or coming
    return Moment(coming[0], _grain(said.clock), time_given=True)


def _hour_on(said: Said, day: date, now: Now) -> float:
    assert said.clock is not None
    if said.part:
        return said.clock.within(said.part)
    if said.clock.half_known or day != now.today:
        return said.clock.usual()
    hours = said.clock.readings()
    coming = [hour for hour in hours if _at(day, hour, now) > now.moment]
    if coming and now.wall.hour >= _DAWN:
        coming = [hour for hour in coming if hour >= _DAWN] or coming
    return coming[0] if coming else hours[-1]


def _part_of(day: date, part: str, now: Now, date_given: bool) -> Moment:
    start, end = PARTS[part]
    return Moment(_at(day, start, now), "hour", _at(day, end, now), date_given=date_given)


def _at(day: date, hour: float, now: Now) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(seconds=round(hour * 3600))
    return now.local(wall)


def _grain(clock: Clock) -> str:
    return clock.grain if clock.minute == 0 and clock.second == 0 else max_grain(clock)


def max_grain(clock: Clock) -> str:
    """How fine a reading with minutes or seconds is."""
    return "second" if clock.second or clock.grain == "second" else "minute"


def _shift(moment: datetime, distance: timedelta, now: Now) -> datetime:
    return now.local(moment.replace(tzinfo=None) + distance)


def between(first: Said, second: Said, now: Now) -> Moment:
    """The stretch from one time to another; a day said once is that of both.

    Raises:
        ImpossibleError: One of them cannot be.
    """
    first, second = _share(first, second)
    if _crosses_noon(first, second):
        # "from nine to five" begins in the morning, whenever it is said.
        first = dataclasses.replace(first, part="morning")
    start = resolve(first, now)
    if second.clock is not None and (second.day is None or second.day is first.day):
        end = _end_behind(start.start, second, now)
        if first.clock and not first.clock.half_known and second.clock.half_known:
            start = _start_before(start, first, second, now)
            end = _end_behind(start.start, second, now)
        grain = max(start.grain, _grain(second.clock), key=_FINENESS.index)
    else:
        last = resolve(second, now)
        # "from Friday to Monday": the Monday behind that Friday.
        if last.start <= start.start and second.day is not None:
            last = resolve(second, dataclasses.replace(now, moment=start.start))
        end = last.end or _end_of(last, now)
        grain = last.grain
    if end <= start.start:
        raise ImpossibleError("no_such_time")
    return Moment(
        start.start,
        grain,
        end,
        date_given=first.day is not None,
        time_given=first.clock is not None or second.clock is not None,
    )


def _crosses_noon(first: Said, second: Said) -> bool:
    if not (first.clock and second.clock) or first.part or second.part:
        return False
    if first.clock.half_known or second.clock.half_known:
        return False
    return _DAWN <= first.clock.readings()[0] and (
        second.clock.readings()[0] < first.clock.readings()[0]
    )


_FINENESS = ["year", "month", "week", "day", "hour", "minute", "second"]


def _share(first: Said, second: Said) -> tuple[Said, Said]:
    if first.day is None and second.day is not None and first.clock:
        first = dataclasses.replace(first, day=second.day)
    elif second.day is None and first.day is not None:
        second = dataclasses.replace(second, day=first.day)
    if first.part is None and second.part and first.clock and second.clock:
        first = dataclasses.replace(first, part=second.part)
    return first, second


def _end_behind(start: datetime, said: Said, now: Now) -> datetime:
    """The first time that a clock shows the end behind the start."""
    assert said.clock is not None
    if not said.clock.possible:
        raise ImpossibleError("no_such_time")
    hours = (said.clock.within(said.part),) if said.part else said.clock.readings()
    candidates = [
        _at(start.date() + timedelta(days=ahead), hour, now)
        for ahead in (-1, 0, 1)
        for hour in hours
    ]
    return min(moment for moment in candidates if moment > start)


def _start_before(start: Moment, first: Said, second: Said, now: Now) -> Moment:
    """The reading that is nearer to the end: of "2 to 4 pm" as of "11 to 1 pm"."""
    assert first.clock is not None
    readings = [
        _at(start.start.date(), hour, now)
        for hour in ((first.clock.within(first.part),) if first.part else first.clock.readings())
    ]
    best = min(readings, key=lambda moment: _end_behind(moment, second, now) - moment)
    if first.day is None and best <= now.moment:
        best = now.local(best.replace(tzinfo=None) + timedelta(days=1))
    return dataclasses.replace(start, start=best)


def _end_of(moment: Moment, now: Now) -> datetime:
    """Where a day ends, which as an end is said inclusively: "until Friday"."""
    if moment.grain == "day":
        return now.local(moment.start.replace(tzinfo=None) + timedelta(days=1))
    return moment.start


def until(said: Said, now: Now, inclusive: bool) -> Moment:
    """The stretch from now to a time; "until Friday" with all of Friday, "before Friday" without.

    Raises:
        ImpossibleError: It cannot be.
    """
    last = resolve(said, now)
    end = (last.end or _end_of(last, now)) if inclusive else last.start
    if end <= now.moment:
        return dataclasses.replace(last, end=None)
    return dataclasses.replace(last, start=now.moment, end=end)
