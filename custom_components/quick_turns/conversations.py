"""A long conversation: read from where its latest turns began, not from where its session did.

Rasa reads all events of a session with each message, makes objects of them, and sends them to the
action server with each action: a conversation of thousands of turns gets slower with each. Here
the latest turns are read, and before them what is left of those before: the latest value of each
slot, and when each action was last taken. Where something goes on that began before (a form), it
is read from its beginning. What is stored stays as it is, and whoever asks for the whole
conversation gets it.

The methods replaced are those of Rasa's store for SQL, so that stores derived from it have it too.
"""

from __future__ import annotations

import itertools
import json
import logging
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

logger = logging.getLogger(__name__)

_retrieve_by_rasa = SQLTrackerStore._retrieve
_additional_by_rasa = SQLTrackerStore._additional_events
_READ = "_quick_window"

_INDEXES = {
    "parley_events_in_order": "sender_id, id",
    "parley_events_by_kind": "sender_id, type_name, id",
    "parley_events_by_name": "sender_id, type_name, action_name, id",
}
"""What Rasa's table is asked by, beyond Rasa's own index."""

_AHEAD_OF_FORM = 10
"""Turns that are read before the beginning of a form that goes on."""

_UNDOING = ("rewind", "undo", "restart", "reset_slots", "followup", "agent", "form", "export")
"""Events after which the state is not that of the latest slots: then all is read."""


@dataclass(frozen=True)
class _Window:
    """What of a session was read."""

    first: int
    """The number of the first event that was read as it is."""
    ahead: int
    """How many events stand for those before."""


_prepared: weakref.WeakSet[SQLTrackerStore] = weakref.WeakSet()


