"""How times are put into words: "tomorrow at a quarter past seven in the morning".

Three things that every skill with a clock says: a moment, a duration, a recurrence. Numbers up to
twelve are words, larger ones figures; quarters of an hour are words, other minutes figures. The
part of the day is always said, because "at seven" alone is two times of the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from actions.clock import between
from actions.items import english
from actions.speaking import join

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
_HALVES = {"hour": 3600, "day": 86400}
_FREQUENCIES = {
    "SECONDLY": "second",
    "MINUTELY": "minute",
    "HOURLY": "hour",
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
}


def speak_moment(moment: datetime, now: datetime, grain: str = "minute") -> str:
    """Puts a moment into words, as seen from now.

    Args:
        moment: When; aware.
        now: The present moment; aware, in the time zone of the person who is spoken to.
        grain: How finely it was meant: from "second" to "year". From "day" on, no time of day
            is said.

    >>> from datetime import timezone
    >>> now = datetime(2026, 11, 20, 15, 0, tzinfo=timezone.utc)
    >>> speak_moment(datetime(2026, 11, 21, 7, 15, tzinfo=timezone.utc), now)
    'tomorrow at a quarter past seven in the morning'
    """
    local = moment.astimezone(now.tzinfo)
    if grain == "year":
        return _speak_year(local, now)
    if grain in ("month", "quarter"):
        return _speak_month(local, now)
    if grain == "week":
        return _speak_week(local.date(), now.date())
    if grain == "day":
        return speak_day(local.date(), now.date())
    days = (local.date() - now.date()).days
    if (local.hour, local.minute) == (0, 0) and days == 1:
        return "at midnight tonight"
    if days == 0:
        return f"at {speak_time(local, today=True)}"
    return f"{speak_day(local.date(), now.date())} at {speak_time(local)}"


def speak_until(moment: datetime, now: datetime) -> str:
    """Says how far ahead a moment is: "in ten minutes"; "now" once it has come."""
    ahead = between(now, moment)
    return f"in {speak_duration(ahead)}" if ahead >= timedelta(seconds=1) else "now"


def speak_day(day: date, today: date) -> str:
    """Puts a day into words: "tomorrow", "on Friday", "on Friday the 4th of December"."""
    days = (day - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days]
    weekday = _DAYS[day.weekday()]
    if 1 < days < 7:
        return f"on {weekday}"
    if -7 < days < -1:
        return f"last {weekday}"
    year = "" if day.year == today.year else f" {day.year}"
    return f"on {weekday} the {speak_date(day)}{year}"


def speak_date(day: date) -> str:
    """Puts day and month into words: "4th of December"."""
    return f"{english().ordinal(day.day)} of {_MONTHS[day.month - 1]}"


def speak_time(time: datetime, *, today: bool = False) -> str:
    """Puts a time of day into words: "a quarter past seven in the evening".

    Args:
        time: What is said is its hour and minute.
        today: Whether it is of today: then "this evening" says the day as well.
    """
    hour, minute = time.hour, time.minute
    if minute == 0 and hour in (0, 12):
        name = "noon" if hour else "0:00"
        return f"{name} today" if today else name
    part = _part_of_day(hour, today=today)
    if minute == 30 and hour == 0:
        return f"half past midnight{' today' if today else ''}"
    if minute == 15 and hour == 0:
        return f"a quarter past midnight{' today' if today else ''}"
    # A quarter to noon is still the morning, and a quarter to midnight the night before.
    if minute == 45:
        return f"a quarter to {_hour(hour + 1)} {part}"
    if minute == 30:
        return f"half past {_hour(hour)} {part}"
    if minute == 15:
        return f"a quarter past {_hour(hour)} {part}"
    if minute == 0:
        return f"{_hour(hour)} {part}"
    return f"{hour % 12 or 12}:{minute:02} {part}"


def speak_duration(duration: timedelta) -> str:
    """Puts a duration into words: "an hour and a half", "two days and three hours".

    What is small beside the whole is left out: seconds from an hour on, minutes from two days on.
    """
    seconds = round(abs(duration.total_seconds()))
    if seconds >= 2 * 86400:
        seconds = round(seconds / 3600) * 3600
    elif seconds >= 3600:
        seconds = round(seconds / 60) * 60
    if seconds == 0:
        return "less than a second"
    if seconds == 1800:
        return "half an hour"
    for unit, size in _HALVES.items():
        whole, rest = divmod(seconds, size)
        if rest == size // 2 and 0 < whole < 7:
            return f"{_article(unit)} and a half" if whole == 1 else _halves(whole, unit)
    parts = []
    rest = seconds
    for unit, size in _UNITS:
        if unit == "week" and rest % 86400:
            continue  # "ten days and an hour" rather than weeks and days and hours
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(_article(unit) if amount == 1 else f"{speak_number(amount)} {unit}s")
    return join(parts)


def speak_recurrence(rule: str, start: datetime) -> str:
    """Puts a recurrence into words: "every weekday at seven in the morning".

    Args:
        rule: An RFC 5545 rule, such as "FREQ=WEEKLY;BYDAY=TU".
        start: The first time, in the time zone in which it recurs.
    """
    parts = dict(part.split("=", 1) for part in rule.removeprefix("RRULE:").split(";") if part)
    frequency = parts.get("FREQ", "DAILY").upper()
    interval = int(parts.get("INTERVAL", "1"))
    spoken = _speak_frequency(frequency, interval, parts, start)
    if frequency in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        times = join([speak_time(time) for time in _times_of_day(parts, start)])
        spoken += f" at {times}"
    if "COUNT" in parts:
        count = int(parts["COUNT"])
        spoken += {1: ", once", 2: ", twice"}.get(count, f", {speak_number(count)} times")
    if "UNTIL" in parts:
        last = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date()
        year = "" if last.year == start.year else f" {last.year}"
        spoken += f", until the {speak_date(last)}{year}"
    return spoken


def speak_number(number: int) -> str:
    """A whole number: a word up to twelve, figures beyond."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else str(number)


