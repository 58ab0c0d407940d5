"""The things on a list: what they are, when two of them are the same, how they add up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from actions.quantities import parse_quantity, write_quantity

if TYPE_CHECKING:
    import inflect

LONGEST_ITEM_NAME = 200
LONGEST_LIST_NAME = 60
MOST_ITEMS_IN_A_MESSAGE = 50

_LAST_WORD = re.compile(r"[^\W\d_]{2,}$")


@dataclass(frozen=True)
class Item:
    """One thing, as somebody said it."""

    name: str
    """What it is: "bread", "olive oil"."""

    quantity: str | None = None
    """How much: figures where the amount was understood, else the words as they were said."""

    unit: str | None = None
    """Of what measure: "loaves", "kilos"."""

    done: bool = False
    """Whether it is checked off."""

    @property
    def amount(self) -> Decimal | None:
        """The quantity as a number, where it is one."""
        return parse_quantity(self.quantity) if self.quantity else None

    @property
    def key(self) -> str:
        """The same for "Eggs", "egg" and " eggs "."""
        return singular_key(self.name)

    @property
    def unit_key(self) -> str:
        """The same for "loaf" and "Loaves"; empty without a unit."""
        return singular_key(self.unit or "")


@lru_cache(maxsize=1)
def english() -> inflect.engine:
    """The engine for plurals, imported at first use.

    Without its checks of types at run time: for these, typeguard reads the whole module anew for
    each function of it, which took more than half of the time in which a server starts.
    """
    import typeguard

    checked = typeguard.typechecked
    typeguard.typechecked = lambda function: function  # type: ignore[assignment]
    try:
        import inflect
    finally:
        typeguard.typechecked = checked
    return inflect.engine()


@lru_cache(maxsize=4096)
def singular_key(text: str) -> str:
    """Makes the key by which names are compared: lower case, last word in the singular.

    The key is for comparing only, never for showing: some words that only look like
    plurals lose their last letter too.
    """
    words = " ".join(text.casefold().split())
    if not _LAST_WORD.search(words):
        return words
    singular = english().singular_noun(words)
    return str(singular) if singular else words


def make_item(name: str, quantity: str | None = None, unit: str | None = None) -> Item:
    """Makes an item of words as they were said; understood amounts become figures."""
    amount = parse_quantity(quantity) if quantity else None
    return Item(
        name=" ".join(name.split()),
        quantity=write_quantity(amount) if amount is not None else _trimmed(quantity),
        unit=_trimmed(unit),
    )


def add_up(before: Item, after: Item) -> Item:
    """Puts more of the same thing to what is there.

    Two numbers are summed. No quantity says nothing about how much, so the other one holds;
    and a quantity that is no number ("some") gives way to the newer one.
    """
    if before.amount is None or after.amount is None:
        return replace(before, quantity=after.quantity or before.quantity)
    return replace(before, quantity=write_quantity(before.amount + after.amount))


def take_off(before: Item, wanted: Item) -> Item | None:
    """Takes some of a thing away.

    Returns:
        What is left, or None if nothing is, which is also so where no number was given.
    """
    if before.amount is None or wanted.amount is None or before.amount <= wanted.amount:
        return None
    return replace(before, quantity=write_quantity(before.amount - wanted.amount))


def to_slot(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Writes items as the slot `list_items` holds them."""
    return [
        {key: value for key, value in asdict(item).items() if key != "done" or value}
        for item in items
    ]


def from_slot(value: object) -> list[Item]:
    """Reads the slot `list_items`; what is not an item in it is left out."""
    if not isinstance(value, list):
        return []
    return [
        Item(entry["name"], entry.get("quantity"), entry.get("unit"), bool(entry.get("done")))
        for entry in value
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]
    ]


def item_too_long(item: Item) -> bool:
    """Whether something about the item is longer than Parley keeps."""
    texts = (item.name, item.quantity or "", item.unit or "")
    return any(len(text) > LONGEST_ITEM_NAME for text in texts)


def _trimmed(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None
