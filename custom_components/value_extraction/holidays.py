"""The dates of a few holidays; those that move are computed by dateutil."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import TH, relativedelta


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _from_easter(days: int) -> Callable[[int], date]:
    return lambda year: easter(year) + timedelta(days=days)


HOLIDAY_DATES: dict[str, Callable[[int], date]] = {
    "new_years_day": _fixed(1, 1),
    "epiphany": _fixed(1, 6),
    "valentines_day": _fixed(2, 14),
    "st_patricks_day": _fixed(3, 17),
    "good_friday": _from_easter(-2),
    "easter": _from_easter(0),
    "easter_monday": _from_easter(1),
    "pentecost": _from_easter(49),
    "labour_day": _fixed(5, 1),
    "halloween": _fixed(10, 31),
    # The fourth Thursday of November, as in the United States.
    "thanksgiving": lambda year: date(year, 11, 1) + relativedelta(weekday=TH(4)),
    "christmas_eve": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "boxing_day": _fixed(12, 26),
    "new_years_eve": _fixed(12, 31),
}
"""By name, the date in a year."""
