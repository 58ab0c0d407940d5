"""Numbers in digits and in words: cardinals, fractions, ordinals."""

from __future__ import annotations

import re
from dataclasses import dataclass

from custom_components.value_extraction.spans import Found
from custom_components.value_extraction.words import Words, remembered

_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_LONGEST = 15
"""Digits; longer ones are identifiers."""

_FRACTION = re.compile(r"(\d{1,3})/(\d{1,3})")
_VULGAR = {"½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8}

# "add one banana" against "the red one": as a number only behind what counts something …
_BEFORE_ONE = frozenset(
    "add and at bring buy by change check choose delete exactly from get have i is just least make "
    "minus most need number only option order page plus put remove say set take than times to want "
    "with item chapter of answer it's equals".split()
)
# … and in front of what can be counted.
_BEHIND_ONE = frozenset(
    "of another more day is was are were in on at to for with from by the a an that this which who "
    "and or but please thanks thank moment last thing time as i you he she we they it has had will "
    "would can could should does did do too instead off out up down there here if when not".split()
)
_ONE_ITSELF = frozenset({"number", "option", "item", "page", "chapter", "answer"})
_NO_HALF_BEHIND = frozenset(
    "other second first better bottom top upper lower last next past my his her their this that "
    "the at".split()
)
_BEFORE_ORDINAL = frozenset("the my your our his her their number".split())
_LAST_OF = frozenset("one item entry of thing please option".split())
_BREAKS = frozenset(".,;:!?)")


@dataclass(frozen=True)
class Numeral:
    """A number as it was said."""

    end: int
    """Index behind its last word."""

    value: int | float
    spelled: bool
    """In words, not in digits."""

    plain: bool = True
    """Neither sign nor fraction nor scale nor "dozen": what an hour can be."""


def find_numbers(words: Words, index: int) -> Found | None:
    """The number that begins here, where it is one by itself."""
    found = signed(words, index)
    part = fraction(words, index)
    if found and not (part and part.end > found.end):
        if _belongs_to_word(words, index, found) or _is_pronoun(words, index, found):
            return None
        return Found("number", index, found.end, found.value)
    if part is None or words[index - 1] in _NO_HALF_BEHIND or words[part.end] == "of":
        return None
    if words[index] == "a" and words[index + 1] != "half":
        # "to a third", but not "a third time".
        if (
            words[index - 1] not in {"to", "by", "at", "about", "around"}
            or words[part.end][:1].isalpha()
        ):
            return None
    return Found("number", index, part.end, part.value)


def find_ordinals(words: Words, index: int) -> Found | None:
    """The ordinal that begins here: "the second one", "2nd", "the last"."""
    start = index
    index = words.skip(index, "the")
    if words[index] == "last":
        behind = words[index + 1]
        only = index + 1 == len(words) or behind in _BREAKS
        if (start < index and only) or (behind in _LAST_OF and (start < index or behind == "one")):
            return Found("ordinal", start, index + 1, -1)
        return None
    found = ordinal(words, index)
    if found is None:
        return None
    if found.spelled:
        named = words[index - 1] in _BEFORE_ORDINAL or words[found.end] == "one"
        alone = index == 0 and (found.end == len(words) or words[found.end] in _BREAKS)
        if not (named or (alone and len(words) <= found.end + 1)):
            return None
        if words[found.end] in {"time", "place", "all", "thing", "half", "hand", "of"}:
            return None
    return Found("ordinal", start, found.end, int(found.value))


def signed(words: Words, index: int) -> Numeral | None:
    """A numeral with or without a sign."""
    number = numeral(words, index)
    if number:
        return number
    sign = words[index]
    if sign in {"minus", "negative"} or (
        sign == "-"
        and words.touches(index + 1)
        and not (words.touches(index) and words[index - 1].isalnum())
    ):
        number = numeral(words, index + 1)
        # "ten minus five" is arithmetic: two numbers.
        if number and not (sign == "minus" and _ends_in_number(words, index)):
            return Numeral(number.end, -number.value, number.spelled, plain=False)
    return None


@remembered
def numeral(words: Words, index: int) -> Numeral | None:
    """The longest number that begins here, without a sign; "a" alone is none."""
    base = _in_digits(words, index) or _in_words(words, index) or _counted(words, index)
    if base is None:
        return None
    return _with_fraction(words, base)


@remembered
def fraction(words: Words, index: int) -> Numeral | None:
    """A fraction that begins here: "half", "a quarter", "three quarters", "1/2", "½"."""
    word = words[index]
    if word in _VULGAR:
        return Numeral(index + 1, _VULGAR[word], False, plain=False)
    written = _FRACTION.fullmatch(word)
    if written and 0 < int(written[1]) < int(written[2]) <= 16:
        return Numeral(index + 1, int(written[1]) / int(written[2]), False, plain=False)
    if word == "half":
        return Numeral(index + 1, 0.5, True, plain=False)
    count = 1 if word in {"a", "one"} else None
    start = index + 1
    if count is None:
        one = words.meaning(index, "one")
        if one is None or one[1] < 2:
            return None
        start, count = one
    part = words.meaning(start, "fraction")
    if part is None or count >= part[1]:
        return None
    return Numeral(part[0], count / part[1], True, plain=False)


@remembered
def quantity(words: Words, index: int) -> Numeral | None:
    """What may stand in front of a unit: "two", "a", "half an", "three quarters of a", "a few"."""
    part = fraction(words, index)
    if part:
        end = words.skip(part.end, "of")
        end = words.skip(end, "a", "an")
        return Numeral(end, part.value, part.spelled, plain=False)
    number = numeral(words, index)
    if number:
        # "a couple of hours"
        couple = words[number.end - 1] == "couple" and words[number.end] == "of"
        return Numeral(number.end + couple, number.value, number.spelled, number.plain)
    few = words.past(index, "a few")
    if few is None and words[index - 1] in {"next", "last", "past"}:
        few = words.past(index, "few")
    if few:
        return Numeral(few, 3, True, plain=False)
    if words[index] == "another":
        more = numeral(words, index + 1)
        return more or Numeral(index + 1, 1, True, plain=False)
    if words[index] in {"a", "an"}:
        half = fraction(words, index + 1)
        if half and words[index + 1] == "half":
            return Numeral(half.end, 0.5, True, plain=False)
        return Numeral(index + 1, 1, True, plain=False)
    return None


@remembered
def ordinal(words: Words, index: int) -> Numeral | None:
    """An ordinal number: "second", "twenty-first", "3rd"."""
    if words[index].isdecimal() and len(words[index]) <= 9:
        if words[index + 1] in {"st", "nd", "rd", "th"} and words.touches(index + 1):
            return Numeral(index + 2, int(words[index]), False)
        return None
    ten = words.meaning(index, "ten")
    if ten:
        one = words.meaning(ten[0], "ordinal")
        if one and one[1] < 10:
            return Numeral(one[0], ten[1] + one[1], True)
        return None
    known = words.meaning(index, "ordinal")
    return Numeral(known[0], known[1], True) if known else None


def add_fraction(words: Words, index: int) -> tuple[int, float] | None:
    """What follows in "an hour and a half": its end, and 0.5."""
    if words[index] != "and":
        return None
    part = fraction(words, index + 1)
    if part is None and words.past(index, "and a half"):
        return index + 3, 0.5
    return (part.end, float(part.value)) if part else None


def range_behind(words: Words, index: int) -> tuple[int, int] | None:
    """Where the first number of a range ends, and where the second begins.

    "From 18 to 20", "between 18 and 20", "18-20", "18 or 20"; not "lamp 2 to 20", which is none.
    """
    first = signed(words, index)
    if first is None:
        return None
    link, opener = words[first.end], words[index - 1]
    written = link == "-" and words.touches(first.end) and words.touches(first.end + 1)
    if not (
        written
        or link == "or"
        or (opener == "from" and link in {"to", "-", "up"})
        or (opener == "between" and link in {"and", "-"})
    ):
        return None
    second = first.end + 1 + (link == "up" and words[first.end + 1] == "to")
    return (first.end, second) if signed(words, second) else None


def whole_if_possible(value: int | float) -> int | float:
    """3.0 as 3: what people said is a whole number."""
    return int(value) if float(value).is_integer() and abs(value) < 1e15 else value


def _in_digits(words: Words, index: int) -> Numeral | None:
    word = words[index]
    if not _DIGITS.fullmatch(word) or sum(map(str.isdigit, word)) > _LONGEST:
        return None
    if not word.isascii():
        return None
    if _GROUPED.fullmatch(word):
        word = word.replace(",", "")
    word = word.replace(",", ".")
    value: int | float = float(word) if "." in word else int(word)
    scale = words.meaning(index + 1, "scale")
    if scale:
        return Numeral(scale[0], whole_if_possible(value * scale[1]), False, plain=False)
    if words[index + 1] == "dozen":
        return Numeral(index + 2, whole_if_possible(value * 12), False, plain=False)
    return Numeral(index + 1, value, False, plain=isinstance(value, int))


def _in_words(words: Words, index: int) -> Numeral | None:
    total = 0
    limit = float("inf")
    end = index
    plain = True
    while True:
        start = end
        if start > index and words[start] == "and":
            start += 1
        group = _below_thousand(words, start, article=end == index)
        if group is None:
            break
        scale = words.meaning(group.end, "scale")
        if scale is None:
            if words[group.end] == "dozen" and end == index:
                return Numeral(group.end + 1, group.value * 12, True, plain=False)
            if words[start] in {"a", "an"} and group.value < 100:
                break
            # "one hundred two" is a number, "twenty five three" are two.
            if end == index or (limit > 1 and limit > group.value):
                total += int(group.value)
                end = group.end
                plain = plain and group.plain
            break
        if scale[1] >= limit:
            break
        total += int(group.value) * scale[1]
        limit = scale[1]
        end = scale[0]
        plain = False
    if end == index:
        return None
    if words[end] == "point":
        digits = []
        position = end + 1
        while (digit := words.meaning(position, "one")) and digit[1] < 10:
            digits.append(str(digit[1]))
            position = digit[0]
            if len(digits) == 9:
                break
        if digits:
            return Numeral(position, float(f"{total}.{''.join(digits)}"), True, plain=False)
    return Numeral(end, total, True, plain)


def _below_thousand(words: Words, index: int, article: bool) -> Numeral | None:
    first = _below_hundred(words, index)
    if first is None and article and words[index] == "a":
        if words[index + 1] == "hundred" or words.meaning(index + 1, "scale"):
            first = Numeral(index + 1, 1, True, plain=False)
    if first is None or words[first.end] != "hundred":
        return first
    value = int(first.value) * 100
    end = first.end + 1
    rest = _below_hundred(words, words.skip(end, "and"))
    if rest:
        return Numeral(rest.end, value + rest.value, True, plain=False)
    return Numeral(end, value, True, plain=False)


def _below_hundred(words: Words, index: int) -> Numeral | None:
    ten = words.meaning(index, "ten")
    if ten:
        one = words.meaning(ten[0], "one")
        if one and 0 < one[1] < 10:
            return Numeral(one[0], ten[1] + one[1], True)
        return Numeral(ten[0], ten[1], True)
    one = words.meaning(index, "one")
    return Numeral(one[0], one[1], True) if one else None


def _counted(words: Words, index: int) -> Numeral | None:
    """Words that count without being cardinals: "a dozen", "half a dozen", "a couple"."""
    for phrase, value in (("half a dozen", 6), ("a dozen", 12), ("a couple", 2)):
        end = words.past(index, phrase)
        if end:
            return Numeral(end, value, True, plain=False)
    return None


def _with_fraction(words: Words, base: Numeral) -> Numeral:
    """Adds "and a half", "1/2" or "½" behind a whole number."""
    if not isinstance(base.value, int) or words[base.end - 1] in {"couple"}:
        return base
    behind = words[base.end]
    if behind in _VULGAR or (_FRACTION.fullmatch(behind) and not base.spelled):
        part = fraction(words, base.end)
        if part:
            return Numeral(part.end, base.value + part.value, base.spelled, plain=False)
    added = add_fraction(words, base.end)
    # "two and three quarters", but not "two and half a litre".
    if added and words[base.end + 1] != "half":
        end, value = added
        if words[end] not in {"of", "past", "to"}:
            return Numeral(end, base.value + value, base.spelled, plain=False)
    return base


def _ends_in_number(words: Words, index: int) -> bool:
    before = words[index - 1]
    return bool(
        before
        and (
            _DIGITS.fullmatch(before)
            or words.meaning(index - 1, "one")
            or words.meaning(index - 1, "ten")
            or words.meaning(index - 1, "scale")
            or before == "hundred"
        )
    )


def _belongs_to_word(words: Words, index: int, found: Numeral) -> bool:
    """Whether digits are glued to letters that are no unit ("7eleven") or to others ("1.2.3")."""
    behind = words[found.end]
    if found.spelled:
        return False
    # "0151": what begins with a zero is an identifier.
    digits = words[index]
    if digits.isdecimal() and len(digits) > 1 and digits.startswith("0"):
        return True
    return words.touches(found.end) and behind[:1].isalpha()


def _is_pronoun(words: Words, index: int, found: Numeral) -> bool:
    if words[index] != "one" or found.end > index + 1:
        return False
    alone = len(words) == 1 or (len(words) == 2 and words[1] in _BREAKS)
    before, behind = words[index - 1], words[index + 1]
    if alone or before in _ONE_ITSELF:
        return False
    starts = not before or before in _BREAKS or before in _BEFORE_ONE
    counts = behind[:1].isalpha() and behind not in _BEHIND_ONE
    return not (starts and counts)
