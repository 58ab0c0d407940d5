"""Times as they are said: days, clock readings and parts of the day, put together.

`Said` is what the words say, `resolution.py` makes moments of it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import timedelta

from custom_components.value_extraction.clocks import Clock, clock, part_of_day
from custom_components.value_extraction.days import day
from custom_components.value_extraction.durations import duration
from custom_components.value_extraction.numbers import range_behind, signed
from custom_components.value_extraction.stretches import Day, Resolve
from custom_components.value_extraction.words import Words

# What makes a bare number an hour, if nothing countable follows.
CLOCK_CUES = frozenset(
    "at by for until till from around about before after since between past".split()
)
_LINKS = frozenset("at by on in for around about from the of".split())
_BREAKS = frozenset(".,;:!?)-\"'…")
# Words that go on with the sentence behind an hour: "at 7 please", but not "at 5 Main Street".
_GOES_ON = frozenset(
    "please and or to on in at for with if so then but when while that because instead sharp "
    "today tomorrow tonight i we you he she it they my our the a an this next every each daily "
    "thanks thank not about around from until till by before after is are was will would should "
    "can could remind call wake set ish exactly latest already again also too as or rather now "
    "each per once since during do does there every on wait ok okay cancel delete".split()
)
# "keep the heating at 21", "dim by 10", "a table for 4": numbers, not hours.
_NOT_AT = frozenset(
    "temperature thermostat heating heater radiator volume brightness level speed oven page rated "
    "heat".split()
)
_NOT_BY = frozenset(
    "increase raise turn up down lower reduce dim brighten multiply multiplied divide divided "
    "louder quieter warmer cooler decrease change brighter darker".split()
)
_NOT_FOR = frozenset(
    "timer table room recipe serves serving servings tickets cook countdown snooze enough portions "
    "dinner".split()
)
_NOT_RANGE = frozenset("number numbers count scale random pages page integer dice pick".split())


@dataclass(frozen=True)
class Said:
    """A time as it was said."""

    end: int
    """Index behind its last word."""

    day: Resolve | None = None
    clock: Clock | None = None
    part: str | None = None
    offset: timedelta | None = None
    """From now, where nothing else is said; else from what is said."""

    now: bool = False

    @property
    def is_bare_hour(self) -> bool:
        """Whether it is no more than a number that may be an hour."""
        return bool(self.clock and not self.clock.sure and not (self.day or self.part))


def said(
    words: Words, index: int, day_first: bool, cued: bool = False, with_day: bool = True
) -> Said | None:
    """The longest time that begins here, without the preposition in front of it.

    Args:
        words: The message.
        index: Where it begins.
        day_first: Whether 3/4 is the 3rd of April.
        cued: Whether a word before says that a number is an hour.
        with_day: Whether it may name a day.
    """
    state = Said(index)
    refines: Day | None = None
    while True:
        step = _add(words, state, day_first, cued or state.end > index, with_day, refines)
        if step is None:
            break
        state, refines = step
    if state.end == index:
        return None
    if state.is_bare_hour and not (cued and _may_end(words, state.end)):
        return None
    return state


def _add(
    words: Words, state: Said, day_first: bool, hours: bool, with_day: bool, refines: Day | None
) -> tuple[Said, Day | None] | None:
    """Adds the next component to what has been said; `refines` is the weekday just added."""
    first = not (state.day or state.clock or state.part)
    start = state.end
    for link in (start,) if first else _links(words, start):
        linked = words[link - 1] if link > start else ""
        if with_day and (state.day is None or refines) and linked not in {"by", "at"}:
            found = day(words, link, day_first)
            fits = found and not (state.part and found.part)
            if found and fits and not (state.day and found.refines):
                if refines and refines.weekday is not None and not _is_date(words, link, found):
                    found = None
            if found and fits and (linked not in {"for", "from"} or first):
                part = found.part or state.part
                new = dataclasses.replace(state, end=found.end, day=found.resolve, part=part)
                return new, found if found.refines and state.day is None else None
        if state.part is None:
            part_found = part_of_day(words, link, bool(state.day or state.clock) and link == start)
            if part_found is None and first and not with_day:
                part_found = part_of_day(words, link, False)
            if part_found:
                return dataclasses.replace(state, end=part_found[0], part=part_found[1]), None
        if state.clock is None and linked not in {"in", "on", "the", "of"}:
            reading = clock(words, link)
            if reading and (reading.sure or _may_be_hour(words, link, reading, first, linked)):
                return dataclasses.replace(state, end=reading.end, clock=reading), None
    return None


def _links(words: Words, index: int) -> tuple[int, ...]:
    """Where the next component may begin: here, or behind a comma, a preposition, an article."""
    found = [index]
    end = words.skip(index, ",")
    if end > index:
        found.append(end)
    if words[end] in _LINKS:
        found.append(end + 1)
        if words[end + 1] in {"the", "around", "about", "exactly"}:
            found.append(end + 2)
    return tuple(found)


def _is_date(words: Words, index: int, found: Day) -> bool:
    """Whether a day is a date, which may stand behind a weekday: "Friday, December 24th"."""
    first = words[words.skip(index, "the")]
    return not found.refines and (
        any(letter.isdigit() for letter in first)
        or words.meaning(index, "month") is not None
        or words.meaning(index, "short_month") is not None
        or words.meaning(words.skip(index, "the"), "ordinal") is not None
        or first == "week"
    )


def _may_be_hour(words: Words, index: int, reading: Clock, first: bool, linked: str) -> bool:
    """Whether a bare number is an hour, as far as the words around it tell."""
    if reading.hour == 0 and words[index] != "0":
        return False
    if first or linked in CLOCK_CUES or not linked or linked == ",":
        return _may_end(words, reading.end) or _begins_time(words, reading.end)
    return False


def _may_end(words: Words, index: int) -> bool:
    """Whether a time may end here, rather than be the count of what follows."""
    word = words[index]
    if word in {"percent", "%", "°", "€", "$", "£"} or (word == "-" and words.touches(index)):
        return False
    return not word or word in _BREAKS or word in _GOES_ON or _begins_time(words, index)


def _begins_time(words: Words, index: int) -> bool:
    return (
        words[index] in {"today", "tomorrow", "tonight", "yesterday", "this", "next", "o'clock"}
        or words.meaning(index, "weekday") is not None
        or words.meaning(index, "weekdays") is not None
        or words.meaning(index, "short_weekday") is not None
        or words.meaning(index, "month") is not None
    )


def cue_allows(words: Words, index: int) -> bool:
    """Whether the preposition here makes a bare number an hour: "at", but not "volume at"."""
    cue = words[index]
    if cue not in CLOCK_CUES:
        return False
    nearest = words.lower[max(0, index - 3) : index]
    if cue in {"at", "to"}:
        return _NOT_AT.isdisjoint(nearest)
    if cue == "by":
        number = words[index - 1]
        counted = number.isdecimal() or words.meaning(index - 1, "one") is not None
        return not counted and _NOT_BY.isdisjoint(words.lower[max(0, index - 8) : index])
    if cue == "for":
        return _NOT_FOR.isdisjoint(words.lower[max(0, index - 5) : index])
    if cue in {"from", "between"}:
        if _is_measured(words, index + 1):
            return False
        return _NOT_RANGE.isdisjoint(words.lower[max(0, index - 4) : index])
    return cue != "past"


def _is_measured(words: Words, index: int) -> bool:
    """Whether a range is of something that has a unit: "from 2 to 3 litres"."""
    behind = range_behind(words, index)
    second = signed(words, behind[1]) if behind else None
    return second is not None and any(
        words.meaning(second.end, unit) for unit in ("unit", "degrees", "percent", "currency")
    )


def exact(words: Words, index: int, day_first: bool) -> Said | None:
    """A moment by its distance: "in twenty minutes", "half an hour ago", "an hour before noon"."""
    if words[index] in {"now", "immediately"}:
        return Said(index + 1, now=True) if _is_now(words, index) else None
    if words.past(index, "right now"):
        return Said(index + 2, now=True)
    start = index + 1 if words[index] == "in" else index
    start = words.skip(start, "exactly", "about", "around")
    length = duration(words, start)
    if length is None:
        return None
    distance = timedelta(seconds=length.seconds)
    end = length.end
    if words[index] == "in":
        if words[end] in {"'s", "'"}:
            end = end + 2 if words[end + 1] == "time" else end
        return Said(end, offset=distance)
    if words[end] == "ago":
        return Said(end + 1, offset=-distance)
    if words.past(end, "from now"):
        return Said(end + 2, offset=distance)
    if words[end] in {"before", "after"} and not length.in_days:
        anchor = said(words, end + 1, day_first, cued=True)
        if anchor:
            if anchor.clock is None and anchor.part is None:
                return None
            sign = -1 if words[end] == "before" else 1
            return dataclasses.replace(anchor, offset=sign * distance)
    return None


def _is_now(words: Words, index: int) -> bool:
    """Whether "now" is a time, not a word to begin with: "what's the weather now?"."""
    ends = index + 1 == len(words) or words[index + 1] in _BREAKS
    return ends and index > 0 and words[index - 1] not in {"for", "by", "until", "and", ",", "."}
