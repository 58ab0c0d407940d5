"""Conversations out of Rasa's SQL tracker store, by questions that read no more than is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy import case, func, null, or_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from channels.inspector.reading import (
    ConversationsUnreadableError,
    Excerpt,
    Listing,
    Reader,
    Summary,
    bounds,
    turn_starts,
)
from channels.inspector.state import CHANGES_STATE, Event

SEARCHED_EVENTS = 50_000
"""Words are looked for among so many of the store's newest events."""

MATCHES_READ = 2_000
"""Of what might match, so much is looked at closely."""

_event = SQLTrackerStore.SQLEvent
Result = TypeVar("Result")


def can_read(store: object) -> bool:
    """Whether a store is an SQL database that other threads can read, too."""
    return isinstance(store, SQLTrackerStore) and not isinstance(
        store.engine.pool, (SingletonThreadPool, StaticPool)
    )


class SqlReader(Reader):
    """Reads an SQL tracker store.

    The list is made from the index on the sender alone; messages are read of those conversations
    that are listed. Turns are counted once, and from then on what is new is counted.
    """

    def __init__(self, store: SQLTrackerStore) -> None:
        """Keeps the store."""
        self._store = store
        self._counted: dict[str, tuple[int, int]] = {}
        """Of each listed conversation, up to which event its turns were counted, and how many."""

    async def newest(self, limit: int, search: str) -> Listing:
        """The conversations with the newest events."""
        return await self._ask(partial(self._newest, limit, search.lower()))

    async def version(self, sender: str) -> str | None:
        """The number of the newest event."""
        return await self._ask(partial(_last_id, sender))

    async def turns(self, sender: str, first: int, last: int) -> Excerpt | None:
        """Reads the events of these turns."""
        return await self._ask(partial(_turns, sender, first, last))

    async def messages(self, sender: str, last: int, most: int) -> list[tuple[int, Event]]:
        """Reads these messages."""
        return await self._ask(partial(_messages, sender, last, most))

    async def _ask(self, question: Callable[[Session], Result]) -> Result:
        def ask() -> Result:
            with self._store.session_scope() as session:
                return question(session)

        try:
            return await asyncio.to_thread(ask)
        except SQLAlchemyError as error:
            raise ConversationsUnreadableError(type(error).__name__) from error

    def _newest(self, limit: int, wanted: str, session: Session) -> Listing:
        latest = func.max(_event.id).label("latest")
        query = session.query(_event.sender_id, latest).group_by(_event.sender_id)
        total = session.query(func.count()).select_from(query.subquery()).scalar()
        newest = session.query(func.max(_event.id)).scalar() or 0
        told = None
        if wanted:
            query = query.filter(
                or_(
                    func.lower(_event.sender_id).contains(wanted, autoescape=True),
                    _event.sender_id.in_(_senders_saying(session, wanted, newest)),
                )
            )
            if newest > SEARCHED_EVENTS:
                told = f"words among the newest {SEARCHED_EVENTS} events"
        rows = query.order_by(latest.desc()).limit(limit).all()
        return Listing(
            [self._summary(session, sender, last) for sender, last in rows],
            total,
            str(newest),
            told,
        )

    def _summary(self, session: Session, sender: str, last: int) -> Summary:
        counted_to, turns = self._counted.get(sender, (0, 0))
        messages = session.query(_event).filter(
            _event.sender_id == sender, _event.type_name == "user"
        )
        if counted_to != last:
            turns += messages.filter(_event.id > counted_to, _event.id <= last).count()
            self._counted[sender] = (last, turns)
        said = messages.order_by(_event.id.desc()).limit(1).first()
        at = session.query(_event.timestamp).filter(_event.id == last).scalar()
        return Summary.of(sender, turns, at or 0.0, json.loads(said.data) if said else None)


