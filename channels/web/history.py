"""What was said in a conversation, by both sides and in order, as the chat page shows it.

What came in and what goes out are two tables with numbers of their own. Where a reader stands is
therefore a pair of numbers, the last of each that they have.

All methods block.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from actions.storage.database import Database
from channels.store import WAITING
from channels.tables import incoming, offers, outgoing, seen_keys

Entry = dict[str, Any]
"""One message, for the page; `PERSON` or `BOT` is its `side`."""

PERSON, BOT = "person", "bot"

PAGE = 100
"""Messages that are read at a time."""


@dataclass(frozen=True)
class Place:
    """A place in a conversation: the numbers of the messages that it lies after, or before."""

    incoming: int = 0
    outgoing: int = 0

    def as_list(self) -> list[int]:
        """For the page, which gives it back as it is."""
        return [self.incoming, self.outgoing]


@dataclass(frozen=True)
class Page:
    """A part of a conversation."""

    entries: list[Entry]
    first: Place
    """Where the part before this one ends."""

    last: Place
    """Where a reader of this part stands."""

    more: bool
    """Whether there is a part before it."""

    typing: bool
    """Whether a message waits for its answer."""


class History:
    """Reads the conversations of one channel."""

    def __init__(self, database: Database, channel: str) -> None:
        """Prepares.

        Args:
            database: The channels' database.
            channel: The channel's name.
        """
        self._database = database
        self._channel = channel

    def latest(self, conversation: str, before: Place | None = None, most: int = PAGE) -> Page:
        """The last messages of a conversation, or the last before a place."""
        with self._database.reading() as reading:
            asked: list[Any] = []
            said: list[Any] = []
            for table, rows, limit in (
                (incoming, asked, before.incoming if before else None),
                (outgoing, said, before.outgoing if before else None),
            ):
                found = select(table).where(table.c.conversation == conversation)
                if limit is not None:
                    found = found.where(table.c.id < limit)
                newest = found.order_by(table.c.id.desc()).limit(most + 1)
                rows.extend(reversed(reading.execute(newest).all()))
            typing = self._waits(reading, conversation)
        merged = _merged(asked, said)
        shown = merged[-most:]
        return Page(
            [_entry(row) for row in shown],
            first=Place(
                min((row.id for row in shown if _is_asked(row)), default=_end(asked, before, 0)),
                min((row.id for row in shown if not _is_asked(row)), default=_end(said, before, 1)),
            ),
            last=Place(asked[-1].id if asked else 0, said[-1].id if said else 0),
            more=len(merged) > most,
            typing=typing,
        )

    def after(self, conversation: str, place: Place, most: int = PAGE) -> Page:
        """The messages after a place; `more` where there are others after them."""
        with self._database.reading() as reading:
            asked, said = (
                reading.execute(
                    select(table)
                    .where(table.c.conversation == conversation, table.c.id > limit)
                    .order_by(table.c.id)
                    .limit(most + 1)
                ).all()
                for table, limit in ((incoming, place.incoming), (outgoing, place.outgoing))
            )
            typing = self._waits(reading, conversation)
        merged = _merged(asked, said)
        shown = merged[:most]
        return Page(
            [_entry(row) for row in shown],
            first=place,
            last=Place(
                max((row.id for row in shown if _is_asked(row)), default=place.incoming),
                max((row.id for row in shown if not _is_asked(row)), default=place.outgoing),
            ),
            more=len(merged) > most,
            typing=typing,
        )

    def title_of(self, conversation: str, reply: int, offer: str) -> str | None:
        """What a button of a reply says, whether it is out of date or not."""
        with self._database.reading() as reading:
            row = reading.execute(
                select(outgoing.c.reply).where(
                    outgoing.c.id == reply, outgoing.c.conversation == conversation
                )
            ).first()
        for button in (row.reply or {}).get("buttons") or [] if row else []:
            if button.get("offer") == offer:
                return _title(button)
        return None

    def newest(self) -> Place:
        """The numbers of the newest messages of all conversations."""
        with self._database.reading() as reading:
            asked, said = (
                reading.execute(select(func.max(table.c.id))).scalar()
                for table in (incoming, outgoing)
            )
        return Place(asked or 0, said or 0)

    def changed_since(self, place: Place) -> set[str]:
        """The conversations that got messages after a place."""
        changed: set[str] = set()
        with self._database.reading() as reading:
            for table, limit in ((incoming, place.incoming), (outgoing, place.outgoing)):
                found = select(table.c.conversation).where(
                    table.c.id > limit, table.c.channel == self._channel
                )
                changed.update(reading.execute(found.distinct()).scalars())
        return changed

    def delete(self, conversation: str) -> bool:
        """Deletes a conversation: what was said, its buttons, and what its messages were known by.

        The message that is being answered stays: its turn is yet to write what belongs to it.

        Returns:
            Whether nothing is left.
        """
        first = message_key(conversation, "")
        with self._database.writing() as writing:
            busy = select(incoming.c.id).where(
                incoming.c.conversation == conversation,
                incoming.c.state == WAITING,
                incoming.c.claimed_by.isnot(None),
                incoming.c.claimed_until > time.time(),
            )
            left = list(writing.execute(busy).scalars())
            for table in (outgoing, offers):
                writing.execute(delete(table).where(table.c.conversation == conversation))
            writing.execute(
                delete(incoming).where(
                    incoming.c.conversation == conversation, incoming.c.id.notin_(left)
                )
            )
            writing.execute(
                delete(seen_keys).where(
                    seen_keys.c.channel == self._channel,
                    # Neither LIKE, which takes `_` for any character and in SQLite a letter for
                    # its capital, nor a range, which goes by the database's locale.
                    func.substr(seen_keys.c.key, 1, len(first)) == first,
                )
            )
        return not left

    def _waits(self, reading: Any, conversation: str) -> bool:
        waiting = select(incoming.c.id).where(
            incoming.c.channel == self._channel,
            incoming.c.conversation == conversation,
            incoming.c.state == WAITING,
        )
        return reading.execute(waiting.limit(1)).first() is not None


def message_key(conversation: str, client_id: str) -> str:
    """What a message is known by: the page's own id for it, within its conversation."""
    return f"{conversation}/{client_id}"


