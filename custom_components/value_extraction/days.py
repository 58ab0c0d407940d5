"""Days: "tomorrow", "next Tuesday", "Christmas", "in two weeks", and all that has a date."""

from __future__ import annotations

from datetime import date, timedelta

from custom_components.value_extraction.dates import day_of_month, written_date, year_behind
from custom_components.value_extraction.durations import duration
from custom_components.value_extraction.holidays import HOLIDAY_DATES
from custom_components.value_extraction.periods import (
    LAST,
    NEXT,
    calendar_period,
    edge,
    nth_weekday_of,
    whole_month,
)
from custom_components.value_extraction.stretches import Day, Stretch, single
from custom_components.value_extraction.words import Words

_CUES_OF_WEEKDAY = frozenset("on this next last every each by until till from to and or -".split())
_BEGINNINGS = frozenset(
    "a an the in this today tomorrow tmrw tomorow tonight yesterday end beginning start middle "
    "half about exactly another few".split()
) | {*NEXT, *LAST}


def day(words: Words, index: int, day_first: bool = True) -> Day | None:
    """The longest day, week, month or year that begins here."""
    if not (words.known(index) or words[index] in _BEGINNINGS or words[index][:1].isdecimal()):
        return None
    found = [
        one
        for one in (
            _relative_day(words, index, day_first),
            _weekday(words, index),
            written_date(words, index, day_first),
            day_of_month(words, index),
            calendar_period(words, index),
            _holiday(words, index),
            edge(words, index),
            nth_weekday_of(words, index),
            _distance(words, index, day_first),
            whole_month(words, index),
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


def _relative_day(words: Words, index: int, day_first: bool) -> Day | None:
    start = words.skip(index, "the")
    for phrase, offset in (("day after tomorrow", 2), ("day before yesterday", -2)):
        end = words.past(start, phrase)
        if end:
            return Day(end, single(offset))
    for phrase, days in (("day after", 1), ("day before", -1), ("week after", 7)):
        behind = words.past(start, phrase)
        anchor = (
            _holiday(words, behind) or written_date(words, behind, day_first) if behind else None
        )
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
    start = words.skip(index, "the") if words[index + 1] in NEXT else index
    which = words[start] if words[start] in {*NEXT, *LAST, "this"} else ""
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
        if which in LAST:
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
    year = year_behind(words, end)
    if year:
        number = year[1]
        return Day(year[0], lambda today: Stretch(compute(number), "day"))

    def resolve(today: date) -> Stretch:
        there = compute(today.year)
        if shift < 0:
            return Stretch(there if there < today else compute(today.year - 1), "day")
        return Stretch(there if there >= today else compute(today.year + 1), "day")

    return Day(end, resolve)


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
