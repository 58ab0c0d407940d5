"""Conversations out of Rasa's SQL tracker store, by questions that read no more than is shown."""

from __future__ import annotations

import asyncio
import heapq
import json
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy import case, func, null
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
from channels.inspector.state import CHANGES_STATE, Event, light

SEARCHED_EVENTS = 50_000
"""Words are looked for among so many of the store's newest events."""

MATCHES_READ = 2_000
"""Of what might match, so much is looked at closely."""

READ_AGAIN_AFTER = 300.0
"""Seconds after which it is looked anew which conversations there are."""

_event = SQLTrackerStore.SQLEvent
Result = TypeVar("Result")


def can_read(store: object) -> bool:
    """Whether a store is an SQL database that other threads can read, too."""
    return isinstance(store, SQLTrackerStore) and not isinstance(
        store.engine.pool, (SingletonThreadPool, StaticPool)
    )


class SqlReader(Reader):
    """Reads an SQL tracker store.

    Which conversations there are is read once, from the index on the sender alone, and from then
    on what is new; so are their turns counted. Messages are read of those that are listed.
    """

    def __init__(self, store: SQLTrackerStore) -> None:
        """Keeps the store."""
        self._store = store
        self._latest: dict[str, int] = {}
        """The newest event of each conversation."""
        self._known, self._read_at = 0, -math.inf
        """Up to which event they are known, and when all of them were read."""
        self._counted: dict[str, tuple[int, int]] = {}
        """Of each listed conversation, up to which event its turns were counted, and how many."""
        self._light: tuple[str, int, int, list[Event]] = ("", 0, 0, [])
        """What was read last of what bears on slots: whose, from and to which event."""

    async def newest(self, limit: int, search: str) -> Listing:
        """The conversations with the newest events."""
        return await self._ask(partial(self._newest, limit, search.lower()))

    async def version(self, sender: str) -> str | None:
        """The number of the newest event."""
        return await self._ask(partial(_last_id, sender))

    async def turns(self, sender: str, first: int, last: int) -> Excerpt | None:
        """Reads the events of these turns."""
        return await self._ask(partial(self._turns, sender, first, last))

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
        newest = self._read_new(session)
        latest = self._latest
        told = None
        if wanted:
            saying = set(_senders_saying(session, wanted, newest))
            latest = {
                sender: last
                for sender, last in latest.items()
                if wanted in sender.lower() or sender in saying
            }
            if newest > SEARCHED_EVENTS:
                told = f"all ids, and the words of the newest {SEARCHED_EVENTS} events"
        chosen = heapq.nlargest(limit, latest.items(), key=lambda one: one[1])
        summaries = [self._summary(session, sender, last) for sender, last in chosen]
        return Listing(summaries, len(self._latest), str(newest), told)

    def _read_new(self, session: Session) -> int:
        """Reads which conversations have new events; the number of the newest event."""
        newest = session.query(func.max(_event.id)).scalar() or 0
        # Who deletes conversations tells nobody: now and then all is read.
        again = time.monotonic() - self._read_at > READ_AGAIN_AFTER or newest < self._known
        if again or newest > self._known:
            query = session.query(_event.sender_id, func.max(_event.id)).group_by(_event.sender_id)
            found = query if again else query.filter(_event.id > self._known)
            self._latest = {**({} if again else self._latest), **dict(found.all())}
            self._known = newest
        if again:
            self._read_at = time.monotonic()
        return newest

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

    def _turns(self, sender: str, first: int, last: int, session: Session) -> Excerpt | None:
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
            before=[*self._before(session, sender, after), *events[:cut]],
            events=events[cut:],
            version=version,
            starts=[start - cut for start in starts],
        )

    def _before(self, session: Session, sender: str, until: int) -> list[Event]:
        """What bears on the slots after an event: what happened in its session until then."""
        begin = _begin_of_session(session, sender, until) if until else 0
        whose, known_begin, known_until, known = self._light
        if (whose, known_begin) != (sender, begin) or known_until > until:
            known_until, known = max(begin - 1, 0), []
        events = [*known, *_light_events(session, sender, known_until, until)]
        self._light = (sender, begin, until, events)
        return events


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


def _begin_of_session(session: Session, sender: str, until: int) -> int:
    """The event, at most one given, with which slots were last what they are in the beginning."""
    begin = (
        session.query(func.max(_event.id))
        .filter(
            _event.sender_id == sender,
            _event.id <= until,
            _event.type_name.in_(("session_started", "restart")),
        )
        .scalar()
    )
    return begin or 0


def _light_events(session: Session, sender: str, after: int, until: int) -> list[Event]:
    """Events, as far as they bear on slots."""
    data: Any = case([(_event.type_name.in_(CHANGES_STATE), _event.data)], else_=null())
    rows = (
        session.query(_event.type_name, data)
        .filter(_event.sender_id == sender, _event.id > after, _event.id <= until)
        .order_by(_event.id)
    )
    return [light(json.loads(kept) if kept else {"event": kind}) for kind, kept in rows]


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
