"""How items and lists are put into words: "milk, 2 loaves of bread and some eggs"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from actions.items import Item, english

_HALF = Decimal("0.5")
_ABBREVIATIONS = frozenset("g kg mg l ml cl dl lb lbs oz pt qt cm mm m".split())
_LAST_WORD = re.compile(r"[^\W\d_]{2,}$")
# Rasa's filling of responses trips over this text (core/nlg/interpolator.py).
_TRIPWIRE = "0["


def speak_item(item: Item) -> str:
    """Puts an item into words.

    >>> speak_item(Item("bread", "2", "loaf"))
    '2 loaves of bread'
    """
    name = item.name.replace(_TRIPWIRE, "0 [")
    if item.quantity is None:
        return f"{item.unit} of {name}" if item.unit else name
    amount = item.amount
    if amount is None:
        return f"{item.quantity} {item.unit} of {name}" if item.unit else f"{item.quantity} {name}"
    figures = "half a" if amount == _HALF else item.quantity
    if item.unit:
        return f"{figures} {_inflected(item.unit, amount)} of {name}"
    return f"{figures} {_inflected(name, amount)}"


def speak_name(name: str) -> str:
    """The name of a list or a thing, as it may stand in a response."""
    return name.replace(_TRIPWIRE, "0 [")


def speak_items(items: Iterable[Item], most: int | None = None) -> str:
    """Puts items into words, one after the other; beyond the most, the rest is counted."""
    return join([speak_item(item) for item in items], most)


def join(parts: Sequence[str], most: int | None = None) -> str:
    """Joins with commas and a last "and".

    Args:
        parts: What to join.
        most: How many are named before the rest is only counted; None names all.

    >>> join(["milk", "tea", "salt", "rice"], most=2)
    'milk, tea and 2 more'
    """
    # "And 1 more" would be no shorter than its name.
    if most is not None and len(parts) > most + 1:
        parts = [*parts[:most], f"{len(parts) - most} more"]
    return english().join(parts, final_sep="") if parts else ""


def count_things(number: int) -> str:
    """Says how many things there are: "1 thing", "3 things"."""
    return "1 thing" if number == 1 else f"{number} things"


def _inflected(noun: str, amount: Decimal) -> str:
    """The noun for that many: "loaf" and "loaves", "g" and "g"."""
    if not _LAST_WORD.search(noun) or noun.casefold() in _ABBREVIATIONS:
        return noun
    singular = english().singular_noun(noun)
    if amount > 1:
        return noun if singular else english().plural_noun(noun)
    # "hummus" and "couscous" only look like plurals.
    return str(singular) if singular and not noun.casefold().endswith(("us", "ss", "is")) else noun
