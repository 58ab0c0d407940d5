"""Timers, alarms and reminders, kept per user; and what is due of everybody's.

A reminder is waiting, delivered or cancelled. One that recurs goes on waiting, for its next time,
after each delivery. Whoever is about to deliver one claims it first: an UPDATE whose WHERE holds
for one of several at the same time, on SQLite and PostgreSQL alike. A claim that nobody confirmed
runs out, and the next attempt has more patience.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from actions.recurring import next_occurrence
from actions.storage.database import Database
from actions.storage.models import reminders_table as table

TIMER, ALARM, REMINDER = "timer", "alarm", "reminder"
KINDS = (TIMER, ALARM, REMINDER)

WAITING, DELIVERED, CANCELLED = "waiting", "delivered", "cancelled"

MOST_WAITING = 100
"""Of one user: beyond that it is a mistake, or somebody who wants to fill the disk."""

KEPT = timedelta(days=30)
"""How long what is over stays, for "snooze" and "undo"."""

FIRST_CLAIM = timedelta(seconds=90)
"""Longer than any delivery takes; each attempt that fails doubles it."""

LONGEST_CLAIM = timedelta(hours=1)


class TooManyRemindersError(Exception):
    """The user has as many waiting as Parley keeps."""


@dataclass(frozen=True)
class Reminder:
    """A timer, an alarm or a reminder."""

    kind: str
    due_at: datetime
    """Aware."""

    zone: str
    """The IANA name of the time zone that it was set in."""

    channel: str
    """The channel it was set through, where it is delivered."""

    created_at: datetime
    what: str | None = None
    """What to be reminded of, or the name of a timer."""

    rrule: str | None = None
    """How it recurs, as RFC 5545 writes it; None: once."""

    first_at: datetime | None = None
    """Where the recurrence begins; the time due unless given."""

    state: str = WAITING
    delivered_at: datetime | None = None
    snoozed: int = 0
    """How many times it was put off after it was delivered."""

    id: int = 0

    @property
    def local_due(self) -> datetime:
        """When it is due, in its own time zone."""
        return self.due_at.astimezone(ZoneInfo(self.zone))


Key = tuple[int, datetime]
"""Which delivery: the reminder's id, and the time at which it was due."""


