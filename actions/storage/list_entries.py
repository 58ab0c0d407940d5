"""What a list is made of: entries in the database, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.items import Item, add_up
from actions.storage.models import ItemRecord, ListRecord


@dataclass(frozen=True)
class Change:
    """What became of one entry: a thing in a unit."""

    before: Item | None
    """None where it was not there."""

    after: Item | None
    """None where it is gone."""


def place_of(item: Item) -> tuple[str, str]:
    """What tells entries of one list apart: the thing and its unit."""
    return item.key, item.unit_key


def changes_between(before: Sequence[Item], after: Sequence[Item]) -> list[Change]:
    """What became of a list's entries."""
    was, now = {place_of(i): i for i in before}, {place_of(i): i for i in after}
    places = dict.fromkeys([*was, *now])
    return [
        Change(was.get(place), now.get(place))
        for place in places
        if was.get(place) != now.get(place)
    ]


def item_of(record: ItemRecord) -> Item:
    """The thing that an entry stands for."""
    return Item(record.name, record.quantity, record.unit, record.done)


def put_on(record: ListRecord, item: Item) -> ItemRecord:
    """Adds a thing to what there is of it already, else as an entry of its own."""
    entry = _entry_for(record, item)
    if entry is None:
        entry = ItemRecord(item.name, item.key, item.unit_key, item.quantity, item.unit)
        record.items.append(entry)
        return entry
    if entry.done:
        # What was done is done with: the amount that is needed is the new one.
        entry.quantity, entry.done = item.quantity or entry.quantity, False
    else:
        entry.quantity = add_up(item_of(entry), item).quantity
    if item.unit:
        entry.unit, entry.unit_key = entry.unit or item.unit, item.unit_key
    return entry


def _entry_for(record: ListRecord, item: Item) -> ItemRecord | None:
    """The entry that the item adds to: in its unit, or where one of the two is no amount at all.

    "Bread" is what "2 loaves of bread" is already, and the other way round.
    """
    named = [entry for entry in record.items if entry.key == item.key]
    said_bare = item.quantity is None and item.unit is None
    for entry in named:
        if entry.unit_key == item.unit_key:
            return entry
    for entry in named:
        if said_bare or (entry.quantity is None and entry.unit is None):
            return entry
    return None


def entries_meant(record: ListRecord, wanted: Item) -> list[ItemRecord]:
    """The entries meant: in the unit that was named, if there is one in it, else in any."""
    named = [entry for entry in record.items if entry.key == wanted.key]
    in_unit = [entry for entry in named if entry.unit_key == wanted.unit_key]
    return in_unit if wanted.unit and in_unit else named
