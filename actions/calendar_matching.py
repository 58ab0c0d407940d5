"""Which event somebody means: by its title, by its day, by what is talked of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from actions.calendar_objects import Event
from actions.values import Moment

AHEAD = timedelta(days=400)
"""How far ahead events are looked for where no day is named."""

_FILLERS = frozenset("the a an my our this that next one appointment event entry".split())
_ANY = _FILLERS | frozenset(
    "anything something everything all it thing things appointments events entries".split()
)
_WORD = re.compile(r"[^\W_]+")

_ALIKE = 80
"""How much alike two words must be to be one, misspelt (ratio, of 100)."""


@dataclass(frozen=True)
class Match:
    """The events that may be meant."""

    events: tuple[Event, ...]
    exact: bool = False
    """Whether the title is word for word that of one event, or series, only."""

    loose: bool = False
    """Whether the words of the name are not those of the titles."""


def by_title(name: str, events: Sequence[Event]) -> Match:
    """The events with a title: word for word, else much like it.

    Args:
        name: As it was said; empty: any.
        events: In their order; of a series, maybe several occurrences.
    """
    if names_nothing(name):
        return Match(tuple(events))
    wanted = _words(name)
    same = [event for event in events if _words(event.title) == wanted]
    if same:
        return Match(tuple(same), exact=len({event.uid for event in same}) == 1)
    holding = [event for event in events if set(wanted) <= set(_words(event.title))]
    if holding:
        return Match(tuple(holding))
    alike = [
        event
        for event in events
        # "Yoga classes" may be "yoga", and a word may be misspelt.
        if _alike(wanted, _words(event.title)) or _alike(_words(event.title), wanted)
    ]
    return Match(tuple(alike), loose=True)


def names_nothing(name: str) -> bool:
    """Whether a name fits any event: "appointment"."""
    return set(_all_words(name)) <= _ANY


def nearest(events: Sequence[Event]) -> tuple[Event, ...]:
    """Of each series the first occurrence only: "the yoga" is the next one."""
    first: dict[str, Event] = {}
    for event in events:
        first.setdefault(event.uid if event.occurrence else f"{event.uid} {event.start}", event)
    return tuple(first.values())


def takes_place(event: Event, moment: Moment) -> bool:
    """Whether an event is at the time that is named for it."""
    if moment.end is not None:
        return event.start < moment.end and event.end > moment.start
    if moment.grain == "day":
        return event.start < moment.start + timedelta(days=1) and event.end > moment.start
    if event.all_day:
        return False
    if moment.date_given:
        return _same_hour(event.start, moment.start) and event.start.date() == moment.start.date()
    return _same_hour(event.start, moment.start)


def _same_hour(one: datetime, other: datetime) -> bool:
    """Whether two times are alike on a clock with twelve hours."""
    return (one.hour % 12, one.minute) == (other.hour % 12, other.minute)


def _alike(wanted: Sequence[str], title: Sequence[str]) -> bool:
    """Whether each word of a name is one of a title, but for slips of the keys.

    Word by word: "meeting with Bob" is not "meeting with Karin", however much they share.
    """
    return all(any(fuzz.ratio(word, other) >= _ALIKE for other in title) for word in wanted)


def _words(title: str) -> tuple[str, ...]:
    words = _all_words(title)
    return tuple(word for word in words if word not in _FILLERS) or words


def _all_words(title: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in _WORD.findall(title))
