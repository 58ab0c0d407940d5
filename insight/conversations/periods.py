"""Which part of the conversations is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_PERIOD = re.compile(r"(\d{1,5})\s*([hdwm])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30}


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
