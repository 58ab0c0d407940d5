"""Lists and their items, kept per user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.items import Item, singular_key, take_off
from actions.storage.database import Database
from actions.storage.list_entries import (
    Change,
    changes_between,
    entries_meant,
    item_of,
    place_of,
    put_on,
)
from actions.storage.models import ListRecord

_LONG_ENOUGH_TO_MISSPELL = 6
"""Letters: "shoping" can only be the shopping list, "car" and "cart" may both be meant."""


class UnknownListError(LookupError):
    """The user has no list of that name."""


@dataclass(frozen=True)
class ListSummary:
    """A list at a glance."""

    name: str
    size: int
    """How many different things are on it."""

    done: int = 0
    """How many of them are checked off."""


@dataclass(frozen=True)
class Addition:
    """What came of adding."""

    list_name: str
    """The list's name as the user first gave it."""

    created: bool
    """Whether the list was made for it."""

    items: list[Item]
    """The things that were said, each as it now stands on the list."""

    changes: list[Change]


@dataclass(frozen=True)
class Removal:
    """What came of removing."""

    list_name: str
    removed: list[Item]
    """What was taken off, with the quantity taken."""

    reduced: list[Item]
    """What is left of those of which only some were taken."""

    missing: list[Item]
    """What was to go and was not there."""

    remaining: list[Item]
    """All that is on the list now."""

    changes: list[Change]


@dataclass(frozen=True)
class Marking:
    """What came of checking things off, or of opening them again."""

    list_name: str
    marked: list[Item]
    """What was marked, with the quantity named."""

    reduced: list[Item]
    """What is still open of those of which only some were checked off."""

    already: list[Item]
    """What was so before."""

    missing: list[Item]
    """What was named and is not there."""

    remaining: list[Item]
    """All that is on the list."""

    changes: list[Change]