def _is_asked(row: Any) -> bool:
    return hasattr(row, "content")


def _end(rows: Sequence[Any], before: Place | None, which: int) -> int:
    """Where the part before begins, of a table from which nothing is shown."""
    if rows:
        return int(rows[-1].id) + 1
    return before.as_list()[which] if before else 0


def _merged(asked: Sequence[Any], said: Sequence[Any]) -> list[Any]:
    """Both sides by time; each side stays in its order, and no answer comes before its question.

    The times alone would not do: they are of whichever machine wrote the message down.
    """
    merged: list[Any] = []
    left = list(reversed(asked))
    numbers = {row.id for row in asked}
    for row in said:
        while left and (
            left[-1].written_at <= row.written_at
            or (row.answers in numbers and left[-1].id <= row.answers)
        ):
            merged.append(left.pop())
        merged.append(row)
    return merged + left[::-1]


def _entry(row: Any) -> Entry:
    return _asked_entry(row) if _is_asked(row) else _said_entry(row)


def _asked_entry(row: Any) -> Entry:
    content: Mapping[str, Any] = row.content or {}
    entry: Entry = {
        "side": PERSON,
        "number": row.id,
        "id": content.get("id", ""),
        "text": content.get("text") or content.get("title") or "",
        "at": row.written_at,
    }
    if content.get("spoken"):
        entry["spoken"] = True
    if "offer" in content:
        entry["pressed"] = [content.get("reply"), content["offer"]]
    return entry


def _said_entry(row: Any) -> Entry:
    reply: Mapping[str, Any] = row.reply or {}
    custom = reply.get("custom")
    entry: Entry = {
        "side": BOT,
        "number": row.id,
        "answers": row.answers,
        "text": _text(reply.get("text")),
        "at": row.written_at,
    }
    if isinstance(reply.get("image"), str):
        entry["image"] = reply["image"]
        entry["alt"] = _text(custom.get("alt")) if isinstance(custom, Mapping) else ""
    if isinstance(reply.get("attachment"), str):
        entry["attachment"] = reply["attachment"]
    buttons = [
        {"title": _title(button), "offer": button["offer"]}
        for button in reply.get("buttons") or []
        if button.get("offer") and _title(button)
    ]
    if buttons:
        entry["buttons"] = buttons
    return entry


def _title(button: Mapping[str, Any]) -> str:
    return _text(button.get("title"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