def _part_of_day(hour: int, *, today: bool) -> str:
    if hour < 5:
        return "tonight" if today else "at night"
    if hour >= 22:
        return "tonight" if today else "at night"
    name = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"this {name}" if today else f"in the {name}"


def _hour(hour: int) -> str:
    return _SMALL[hour % 12 or 12]


def _article(unit: str) -> str:
    return f"an {unit}" if unit == "hour" else f"a {unit}"


def _halves(whole: int, unit: str) -> str:
    return f"{speak_number(whole)} and a half {unit}s"


def _speak_year(moment: datetime, now: datetime) -> str:
    names = {-1: "last year", 0: "this year", 1: "next year"}
    return names.get(moment.year - now.year, f"in {moment.year}")


def _speak_month(moment: datetime, now: datetime) -> str:
    months = (moment.year - now.year) * 12 + moment.month - now.month
    names = {-1: "last month", 0: "this month", 1: "next month"}
    year = "" if moment.year == now.year else f" {moment.year}"
    return names.get(months, f"in {_MONTHS[moment.month - 1]}{year}")


def _speak_week(day: date, today: date) -> str:
    monday, this = (d - timedelta(days=d.weekday()) for d in (day, today))
    names = {-1: "last week", 0: "this week", 1: "next week"}
    year = "" if monday.year == today.year else f" {monday.year}"
    return names.get((monday - this).days // 7, f"in the week of the {speak_date(monday)}{year}")


def _speak_frequency(
    frequency: str, interval: int, parts: Mapping[str, str], start: datetime
) -> str:
    unit = _FREQUENCIES.get(frequency, "day")
    if frequency in ("DAILY", "WEEKLY") and parts.get("BYDAY"):
        return _speak_weekdays(parts["BYDAY"].split(","), interval if unit == "week" else 1)
    if frequency == "WEEKLY":
        return _speak_weekdays([_CODES[start.weekday()]], interval)
    every = _every(unit, interval)
    if frequency == "MONTHLY":
        return f"{every} on the {_day_of_month(parts, start)}"
    if frequency == "YEARLY":
        month = int(parts.get("BYMONTH", str(start.month)).split(",")[0])
        return f"{every} on the {_day_of_month(parts, start)} of {_MONTHS[month - 1]}"
    return every


def _every(unit: str, interval: int) -> str:
    if interval == 1:
        return f"every {unit}"
    return f"every other {unit}" if interval == 2 else f"every {speak_number(interval)} {unit}s"


def _speak_weekdays(codes: Sequence[str], interval: int) -> str:
    days = sorted({_CODES.index(code[-2:]) for code in codes})
    if days == [0, 1, 2, 3, 4, 5, 6]:
        named = "day"
    elif days == [0, 1, 2, 3, 4]:
        named = "weekday"
    else:
        named = join([_DAYS[day] for day in days])
    if interval == 1:
        return f"every {named}"
    if interval == 2 and len(days) == 1:
        return f"every other {named}"
    on = "weekdays" if named == "weekday" else named
    return f"{_every('week', interval)} on {on}"


def _day_of_month(parts: Mapping[str, str], start: datetime) -> str:
    if parts.get("BYMONTHDAY"):
        days = [int(day) for day in parts["BYMONTHDAY"].split(",")]
        return join(["last day" if day == -1 else english().ordinal(day) for day in days])
    if parts.get("BYDAY"):
        places = []
        for code in parts["BYDAY"].split(","):
            place = int(code[:-2] or parts.get("BYSETPOS", "1"))
            which = "last" if place == -1 else english().ordinal(place)
            places.append(f"{which} {_DAYS[_CODES.index(code[-2:])]}")
        return join(places)
    return str(english().ordinal(start.day))


def _times_of_day(parts: Mapping[str, str], start: datetime) -> list[datetime]:
    hours = [int(hour) for hour in parts.get("BYHOUR", str(start.hour)).split(",")]
    minutes = [int(minute) for minute in parts.get("BYMINUTE", str(start.minute)).split(",")]
    return [start.replace(hour=hour, minute=minute) for hour in hours for minute in minutes]
