"""Days and longer stretches of the calendar, as they are said and as they are meant."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from custom_components.value_extraction.clocks import ImpossibleError


@dataclass(frozen=True)
class Stretch:
    """A day or a longer stretch of the calendar."""

    start: date
    grain: str
    end: date | None = None
    """Exclusive; None for a single day."""


Resolve = Callable[[date], Stretch]
"""From the day it is said to the day that is meant.

Raises:
    ImpossibleError: There is no such day.
"""


@dataclass(frozen=True)
class Day:
    """A day as it was said."""

    end: int
    """Index behind its last word."""

    resolve: Resolve
    part: str | None = None
    """The part of the day that the same words say: "tonight"."""

    refines: bool = False
    """Whether it is a weekday, which a date may follow: "Friday, December 24th"."""

    weekday: int | None = None


def single(offset: int) -> Resolve:
    """The day so many days from today."""
    return lambda today: Stretch(today + timedelta(days=offset), "day")


def date_in(year: int, month: int, day_of_month: int) -> date:
    """A date.

    Raises:
        ImpossibleError: There is no such date.
    """
    try:
        return date(year, month, day_of_month)
    except ValueError as error:
        raise ImpossibleError("no_such_date") from error


def next_date(today: date, month: int, day_of_month: int) -> date:
    """The next date of that month and day, today counting.

    Raises:
        ImpossibleError: No year has it.
    """
    if not 1 <= day_of_month <= calendar.monthrange(2024, month)[1]:
        raise ImpossibleError("no_such_date")
    year = today.year
    while day_of_month > calendar.monthrange(year, month)[1] or (
        date(year, month, day_of_month) < today
    ):
        year += 1
    return date(year, month, day_of_month)


def month_span(year: int, month: int) -> Stretch:
    """A whole month."""
    start = date(year, month, 1)
    return Stretch(start, "month", start + relativedelta(months=1))


def nth_weekday(stretch: Stretch, weekday: int, rank: int) -> date:
    """The so-and-so-many-th weekday of a stretch, -1 for the last.

    Raises:
        ImpossibleError: There are not so many.
    """
    end = stretch.end or stretch.start + timedelta(days=1)
    if rank < 0:
        last = end - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    found = stretch.start + timedelta(days=(weekday - stretch.start.weekday()) % 7 + 7 * (rank - 1))
    if found >= end:
        raise ImpossibleError("no_such_date")
    return found
