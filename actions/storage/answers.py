"""What actions with an effect have answered, so that a message handled again has it once.

Of each conversation the latest message's answers are kept, for a day: a message that comes after
it says that it is over and done with.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select

from actions.storage.database import Database
from actions.storage.models import answers_table as table
from actions.storage.rows import put

KEPT = timedelta(days=1)
"""How long after its effect a message may be handled again."""

Answer = dict[str, Any]
"""An action's answer to Rasa: `events` and `responses`."""


class AnswerRepository:
    """The answers to the messages of one conversation. Methods may raise `StorageError`."""

    def __init__(self, database: Database, conversation: str) -> None:
        """Remembers where the answers are and whose."""
        self._database = database
        self._conversation = conversation

    def find(self, message: str, call: str) -> Answer | None:
        """What an action has answered to a message; None where it had no effect yet."""
        with self._database.reading() as session:
            found: Answer | None = session.execute(
                select(table.c.answer).where(
                    table.c.conversation == self._conversation,
                    table.c.message == message,
                    table.c.call == call,
                )
            ).scalar()
            return found

    def keep(self, message: str, call: str, answer: Answer) -> None:
        """Keeps what an action has answered, in the place of what is over."""
        now = time.time()
        key = {"conversation": self._conversation, "message": message, "call": call}
        with self._database.writing() as session:
            earlier = and_(table.c.conversation == self._conversation, table.c.message != message)
            old = table.c.answered_at < now - KEPT.total_seconds()
            session.execute(delete(table).where(or_(earlier, old)))
            put(session, table, key, {"answer": answer, "answered_at": now})