class ReminderRepository:
    """The reminders of one user. Every method may raise `StorageError`."""

    def __init__(self, database: Database, user_id: str) -> None:
        """Remembers where the reminders are and whose.

        Args:
            database: The database.
            user_id: The conversation's sender.
        """
        self._database = database
        self._user_id = user_id

    def waiting(self) -> list[Reminder]:
        """All that is still to come, the next one first."""
        with self._database.reading() as session:
            return self._select(session, table.c.state == WAITING)

    def named(self, ids: Iterable[int]) -> list[Reminder]:
        """The reminders of these ids, whatever became of them."""
        with self._database.reading() as session:
            return self._select(session, table.c.id.in_(list(ids)))

    def delivered_since(self, moment: datetime) -> list[Reminder]:
        """What was delivered since then, the latest first."""
        with self._database.reading() as session:
            found = self._select(
                session, and_(table.c.delivered_at >= moment, table.c.state != CANCELLED)
            )
        return sorted(found, key=lambda r: r.delivered_at or r.due_at, reverse=True)

    def add(self, reminders: Sequence[Reminder], now: datetime) -> list[Reminder]:
        """Adds reminders, all or none of them.

        Raises:
            TooManyRemindersError: If more than `MOST_WAITING` would be waiting.
        """
        with self._database.writing() as session:
            over = and_(self._mine(), table.c.state != WAITING, table.c.due_at < now - KEPT)
            session.execute(delete(table).where(over))
            counted = select(func.count()).where(self._mine(), table.c.state == WAITING)
            if session.execute(counted).scalar_one() + len(reminders) > MOST_WAITING:
                raise TooManyRemindersError(f"More than {MOST_WAITING} would be waiting.")
            added = []
            for reminder in reminders:
                row = _row(reminder) | {"user_id": self._user_id}
                inserted: Any = session.execute(insert(table).values(**row))
                added.append(replace(reminder, id=inserted.inserted_primary_key[0]))
            return added

    def put(self, reminder: Reminder) -> bool:
        """Writes all of a reminder over what is kept of it, and frees it for delivery.

        Returns:
            Whether it was there.
        """
        row = _row(reminder) | {"claimed_until": None, "attempts": 0}
        with self._database.writing() as session:
            statement = update(table).where(self._mine(), table.c.id == reminder.id).values(**row)
            return _count(session, statement) == 1

    def cancel(self, ids: Sequence[int]) -> list[Reminder]:
        """Cancels what is still waiting of these; returns it as it was."""
        with self._database.writing() as session:
            chosen = and_(table.c.id.in_(list(ids)), table.c.state == WAITING)
            before = self._select(session, chosen)
            gone = table.c.id.in_([reminder.id for reminder in before])
            session.execute(update(table).where(self._mine(), gone).values(state=CANCELLED))
            return before

    def claim_due(self, now: datetime) -> list[Reminder]:
        """Takes what is due and in nobody's hands; it is this caller's until the claim runs out."""
        with self._database.reading() as session:
            candidates = session.execute(
                select(table.c.id, table.c.attempts).where(self._mine(), _free(now))
            ).all()
        if not candidates:
            return []  # as nearly always, and then nobody's lock is waited for
        with self._database.writing() as session:
            claimed = []
            for number, attempts in candidates:
                claim = min(FIRST_CLAIM * 2 ** min(attempts, 10), LONGEST_CLAIM)
                # One statement, and its count decides.
                statement = (
                    update(table)
                    .where(table.c.id == number, _free(now))
                    .values(claimed_until=now + claim, attempts=attempts + 1)
                )
                if _count(session, statement) == 1:
                    claimed.append(number)
            return self._select(session, table.c.id.in_(claimed))

    def confirm(self, deliveries: Iterable[Key], now: datetime) -> int:
        """Notes deliveries as done; what recurs waits for its next time.

        It may be called twice for the same delivery: the second time, nothing happens.

        Returns:
            How many were not noted before.
        """
        done = 0
        with self._database.writing() as session:
            for number, due_at in deliveries:
                same = and_(
                    table.c.id == number, table.c.due_at == due_at, table.c.state == WAITING
                )
                for reminder in self._select(session, same):
                    statement = update(table).where(self._mine(), same)
                    done += _count(session, statement.values(**_delivered(reminder, now)))
        return done

    def _mine(self) -> Any:
        return table.c.user_id == self._user_id

    def _select(self, session: Session, condition: Any) -> list[Reminder]:
        statement = select(table).where(self._mine(), condition)
        rows = session.execute(statement.order_by(table.c.due_at, table.c.id)).mappings()
        return [_reminder(row) for row in rows]


def due_conversations(
    database: Database, now: datetime, left_out: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """The conversations in which something is due and in nobody's hands.

    Args:
        database: The database.
        now: The present moment.
        left_out: The channels whose reminders are not looked for.

    Returns:
        Users and channels.
    """
    statement = (
        select(table.c.user_id, table.c.channel, func.min(table.c.due_at))
        .where(_free(now), table.c.channel.not_in(list(left_out)))
        .group_by(table.c.user_id, table.c.channel)
        .order_by(func.min(table.c.due_at))
    )
    with database.reading() as session:
        return [(user, channel) for user, channel, _ in session.execute(statement)]


def _free(now: datetime) -> Any:
    return and_(
        table.c.state == WAITING,
        table.c.due_at <= now,
        or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now),
    )


def _delivered(reminder: Reminder, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"delivered_at": now, "claimed_until": None, "attempts": 0}
    following = None
    if reminder.rrule:
        following = next_occurrence(
            reminder.rrule,
            reminder.first_at or reminder.due_at,
            reminder.due_at,
            now,
            ZoneInfo(reminder.zone),
        )
    return values | ({"due_at": following} if following else {"state": DELIVERED})


def _count(session: Session, statement: Any) -> int:
    # Whether rows matched is what the database counted, not what the session holds.
    result: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def _row(reminder: Reminder) -> dict[str, Any]:
    names = (
        "kind due_at zone channel created_at what rrule first_at state delivered_at snoozed".split()
    )
    row = {name: getattr(reminder, name) for name in names}
    return row | {"first_at": reminder.first_at or reminder.due_at}


def _reminder(row: Any) -> Reminder:
    names = Reminder.__dataclass_fields__
    return Reminder(**{name: row[name] for name in names})
