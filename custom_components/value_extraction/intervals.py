"""Times as they stand in a message: with their prepositions, and as stretches."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from custom_components.value_extraction.clocks import ImpossibleError, clock
from custom_components.value_extraction.dates import dates_of_month
from custom_components.value_extraction.durations import duration
from custom_components.value_extraction.resolution import Moment, between, resolve, until
from custom_components.value_extraction.spans import Found
from custom_components.value_extraction.times import Said, cue_allows, exact, said
from custom_components.value_extraction.words import Words
from custom_components.value_extraction.zones import Now

_POINT = frozenset("at on by in for around about from this due".split())
_UNTIL = frozenset({"until", "till", "til", "before"})
_TO = frozenset({"to", "until", "till", "-", "through"})
_RANGES_WITH_MINUTES = frozenset({"to", "-", "till", "until"})


def find_times(words: Words, index: int, now: Now) -> Found | None:
    """The longest time that begins here."""
    candidates = [
        found
        for rule in (_days_of_month, _point, _range, _open, _counted, _distance)
        if (found := rule(words, index, now))
    ]
    return max(candidates, key=lambda one: one.end) if candidates else None


def as_time(words: Words, start: int, end: int, now: Now, compute: Callable[[], Moment]) -> Found:
    """The find for a computed time, or for one that cannot be."""
    try:
        moment = compute()
    except ImpossibleError as error:
        return Found("invalid", start, end, words.said(start, end), {"reason": error.reason})
    return Found("time", start, end, value_of(moment), info_of(moment, now))


def value_of(moment: Moment) -> Any:
    """A moment as the entity's value."""
    if moment.end is None:
        return moment.start.isoformat(timespec="seconds")
    return {
        "from": moment.start.isoformat(timespec="seconds"),
        "to": moment.end.isoformat(timespec="seconds"),
    }


def info_of(moment: Moment, now: Now) -> dict[str, Any]:
    """What else is known of a moment."""
    return {
        "type": "value" if moment.end is None else "interval",
        "grain": moment.grain,
        "zone": now.zone.key,
        "date_given": moment.date_given,
        "time_given": moment.time_given,
        "past": moment.past(now.moment),
    }


def _point(words: Words, index: int, now: Now) -> Found | None:
    found = said(words, index, now.day_first)
    if found is None and words[index] in _POINT:
        cued = cue_allows(words, index)
        start = words.skip(index + 1, "around", "about", "exactly", "like")
        found = said(words, start, now.day_first, cued=cued)
        if found is None and words[start] == "the" and _day_behind_article(words, start + 1):
            found = said(words, start + 1, now.day_first, cued=cued)
        if found and words[index] == "in" and found.clock and not (found.day or found.part):
            return None
        if found and words[index] == "on" and found.day is None:
            return None
    if found is None:
        return None
    kept = found
    return as_time(words, index, kept.end, now, lambda: resolve(kept, now))


def _day_behind_article(words: Words, index: int) -> bool:
    return words.meaning(index, "weekday") is not None or words[index].isdecimal()


def _range(words: Words, index: int, now: Now) -> Found | None:
    """As in "from 2 to 4", "between 9 and 11 tomorrow", "2-4pm", "Friday from 2 to 4"."""
    start = index
    opener = ""
    if words[index] in {"from", "between"}:
        opener = words[index]
        start += 1
    cued = bool(opener) and cue_allows(words, index)
    first = said(words, start, now.day_first, cued=cued) or _hour_of_range(words, start, opener)
    if first is None:
        return None
    before_range = first
    inner = words[first.end] if words[first.end] in {"from", "between"} else ""
    if inner and first.day and not first.clock and not opener:
        # "tomorrow from 2 to 4"
        opener = inner
        second_start = first.end + 1
        hours = said(words, second_start, now.day_first, True, with_day=False) or _hour_of_range(
            words, second_start, opener
        )
        if hours is None:
            return None
        first = Said(hours.end, first.day, hours.clock, hours.part or first.part)
    to = {"and"} if opener == "between" else _TO
    if words[first.end] not in to:
        return None
    if first.clock is None and first.part is None and first.day is None:
        return None
    second_index = words.skip(first.end + 1, "the")
    second = said(words, second_index, now.day_first, cued=True)
    if second is None and words[second_index - 1] == "the":
        second = said(words, second_index - 1, now.day_first, cued=True)
    if second is None:
        return None
    if first.clock and not second.clock or (second.clock and not first.clock and not first.day):
        return None
    if not opener and not _is_range_by_itself(before_range, first, second):
        return None
    kept_first, kept_second = first, second
    return as_time(words, index, second.end, now, lambda: between(kept_first, kept_second, now))