def install(turns: int | None) -> None:
    """Replaces Rasa's methods.

    Args:
        turns: So many are read; None: all, as Rasa does.
    """
    if turns is None:
        SQLTrackerStore._retrieve = _retrieve_by_rasa
        SQLTrackerStore._additional_events = _additional_by_rasa
        return

    async def retrieve(
        self: SQLTrackerStore, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        if fetch_events_from_all_sessions or not self.domain:
            found: DialogueStateTracker | None = await _retrieve_by_rasa(
                self, sender_id, fetch_events_from_all_sessions
            )
            return found
        return read_latest(self, sender_id, turns)

    SQLTrackerStore._retrieve = retrieve
    SQLTrackerStore._additional_events = additional_events


def read_latest(store: SQLTrackerStore, sender: str, turns: int) -> DialogueStateTracker | None:
    """Returns a conversation with its latest turns, None where there is none."""
    _prepare(store)
    with store.session_scope() as session:
        table = store.SQLEvent.__table__
        begun = _session_begun(session, table, sender)
        first = _window(session, table, sender, begun, turns) or begun
        ahead = [] if first == begun else _ahead(session, store, table, sender, begun, first)
        rows = session.execute(
            sa.select(table.c.data)
            .where(table.c.sender_id == sender, table.c.id >= first)
            .order_by(table.c.id)
        )
        latest = [json.loads(data) for (data,) in rows]
    if not latest:
        return None
    tracker: DialogueStateTracker = DialogueStateTracker.from_dict(
        sender, [*ahead, *latest], store.domain.slots
    )
    tracker.__dict__[_READ] = _Window(first, len(ahead))
    return tracker


def additional_events(
    self: SQLTrackerStore, session: Session, tracker: DialogueStateTracker
) -> Iterator[Any]:
    """Returns the events of a tracker that are not stored yet, as Rasa's method."""
    window: _Window | None = tracker.__dict__.get(_READ)
    if window is None:
        found: Iterator[Any] = _additional_by_rasa(self, session, tracker)
        return found
    table = self.SQLEvent.__table__
    stored = session.execute(
        sa.select(sa.func.count()).where(
            table.c.sender_id == tracker.sender_id, table.c.id >= window.first
        )
    ).scalar_one()
    return itertools.islice(tracker.events, window.ahead + stored, len(tracker.events))


def _session_begun(session: Session, table: Any, sender: str) -> int:
    """The number of the event that began the session; 0 where none did.

    Rasa goes by the time that is written into events, which misleads where the clock was set back.
    """
    found = session.execute(
        sa.select(sa.func.max(table.c.id)).where(
            table.c.sender_id == sender, table.c.type_name == SessionStarted.type_name
        )
    ).scalar()
    return int(found or 0)


def _window(session: Session, table: Any, sender: str, begun: int, turns: int) -> int | None:
    """The number of the event that the latest turns begin with; None: all is to be read."""
    if not begun:
        return None
    of_session = sa.and_(table.c.sender_id == sender, table.c.id > begun)

    def message_back(count: int, before: int | None = None) -> int | None:
        """The number of the person's message that stands so far from the end, or before another."""
        chosen = sa.select(table.c.id).where(of_session, table.c.type_name == "user")
        if before is not None:
            chosen = chosen.where(table.c.id < before)
        chosen = chosen.order_by(table.c.id.desc()).limit(1).offset(count - 1)
        found: int | None = session.execute(chosen).scalar()
        return found

    def last(before: int, kind: str, name: str | None = None) -> Any:
        chosen = sa.select(table.c.id, table.c.action_name).where(
            of_session, table.c.id < before, table.c.type_name == kind
        )
        if name is not None:
            chosen = chosen.where(table.c.action_name == name)
        return session.execute(chosen.order_by(table.c.id.desc()).limit(1)).first()

    message = message_back(turns)
    # A form goes on since before: from some turns ahead of its beginning on. To the policies, a
    # form that goes on is one step, however many turns it takes.
    while message is not None:
        loop = last(message, "active_loop")
        if loop is None or loop.action_name is None:
            break
        message = message_back(min(turns, _AHEAD_OF_FORM), loop.id)
    if message is None:
        return None
    listening = last(message, "action", ACTION_LISTEN_NAME)
    if listening is None:
        return None
    begins: int = listening.id
    undone = session.execute(
        sa.select(table.c.id)
        .where(of_session, table.c.id < begins, table.c.type_name.in_(_UNDOING))
        .limit(1)
    ).scalar()
    return None if undone is not None else begins


def _ahead(
    session: Session,
    store: SQLTrackerStore,
    table: Any,
    sender: str,
    begun: int,
    window: int,
) -> list[dict[str, Any]]:
    """What stands for the events before: the session's beginning, slots, actions, pauses."""
    domain = store.domain
    slots = [slot.name for slot in domain.slots]
    left_out = {ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, *domain.form_names}
    actions = [name for name in domain.action_names_or_texts if name not in left_out]
    numbers = {begun}
    for kind, names in (("slot", slots), ("action", actions)):
        numbers.update(_latest(session, sender, kind, names, begun, window))
    for kind in ("pause", "resume"):
        numbers.update(_latest(session, sender, kind, None, begun, window))
    rows = sa.select(table.c.data).where(table.c.id.in_(sorted(numbers))).order_by(table.c.id)
    return [json.loads(data) for (data,) in session.execute(rows)]


def _latest(
    session: Session, sender: str, kind: str, names: Sequence[str] | None, after: int, before: int
) -> Iterator[int]:
    """The number of the latest event of a kind, for each name; without names, of all."""
    bounds = {"sender": sender, "kind": kind, "after": after, "before": before}
    which = "sender_id = :sender AND type_name = :kind AND id > :after AND id < :before"
    if names is None:
        found = session.execute(sa.text(f"SELECT max(id) FROM events WHERE {which}"), bounds)
    elif names:
        # Each by the index, however many events there are: a grouping would read all of them.
        listed = ", ".join(f"(:name{number})" for number in range(len(names)))
        found = session.execute(
            sa.text(
                f"SELECT (SELECT max(id) FROM events WHERE {which} AND action_name = "
                f"named.column1) FROM (VALUES {listed}) AS named"
            ),
            {**bounds, **{f"name{number}": name for number, name in enumerate(names)}},
        )
    else:
        return
    for (number,) in found:
        if number is not None:
            yield number


def _prepare(store: SQLTrackerStore) -> None:
    """Adds the indexes, once for each store."""
    if store in _prepared:
        return
    _prepared.add(store)
    for name, columns in _INDEXES.items():
        try:
            with store.engine.begin() as connection:
                connection.execute(
                    sa.text(f"CREATE INDEX IF NOT EXISTS {name} ON events ({columns})")
                )
        except SQLAlchemyError as error:
            # Another process makes it just now, or this one may not: it only takes longer.
            logger.warning("The index %s was not made: %s", name, type(error).__name__)