def _senders_saying(session: Session, wanted: str, newest: int) -> list[str]:
    """Whose newest messages, or the answers to them, have the words in them."""
    # In the database, texts are JSON: other letters than ASCII stand there as \\u00e9. LIKE knows
    # upper and lower case of ASCII alone, so that what it finds is looked at, and what has other
    # letters is looked for by its longest part without them.
    plain = max(_ascii_parts(wanted), key=len, default="")
    query = session.query(_event.sender_id, _event.data).filter(
        _event.id > newest - SEARCHED_EVENTS, _event.type_name.in_(("user", "bot"))
    )
    if plain:
        query = query.filter(_event.data.ilike(f"%{_escaped(plain)}%", escape="/"))
    found: dict[str, None] = {}
    for sender, data in query.order_by(_event.id.desc()).limit(MATCHES_READ):
        if sender not in found and wanted in str(json.loads(data).get("text") or "").lower():
            found[sender] = None
    return list(found)


def _ascii_parts(text: str) -> list[str]:
    # What JSON escapes cannot be looked for as it is.
    return "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "\n"
        for letter in text
    ).split("\n")


def _escaped(text: str) -> str:
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _last_id(sender: str, session: Session) -> str | None:
    last = session.query(func.max(_event.id)).filter(_event.sender_id == sender).scalar()
    return None if last is None else str(last)


def _turns(sender: str, first: int, last: int, session: Session) -> Excerpt | None:
    version = _last_id(sender, session)
    if version is None:
        return None
    said = _message_ids(session, sender)
    begin, end = bounds(first, last, len(said))
    # The session that a turn begins with lies behind the message before it.
    after = said[begin - 2] if begin > 1 else 0
    until = said[end] if 0 < end < len(said) else int(version) + 1
    rows = (
        session.query(_event.data)
        .filter(_event.sender_id == sender, _event.id > after, _event.id < until)
        .order_by(_event.id)
    )
    events = [json.loads(data) for (data,) in rows]
    starts = turn_starts(events)
    if 0 < end < len(said):
        events = events[: _end_of_last(session, sender, events, said[end - 1], said[end])]
    cut = starts[0] if begin > 1 and starts else 0
    return Excerpt(
        total=len(said),
        first=begin,
        before=[*_light_events(session, sender, after), *events[:cut]],
        events=events[cut:],
        version=version,
        starts=[start - cut for start in starts],
    )


def _end_of_last(
    session: Session, sender: str, events: list[Event], message: int, following: int
) -> int:
    """How many of the events there are before the session that the following message began."""
    for position in range(len(events) - 1, -1, -1):
        if events[position].get("event") == "user":
            break
    else:
        return len(events)
    tail = [*events[position + 1 :], {"event": "user"}]
    return position + 1 + turn_starts(tail)[0]


def _light_events(session: Session, sender: str, until: int) -> list[Event]:
    """All events up to one, as far as they bear on slots."""
    if not until:
        return []
    data: Any = case([(_event.type_name.in_(CHANGES_STATE), _event.data)], else_=null())
    rows = (
        session.query(_event.type_name, data)
        .filter(_event.sender_id == sender, _event.id <= until)
        .order_by(_event.id)
    )
    return [json.loads(kept) if kept else {"event": kind} for kind, kept in rows]


def _message_ids(session: Session, sender: str) -> list[int]:
    rows = (
        session.query(_event.id)
        .filter(_event.sender_id == sender, _event.type_name == "user")
        .order_by(_event.id)
    )
    return [number for (number,) in rows]


def _messages(sender: str, last: int, most: int, session: Session) -> list[tuple[int, Event]]:
    numbered = list(enumerate(_message_ids(session, sender), 1))
    wanted = numbered[: bounds(1, last, len(numbered))[1]][-most:]
    if not wanted:
        return []
    rows = (
        session.query(_event.data)
        .filter(
            _event.sender_id == sender,
            _event.type_name == "user",
            _event.id.between(wanted[0][1], wanted[-1][1]),
        )
        .order_by(_event.id)
    )
    return [
        (number, json.loads(data)) for (number, _), (data,) in zip(wanted, rows.all(), strict=True)
    ]
