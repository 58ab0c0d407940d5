"""Days and longer stretches: "tomorrow", "next Tuesday", "24/12", "next month", "Christmas"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from custom_components.value_extraction.clocks import ImpossibleError
from custom_components.value_extraction.durations import duration
from custom_components.value_extraction.holidays import HOLIDAY_DATES
from custom_components.value_extraction.numbers import numeral, ordinal
from custom_components.value_extraction.words import Words

_ISO = re.compile(r"\d{4}")
_TWO = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?")
_FRACTIONS = frozenset({"1/2", "1/3", "1/4", "2/3", "3/4", "1/8"})
_ON_DATE = frozenset("on until till by from before after since for due".split())
_NEXT = frozenset({"next", "following", "coming", "upcoming"})
_LAST = frozenset({"last", "past", "previous"})
_CUES_OF_MONTH = frozenset(
    "in of by until till since next this last from before after early late through during for "
    "every each".split()
)
_CUES_OF_WEEKDAY = frozenset("on this next last every each by until till from to and or -".split())
_BEGINNINGS = frozenset(
    "a an the in this today tomorrow tmrw tomorow tonight yesterday end beginning start middle half "
    "about exactly another few".split()
) | {*_NEXT, *_LAST}
_MONTHS_AS_WORDS = frozenset({"may", "march"})


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


def day(words: Words, index: int, day_first: bool = True) -> Day | None:
    """The longest day, week, month or year that begins here."""
    if not (words.known(index) or words[index] in _BEGINNINGS or words[index][:1].isdecimal()):
        return None
    found = [
        one
        for one in (
            _relative_day(words, index),
            _weekday(words, index),
            _date(words, index, day_first),
            _day_of_month(words, index),
            _period(words, index),
            _holiday(words, index),
            _edge(words, index),
            _nth_weekday(words, index),
            _distance(words, index, day_first),
            _month(words, index),
        )
        if one
    ]
    return max(found, key=lambda one: one.end) if found else None


def weekday_at(words: Words, index: int, cued: bool) -> tuple[int, int] | None:
    """A weekday by name; "mon", "wed", "sat" and "sun" only where something says it is one."""
    known = words.meaning(index, "weekday")
    if known:
        return known
    return words.meaning(index, "short_weekday") if cued else None


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


def _relative_day(words: Words, index: int) -> Day | None:
    start = words.skip(index, "the")
    for phrase, offset in (("day after tomorrow", 2), ("day before yesterday", -2)):
        end = words.past(start, phrase)
        if end:
            return Day(end, single(offset))
    for phrase, days in (("day after", 1), ("day before", -1), ("week after", 7)):
        behind = words.past(start, phrase)
        anchor = _holiday(words, behind) or _date(words, behind, True) if behind else None
        if anchor:
            return _moved(anchor, days)
    word = words[index]
    if word in {"today", "tomorrow", "tmrw", "tomorow", "yesterday"}:
        offset = {"today": 0, "yesterday": -1}.get(word, 1)
        if words[index + 1] == "week" and offset >= 0:
            return Day(index + 2, single(offset + 7))
        return Day(index + 1, single(offset))
    if word == "tonight":
        return Day(index + 1, single(0), part="tonight")
    if words.past(index, "last night"):
        return Day(index + 2, single(-1), part="tonight")
    if word == "this":
        known = words.meaning(index + 1, "part")
        if known:
            return Day(known[0], single(0), part=str(known[1]))
    return None


def _moved(anchor: Day, days: int) -> Day:
    whole = anchor.resolve
    return Day(anchor.end, lambda today: Stretch(whole(today).start + timedelta(days=days), "day"))


def _weekday(words: Words, index: int) -> Day | None:
    start = words.skip(index, "the") if words[index + 1] in _NEXT else index
    which = words[start] if words[start] in {*_NEXT, *_LAST, "this"} else ""
    start += bool(which)
    before = words[start - 1]
    cued = before in _CUES_OF_WEEKDAY or bool(which)
    found = weekday_at(words, start, cued) or _short_with_clock(words, start)
    if found is None:
        return None
    end, weekday = found
    # spaCy's "Mon." ends a sentence or shortens a word.
    weeks = 0
    if words[end] == "week" and not which:
        end, weeks = end + 1, 1
    after_next = words.past(end, "after next")
    if after_next:
        end, which = after_next, "after_next"

    def resolve(today: date) -> Stretch:
        ahead = (weekday - today.weekday()) % 7
        monday = today - timedelta(days=today.weekday())
        if which == "this":
            return Stretch(today + timedelta(days=ahead), "day")
        if which in {"next", "following"}:
            return Stretch(monday + timedelta(days=7 + weekday), "day")
        if which == "after_next":
            return Stretch(monday + timedelta(days=14 + weekday), "day")
        if which in _LAST:
            return Stretch(today - timedelta(days=(today.weekday() - weekday) % 7 or 7), "day")
        return Stretch(today + timedelta(days=(ahead or 7) + 7 * weeks), "day")

    return Day(end, resolve, refines=not which and not weeks, weekday=weekday)


def _short_with_clock(words: Words, index: int) -> tuple[int, int] | None:
    """As in "sat 7pm", "wed at 9", "mon-fri": a short weekday in front of a time or another."""
    known = words.meaning(index, "short_weekday")
    if known is None:
        return None
    behind = words.skip(known[0], ".", ",")
    written = ":" in words[behind] or words[behind + 1] in {"am", "pm"}
    spoken = words[behind] == "at" and words[behind + 1].isdecimal()
    part = words[behind] in {"morning", "evening", "afternoon"}
    ranges = words[behind] in {"-", "to"} and weekday_at(words, behind + 1, cued=True)
    return known if written or spoken or part or ranges else None


def _month_name(words: Words, index: int, short: bool = True) -> tuple[int, int] | None:
    known = words.meaning(index, "month")
    if known is None and short:
        known = words.meaning(index, "short_month")
        if known and words[known[0]] == "." and words[known[0] + 1][:1].isdigit():
            known = (known[0] + 1, known[1])
    if known is None and short and words[index].endswith("."):
        # spaCy keeps the dot of "Dec.".
        from custom_components.value_extraction.lexicon import SHORT_MONTHS

        month = SHORT_MONTHS.get(words[index][:-1])
        return (index + 1, month) if month else None
    return known


def _year(words: Words, index: int) -> tuple[int, int] | None:
    index = words.skip(index, ",")
    index = words.skip(index, "of", "in")
    if re.fullmatch(r"(?:19|20|21)\d\d", words[index]):
        return index + 1, int(words[index])
    return None


def _dated(end: int, year: int | None, month: int, day_of_month: int) -> Day:
    def resolve(today: date) -> Stretch:
        if year is not None:
            return Stretch(date_in(year, month, day_of_month), "day")
        return Stretch(next_date(today, month, day_of_month), "day")

    return Day(end, resolve)


def _date(words: Words, index: int, day_first: bool) -> Day | None:
    """Dates with a month: "December 24th", "the 3rd of May 2027", "24/12", "2026-12-24"."""
    return (
        _iso_date(words, index)
        or _numeric_date(words, index, day_first)
        or _month_first(words, index)
        or _day_first(words, index)
    )


def _iso_date(words: Words, index: int) -> Day | None:
    if not _ISO.fullmatch(words[index]) or words[index + 1] != "-" or words[index + 3] != "-":
        return None
    month, day_of_month = words[index + 2], words[index + 4]
    if not (month.isdecimal() and day_of_month.isdecimal()) or len(month + day_of_month) > 4:
        return None
    if not all(words.touches(index + step) for step in range(1, 5)):
        return None
    year = int(words[index])
    end = index + 5
    if words[end] == "t" and words.touches(end) and ":" in words[end + 1]:
        end += 1
    return Day(end, lambda today: Stretch(date_in(year, int(month), int(day_of_month)), "day"))


def _numeric_date(words: Words, index: int, day_first: bool) -> Day | None:
    found = _TWO.fullmatch(words[index])
    if found is None:
        return None
    slashed = "/" in words[index]
    if not slashed and not found[3]:
        return None
    cued = words[index - 1] in _ON_DATE
    if slashed and not found[3] and words[index] in _FRACTIONS and not cued:
        return None
    first, second = int(found[1]), int(found[2])
    # Where only one order makes a date, it is that one.
    day_of_month, month = (first, second) if day_first or not slashed else (second, first)
    if month > 12 >= day_of_month:
        day_of_month, month = month, day_of_month
    if not 1 <= month <= 12 or not 1 <= day_of_month <= 31:
        if not found[3] and not cued:
            return None
        end = index + 1

        def impossible(today: date) -> Stretch:
            raise ImpossibleError("no_such_date")

        return Day(end, impossible)
    if slashed and not found[3] and words.meaning(index + 1, "unit"):
        return None
    year = int(found[3]) + (2000 if len(found[3]) == 2 else 0) if found[3] else None
    return _dated(index + 1, year, month, day_of_month)


def _month_first(words: Words, index: int) -> Day | None:
    known = _month_name(words, index)
    if known is None:
        return None
    end, month = known
    start = words.skip(end, "the")
    number = ordinal(words, start)
    if number is None:
        number = numeral(words, start)
        plain = number is not None and number.plain and words[start].isdecimal()
        spelled = number is not None and number.spelled and number.plain and number.value <= 31
        if not (plain or spelled) or words[index] in _MONTHS_AS_WORDS and spelled:
            return None
    if number is None or number.value > 99:
        return None
    if number.plain and words[number.end] in {"am", "pm", "o'clock", ":", "%", "percent"}:
        return None
    year = _year(words, number.end)
    return _dated(
        year[0] if year else number.end, year[1] if year else None, month, int(number.value)
    )


def _day_first(words: Words, index: int) -> Day | None:
    start = words.skip(index, "the")
    number = ordinal(words, start)
    if number is None and words[start].isdecimal() and len(words[start]) <= 2:
        number = numeral(words, start)
    if number is None or number.value > 99:
        return None
    of = words.skip(number.end, "of", ".")
    known = _month_name(words, of)
    if known is None:
        return None
    if words[of] in {"may", "march"} and of == number.end and not words[start].isdecimal():
        return None
    end, month = known
    year = _year(words, end)
    return _dated(year[0] if year else end, year[1] if year else None, month, int(number.value))


def _day_of_month(words: Words, index: int) -> Day | None:
    """As in "the 3rd", behind a preposition or a weekday; "the 3rd of next month"."""
    before = words[index - 1]
    start = words.skip(index, "the")
    number = ordinal(words, start)
    if number is None or number.value > 99:
        return None
    day_of_month = int(number.value)
    of = words.past(number.end, "of")
    if of:
        months: int | None = None
        for phrase, shift in (
            ("next month", 1),
            ("this month", 0),
            ("the month", 0),
            ("last month", -1),
        ):
            end = words.past(of, phrase)
            if end:
                months = shift
                break
        if months is None or end is None:
            return None
        shift_by = months

        def resolve_in(today: date) -> Stretch:
            there = today + relativedelta(months=shift_by)
            return Stretch(date_in(there.year, there.month, day_of_month), "day")

        return Day(end, resolve_in)
    weekday_before = (
        words.meaning(index - 1, "weekday") or words.meaning(index - 2, "weekday") and before == ","
    )
    cued = before in _ON_DATE and before != "for"
    if not (cued or weekday_before) or (number.spelled and not weekday_before and start == index):
        return None
    behind = words[number.end]
    if behind in {"one", "floor", "item", "list", "day", "time", "page", "try", "and"} and not (
        behind == "and" and ordinal(words, number.end + 1)
    ):
        return None
    if number.spelled and behind[:1].isalpha() and behind not in {"at", "in", "please"}:
        return None
    if not number.spelled and words.meaning(number.end, "weekday"):
        return None

    def resolve(today: date) -> Stretch:
        if not 1 <= day_of_month <= 31:
            raise ImpossibleError("no_such_date")
        there = today.replace(day=1)
        while (
            day_of_month > calendar.monthrange(there.year, there.month)[1]
            or there.replace(day=day_of_month) < today
        ):
            there += relativedelta(months=1)
        return Stretch(there.replace(day=day_of_month), "day")

    return Day(number.end, resolve)


_PERIODS = {"week", "month", "year", "weekend"}


def _period(words: Words, index: int) -> Day | None:
    """Weeks, months and years: "this week", "the weekend", "next month", "the week after next"."""
    start = words.skip(index, "the")
    for unit in ("week", "month", "year", "weekend"):
        end = words.past(start, f"{unit} after next")
        if end:
            return Day(end, _periods_on(unit, 2))
    which = words[start]
    shift = 0 if which == "this" else 1 if which in _NEXT else -1 if which in _LAST else None
    if shift is not None:
        unit = words[start + 1]
        if unit in _PERIODS:
            return Day(start + 2, _periods_on(unit, shift))
        known = _month_name(words, start + 1, short=False)
        return Day(known[0], _month_from(known[1], shift)) if known else None
    if words[start] == "weekend" and start > index:
        return Day(start + 1, _periods_on("weekend", 0))
    if words[start] == "month" and start > index and words[index - 1] == "of":
        return Day(start + 1, _periods_on("month", 0))
    if words[index - 1] in {"in", "since", "until", "of", "from", "by"}:
        year = re.fullmatch(r"20\d\d", words[index])
        if year:
            number = int(words[index])
            return Day(
                index + 1, lambda today: Stretch(date(number, 1, 1), "year", date(number + 1, 1, 1))
            )
    return None


def _periods_on(unit: str, shift: int) -> Resolve:
    def resolve(today: date) -> Stretch:
        if unit == "year":
            year = today.year + shift
            return Stretch(date(year, 1, 1), "year", date(year + 1, 1, 1))
        if unit == "month":
            there = today.replace(day=1) + relativedelta(months=shift)
            return month_span(there.year, there.month)
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        if unit == "weekend":
            return Stretch(monday + timedelta(days=5), "day", monday + timedelta(days=7))
        return Stretch(monday, "week", monday + timedelta(days=7))

    return resolve


def _month_from(month: int, shift: int) -> Resolve:
    """A month by name: the coming one, the one running counting; "last May" is the one before."""

    def resolve(today: date) -> Stretch:
        if shift < 0:
            return month_span(today.year - (month >= today.month), month)
        if shift > 0:
            return month_span(today.year + (month <= today.month), month)
        return month_span(today.year + (month < today.month), month)

    return resolve


def _month(words: Words, index: int) -> Day | None:
    known = _month_name(words, index, short=False)
    if known is None:
        return None
    end, month = known
    year = _year(words, end)
    if year:
        number = year[1]
        return Day(year[0], lambda today: month_span(number, month))
    # "may I", "march on": months only behind a word that asks for one.
    if words[index] in _MONTHS_AS_WORDS and words[index - 1] not in _CUES_OF_MONTH:
        return None
    if words[index] in {"april", "june", "august"} and words[index - 1] not in _CUES_OF_MONTH:
        # They are names and an adjective as well.
        return None
    return Day(end, _month_from(month, 0))


def _holiday(words: Words, index: int) -> Day | None:
    start = index
    shift = 0
    if words[index] in {"next", "last", "this"}:
        shift = {"next": 0, "last": -1, "this": 0}[words[index]]
        start += 1
    start = words.skip(start, "the") if start == index else start
    known = words.meaning(start, "holiday")
    if known is None:
        return None
    end, name = known
    compute = HOLIDAY_DATES[str(name)]
    year = _year(words, end)
    if year:
        number = year[1]
        return Day(year[0], lambda today: Stretch(compute(number), "day"))

    def resolve(today: date) -> Stretch:
        there = compute(today.year)
        if shift < 0:
            return Stretch(there if there < today else compute(today.year - 1), "day")
        return Stretch(there if there >= today else compute(today.year + 1), "day")

    return Day(end, resolve)


def _edge(words: Words, index: int) -> Day | None:
    """As in "the end of the month", "the beginning of next week": its last or first day."""
    start = words.skip(index, "the")
    edge = words[start]
    if edge not in {"end", "beginning", "start", "middle"} or words[start + 1] != "of":
        return None
    inner = start + 2
    period: Day | None = None
    if words[inner] == "the" and words[inner + 1] in _PERIODS:
        period = Day(inner + 2, _periods_on(words[inner + 1], 0))
    else:
        period = _period(words, inner) or _month(words, inner)
    if period is None:
        return None
    whole = period.resolve

    def resolve(today: date) -> Stretch:
        stretch = whole(today)
        last = (stretch.end or stretch.start) - timedelta(days=1)
        if edge == "end":
            return Stretch(last, "day")
        if edge == "middle":
            return Stretch(stretch.start + (last - stretch.start) / 2, "day")
        return Stretch(stretch.start, "day")

    return Day(period.end, resolve)


def _nth_weekday(words: Words, index: int) -> Day | None:
    """As in "the first Monday of December", "the last Friday of next month"."""
    start = words.skip(index, "the")
    if words[start] == "last":
        rank, end = -1, start + 1
    else:
        number = ordinal(words, start)
        if number is None or number.value > 5:
            return None
        rank, end = int(number.value), number.end
    known = words.meaning(end, "weekday")
    if known is None or words[known[0]] not in {"of", "in"}:
        return None
    inner = known[0] + 1
    weekday = known[1]
    if words[inner] == "the" and words[inner + 1] == "month":
        period: Day | None = Day(inner + 2, _periods_on("month", 0))
    else:
        period = _period(words, inner) or _month(words, inner)
    if period is None:
        return None
    whole = period.resolve

    def resolve(today: date) -> Stretch:
        return Stretch(nth_weekday(whole(today), weekday, rank), "day")

    return Day(period.end, resolve)


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


def _distance(words: Words, index: int, day_first: bool) -> Day | None:
    """Whole days from another: "in two weeks", "three days ago", "a week from Monday"."""
    start = index + 1 if words[index] == "in" else index
    start = words.skip(start, "exactly", "about")
    length = duration(words, start)
    if length is None or not length.in_days:
        return None
    parts = length.on_calendar()
    end = length.end
    if words[end] == "'s" or words[end] == "'":
        end += 1
    end = words.skip(end, "time") if start > index else end
    if words[end] == "'" and words[end + 1] == "time":
        end += 2
    if words[index] == "in":
        return Day(end, lambda today: Stretch(today + parts, "day"))
    word = words[end]
    if word == "ago":
        return Day(end + 1, lambda today: Stretch(today - parts, "day"))
    if words.past(end, "from now") or words.past(end, "from today"):
        return Day(end + 2, lambda today: Stretch(today + parts, "day"))
    if word in {"today", "tomorrow"} and length.unit == "week":
        offset = int(word == "tomorrow")
        return Day(end + 1, lambda today: Stretch(today + timedelta(days=offset) + parts, "day"))
    if word in {"from", "after", "before", "on"}:
        if word == "on" and length.unit != "week":
            return None
        anchor = day(words, end + 1, day_first)
        if anchor is None or anchor.part:
            return None
        whole = anchor.resolve
        sign = -1 if word == "before" else 1
        return Day(anchor.end, lambda today: Stretch(whole(today).start + sign * parts, "day"))
    return None