class ListRepository:
    """The lists of one user.

    Every method may raise `StorageError`; those that name a list raise `UnknownListError`
    if the user has none of that name.
    """

    def __init__(self, database: Database, user_id: str) -> None:
        """Remembers where the lists are and whose.

        Args:
            database: The database.
            user_id: The conversation's sender.
        """
        self._database = database
        self._user_id = user_id

    def summaries(self) -> list[ListSummary]:
        """All lists, in the order they were made."""
        with self._database.reading() as session:
            statement = select(ListRecord).filter_by(user_id=self._user_id).order_by("id")
            records = session.execute(statement).scalars().all()
            return [
                ListSummary(r.name, len(r.items), sum(entry.done for entry in r.items))
                for r in records
            ]

    def holding(self, items: Sequence[Item]) -> list[str]:
        """The names of the lists with at least one of the items on them."""
        keys = {item.key for item in items}
        with self._database.reading() as session:
            statement = select(ListRecord).filter_by(user_id=self._user_id).order_by("id")
            records = session.execute(statement).scalars().all()
            return [r.name for r in records if any(entry.key in keys for entry in r.items)]

    def items(self, list_name: str) -> list[Item]:
        """What is on a list, in the order it was added."""
        with self._database.reading() as session:
            return [item_of(record) for record in self._known(session, list_name).items]

    def add(self, list_name: str, items: Sequence[Item]) -> Addition:
        """Adds items; a list that is not there yet is made.

        More of the same thing in the same unit is added up; what is checked off is open again.
        """
        with self._database.writing() as session:
            record = self._find(session, list_name)
            created = record is None
            if record is None:
                record = ListRecord(self._user_id, list_name, singular_key(list_name))
                session.add(record)
            before = [item_of(entry) for entry in record.items]
            said = [put_on(record, item) for item in items]
            # The same thing may have been said twice; it is told once.
            kept = list(dict.fromkeys(said))
            changes = changes_between(before, [item_of(entry) for entry in record.items])
            return Addition(record.name, created, [item_of(entry) for entry in kept], changes)

    def remove(self, list_name: str, items: Sequence[Item]) -> Removal:
        """Takes items off a list, or some of them where a smaller quantity is named."""
        removed: list[Item] = []
        reduced: list[Item] = []
        missing: list[Item] = []
        with self._database.writing() as session:
            record = self._known(session, list_name)
            all_before = [item_of(entry) for entry in record.items]
            for wanted in items:
                found = entries_meant(record, wanted)
                if not found:
                    missing.append(wanted)
                for entry in found:
                    before = item_of(entry)
                    left = take_off(before, wanted)
                    if left is None:
                        record.items.remove(entry)
                        removed.append(before)
                    else:
                        entry.quantity = left.quantity
                        removed.append(Item(before.name, wanted.quantity, before.unit))
                        reduced.append(left)
            remaining = [item_of(entry) for entry in record.items]
            changes = changes_between(all_before, remaining)
            return Removal(record.name, removed, reduced, missing, remaining, changes)

    def mark(self, list_name: str, items: Sequence[Item], done: bool) -> Marking:
        """Checks things off, or opens them again.

        Of a thing of which less is named than is there, less is open from then on.
        """
        marked: list[Item] = []
        reduced: list[Item] = []
        already: list[Item] = []
        missing: list[Item] = []
        with self._database.writing() as session:
            record = self._known(session, list_name)
            before = [item_of(entry) for entry in record.items]
            for wanted in items:
                found = entries_meant(record, wanted)
                if not found:
                    missing.append(wanted)
                for entry in found:
                    was = item_of(entry)
                    left = take_off(was, wanted) if done else None
                    if entry.done == done:
                        already.append(was)
                    elif left is not None:
                        entry.quantity = left.quantity
                        marked.append(Item(was.name, wanted.quantity, was.unit))
                        reduced.append(left)
                    else:
                        entry.done = done
                        marked.append(item_of(entry))
            remaining = [item_of(entry) for entry in record.items]
            changes = changes_between(before, remaining)
            return Marking(record.name, marked, reduced, already, missing, remaining, changes)

    def clear(self, list_name: str, only_done: bool = False) -> list[Change]:
        """Takes everything off a list, or what is checked off; the list itself stays."""
        with self._database.writing() as session:
            record = self._known(session, list_name)
            gone = [entry for entry in record.items if entry.done or not only_done]
            changes = [Change(item_of(entry), None) for entry in gone]
            for entry in gone:
                record.items.remove(entry)
            return changes

    def take_back(self, list_name: str, changes: Sequence[Change], created: bool) -> None:
        """Puts the entries that were changed back to what they were; others stay as they are.

        Args:
            list_name: Whose entries they are.
            changes: What had become of them.
            created: Whether the list was made for it; it goes if nothing else is on it.
        """
        with self._database.writing() as session:
            record = self._known(session, list_name)
            for change in changes:
                known = change.after or change.before
                if known is None:
                    continue
                place = place_of(known)
                entry = next((e for e in record.items if place_of(item_of(e)) == place), None)
                if entry is not None and change.before is not None:
                    entry.quantity, entry.done = change.before.quantity, change.before.done
                elif entry is not None:
                    record.items.remove(entry)
                elif change.before is not None:
                    put_on(record, change.before).done = change.before.done
            if created and not record.items:
                session.delete(record)

    def _find(self, session: Session, list_name: str) -> ListRecord | None:
        key = singular_key(list_name)
        statement = select(ListRecord).filter_by(user_id=self._user_id, key=key)
        found: ListRecord | None = session.execute(statement).scalar_one_or_none()
        if found is not None or len(key) < _LONG_ENOUGH_TO_MISSPELL:
            return found
        everything = select(ListRecord).filter_by(user_id=self._user_id)
        close = [r for r in session.execute(everything).scalars() if _slip(key, r.key)]
        return close[0] if len(close) == 1 else None

    def _known(self, session: Session, list_name: str) -> ListRecord:
        record = self._find(session, list_name)
        if record is None:
            raise UnknownListError(list_name)
        return record


def _slip(key: str, other: str) -> bool:
    """Whether one is the other with a letter missing, doubled or moved by a place.

    Another letter in place of one is not a slip: "party" and "parts" are two lists.
    """
    return OSA.distance(key, other, score_cutoff=1) == 1 and (
        len(key) != len(other) or sorted(key) == sorted(other)
    )
