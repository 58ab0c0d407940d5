"""Which part of the conversations is looked at, and into what pieces it is cut."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from dateutil.tz import tzlocal

_PERIOD = re.compile(r"(\d{1,5})\s*([hdwm])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30}
_MOST_HOURS = 48
_MOST_DAYS = 62
_MOST_WEEKS = 120


class PeriodError(Exception):
    """What was given is no period; the message says what is."""


@dataclass(frozen=True)
class Period:
    """From when to when."""

    since: float | None = None
    """Seconds since 1970; None for the beginning."""
    until: float | None = None


def read_period(since: str, period: str, until: str, now: float) -> Period:
    """Reads what somebody asked for.

    Args:
        since: A day or a moment (ISO 8601), or empty.
        period: A length that ends now, such as `7d`, or empty.
        until: The same as `since`; a day counts with all of it.
        now: Seconds since 1970.

    Raises:
        PeriodError: It is none of these, or ends before it begins.
    """
    if since and period:
        raise PeriodError("Give SINCE or PERIOD, not both.")
    end = _moment(until, "UNTIL", is_end=True) if until else None
    begin = _moment(since, "SINCE") if since else None
    if period:
        found = _PERIOD.fullmatch(period.strip().lower())
        if not found or not int(found[1]):
            raise PeriodError(
                f"PERIOD={period} is no period: give a number with h, d, w or m, such as 7d."
            )
        begin = (end or now) - int(found[1]) * _HOURS[found[2]] * 3600
    if begin is not None and end is not None and begin >= end:
        raise PeriodError("The period ends before it begins.")
    return Period(begin, end)


def _moment(text: str, name: str, *, is_end: bool = False) -> float:
    try:
        moment = datetime.fromisoformat(text.strip())
        if is_end and len(text.strip()) == len("2026-01-31"):
            moment += timedelta(days=1)
        return moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise PeriodError(
            f"{name}={text} is no day: give one such as 2026-01-31, or 2026-01-31T15:00."
        ) from None


@dataclass(frozen=True)
class Pieces:
    """Pieces of equal kind that a time is cut into."""

    unit: str
    """`hour`, `day`, `week` or `month`."""
    zone: tzinfo = timezone.utc

    def of(self, at: float) -> str:
        """The piece that a moment is in, by its first hour or day."""
        moment = datetime.fromtimestamp(at, self.zone)
        if self.unit == "hour":
            return moment.strftime("%Y-%m-%dT%H:00")
        if self.unit == "week":
            moment -= timedelta(days=moment.weekday())
        return moment.strftime("%Y-%m-01" if self.unit == "month" else "%Y-%m-%d")

    def all(self, first: float, last: float) -> list[str]:
        """All pieces from one moment to another, those in which nothing happened too."""
        # Shorter than a day: one that daylight saving takes an hour from would be left out.
        step = 3600 if self.unit == "hour" else 6 * 3600
        pieces = dict.fromkeys(self.of(at) for at in _range(first, last, step))
        return list(pieces)


def pieces_for(first: float, last: float, zone: tzinfo | None = None) -> Pieces:
    """Pieces that are neither many nor few, in this machine's time zone unless given."""
    zone = zone or tzlocal()
    hours = (last - first) / 3600
    if hours <= _MOST_HOURS:
        return Pieces("hour", zone)
    if hours <= _MOST_DAYS * 24:
        return Pieces("day", zone)
    return Pieces("week" if hours <= _MOST_WEEKS * 24 * 7 else "month", zone)


def _range(first: float, last: float, step: int) -> list[float]:
    count = int((last - first) / step) + 1
    return [*(first + number * step for number in range(count)), last]
