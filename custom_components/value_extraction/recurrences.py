"""What happens again and again, as an RFC 5545 rule: "every weekday at 7", "on Mondays"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dateutil.rrule import rrulestr

from custom_components.value_extraction.clocks import PARTS, ImpossibleError, part_of_day
from custom_components.value_extraction.days import weekday_at
from custom_components.value_extraction.durations import duration
from custom_components.value_extraction.holidays import HOLIDAY_DATES
from custom_components.value_extraction.numbers import numeral, ordinal
from custom_components.value_extraction.spans import Found
from custom_components.value_extraction.times import Said, cue_allows, said
from custom_components.value_extraction.words import Words
from custom_components.value_extraction.zones import Now

_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ADVERBS = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "biweekly": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
    "annually": "FREQ=YEARLY",
    "hourly": "FREQ=HOURLY",
    "nightly": "FREQ=DAILY",
}
_FREQUENCIES = {
    "second": "SECONDLY",
    "minute": "MINUTELY",
    "hour": "HOURLY",
    "day": "DAILY",
    "week": "WEEKLY",
    "month": "MONTHLY",
    "year": "YEARLY",
}
_SECONDS = {"MINUTELY": 60, "HOURLY": 3600}
_MOST_DAYS = 7
_MOST_TIMES = 24


@dataclass(frozen=True)
class _Rule:
    """A rule as it was said, without its time of day."""

    end: int
    rule: str
    part: str | None = None
    every: timedelta | None = None
    """The distance, where it is shorter than a day: then it counts from now."""

    times: int = 1
    """How often in each day, week …, where it is not said when."""


def find_recurrences(words: Words, index: int, now: Now) -> Found | None:
    """The recurrence that begins here, with its time of day before or behind it."""
    first = _time_first(words, index, now)
    if first:
        return first
    start = words.skip(index, "on", "in", "during")
    start = words.skip(start, "the") if start > index else start
    rule = _rule(words, start, behind_preposition=start > index) or _rule(words, index, False)
    if rule is None:
        return None
    at = _time_behind(words, rule, now)
    end = at.end if at else rule.end
    # "at 7 on weekdays, every Monday": one rule is enough.
    return _found(words, index, end, rule, at, now)


def _time_first(words: Words, index: int, now: Now) -> Found | None:
    """As in "at 7 every morning", "7am daily"."""
    cued = cue_allows(words, index)
    start = index + 1 if words[index] in {"at", "by", "around", "about"} else index
    at = said(words, start, now.day_first, cued, with_day=False)
    if at is None or at.clock is None:
        return None
    behind = words.skip(at.end, ",")
    preposition = words[behind] in {"on", "in"}
    rule = _rule(words, behind + preposition, behind_preposition=preposition)
    if rule is None or rule.every or rule.times > 1:
        return None
    return _found(words, index, rule.end, rule, at, now)


def _time_behind(words: Words, rule: _Rule, now: Now) -> Said | None:
    if rule.every or rule.times > 1:
        return None
    start = words.skip(rule.end, ",")
    linked = words[start] in {"at", "by", "around", "about"}
    cued = linked and cue_allows(words, start)
    at = said(words, start + linked, now.day_first, cued, with_day=False)
    if at is None and not linked:
        part = part_of_day(words, start, behind_time=start == rule.end)
        if part:
            behind = part[0] + (words[part[0]] == "at")
            hour = said(words, behind, now.day_first, behind > part[0], with_day=False)
            if hour and hour.clock and not hour.part:
                return Said(hour.end, clock=hour.clock, part=part[1])
            return Said(part[0], part=part[1])
    return at


def _rule(words: Words, index: int, behind_preposition: bool) -> _Rule | None:
    if words[index] in {"every", "each"}:
        return _every(words, index + 1)
    if words[index] in _ADVERBS and words[index - 1] not in {"twice", "thrice", "times"}:
        part = "night" if words[index] == "nightly" else None
        every = timedelta(hours=1) if words[index] == "hourly" else None
        return _Rule(index + 1, _ADVERBS[words[index]], part, every)
    often = _times_each(words, index)
    if often:
        return often
    for phrase, rule in (
        ("once a day", "FREQ=DAILY"),
        ("once a week", "FREQ=WEEKLY"),
        ("once a month", "FREQ=MONTHLY"),
        ("once a year", "FREQ=YEARLY"),
        ("once an hour", "FREQ=HOURLY"),
    ):
        end = words.past(index, phrase)
        if end:
            every = timedelta(hours=1) if rule == "FREQ=HOURLY" else None
            return _Rule(end, rule, every=every)
    plural = words.meaning(index, "weekdays")
    if plural:
        return _plural_weekdays(words, index)
    known = words.meaning(index, "parts")
    if known and behind_preposition:
        return _Rule(known[0], "FREQ=DAILY", str(known[1]))
    weekday = words.meaning(index, "weekday")
    if weekday:
        known = words.meaning(weekday[0], "parts")
        if known:
            return _Rule(known[0], f"FREQ=WEEKLY;BYDAY={_CODES[weekday[1]]}", str(known[1]))
    return _of_every(words, index)


def _times_each(words: Words, index: int) -> _Rule | None:
    """As in "twice a day", "three times a week": how often, and not yet when.

    Where the days of a week follow, they are the rule: "twice a week on Monday and Thursday".
    """
    if words[index] in {"twice", "thrice"}:
        count, end = (2 if words[index] == "twice" else 3), index + 1
    else:
        number = numeral(words, index)
        if number is None or words[number.end] != "times" or not number.plain:
            return None
        count, end = int(number.value), number.end + 1
    if words[end] in _ADVERBS and words[end] not in {"fortnightly", "biweekly", "nightly"}:
        frequency, end = _ADVERBS[words[end]].removeprefix("FREQ="), end + 1
    else:
        if words[end] in {"a", "an", "per", "each", "every"}:
            end += 1
        else:
            return None
        unit = words.meaning(end, "time_unit")
        if unit is None or unit[1] not in _FREQUENCIES:
            return None
        end, frequency = unit[0], _FREQUENCIES[str(unit[1])]
    if not 1 < count <= _MOST_TIMES:
        return None
    if frequency in _SECONDS:
        # "Four times an hour" leaves nothing open: every 15 minutes.
        every, rest = divmod(_SECONDS[frequency], count)
        if rest or every % 60:
            return None
        rule = f"FREQ=MINUTELY;INTERVAL={every // 60}"
        return _Rule(end, rule, every=timedelta(seconds=every))
    if frequency == "WEEKLY":
        start = words.skip(words.skip(end, ",", ":"), "on")
        if words.meaning(start, "weekdays"):
            return _plural_weekdays(words, start)
        days = _weekday_list(words, start)
        if days and len(days[1]) == count:
            return _Rule(days[0], _weekly(days[1]))
    return _Rule(end, f"FREQ={frequency}", times=count)


def _plural_weekdays(words: Words, index: int) -> _Rule:
    """As in "Mondays and Thursdays", "weekdays"."""
    found: set[int] = set()
    end = index
    start = index
    while len(found) < _MOST_DAYS:
        known = words.meaning(start, "weekdays")
        if known is None:
            break
        found.update(known[1])
        end = known[0]
        start = words.skip(end, ",")
        start = words.skip(start, "and", "or")
        start = words.skip(start, "on")
    return _Rule(end, _weekly(found))


def _weekly(days: set[int], interval: int = 1) -> str:
    codes = ",".join(_CODES[one] for one in sorted(days))
    step = f";INTERVAL={interval}" if interval > 1 else ""
    return f"FREQ=WEEKLY{step};BYDAY={codes}"


def _every(words: Words, index: int) -> _Rule | None:
    """What follows "every": a unit, weekdays, a part of the day, the first Monday."""
    single = words.skip(index, "single")
    interval = 1
    start = single
    if words[start] in {"other", "second"} and not words.past(start, "second of"):
        interval, start = 2, start + 1
    else:
        number = ordinal(words, start)
        if number:
            return _every_nth(words, number.end, int(number.value))
        if words[start] == "last":
            return _every_nth(words, start + 1, -1)
    part = words.meaning(start, "part")
    if part:
        step = f";INTERVAL={interval}" if interval > 1 else ""
        return _Rule(part[0], f"FREQ=DAILY{step}", str(part[1]))
    group = words.meaning(start, "weekday_group")
    if group:
        return _Rule(group[0], _weekly(set(group[1]), interval))
    days = _weekday_list(words, start)
    if days:
        return _Rule(days[0], _weekly(days[1], interval))
    holiday = words.meaning(start, "holiday")
    if holiday:
        return _every_holiday(holiday[0], str(holiday[1]))
    month = words.meaning(start, "month")
    if month:
        return _Rule(month[0], f"FREQ=YEARLY;BYMONTH={month[1]}")
    unit = words.meaning(start, "time_unit")
    if unit:
        return _every_unit(words, unit[0], str(unit[1]), interval)
    length = duration(words, start)
    if length:
        return _every_length(words, length.end, length.seconds, length.parts)
    if words.past(start, "half hour"):
        return _Rule(start + 2, "FREQ=MINUTELY;INTERVAL=30", every=timedelta(minutes=30))
    return None


def _weekday_list(words: Words, index: int) -> tuple[int, set[int]] | None:
    found: set[int] = set()
    end = start = index
    while len(found) < _MOST_DAYS:
        known = weekday_at(words, start, cued=True)
        if known is None or (known[1] in found):
            break
        found.add(known[1])
        end = known[0]
        start = words.skip(end, ",", "/")
        start = words.skip(start, "and", "or", "&")
        start = words.skip(start, "every", "on") if start > end else start
    return (end, found) if found else None


def _every_nth(words: Words, index: int, rank: int) -> _Rule | None:
    """As in "every first Monday of the month", "every 3rd of the month", "every 3rd day"."""
    weekday = words.meaning(index, "weekday")
    month_end = _of_month(words, weekday[0]) if weekday else None
    if weekday and month_end:
        if not -1 <= rank <= 5:
            return None
        return _Rule(month_end, f"FREQ=MONTHLY;BYDAY={rank}{_CODES[weekday[1]]}")
    if weekday:
        return _Rule(weekday[0], _weekly({weekday[1]}, rank)) if rank > 0 else None
    month_end = _of_month(words, index)
    if month_end:
        return _Rule(month_end, f"FREQ=MONTHLY;BYMONTHDAY={rank}")
    of = words.skip(index, "of")
    month = words.meaning(of, "month")
    if month:
        return _Rule(month[0], f"FREQ=YEARLY;BYMONTH={month[1]};BYMONTHDAY={rank}")
    for phrase in ("day of the month", "day of month"):
        end = words.past(index, phrase)
        if end:
            return _Rule(end, f"FREQ=MONTHLY;BYMONTHDAY={rank}")
    unit = words.meaning(index, "time_unit")
    if unit and rank > 0:
        return _every_unit(words, unit[0], str(unit[1]), rank)
    return None


def _of_month(words: Words, index: int) -> int | None:
    for phrase in ("of the month", "of each month", "of every month", "in the month", "of a month"):
        end = words.past(index, phrase)
        if end:
            return end
    return None


def _of_every(words: Words, index: int) -> _Rule | None:
    """As in "the first Monday of every month", "on the 1st of each month", "the last day of …"."""
    start = words.skip(index, "the")
    if words[start] == "last":
        rank, end = -1, start + 1
    else:
        number = ordinal(words, start)
        if number is None:
            return None
        rank, end = int(number.value), number.end
    weekday = words.meaning(end, "weekday")
    inner = weekday[0] if weekday else words.skip(end, "day")
    of_month = words.past(inner, "of every month") or words.past(inner, "of each month")
    if of_month is None or rank > 31:
        return None
    if weekday:
        if rank > 5:
            return None
        return _Rule(of_month, f"FREQ=MONTHLY;BYDAY={rank}{_CODES[weekday[1]]}")
    return _Rule(of_month, f"FREQ=MONTHLY;BYMONTHDAY={rank}")


def _every_holiday(end: int, name: str) -> _Rule | None:
    computed = [HOLIDAY_DATES[name](year) for year in (2023, 2024, 2025)]
    dates = {(one.month, one.day) for one in computed}
    if len(dates) > 1:
        return None
    month, day = dates.pop()
    return _Rule(end, f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")


def _every_unit(words: Words, end: int, unit: str, interval: int) -> _Rule | None:
    if unit == "fortnight":
        unit, interval = "week", 2 * interval
    if unit == "decade":
        unit, interval = "year", 10 * interval
    step = f";INTERVAL={interval}" if interval > 1 else ""
    rule = f"FREQ={_FREQUENCIES[unit]}{step}"
    if unit == "hour" and words[end] == "and":
        length = duration(words, end - 1)
        if length is None and words.past(end, "and a half"):
            return _Rule(end + 3, "FREQ=MINUTELY;INTERVAL=90", every=timedelta(minutes=90))
    if unit in {"second", "minute", "hour"}:
        seconds = {"second": 1, "minute": 60, "hour": 3600}[unit] * interval
        return _Rule(end, rule, every=timedelta(seconds=seconds))
    if words[end] == "on":
        inner = words.skip(end + 1, "the")
        days = _weekday_list(words, inner) if unit == "week" else None
        if days:
            return _Rule(days[0], _weekly(days[1], interval))
        if unit == "month":
            number = ordinal(words, inner)
            if number and 0 < number.value <= 31:
                return _Rule(number.end, f"{rule};BYMONTHDAY={int(number.value)}")
        if unit == "year":
            return _Rule(*_dated(words, end + 1, rule))
    return _Rule(end, rule)


def _dated(words: Words, index: int, rule: str) -> tuple[int, str]:
    """The date of "every year on December 24th"."""
    start = words.skip(index, "the")
    month = words.meaning(start, "month")
    number = ordinal(words, month[0]) if month else ordinal(words, start)
    if month is None and number:
        month = words.meaning(words.skip(number.end, "of"), "month")
    if month is None or number is None:
        return index - 1, rule
    end = max(month[0], number.end)
    return end, f"{rule};BYMONTH={month[1]};BYMONTHDAY={int(number.value)}"


def _every_length(
    words: Words, end: int, seconds: float, parts: tuple[tuple[float, str], ...]
) -> _Rule | None:
    if len(parts) == 1 and float(parts[0][0]).is_integer():
        return _every_unit(words, end, parts[0][1], int(parts[0][0])) if parts[0][0] >= 1 else None
    if seconds < 1:
        return None
    unit, size = ("minute", 60) if seconds % 60 == 0 else ("second", 1)
    interval = round(seconds / size)
    return _Rule(
        end, f"FREQ={_FREQUENCIES[unit]};INTERVAL={interval}", every=timedelta(seconds=seconds)
    )


def _found(
    words: Words, index: int, end: int, rule: _Rule, at: Said | None, now: Now
) -> Found | None:
    try:
        start, time_given = _first(rule, at, now)
    except ImpossibleError as error:
        return Found("invalid", index, end, words.said(index, end), {"reason": error.reason})
    if start is None:
        return Found("invalid", index, end, words.said(index, end), {"reason": "no_such_date"})
    info = {
        "start": start.isoformat(timespec="seconds"),
        "time_given": time_given,
        "zone": now.zone.key,
    }
    part = (at.part if at else None) or rule.part
    if part:
        info["part"] = part
    if rule.times > 1:
        info["times"] = rule.times
    return Found("recurrence", index, end, rule.rule, info)


def _first(rule: _Rule, at: Said | None, now: Now) -> tuple[datetime | None, bool]:
    """The first time behind now, or today where no time was said."""
    if rule.every:
        return now.elapsed(rule.every), False
    part = (at.part if at else None) or rule.part
    reading = at.clock if at else None
    if reading is not None:
        if not reading.possible:
            raise ImpossibleError("no_such_time")
        hour = reading.within(part) if part else reading.usual()
    else:
        hour = float(PARTS[part][0]) if part else 0.0
    later, hour = divmod(hour, 24)
    after = now.wall if reading is not None or part else datetime.combine(now.today, time())
    begin = datetime.combine(now.today, time()) + timedelta(seconds=round(hour * 3600))
    found = _next(rule.rule, begin, after, inclusive=reading is None and not part)
    if found is None:
        return None, reading is not None
    return now.local(found + timedelta(days=later)), reading is not None


def _next(rule: str, begin: datetime, after: datetime, inclusive: bool) -> datetime | None:
    # Only the first time is wanted: any week of "every other Tuesday" may be it, any day of
    # "every month". A rule that no date fulfils must not be looked for up to the year 9999.
    parts = [part for part in rule.split(";") if not part.startswith("INTERVAL")]
    if not any(part.startswith("BY") for part in parts):
        parts = ["FREQ=DAILY"]
    series = rrulestr(f"{';'.join(parts)};UNTIL={begin.year + 9}1231T235959", dtstart=begin)
    found: datetime | None = series.after(after, inc=inclusive)
    return found
