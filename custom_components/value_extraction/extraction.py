"""All values of a text: every rule of the grammar at every word, and the longest finds kept."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from custom_components.value_extraction.durations import find_durations
from custom_components.value_extraction.intervals import find_times
from custom_components.value_extraction.measures import (
    find_amounts,
    find_money,
    find_percentages,
    find_temperatures,
)
from custom_components.value_extraction.numbers import find_numbers, find_ordinals
from custom_components.value_extraction.recurrences import find_recurrences
from custom_components.value_extraction.spans import Found, choose
from custom_components.value_extraction.words import Words
from custom_components.value_extraction.zones import Now

_TIMELESS: dict[str, Callable[[Words, int], Found | None]] = {
    "duration": find_durations,
    "temperature": find_temperatures,
    "percentage": find_percentages,
    "amount": find_amounts,
    "money": find_money,
    "ordinal": find_ordinals,
    "number": find_numbers,
}
_TIMED: dict[str, Callable[[Words, int, Now], Found | None]] = {
    "time": find_times,
    "recurrence": find_recurrences,
}


# What values begin with beside digits, signs and the words of the lexicon. At any other word
# nothing is tried: most words of a message are such.
_BEGINNINGS = frozenset(
    "a an the at on in by for from to around about this that due until till til before after since "
    "between within over during next last past following coming upcoming previous every each "
    "today tomorrow tmrw tomorow tonight yesterday noon midday noontime midnight now right "
    "immediately minus negative few another end beginning start middle once twice thrice exactly "
    "daily weekly fortnightly biweekly monthly yearly annually hourly nightly".split()
)


def _may_begin(words: Words, index: int) -> bool:
    word = words[index]
    return not word[0].isalpha() or word in _BEGINNINGS or words.known(index)


def find_values(words: Words, now: Now, dimensions: Collection[str]) -> list[Found]:
    """The values of a message, none inside another."""
    found: list[Found] = []
    timeless = [rule for kind, rule in _TIMELESS.items() if kind in dimensions]
    timed = [rule for kind, rule in _TIMED.items() if kind in dimensions]
    for index in range(len(words)):
        if not _may_begin(words, index):
            continue
        for rule in timeless:
            one = rule(words, index)
            if one:
                found.append(one)
        for timed_rule in timed:
            one = timed_rule(words, index, now)
            if one:
                found.append(one)
    return choose(found)


def as_entity(words: Words, found: Found) -> dict[str, Any]:
    """A find in Rasa's form of an entity."""
    start, end = words.starts[found.start], words.ends[found.end - 1]
    return {
        "entity": found.kind,
        "start": start,
        "end": end,
        "text": words.text[start:end],
        "value": found.value,
        "confidence": 1.0,
        "additional_info": dict(found.info),
    }
