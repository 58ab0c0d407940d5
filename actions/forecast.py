"""A weather forecast: its hours, and what they come to over a stretch of time.

Times are those on the clocks of the place, without a zone: "tomorrow at nine" there is nine
o'clock there. Everything is metric; how it is said is the business of `weather_words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_low

FOG = 45
"""The WMO codes from here on are more than clouds."""

SNOW_CODES = frozenset({71, 73, 75, 77, 85, 86})

LIKELY = 50
"""Percent from which rain is likely."""


@dataclass(frozen=True)
class Now:
    """The weather as it is."""

    time: datetime
    temperature: float
    feels_like: float | None
    code: int
    wind: float


@dataclass(frozen=True)
class Hour:
    """An hour of a forecast. What the service did not say is None."""

    time: datetime
    """Its beginning."""

    temperature: float
    """Degrees Celsius."""

    chance: float | None
    """Of rain or snow: percent."""

    precipitation: float
    """Millimetres."""

    snowfall: float
    """Centimetres."""

    code: int
    """WMO 4677, as the service simplifies it."""

    wind: float
    """Kilometres an hour, as the gusts."""

    gusts: float | None


@dataclass(frozen=True)
class Sun:
    """When the sun rises and sets on a day."""

    sunrise: datetime
    sunset: datetime


@dataclass(frozen=True)
class Forecast:
    """What a weather service says of a place."""

    timezone: str
    """The IANA name of the place's zone."""

    now: Now

    hours: tuple[Hour, ...]
    """In order; at least one."""

    suns: tuple[Sun, ...]
    """A day each; days without a sunrise are missing."""

    @property
    def last_day(self) -> date:
        """The last day of which it says anything."""
        return self.hours[-1].time.date()

    def between(self, start: datetime, end: datetime) -> list[Hour]:
        """The hours that overlap with a stretch of time."""
        return [h for h in self.hours if h.time < end and h.time + timedelta(hours=1) > start]

    def at(self, moment: datetime) -> Hour | None:
        """The hour in which a moment lies."""
        return next(iter(self.between(moment, moment + timedelta(seconds=1))), None)

    def sun_on(self, day: date) -> Sun | None:
        """When the sun rises and sets on a day."""
        return next((sun for sun in self.suns if sun.sunrise.date() == day), None)


@dataclass(frozen=True)
class Outlook:
    """What some hours come to."""

    low: float
    high: float

    chance: float
    """The highest chance of rain or snow of any hour: percent."""

    rain_from: datetime | None
    """The first hour in which rain or snow is likely."""

    precipitation: float
    snowfall: float
    snows: bool

    code: int
    """The most telling weather code."""

    wind: float
    gusts: float


def outlook(hours: Sequence[Hour]) -> Outlook:
    """Sums up hours, one at least."""
    codes = [hour.code for hour in hours]
    wettest = max(codes)
    chances = [hour.chance or 0.0 for hour in hours]
    return Outlook(
        low=min(hour.temperature for hour in hours),
        high=max(hour.temperature for hour in hours),
        chance=max(chances),
        rain_from=next((h.time for h in hours if (h.chance or 0) >= LIKELY), None),
        precipitation=sum(hour.precipitation for hour in hours),
        snowfall=sum(hour.snowfall for hour in hours),
        snows=any(hour.snowfall > 0 or hour.code in SNOW_CODES for hour in hours),
        # An hour of rain makes a rainy day; an hour of clouds does not make a cloudy one.
        code=wettest if wettest >= FOG else median_low(codes),
        wind=max(hour.wind for hour in hours),
        gusts=max(hour.wind if hour.gusts is None else hour.gusts for hour in hours),
    )
