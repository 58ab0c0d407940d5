"""Times of day: readings of a clock ("half past six", "7pm", "19:30") and parts of the day."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from custom_components.value_extraction.numbers import numeral
from custom_components.value_extraction.words import Words, remembered

PARTS = {
    "morning": (6, 12),
    "lunchtime": (12, 14),
    "afternoon": (12, 18),
    "evening": (18, 22),
    "night": (20, 24),
    "tonight": (18, 24),
}
"""Parts of the day: the hours from and to."""

_WRITTEN = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{2})")
_MERIDIEMS = {"am": 0, "a.m.": 0, "a.m": 0, "pm": 12, "p.m.": 12, "p.m": 12}
_AT = frozenset("at by until till for from around about before after".split())
_O_CLOCK = frozenset({"o'clock", "oclock", "o'clocks"})


class ImpossibleError(Exception):
    """What was said is a time, but there is none like it; `reason` is the entity's."""

    def __init__(self, reason: str) -> None:
        """Keeps the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Clock:
    """A reading of a clock."""

    end: int
    """Index behind its last word."""

    hour: int
    """0 to 23; 24 is the end of the day."""

    minute: int = 0
    second: int = 0
    half_known: bool = True
    """Whether it says which half of the day: "19:30" and "7pm" do, "seven" does not."""

    grain: str = "hour"
    sure: bool = True
    """Whether it is a time without any word beside it; "seven" alone is a number."""

    possible: bool = True
    """False for "25:00"."""

    def readings(self) -> tuple[float, ...]:
        """The hours of the day it can mean, as fractions."""
        hour = self.hour + self.minute / 60 + self.second / 3600
        return (hour,) if self.half_known else (hour, hour + 12)

    def usual(self) -> float:
        """The hour meant on a day other than today: from six to noon and from noon to six."""
        hour = self.readings()[0]
        return hour if self.half_known or hour >= 6 else hour + 12

    def within(self, part: str) -> float:
        """The hour it means in a part of the day; from 24 on, it is the next day's."""
        hour = self.readings()[0]
        if part in {"night", "tonight"} and hour % 12 < 6 and self.hour < 12 or self._is_twelve:
            if part in {"night", "tonight", "evening"}:
                return 24 + hour % 12
            if part == "morning":
                return hour % 12
        if self.half_known:
            return hour
        return hour if part == "morning" else hour + 12

    @property
    def _is_twelve(self) -> bool:
        """Whether it says twelve, which is noon unless something says otherwise."""
        return self.hour == 12 and not self.sure


@remembered
def clock(words: Words, index: int) -> Clock | None:
    """The longest reading of a clock that begins here."""
    return (
        _named(words, index)
        or _relative(words, index)
        or _written(words, index)
        or _spoken(words, index)
    )


def part_of_day(words: Words, index: int, behind_time: bool) -> tuple[int, str] | None:
    """A part of the day: "in the evening", "at night"; behind a day also the bare "evening"."""
    start = index
    if words[index] in {"in", "during"} and words[index + 1] == "the":
        start = index + 2
        start = words.skip(start, "early", "late")
    elif words[index] in {"at", "by"} and words[index + 1] in {"night", "lunchtime", "lunch"}:
        start = index + 1
    elif not behind_time:
        return None
    known = words.meaning(start, "part")
    return (known[0], str(known[1])) if known else None


def _named(words: Words, index: int) -> Clock | None:
    word = words[index]
    if word in {"twelve", "12"} and words[index + 1] in {"noon", "midnight", "midday"}:
        index, word = index + 1, words[index + 1]
    if word in {"noon", "midday", "noontime"}:
        return Clock(index + 1, 12)
    if word == "midnight":
        return Clock(index + 1, 24)
    return None


def _relative(words: Words, index: int) -> Clock | None:
    """Readings from the full hour: "half past six", "a quarter to nine", "ten past", "half six"."""
    minutes: int | None = None
    end = index
    if words[index] == "half":
        minutes, end = 30, index + 1
        if words[end] != "past":
            hour = _hour(words, end)
            # British: "half six" is half past six. Not "half a dozen"; "half 6" only behind "at".
            in_words = words.meaning(end, "one") is not None
            if hour is None or not (in_words or words[index - 1] in _AT) or not 1 <= hour[1] <= 12:
                return None
            return _complete(words, hour[0], hour[1], 30)
    else:
        start = words.skip(index, "a")
        if words[start] == "quarter":
            minutes, end = 15, start + 1
        else:
            number = numeral(words, index)
            if number and number.plain and 0 < number.value < 60:
                minutes = int(number.value)
                end = words.skip(number.end, "minutes", "minute", "mins", "min")
    if minutes is None:
        return None
    if words[end] in {"past", "after"}:
        sign = 1
    elif words[end] in {"to", "before", "till", "of"}:
        sign = -1
    else:
        return None
    named = _named(words, end + 1)
    if named:
        hour_found: tuple[int, int] | None = (named.end, named.hour)
    else:
        hour_found = _hour(words, end + 1)
    if hour_found is None:
        return None
    # "add 2 to 5", "from 5 to 7": digits on both sides are a range or arithmetic.
    quarters = words[end - 1] in {"quarter", "half"}
    minutes_named = words[end - 1].startswith("min")
    if not (quarters or minutes_named or words[end] == "past"):
        spelled = words.meaning(index, "one") or words.meaning(index, "ten")
        if not spelled or minutes % 5 or words[end] not in {"to", "till"}:
            return None
        if words[index - 1] in {"from", "between"} or minutes > 25:
            return None
        # "from ten to five": the way from an hour to another.
        if words[index - 1] not in {"at", "by", "until", "till", "for", "around", "about", "it's"}:
            return None
    if not quarters and words[end] in {"after", "before", "of"}:
        # "ten minutes before seven" is computed as a distance.
        return None
    return _complete(words, hour_found[0], hour_found[1], sign * minutes)


