"""Which part of a forecast a question is about, and how that time is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from actions.forecast import Forecast
from actions.speaking_times import speak_date, speak_day, speak_duration, speak_moment
from actions.values import Moment

_SAME_MOMENT = timedelta(minutes=2)
_POINTS = frozenset({"second", "minute", "hour"})
_DAYS_OF_GRAIN = {"week": 7, "month": 31, "year": 366}
_EVENING = 17
_LATE = 20
_PARTS = ((5, "night"), (12, "morning"), (_EVENING, "afternoon"), (24, "evening"))
_NIGHT = timedelta(hours=14)


class PastError(ValueError):
    """The question is about a time that is over."""


class TooFarError(ValueError):
    """The question is about a time of which the forecast says nothing yet."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time at a place, on its clocks."""

    start: datetime

    end: datetime
    """Exclusive."""

    words: str
    """As it stands in a sentence: "tomorrow", "on Friday evening"."""

    is_now: bool = False
    """Whether the weather of this moment is meant."""

    is_point: bool = False
    """Whether an hour is meant rather than all there is between two."""

    @property
    def days(self) -> list[date]:
        """The days that it touches."""
        count = ((self.end - timedelta(seconds=1)).date() - self.start.date()).days + 1
        return [self.start.date() + timedelta(days=n) for n in range(count)]


def clock_at(here: datetime, forecast: Forecast) -> datetime:
    """What the clocks of the place show at a moment, without a zone."""
    return here.astimezone(ZoneInfo(forecast.timezone)).replace(tzinfo=None)


def resolve(
    moment: Moment | None, duration: timedelta | None, here: datetime, forecast: Forecast
) -> Stretch:
    """Finds the stretch of a forecast that is meant.

    A day or an hour that was said is the one on the clocks of the place; now is now anywhere.

    Args:
        moment: The time that was said, if any.
        duration: How far ahead to look where no time was said: "in the next two hours".
        here: The present moment, aware, in the person's zone.
        forecast: What there is.

    Raises:
        PastError: If it is over.
        TooFarError: If it begins after the last day of the forecast.
    """
    now = clock_at(here, forecast)
    horizon = datetime.combine(forecast.last_day, time()) + timedelta(days=1)
    if moment is None or (not moment.end and abs(moment.start - here) < _SAME_MOMENT):
        if moment is None and duration is not None and duration > timedelta():
            words = f"in the next {speak_duration(duration).removeprefix('an ')}"
            return Stretch(now, min(now + duration, horizon), words)
        return Stretch(now, now + timedelta(hours=1), "now", is_now=True)
    start = moment.start.replace(tzinfo=None)
    is_point = moment.end is None and moment.grain in _POINTS
    if moment.end is not None:
        end = moment.end.replace(tzinfo=None)
    else:
        end = start + (
            timedelta(hours=1) if is_point else timedelta(days=_DAYS_OF_GRAIN.get(moment.grain, 1))
        )
    if end <= now.replace(minute=0, second=0, microsecond=0):
        raise PastError
    if start >= horizon:
        raise TooFarError
    end = min(end, horizon)
    if is_point:
        utc = timezone.utc
        words = speak_moment(start.replace(tzinfo=utc), now.replace(tzinfo=utc), moment.grain)
        return Stretch(start, end, words, is_point=True)
    # Of a day that has begun, what is left of it.
    return Stretch(max(start, now), end, _words(start, end, now.date()))


def rest_of_day(here: datetime, forecast: Forecast) -> Stretch:
    """From now to midnight; late in the evening until the next morning."""
    now = clock_at(here, forecast)
    midnight = datetime.combine(now.date() + timedelta(days=1), time())
    if now.hour >= _LATE:
        return Stretch(now, midnight + timedelta(hours=6), "tonight")
    return Stretch(now, midnight, "today")


def _words(start: datetime, end: datetime, today: date) -> str:
    first, last = start.date(), (end - timedelta(seconds=1)).date()
    whole = start.time() == time() and end.time() == time()
    if not whole and (first == last or (start.hour >= _EVENING and end - start <= _NIGHT)):
        return _speak_part(start, end, today)
    if first == last:
        return speak_day(first, today)
    if (first.weekday(), (last - first).days) == (5, 1):
        return (
            "at the weekend"
            if (first - today).days < 7
            else f"on the {speak_date(first)} and the day after"
        )
    begin = speak_day(max(first, today), today).removeprefix("on ")
    return f"from {begin} to {speak_day(last, today).removeprefix('on ')}"


def _speak_part(start: datetime, end: datetime, today: date) -> str:
    part = next(name for hour, name in _PARTS if start.hour < hour)
    if start.date() == today:
        late = start.hour >= _LATE or (part == "evening" and end.time() == time())
        return "tonight" if late or part == "night" else f"this {part}"
    day = speak_day(start.date(), today)
    if part == "night" or (start.hour >= _LATE):
        return "tomorrow night" if day == "tomorrow" else f"{day} at night"
    return f"{day} {part}" if len(day.split()) <= 2 else f"{day} in the {part}"
