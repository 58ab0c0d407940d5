"""Numbers with a unit: temperatures, percentages, amounts, money.

In "between 18 and 20 degrees" both numbers have the unit; the first of them is `shared`.
"""

from __future__ import annotations

from collections.abc import Callable

from custom_components.value_extraction.numbers import (
    Numeral,
    add_fraction,
    quantity,
    range_behind,
    signed,
    whole_if_possible,
)
from custom_components.value_extraction.spans import Found
from custom_components.value_extraction.words import Words

# Behind digits only: "5 g" but not "two g". "l", "m" and "w" are too short to be words.
_SHORT = 2


def find_temperatures(words: Words, index: int) -> Found | None:
    """The temperature that begins here: "21.5 degrees", "minus five", if degrees follow, "70F"."""
    return _temperature(words, index) or _sharing(words, index, _temperature)


def find_percentages(words: Words, index: int) -> Found | None:
    """The percentage that begins here: "50%", "fifty percent", "half a percent"."""
    return _percentage(words, index) or _sharing(words, index, _percentage)


def find_amounts(words: Words, index: int) -> Found | None:
    """The amount that begins here: "half a litre", "1.5 kg", "a pound and a half"."""
    return _amount(words, index) or _sharing(words, index, _amount)


def find_money(words: Words, index: int) -> Found | None:
    """The sum of money that begins here: "€5.50", "twenty dollars", "five euros fifty"."""
    return _money(words, index) or _sharing(words, index, _money)


def _sharing(words: Words, index: int, rule: Callable[[Words, int], Found | None]) -> Found | None:
    """The first number of a range whose unit is said with the second one."""
    behind = range_behind(words, index)
    second = rule(words, behind[1]) if behind else None
    first = signed(words, index)
    # "an hour" and "a litre" are no ends of a range.
    if behind is None or second is None or first is None or words[behind[1]] in {"a", "an"}:
        return None
    return Found(second.kind, index, behind[0], first.value, {**second.info, "shared": True})


def _temperature(words: Words, index: int) -> Found | None:
    amount = signed(words, index)
    part = quantity(words, index)
    # "Half a degree" and "a couple of degrees"; but "a degree" may be one of a university.
    if part and part.value != 1 and words.meaning(part.end, "degrees"):
        amount = part
    if amount is None:
        return None
    end = amount.end
    known = words.meaning(end, "degrees")
    unit: str | None = None
    if known:
        end, unit = known
        if unit is None:
            end, unit = _scale(words, end)
    elif words[end] in {"c", "f"} and words.touches(end) and not amount.spelled:
        unit = "celsius" if words[end] == "c" else "fahrenheit"
        end += 1
    else:
        return None
    value = amount.value
    added = add_fraction(words, end)
    if added and isinstance(value, int) and unit is None:
        end, value = added[0], value + (added[1] if value >= 0 else -added[1])
    return Found("temperature", index, end, whole_if_possible(value), {"unit": unit})


def _percentage(words: Words, index: int) -> Found | None:
    amount = _sized(words, index)
    known = words.meaning(amount.end, "percent") if amount else None
    if amount is None or known is None:
        return None
    return Found("percentage", index, known[0], whole_if_possible(amount.value))


def _amount(words: Words, index: int) -> Found | None:
    amount = _sized(words, index)
    known = words.meaning(amount.end, "unit") if amount else None
    if amount is None or known is None:
        return None
    end, unit = known
    if len(words[amount.end]) <= _SHORT and end == amount.end + 1 and amount.spelled:
        return None
    value = amount.value
    added = add_fraction(words, end)
    if added and isinstance(value, int):
        end, value = added[0], value + added[1]
    return Found("amount", index, end, whole_if_possible(value), {"unit": unit})


def _money(words: Words, index: int) -> Found | None:
    before = words.meaning(index, "currency")
    if before and words[index] in {"€", "$", "£", "¥", "eur", "usd", "gbp", "chf", "jpy"}:
        amount = signed(words, before[0])
        if amount:
            return Found("money", index, amount.end, amount.value, {"unit": before[1][0]})
    amount = _sized(words, index)
    known = words.meaning(amount.end, "currency") if amount else None
    if amount is None or known is None:
        return None
    end, (unit, factor) = known
    value: int | float = round(amount.value * factor, 6)
    if factor == 1.0 and isinstance(amount.value, int):
        end, value = _with_cents(words, end, value)
    return Found("money", index, end, whole_if_possible(value), {"unit": unit})


def _sized(words: Words, index: int) -> Numeral | None:
    return quantity(words, index) or signed(words, index)


def _scale(words: Words, index: int) -> tuple[int, str | None]:
    """The scale behind "degrees"; single letters count too: "20 °C", "68 degrees F"."""
    known = words.meaning(index, "degrees")
    if known and known[1]:
        return known[0], str(known[1])
    if words[index] in {"c", "f"}:
        return index + 1, "celsius" if words[index] == "c" else "fahrenheit"
    return index, None


def _with_cents(words: Words, index: int, value: int | float) -> tuple[int, int | float]:
    """Adds the fifty of "five euros fifty" and of "five euros and fifty cents"."""
    start = words.skip(index, "and")
    cents = signed(words, start)
    if cents is None or not cents.plain or not 0 < cents.value < 100:
        return index, value
    named = words.meaning(cents.end, "currency")
    if named and named[1][1] == 0.01:
        return named[0], value + cents.value / 100
    alone = cents.end == len(words) or not words[cents.end][:1].isalpha()
    if start == index and alone and cents.value >= 10:
        return cents.end, value + cents.value / 100
    return index, value
