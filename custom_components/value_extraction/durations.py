"""Durations: "twenty minutes", "an hour and a half", "1h30m"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from custom_components.value_extraction.numbers import (
    add_fraction,
    fraction,
    numeral,
    quantity,
    whole_if_possible,
)
from custom_components.value_extraction.spans import Found
from custom_components.value_extraction.words import Words, remembered

SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "fortnight": 1_209_600,
    # As lengths, not on a calendar: "in a month" is computed by dateutil.
    "month": 2_592_000,
    "year": 31_536_000,
    "decade": 315_360_000,
}
_ORDER = list(SECONDS)

_GLUED_MINUTES = frozenset("in for every timer alarm remind wait another of to sleep nap".split())
# "what a day", "twice a week", "once an hour".
_NO_LENGTH_BEHIND = frozenset("what such once twice thrice times quite".split())

_LONGEST = 3_155_760_000.0
"""Seconds: a hundred years. What is longer is no appointment, and breaks calendars."""


@dataclass(frozen=True)
class Duration:
    """A length of time as it was said."""

    end: int
    """Index behind its last word."""

    parts: tuple[tuple[float, str], ...]
    """Amounts and units, the largest first."""

    @property
    def seconds(self) -> float:
        """Its length; a month has 30 days, a year 365."""
        return whole_if_possible(sum(amount * SECONDS[unit] for amount, unit in self.parts))

    @property
    def unit(self) -> str:
        """The first unit that was said."""
        return self.parts[0][1]

    @property
    def in_days(self) -> bool:
        """Whether it counts whole days, so that it leads to a date and not to a time of day."""
        return all(
            SECONDS[unit] >= SECONDS["day"]
            and (float(amount).is_integer() or unit in {"year", "decade", "week"})
            for amount, unit in self.parts
        )

    def on_calendar(self) -> relativedelta:
        """Its parts as dateutil adds them to a date: "a month" is the same day a month on."""
        total = relativedelta()
        for amount, unit in self.parts:
            if unit == "year":
                total += relativedelta(months=round(amount * 12))
            elif unit == "decade":
                total += relativedelta(months=round(amount * 120))
            elif unit == "month" and float(amount).is_integer():
                total += relativedelta(months=int(amount))
            else:
                total += relativedelta(seconds=round(amount * SECONDS[unit]))
        return total


def find_durations(words: Words, index: int) -> Found | None:
    """The duration that begins here; a negative one is invalid."""
    start = index
    negative = words[index] in {"minus", "negative"} or (
        words[index] == "-" and words.touches(index + 1) and not words.touches(index)
    )
    if negative:
        start = index + 1
    found = duration(words, start)
    if found is None:
        return None
    if negative:
        return Found(
            "invalid",
            index,
            found.end,
            words.said(index, found.end),
            {"reason": "negative_duration"},
        )
    if found.end - start == 2 and words.past(start, "a second"):
        # "a second list", "a second opinion": no time unless it says so.
        if words[index - 1] not in {"for", "in", "every", "wait", "within"}:
            return None
    if words[start] in {"a", "an"} and words[index - 1] in _NO_LENGTH_BEHIND:
        return None
    first = SECONDS[found.unit]
    return Found(
        "duration",
        index,
        found.end,
        found.seconds,
        {"unit": found.unit, "amount": whole_if_possible(found.seconds / first)},
    )


@remembered
def duration(words: Words, index: int) -> Duration | None:
    """A length of time of one or several units."""
    parts: list[tuple[float, str]] = []
    end = index
    while True:
        start = end
        if parts:
            start = words.skip(start, ",")
            start = words.skip(start, "and")
        step = _single(words, start, parts)
        # "an hour and a minute", but not "two minutes and an hour".
        if step is None or (parts and _ORDER.index(step[2]) >= _ORDER.index(parts[-1][1])):
            break
        end, amount, unit = step
        parts.append((amount, unit))
    if not parts or sum(amount * SECONDS[unit] for amount, unit in parts) > _LONGEST:
        return None
    trailing = _trailing_minutes(words, end, parts)
    if trailing:
        end, amount = trailing
        parts.append((amount, "minute"))
    # "an hour or two" is an hour: the least that was said.
    loosely = words.past(end, "or two") or words.past(end, "or so") or end
    return Duration(loosely, tuple(parts))


def _single(
    words: Words, index: int, before: Sequence[tuple[float, str]]
) -> tuple[int, float, str] | None:
    amount = quantity(words, index)
    if amount is None:
        return None
    known = words.meaning(words.skip(amount.end, "more"), "time_unit")
    if known is None and not amount.spelled:
        known = _short_unit(words, index, amount.end, before)
    if known is None:
        return None
    end, unit = known
    value = float(amount.value)
    if unit == "second" and words[index] == "half" and words[index + 1] != "a":
        return None
    # "half day" is a day's half, "one half second" is not said.
    added = add_fraction(words, end)
    if added and float(value).is_integer() and not _starts_unit(words, added[0]):
        end, value = added[0], value + added[1]
    return end, whole_if_possible(value), unit


def _starts_unit(words: Words, index: int) -> bool:
    """Whether what looks like "and a half" goes on: "an hour and half a minute"."""
    index = words.skip(index, "of")
    index = words.skip(index, "a", "an")
    return words.meaning(index, "time_unit") is not None


def _short_unit(
    words: Words, start: int, index: int, before: Sequence[tuple[float, str]]
) -> tuple[int, str] | None:
    known = words.meaning(index, "short_time_unit")
    if known is None:
        return None
    # "5m" is as well five metres.
    if words[index] == "m" and not (before or words[start - 1] in _GLUED_MINUTES):
        return None
    if not words.touches(index) and not before and words[index] != "h":
        return None
    end, unit = known
    return end, str(unit)


def _trailing_minutes(
    words: Words, index: int, parts: Sequence[tuple[float, str]]
) -> tuple[int, float] | None:
    """The 30 of "1h30" and of "one hour thirty"."""
    if parts[-1][1] != "hour" or len(parts) > 1:
        return None
    number = numeral(words, index)
    if number is None or not number.plain or not 1 < number.value < 60:
        return None
    if fraction(words, index) or words.meaning(number.end, "time_unit"):
        return None
    if number.spelled:
        ends = number.end == len(words) or not words[number.end][:1].isalpha()
        return (number.end, float(number.value)) if ends and number.value >= 10 else None
    glued = words.touches(index) and words[index - 1] == "h"
    return (number.end, float(number.value)) if glued else None