def _days_of_month(words: Words, index: int, now: Now) -> Found | None:
    """As in "from the 3rd to the 10th of August": the month belongs to both days."""
    start = index + (words[index] in {"from", "between"})
    both = dates_of_month(words, start, now.day_first)
    if both is None:
        return None
    first, last = (Said(day.end, day=day.resolve) for day in both)
    return as_time(words, index, last.end, now, lambda: between(first, last, now))


def _hour_of_range(words: Words, index: int, opener: str) -> Said | None:
    """The bare 9 of "9 to 5", "9-11am"; whether it is an hour, the second end tells."""
    reading = clock(words, index)
    if reading is None or reading.sure or words[reading.end] not in _RANGES_WITH_MINUTES | {"and"}:
        return None
    if opener and not cue_allows(words, index - 1):
        return None
    if words[reading.end] == "and" and opener != "between":
        return None
    return Said(reading.end, clock=reading)


def _is_range_by_itself(before: Said, first: Said, second: Said) -> bool:
    """Whether "9 - 11" without "from" is about hours: one of both must say so."""
    if first.clock and second.clock:
        return (
            first.clock.sure or second.clock.sure or bool(second.day or second.part or before.day)
        )
    return bool(first.day and second.day)


def _open(words: Words, index: int, now: Now) -> Found | None:
    """As in "until 5", "before Friday", "after 6", "since Monday"."""
    word = words[index]
    if word not in _UNTIL | {"after", "since"}:
        return None
    start = words.skip(index + 1, "the", "about", "around")
    if words[start - 1] == "the" and not _day_behind_article(words, start):
        start -= 1
    found = said(words, start, now.day_first, cued=cue_allows(words, index) or word == "til")
    if found is None:
        return None
    kept = found
    if word in _UNTIL:
        return as_time(
            words, index, kept.end, now, lambda: until(kept, now, inclusive=word != "before")
        )
    try:
        moment = resolve(kept, now)
    except ImpossibleError as error:
        return Found(
            "invalid", index, kept.end, words.said(index, kept.end), {"reason": error.reason}
        )
    if word == "since":
        begin = moment.start
        # The last such hour, weekday or date: what is said is resolved as of then.
        for days in (1, 7, 366):
            if begin > now.moment:
                earlier = dataclasses.replace(now, moment=now.moment - timedelta(days=days))
                begin = resolve(kept, earlier).start
        value = {"from": begin.isoformat(timespec="seconds"), "to": _iso(now.moment)}
        info = {**info_of(moment, now), "type": "interval", "past": True}
        return Found("time", index, kept.end, value, info)
    behind = moment.end or (
        moment.start
        if moment.time_given
        else now.local(moment.start.replace(tzinfo=None) + timedelta(days=1))
    )
    info = {**info_of(moment, now), "type": "interval"}
    return Found("time", index, kept.end, {"from": _iso(behind), "to": None}, info)


def _counted(words: Words, index: int, now: Now) -> Found | None:
    """As in "the next two hours", "within 20 minutes", "in the last three days"."""
    start = index
    if words[index] == "within":
        start = words.skip(index + 1, "the")
        start = words.skip(start, "next", "coming")
        sign = 1
    else:
        start = words.skip(start, "in", "for", "during", "over")
        start = words.skip(start, "the")
        if words[start] in {"next", "coming"}:
            sign = 1
        elif words[start] in {"last", "past"}:
            sign = -1
        else:
            return None
        start += 1
    length = duration(words, start)
    if length is None:
        return None
    kept = length

    def compute() -> Moment:
        if kept.in_days:
            parts = kept.on_calendar()
            there = now.wall + parts if sign > 0 else now.wall - parts
            other = now.local(there)
        else:
            other = now.elapsed(timedelta(seconds=sign * kept.seconds))
        first, last = sorted((now.moment, other))
        grain = "day" if kept.in_days else "minute"
        return Moment(first, grain, last, date_given=True, time_given=not kept.in_days)

    return as_time(words, index, kept.end, now, compute)


def _distance(words: Words, index: int, now: Now) -> Found | None:
    found = exact(words, index, now.day_first)
    if found is None:
        return None
    kept = found
    negative = words[index] == "in" and words[index + 1] in {"minus", "negative", "-"}
    if negative:
        return None
    return as_time(words, index, kept.end, now, lambda: resolve(kept, now))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
