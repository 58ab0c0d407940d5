"""Dates as they are written and spoken: "24/12", "December 24th", "the 3rd", "2026-12-24"."""

from __future__ import annotations

import calendar
import re
from datetime import date

from dateutil.relativedelta import relativedelta

from custom_components.value_extraction.clocks import ImpossibleError, clock
from custom_components.value_extraction.numbers import numeral, ordinal
from custom_components.value_extraction.stretches import Day, Stretch, date_in, next_date
from custom_components.value_extraction.words import Words

_ISO = re.compile(r"\d{4}")
_TWO = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?")
_FRACTIONS = frozenset({"1/2", "1/3", "1/4", "2/3", "3/4", "1/8"})
_ON_DATE = frozenset("on until till by from before after since for due".split())
_MONTHS_AS_WORDS = frozenset({"may", "march"})


def written_date(words: Words, index: int, day_first: bool) -> Day | None:
    """Dates with a month: "December 24th", "the 3rd of May 2027", "24/12", "2026-12-24"."""
    return (
        _iso_date(words, index)
        or _hyphenated_date(words, index, day_first)
        or _numeric_date(words, index, day_first)
        or _month_first(words, index)
        or _day_first(words, index)
    )


def month_name(words: Words, index: int, short: bool = True) -> tuple[int, int] | None:
    """The month that is named here, and where its name ends; "Dec" only where short ones may be."""
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


def year_behind(words: Words, index: int) -> tuple[int, int] | None:
    """The year behind a date: "December 24th, 2027"."""
    index = words.skip(index, ",")
    index = words.skip(index, "of", "in")
    if re.fullmatch(r"(?:19|20|21)\d\d", words[index]):
        return index + 1, int(words[index])
    return None


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


def _hyphenated_date(words: Words, index: int, day_first: bool) -> Day | None:
    """As in "24-12-2026"."""
    parts = [words[index + step] for step in (0, 2, 4)]
    if words[index + 1] != "-" or words[index + 3] != "-" or not _ISO.fullmatch(parts[2]):
        return None
    if not all(part.isdecimal() and part.isascii() for part in parts) or len(parts[0]) > 2:
        return None
    if not all(words.touches(index + step) for step in range(1, 5)) or len(parts[1]) > 2:
        return None
    first, second, year = (int(part) for part in parts)
    day_of_month, month = (first, second) if day_first else (second, first)
    if month > 12 >= day_of_month:
        day_of_month, month = month, day_of_month
    if not 1 <= month <= 12 or not 1 <= day_of_month <= 31:
        return None  # a number with hyphens in it
    return _dated(index + 5, year, month, day_of_month)


def _dotted_end(words: Words, index: int) -> int | None:
    """The end of "24.12." or of "on 24.12": dates where a preposition says so, else decimals."""
    dotted = words[index + 1] == "." and words.touches(index + 1)
    if dotted and index == 0 and words[2] in {"", "at"}:
        return 2
    if words[index - 1] not in _ON_DATE - {"for"}:
        return None
    if any(words.meaning(index + 1, kind) for kind in ("unit", "degrees", "percent", "currency")):
        return None
    if dotted:
        return index + 2
    return index + 1 if words[index - 1] == "on" else None


def _numeric_date(words: Words, index: int, day_first: bool) -> Day | None:
    found = _TWO.fullmatch(words[index])
    if found is None:
        return None
    slashed = "/" in words[index]
    if not slashed and not found[3]:
        end = _dotted_end(words, index)
        possible = 1 <= int(found[2]) <= 12 and 1 <= int(found[1]) <= 31
        return _dated(end, None, int(found[2]), int(found[1])) if end and possible else None
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
    known = month_name(words, index)
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
    year = year_behind(words, number.end)
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
    known = month_name(words, of)
    if known is None:
        return None
    if words[of] in {"may", "march"} and of == number.end and not words[start].isdecimal():
        return None
    end, month = known
    year = year_behind(words, end)
    return _dated(year[0] if year else end, year[1] if year else None, month, int(number.value))


def _dated(end: int, year: int | None, month: int, day_of_month: int) -> Day:
    def resolve(today: date) -> Stretch:
        if year is not None:
            return Stretch(date_in(year, month, day_of_month), "day")
        return Stretch(next_date(today, month, day_of_month), "day")

    return Day(end, resolve)


def dates_of_month(words: Words, index: int, day_first: bool) -> tuple[Day, Day] | None:
    """Two days of the month that is said with one of them: "the 3rd to the 10th of August".

    Returns:
        The first day and the last; the second's end is that of both.
    """
    month_first = _month_first(words, index)
    if month_first:
        link = month_first.end
        number = _day_number(words, link + 1) if words[link] in _TO_DATE else None
        if number is None or _is_clock(words, number[0]):
            return None
        year = year_behind(words, number[0])
        month = month_name(words, index)
        assert month is not None
        second = _dated(
            year[0] if year else number[0], year[1] if year else None, month[1], number[1]
        )
        first_number = _day_number(words, words.skip(month[0], "the"))
        return (_before(second, first_number[1]), second) if first_number else None
    number = _day_number(words, _past_weekday(words, index))
    if number is None or words[number[0]] not in _TO_DATE | {"and"}:
        return None
    if words[number[0]] == "and" and words[index - 1] != "between":
        return None
    behind = _past_weekday(words, number[0] + 1)
    last = _day_first(words, behind) or _day_first(words, words.skip(behind, "the"))
    return (_before(last, number[1]), last) if last else None


def _past_weekday(words: Words, index: int) -> int:
    weekday = words.meaning(index, "weekday")
    return weekday[0] if weekday else index


_TO_DATE = frozenset({"to", "until", "till", "-", "through"})


def _day_number(words: Words, index: int) -> tuple[int, int] | None:
    """A day of the month: "the 3rd", "3"."""
    start = words.skip(index, "the")
    number = ordinal(words, start)
    if number is None and words[start].isdecimal() and len(words[start]) <= 2:
        number = numeral(words, start)
    if number is None or not 1 <= number.value <= 31:
        return None
    return number.end, int(number.value)


def _is_clock(words: Words, index: int) -> bool:
    return words[index] in {"am", "pm", "a.m.", "p.m.", "o'clock", ":", "%", "percent"}


def _before(last: Day, day_of_month: int) -> Day:
    """The latest day of that number that is not behind another day."""

    def resolve(today: date) -> Stretch:
        end = last.resolve(today).start
        there = end if day_of_month <= end.day else end - relativedelta(months=1)
        return Stretch(date_in(there.year, there.month, day_of_month), "day")

    return Day(last.end, resolve)


def day_of_month(words: Words, index: int) -> Day | None:
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
    # "The 24th at noon", but not "the third at the bar".
    if start > index and not number.spelled and words[number.end] == "at":
        at = clock(words, number.end + 1)
        cued = cued or bool(at and at.sure)
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
