"""What became of an utterance: who asked waits for the turn's end, in whichever process it is.

All methods block.
"""

from __future__ import annotations

from sqlalchemy import select

from actions.storage.database import Database
from channels.messages import Reply
from channels.store import WAITING
from channels.tables import incoming, outgoing


class Turns:
    """Reads the turns of one channel."""

    def __init__(self, database: Database, channel: str) -> None:
        """Prepares.

        Args:
            database: The channels' database.
            channel: The channel's name.
        """
        self._database = database
        self._channel = channel

    def find(self, conversation: str, key: str) -> tuple[int, dict[str, object]] | None:
        """The number of the utterance that a client knows by this key, and what was heard."""
        rows = select(incoming.c.id, incoming.c.content).where(
            incoming.c.channel == self._channel, incoming.c.conversation == conversation
        )
        with self._database.reading() as reading:
            for row in reading.execute(rows.order_by(incoming.c.id.desc())):
                content = row.content or {}
                if content.get("key") == key:
                    return int(row.id), content
        return None

    def answers(self, number: int) -> list[Reply] | None:
        """What was answered; None while the turn goes on."""
        with self._database.reading() as reading:
            state = reading.execute(select(incoming.c.state).where(incoming.c.id == number))
            if state.scalar() == WAITING:
                return None
            rows = select(outgoing.c.reply).where(outgoing.c.answers == number)
            found = reading.execute(rows.order_by(outgoing.c.id)).scalars()
            return [reply for reply in found if reply]

    def unasked(self, conversation: str, after: int) -> tuple[list[Reply], int]:
        """What was said unasked after a place, and the place after that."""
        mine = outgoing.c.channel == self._channel, outgoing.c.conversation == conversation
        with self._database.reading() as reading:
            rows = reading.execute(
                select(outgoing.c.id, outgoing.c.reply, outgoing.c.answers)
                .where(*mine, outgoing.c.id > after)
                .order_by(outgoing.c.id)
            ).all()
        said = [row.reply for row in rows if row.answers is None and row.reply]
        return said, int(rows[-1].id) if rows else after
