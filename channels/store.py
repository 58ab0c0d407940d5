"""What the channels keep: messages from their arrival to their answer, and answers until sent.

A message is written down before it is acknowledged to the platform. Its answers are written down
in the transaction that marks it done, and sent from there. So whatever ends the process in
between, nothing that was acknowledged is lost, and no answer is made twice.

All methods block; the channels call them in threads.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actions.storage.database import Database
from actions.storage.rows import put
from channels.messages import Incoming, Outgoing, Reply, Written
from channels.schema import CHANNELS
from channels.tables import (
    incoming,
    leases,
    notes,
    offers,
    outgoing,
    seen_keys,
)

WAITING, DONE, SENT, GIVEN_UP = "waiting", "done", "sent", "given up"

KEYS_KEPT = timedelta(days=3)
"""Telegram redelivers for a day, Slack for some hours."""

CLAIMED_FOR = timedelta(seconds=30)
"""How long a message stays its holder's if that is gone without a word."""

OFFERS_KEPT = timedelta(days=7)
"""How long a button stays that does not belong to a question."""


class ChannelStore:
    """The messages of one channel, in a database that channels and processes share."""

    def __init__(self, database: Database, channel: str, keeps_history: bool = False) -> None:
        """Prepares the work on an open database.

        Args:
            database: With the tables of `channels.tables`.
            channel: The channel's name.
            keeps_history: Whether what was said stays readable after it was sent. Platforms keep
                the history themselves; the words are then erased here as soon as they are sent.
        """
        self._database = database
        self._channel = channel
        self._keeps_history = keeps_history

    @property
    def database(self) -> Database:
        """The database, for what a channel keeps of its own."""
        return self._database

    # ------------------------------------------------------------- what comes in

    def write_down(self, message: Incoming) -> int | None:
        """Writes a message down, unless it was written down before.

        Returns:
            The message's number; None for a redelivery, which changes nothing.

        Raises:
            StorageError: If it could not be written. It must not be acknowledged.
        """
        now = time.time()
        with self._database.writing() as session:
            known = False
            for key in message.keys:
                # Several servers may be told the same at once: the database decides. The keys
                # that are new stay, whatever the others are: they name the same message.
                try:
                    with session.begin_nested():
                        session.execute(
                            insert(seen_keys).values(channel=self._channel, key=key, seen_at=now)
                        )
                except IntegrityError:
                    known = True
            if known:
                return None
            # The 1.4 stubs know no results of inserts and updates.
            inserted: Any = session.execute(
                insert(incoming).values(
                    channel=self._channel,
                    conversation=message.conversation,
                    content=dict(message.content),
                    state=WAITING,
                    attempts=0,
                    written_at=now,
                )
            )
            return int(inserted.inserted_primary_key[0])

    def conversations_waiting(self) -> list[str]:
        """The conversations with messages that wait to be handled, longest first."""
        return self._waiting_in(incoming)

    def waiting_messages(self, conversation: str) -> int:
        """How many messages of a conversation wait to be handled."""
        with self._database.reading() as session:
            return int(
                session.execute(
                    select(func.count()).where(
                        incoming.c.channel == self._channel,
                        incoming.c.conversation == conversation,
                        incoming.c.state == WAITING,
                    )
                ).scalar_one()
            )

    def depth(self) -> tuple[int, int]:
        """How many messages wait to be handled, and how many answers to be sent."""
        with self._database.reading() as session:
            incoming_waiting, outgoing_waiting = (
                int(
                    session.execute(
                        select(func.count()).where(
                            messages.c.channel == self._channel, messages.c.state == WAITING
                        )
                    ).scalar_one()
                )
                for messages in (incoming, outgoing)
            )
            return incoming_waiting, outgoing_waiting

    def begin_next(self, conversation: str, holder: str) -> Written | None:
        """The oldest message of a conversation that waits, claimed; its attempts are counted.

        Args:
            conversation: Whose messages.
            holder: Who will handle it.

        Returns:
            The message; None where there is none, or another holder is at it.
        """
        with self._database.writing() as session:
            return self._begin_next(session, conversation, holder)

    def finish(
        self,
        written: Written,
        replies: Sequence[Reply],
        place: Mapping[str, Any] | None = None,
        holder: str | None = None,
    ) -> Written | None:
        """Marks a message as done, and writes its answers down to be sent.

        The buttons of earlier answers are closed: the conversation has gone on.

        Args:
            written: The message.
            replies: What the bot said.
            place: Where in the conversation the answers go.
            holder: Who will handle the conversation's next message, too.

        Returns:
            The conversation's next message, as `begin_next` gives it.
        """
        done: dict[str, Any] = {"state": DONE, "claimed_by": None}
        if not self._keeps_history:
            done["content"] = None
        with self._database.writing() as session:
            changed: Any = session.execute(
                update(incoming)
                .where(incoming.c.id == written.id, incoming.c.state == WAITING)
                .values(**done)
            )
            if changed.rowcount:
                session.execute(
                    update(offers)
                    .where(
                        offers.c.conversation == written.conversation,
                        offers.c.open.is_(True),
                        offers.c.lasting.is_(False),
                    )
                    .values(open=False)
                )
                self._queue(session, written.conversation, replies, place or {}, written.id)
            return self._begin_next(session, written.conversation, holder) if holder else None

    def put_back(self, written: Written, attempts: int) -> None:
        """Has a message wait that was begun and not finished: whoever looks next may take it.

        Args:
            written: The message, as it was begun.
            attempts: How often its handling counts as begun.
        """
        with self._database.writing() as session:
            session.execute(
                update(incoming)
                .where(incoming.c.id == written.id, incoming.c.state == WAITING)
                .values(claimed_by=None, attempts=attempts)
            )

    # ------------------------------------------------------------- what goes out

    def queue(
        self,
        conversation: str,
        replies: Sequence[Reply],
        place: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes down what is said without being asked; its buttons outlast the next turn."""
        with self._database.writing() as session:
            self._queue(session, conversation, replies, place or {}, None)

    def conversations_to_send(self) -> list[str]:
        """The conversations with something to send, longest waiting first."""
        return self._waiting_in(outgoing)

    def next_to_send(self, conversation: str, holder: str) -> Outgoing | None:
        """The oldest of a conversation that is to be sent, claimed.

        Returns:
            The message; None where there is none, or another holder is at it.
        """
        with self._database.writing() as session:
            return self._next_to_send(session, conversation, holder)

    def mark_sent(self, message: Outgoing, holder: str | None = None) -> Outgoing | None:
        """Notes that the platform took it.

        Returns:
            The conversation's next, as `next_to_send` gives it, if there is a holder for it.
        """
        return self._end_sending(message, SENT, holder)

    def give_up(self, message: Outgoing, holder: str | None = None) -> Outgoing | None:
        """Notes that it cannot be sent.

        Returns:
            As `mark_sent`.
        """
        return self._end_sending(message, GIVEN_UP, holder)

    def note_failure(self, message: Outgoing) -> None:
        """Counts a sending that failed and will be tried again."""
        with self._database.writing() as session:
            session.execute(
                update(outgoing)
                .where(outgoing.c.id == message.id)
                .values(attempts=outgoing.c.attempts + 1)
            )

    # ------------------------------------------------------------------- buttons

    def pressed(self, conversation: str, offer: str) -> tuple[str, str] | None:
        """What a button that was offered in this conversation stands for.

        Returns:
            Its payload and its title; None for one that is out of date, unknown, or another
            conversation's.
        """
        with self._database.reading() as session:
            row = session.execute(
                select(offers.c.payload, offers.c.title).where(
                    offers.c.id == offer,
                    offers.c.conversation == conversation,
                    offers.c.open.is_(True),
                )
            ).first()
        return (row.payload, row.title) if row else None

    def offered_in(self, offer: str) -> str | None:
        """The conversation that a button was offered in, be it out of date or not."""
        with self._database.reading() as session:
            found = session.execute(
                select(offers.c.conversation).where(offers.c.id == offer)
            ).scalar()
        return str(found) if found is not None else None

    # --------------------------------------------------------------------- notes

    def note(self, name: str, value: Any) -> None:
        """Keeps a small thing that the channel has to know later; JSON."""
        mine = {"channel": self._channel, "name": name}
        with self._database.writing() as session:
            put(session, notes, mine, {"value": value})

    def noted(self, name: str) -> Any:
        """What was kept under a name; None where nothing was."""
        with self._database.reading() as session:
            return session.execute(
                select(notes.c.value).where(notes.c.channel == self._channel, notes.c.name == name)
            ).scalar()

    # -------------------------------------------------------------------- leases

    def acquire(self, name: str, holder: str, seconds: float) -> bool:
        """Takes or renews the right to work at something, which runs out by itself.

        Returns:
            Whether the holder has it now.
        """
        now = time.time()
        mine = f"{self._channel}:{name}"
        with self._database.writing() as session:
            changed: Any = session.execute(
                update(leases)
                .where(
                    leases.c.name == mine,
                    (leases.c.holder == holder) | (leases.c.until < now),
                )
                .values(holder=holder, until=now + seconds)
            )
            if changed.rowcount:
                return True
            try:
                with session.begin_nested():
                    session.execute(
                        insert(leases).values(name=mine, holder=holder, until=now + seconds)
                    )
            except IntegrityError:
                return False
            return True

    def release(self, name: str, holder: str) -> None:
        """Gives the right back."""
        with self._database.writing() as session:
            session.execute(
                delete(leases).where(
                    leases.c.name == f"{self._channel}:{name}", leases.c.holder == holder
                )
            )

    # -------------------------------------------------------------------- claims

    def renew(self, holder: str) -> None:
        """Keeps the messages that a holder works at claimed."""
        with self._database.writing() as session:
            for table in (incoming, outgoing):
                session.execute(
                    update(table)
                    .where(
                        table.c.channel == self._channel,
                        table.c.state == WAITING,
                        table.c.claimed_by == holder,
                    )
                    .values(claimed_until=time.time() + CLAIMED_FOR.total_seconds())
                )

    def holders(self) -> set[str]:
        """Who holds a lease or a claim, of all channels."""
        held = [
            select(leases.c.holder),
            *(
                select(table.c.claimed_by).where(
                    table.c.state == WAITING, table.c.claimed_by.isnot(None)
                )
                for table in (incoming, outgoing)
            ),
        ]
        with self._database.reading() as session:
            return {holder for one in held for holder in session.execute(one).scalars()}

    def release_all_of(self, holders: Iterable[str]) -> None:
        """Takes the leases and claims of those who are gone."""
        gone = list(holders)
        with self._database.writing() as session:
            session.execute(delete(leases).where(leases.c.holder.in_(gone)))
            for table in (incoming, outgoing):
                session.execute(
                    update(table).where(table.c.claimed_by.in_(gone)).values(claimed_by=None)
                )

    # ------------------------------------------------------------------- expiry

    def expire(self, history: timedelta = KEYS_KEPT) -> None:
        """Deletes what is over: keys, buttons, and messages that are done.

        Args:
            history: How long messages stay that are done.
        """
        now = time.time()
        with self._database.writing() as session:
            session.execute(
                delete(seen_keys).where(seen_keys.c.seen_at < now - KEYS_KEPT.total_seconds())
            )
            session.execute(
                delete(offers).where(offers.c.offered_at < now - OFFERS_KEPT.total_seconds())
            )
            for table in (incoming, outgoing):
                session.execute(
                    delete(table).where(
                        table.c.channel == self._channel,
                        table.c.state != WAITING,
                        table.c.written_at < now - history.total_seconds(),
                    )
                )

    # ------------------------------------------------------------------- private

    def _waiting_in(self, table: Any) -> list[str]:
        with self._database.reading() as session:
            return list(
                session.execute(
                    select(table.c.conversation)
                    .where(table.c.channel == self._channel, table.c.state == WAITING)
                    .group_by(table.c.conversation)
                    .order_by(func.min(table.c.id))
                ).scalars()
            )

    def _queue(
        self,
        session: Session,
        conversation: str,
        replies: Sequence[Reply],
        place: Mapping[str, Any],
        answers: int | None,
    ) -> None:
        now = time.time()
        for reply in replies:
            session.execute(
                insert(outgoing).values(
                    channel=self._channel,
                    conversation=conversation,
                    answers=answers,
                    reply=_with_offers(session, conversation, reply, answers is None, now),
                    place=dict(place),
                    state=WAITING,
                    attempts=0,
                    written_at=now,
                )
            )

    def _begin_next(self, session: Session, conversation: str, holder: str) -> Written | None:
        row = self._claim_oldest(session, incoming, conversation, holder, attempts=1)
        if row is None:
            return None
        return Written(row.id, row.conversation, row.content, row.attempts)

    def _next_to_send(self, session: Session, conversation: str, holder: str) -> Outgoing | None:
        row = self._claim_oldest(session, outgoing, conversation, holder)
        if row is None:
            return None
        return Outgoing(row.id, row.conversation, row.reply, row.place or {}, row.attempts)

    def _claim_oldest(
        self, session: Session, table: Any, conversation: str, holder: str, attempts: int = 0
    ) -> Any:
        """The oldest row that waits, unless another holds it: order is kept by not passing it."""
        row = session.execute(
            select(table)
            .where(
                table.c.channel == self._channel,
                table.c.state == WAITING,
                table.c.conversation == conversation,
            )
            .order_by(table.c.id)
            .limit(1)
        ).first()
        if row is None:
            return None
        now = time.time()
        # Of several that have read the same row, one changes it.
        changed: Any = session.execute(
            update(table)
            .where(
                table.c.id == row.id,
                table.c.state == WAITING,
                or_(
                    table.c.claimed_by.is_(None),
                    table.c.claimed_by == holder,
                    table.c.claimed_until < now,
                ),
            )
            .values(
                claimed_by=holder,
                claimed_until=now + CLAIMED_FOR.total_seconds(),
                attempts=table.c.attempts + attempts,
            )
        )
        return row if changed.rowcount else None

    def _end_sending(self, message: Outgoing, state: str, holder: str | None) -> Outgoing | None:
        ended: dict[str, Any] = {"state": state, "claimed_by": None}
        if not self._keeps_history:
            ended["reply"] = None
        with self._database.writing() as session:
            session.execute(update(outgoing).where(outgoing.c.id == message.id).values(**ended))
            return self._next_to_send(session, message.conversation, holder) if holder else None


def open_store(
    database_url: str, channel: str, timeout: float, keeps_history: bool = False
) -> ChannelStore:
    """Opens the channels' database for one channel.

    Args:
        database_url: Where it is, as SQLAlchemy writes it.
        channel: The channel's name.
        timeout: Seconds to wait for another's lock.
        keeps_history: As `ChannelStore` takes it.

    Raises:
        StorageError: If it cannot be opened.
    """
    database = Database(database_url, timeout, CHANNELS)
    return ChannelStore(database, channel, keeps_history)


def _with_offers(
    session: Session, conversation: str, reply: Reply, lasting: bool, now: float
) -> Reply:
    """The reply with an `offer` in each of its buttons: the id that stands for the payload."""
    buttons = []
    for button in reply.get("buttons") or []:
        offer = secrets.token_urlsafe(12)
        session.execute(
            insert(offers).values(
                id=offer,
                conversation=conversation,
                payload=str(button.get("payload") or button.get("title") or ""),
                title=str(button.get("title") or button.get("payload") or ""),
                lasting=lasting,
                open=True,
                offered_at=now,
            )
        )
        buttons.append({**button, "offer": offer})
    return {**reply, "buttons": buttons} if buttons else reply
