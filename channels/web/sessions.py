"""Sessions: a token that the server made up, and the conversation that it opens.

The token is 256 random bits and known to the person's browser alone; here its SHA-256 is kept,
which opens nothing. A token that is not known (guessed, malformed, expired) opens a new session.
All methods block.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from actions.storage.database import Database
from channels.conversation import conversation_id
from channels.web.tables import sessions

TOKEN_BYTES = 32

CONVERSATION_BYTES = 16
"""Conversations are random too: Rasa's API and the REST channel take any name for a sender."""

NOTED_EVERY = 3600.0
"""Seconds. That somebody is still there need not be written more often."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class WebSession:
    """Somebody's session."""

    token_hash: str
    conversation: str


class Sessions:
    """The sessions of the chat page."""

    def __init__(self, database: Database, channel: str, kept: timedelta) -> None:
        """Prepares.

        Args:
            database: The channels' database.
            channel: The channel's name, of which conversations are.
            kept: How long a session lives in silence.
        """
        self._database = database
        self._channel = channel
        self._kept = kept.total_seconds()

    def begin(self) -> tuple[str, WebSession]:
        """A new session, with its token, which is not kept."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        session = WebSession(
            _digest(token),
            conversation_id(self._channel, secrets.token_urlsafe(CONVERSATION_BYTES)),
        )
        now = time.time()
        with self._database.writing() as writing:
            writing.execute(
                insert(sessions).values(
                    token_hash=session.token_hash,
                    conversation=session.conversation,
                    begun_at=now,
                    seen_at=now,
                )
            )
        return token, session

    def find(self, token: str) -> WebSession | None:
        """The session that a token opens, None where it opens none."""
        if not _TOKEN.fullmatch(token):
            return None
        return self._alive(_digest(token))

    def note(self, session: WebSession) -> bool:
        """Notes that somebody is there; whether the session is still alive."""
        return self._alive(session.token_hash) is not None

    def end(self, conversation: str) -> None:
        """Ends a session: its token opens nothing from now on."""
        with self._database.writing() as writing:
            writing.execute(
                update(sessions)
                .where(sessions.c.conversation == conversation, sessions.c.ended_at.is_(None))
                .values(ended_at=time.time())
            )

    def end_silent(self) -> None:
        """Ends the sessions that have been silent for too long."""
        now = time.time()
        with self._database.writing() as writing:
            writing.execute(
                update(sessions)
                .where(sessions.c.seen_at < now - self._kept, sessions.c.ended_at.is_(None))
                .values(ended_at=now)
            )

    def ended(self) -> list[str]:
        """The conversations of sessions that have ended and are not yet deleted."""
        with self._database.reading() as reading:
            return list(
                reading.execute(
                    select(sessions.c.conversation).where(sessions.c.ended_at.isnot(None))
                ).scalars()
            )

    def gone(self, conversations: Collection[str]) -> set[str]:
        """Which of these conversations are no longer anybody's."""
        alive = select(sessions.c.conversation).where(
            sessions.c.conversation.in_(list(conversations)), sessions.c.ended_at.is_(None)
        )
        with self._database.reading() as reading:
            return set(conversations) - set(reading.execute(alive).scalars())

    def delete(self, conversation: str) -> None:
        """Deletes an ended session."""
        with self._database.writing() as writing:
            writing.execute(
                delete(sessions).where(
                    sessions.c.conversation == conversation, sessions.c.ended_at.isnot(None)
                )
            )

    def _alive(self, token_hash: str) -> WebSession | None:
        now = time.time()
        oldest = now - self._kept
        with self._database.reading() as reading:
            row: Any = reading.execute(
                select(sessions.c.conversation, sessions.c.seen_at).where(
                    sessions.c.token_hash == token_hash,
                    sessions.c.ended_at.is_(None),
                    sessions.c.seen_at >= oldest,
                )
            ).first()
        if row is None:
            return None
        if row.seen_at < now - NOTED_EVERY:
            with self._database.writing() as writing:
                writing.execute(
                    update(sessions)
                    .where(sessions.c.token_hash == token_hash, sessions.c.ended_at.is_(None))
                    .values(seen_at=now)
                )
        return WebSession(token_hash, row.conversation)


def _digest(token: str) -> str:
    # No salt and no slow hash: 256 random bits cannot be guessed, however quick the guessing.
    return hashlib.sha256(token.encode()).hexdigest()
