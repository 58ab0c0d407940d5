"""Weeks, months and years, and what lies in them: "next month", "the end of the week"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from custom_components.value_extraction.dates import month_name, year_behind
from custom_components.value_extraction.numbers import ordinal
from custom_components.value_extraction.stretches import (
    Day,
    Resolve,
    Stretch,
    month_span,
    nth_weekday,
)
from custom_components.value_extraction.words import Words

NEXT = frozenset({"next", "following", "coming", "upcoming"})
LAST = frozenset({"last", "past", "previous"})
_CUES_OF_MONTH = frozenset(
    "in of by until till since next this last from before after early late through during for "
    "every each".split()
)
_PERIODS = {"week", "month", "year", "weekend"}
_MONTHS_AS_WORDS = frozenset({"may", "march"})


def calendar_period(words: Words, index: int) -> Day | None:
    """Weeks, months and years: "this week", "the weekend", "next month", "the week after next"."""
    start = words.skip(index, "the")
    for unit in ("week", "month", "year", "weekend"):
        end = words.past(start, f"{unit} after next")
        if end:
            return Day(end, _periods_on(unit, 2))
    which = words[start]
    shift = 0 if which == "this" else 1 if which in NEXT else -1 if which in LAST else None
    if shift is not None:
        unit = words[start + 1]
        if unit in _PERIODS:
            return Day(start + 2, _periods_on(unit, shift))
        known = month_name(words, start + 1, short=False)
        return Day(known[0], month_from(known[1], shift)) if known else None
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


def whole_month(words: Words, index: int) -> Day | None:
    """A month by name, with or without its year: "December", "in May"."""
    known = month_name(words, index, short=False)
    if known is None:
        return None
    end, month = known
    year = year_behind(words, end)
    if year:
        number = year[1]
        return Day(year[0], lambda today: month_span(number, month))
    # "may I", "march on": months only behind a word that asks for one.
    if words[index] in _MONTHS_AS_WORDS and words[index - 1] not in _CUES_OF_MONTH:
        return None
    if words[index] in {"april", "june", "august"} and words[index - 1] not in _CUES_OF_MONTH:
        # They are names and an adjective as well.
        return None
    return Day(end, month_from(month, 0))


def month_from(month: int, shift: int) -> Resolve:
    """A month by name: the coming one, the one running counting; "last May" is the one before."""

    def resolve(today: date) -> Stretch:
        if shift < 0:
            return month_span(today.year - (month >= today.month), month)
        if shift > 0:
            return month_span(today.year + (month <= today.month), month)
        return month_span(today.year + (month < today.month), month)

    return resolve


def edge(words: Words, index: int) -> Day | None:
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
        period = calendar_period(words, inner) or whole_month(words, inner)
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


def nth_weekday_of(words: Words, index: int) -> Day | None:
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
        period = calendar_period(words, inner) or whole_month(words, inner)
    if period is None:
        return None
    whole = period.resolve

    def resolve(today: date) -> Stretch:
        return Stretch(nth_weekday(whole(today), weekday, rank), "day")

    return Day(period.end, resolve)