def _written(words: Words, index: int) -> Clock | None:
    """Readings with a colon, with a dot before "am" and "pm", and "19h30"."""
    written = _WRITTEN.fullmatch(words[index])
    dotted = None if written else _DOTTED.fullmatch(words[index])
    if dotted and words[index + 1] not in _MERIDIEMS and words[index - 1] not in {"at", "by"}:
        return None
    found = written or dotted
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    second = int(found[3]) if written and found[3] else None
    if dotted and (hour > 23 or minute > 59):
        return None
    possible = (hour < 24 and minute < 60 or (hour, minute) == (24, 0)) and (second or 0) < 60
    grain = "minute" if second is None else "second"
    end = index + 1
    if words[end] in {"h", "hrs", "hours", *_O_CLOCK} and written:
        end += 1
    half_known = hour == 0 or hour > 12 or found[1].startswith("0")
    reading = Clock(end, hour, minute, second or 0, half_known, grain, possible=possible)
    return _with_meridiem(words, reading)


def _spoken(words: Words, index: int) -> Clock | None:
    """Readings that begin with the hour: "seven", "7pm", "seven thirty", "8 o'clock"."""
    if words[index].isdecimal() and words[index + 1] in _O_CLOCK and int(words[index]) > 24:
        return Clock(index + 2, 0, possible=False)
    found = _hour(words, index)
    if found is None:
        return None
    end, hour = found
    written_zero = words[index].isdecimal() and words[index].startswith("0")
    half_known = hour == 0 or hour > 12 or (written_zero and len(words[index]) == 2)
    if words[end] in _O_CLOCK:
        whole = Clock(end + 1, hour, half_known=half_known)
        return _with_meridiem(words, whole)
    if words[end] == "h" and words.touches(end) and not words[end + 1].isdecimal():
        return None
    minutes = _spoken_minutes(words, index, end)
    if minutes:
        end, minute = minutes
        sure = not words[index].isdecimal()
        reading = Clock(end, hour, minute, half_known=half_known, grain="minute", sure=sure)
        if words[end] in _MERIDIEMS or (sure and hour > 0):
            return _with_meridiem(words, reading)
        return None
    return _with_meridiem(words, Clock(end, hour, half_known=half_known, sure=False))


def _spoken_minutes(words: Words, index: int, end: int) -> tuple[int, int] | None:
    """The minutes behind an hour: "seven thirty", "seven oh five", "7 30 pm"."""
    if words[end] in {"oh", "o"}:
        digit = words.meaning(end + 1, "one")
        if digit and 0 < digit[1] < 10 and not words[index].isdecimal():
            return digit[0], int(digit[1])
        return None
    number = numeral(words, end)
    if number is None or not number.plain or not 10 <= number.value < 60:
        return None
    if words[index].isdecimal():
        return (
            (number.end, int(number.value))
            if words[end].isdecimal() and words[number.end] in _MERIDIEMS
            else None
        )
    # "seven thirty" and "six fifteen", but not "one twenty-three": a count.
    behind = words[number.end]
    counts = behind[:1].isalpha() and (
        words.meaning(number.end, "time_unit") or words.meaning(number.end, "unit")
    )
    uneven = number.value % 5 and words[index - 1] != "at"
    return None if uneven or counts else (number.end, int(number.value))


def _hour(words: Words, index: int) -> tuple[int, int] | None:
    word = words[index]
    if word.isdecimal() and word.isascii() and len(word) <= 2:
        return (index + 1, int(word)) if int(word) <= 24 else None
    number = numeral(words, index)
    if number is None or not number.spelled or not number.plain or not 1 <= number.value <= 24:
        # "seven and a half" is no hour, but the seven before it may be: not worth the risk.
        return None
    return number.end, int(number.value)


def _complete(words: Words, end: int, hour: int, minutes: int) -> Clock:
    """A reading from a full hour and the minutes past it, or before it."""
    total = hour * 60 + minutes
    half_known = hour == 0 or hour > 12
    if hour == 12:
        # "a quarter to twelve" is before noon, "half past twelve" behind it.
        half_known = minutes >= 0
    if hour == 24 and minutes > 0:
        total -= 24 * 60
    if not half_known and total < 60:
        total += 12 * 60
        half_known = True
    reading = Clock(end, total // 60, total % 60, half_known=half_known, grain="minute")
    return _with_meridiem(words, reading, hour)


def _with_meridiem(words: Words, reading: Clock, said_hour: int | None = None) -> Clock:
    """Reads "am" and "pm" behind a time; twelve is noon where nothing says otherwise."""
    half = _MERIDIEMS.get(words[reading.end])
    hour = reading.hour
    if half is None:
        if hour == 12 and said_hour is None and reading.possible:
            return dataclasses.replace(reading, half_known=True)
        if hour == 24 and reading.minute == 0 and said_hour is None:
            return dataclasses.replace(reading, half_known=True)
        return reading
    end = reading.end + 1
    # spaCy leaves the dot to the sentence in "7 p.m".
    if said_hour == 12 and half == 12 and reading.minute and hour < 12:
        # "a quarter to twelve pm" is close to midnight.
        return dataclasses.replace(reading, end=end, hour=hour + 12, half_known=True)
    if hour <= 12:
        hour = hour % 12 + half
    return dataclasses.replace(reading, end=end, hour=hour, half_known=True, sure=True)
