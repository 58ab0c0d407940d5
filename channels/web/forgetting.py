"""Deleting conversations whose session has ended: what was said, and what was kept of it.

A session that has ended opens nothing any more. Its row stays until all the rest is deleted, so
that what a stopped server left is deleted by the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from rasa.core.agent import Agent
from rasa.core.tracker_store import (
    AwaitableTrackerStore,
    FailSafeTrackerStore,
    InMemoryTrackerStore,
    SQLTrackerStore,
)

from actions.storage.database import StorageError
from channels.web.history import History
from channels.web.sessions import Sessions
from privacy.erasing import forget_beside
from privacy.settings import read_privacy_settings
from privacy.stores import ErasureError

logger = logging.getLogger(__name__)

LOOKS_EVERY = 600.0
"""Seconds; what this process was told to forget is begun at once."""

AGAIN_AFTER = 2.0
"""Seconds, where a turn of the conversation is still going on."""


class Forgetting:
    """Deletes what ended sessions leave."""

    def __init__(
        self,
        sessions: Sessions,
        history: History,
        agent: Callable[[], Agent | None],
        also: Callable[[str], Awaitable[None]],
    ) -> None:
        """Prepares; `start` begins.

        Args:
            sessions: The sessions.
            history: What was said.
            agent: Gives Rasa's agent, None while there is none.
            also: Deletes what else is kept of a conversation.
        """
        self._sessions = sessions
        self._history = history
        self._agent = agent
        self._also = also
        self._told = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, in the running loop."""
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends; what is left is left to the next start."""
        if self._loop is not None:
            self._loop.cancel()
            with suppress(asyncio.CancelledError):
                await self._loop

    def tell(self) -> None:
        """Says that a session has ended."""
        self._told.set()

    async def _run(self) -> None:
        while True:
            self._told.clear()
            all_done = True
            try:
                await asyncio.to_thread(self._sessions.end_silent)
                for conversation in await asyncio.to_thread(self._sessions.ended):
                    all_done = await self._forget(conversation) and all_done
            except (StorageError, ErasureError) as error:
                logger.error("web: ended conversations could not be deleted: %s", error)
            except Exception:
                logger.exception("web: ended conversations could not be deleted.")
            with suppress(asyncio.TimeoutError):
                pause = LOOKS_EVERY if all_done else AGAIN_AFTER
                await asyncio.wait_for(self._told.wait(), pause)

    async def _forget(self, conversation: str) -> bool:
        """Deletes a conversation; whether all of it was deleted."""
        # What was said goes at once. The turn that goes on is waited for: it would write its
        # tracker anew.
        idle = await asyncio.to_thread(self._history.delete, conversation)
        await self._also(conversation)
        agent = self._agent()
        if not idle or agent is None or not agent.is_ready():
            return False
        async with agent.lock_store.lock(conversation):
            await _delete_tracker(agent, conversation)
            await asyncio.to_thread(forget_beside, read_privacy_settings(), conversation)
        await asyncio.to_thread(self._sessions.delete, conversation)
        return True


async def _delete_tracker(agent: Agent, conversation: str) -> None:
    """Deletes what Rasa keeps of a conversation. Its tracker stores have no word for it."""
    store = agent.tracker_store
    # Rasa wraps the store that was configured, more than once.
    while isinstance(store, (FailSafeTrackerStore, AwaitableTrackerStore)):
        store = store._tracker_store
    if isinstance(store, SQLTrackerStore):
        await asyncio.to_thread(_delete_rows, store, conversation)
    elif isinstance(store, InMemoryTrackerStore):
        store.store.pop(conversation, None)
    else:
        logger.warning(
            "web: %s keeps what was said in conversations that were to be forgotten: Parley knows "
            "to delete from SQL alone.",
            type(store).__name__,
        )


def _delete_rows(store: SQLTrackerStore, conversation: str) -> None:
    with store.session_scope() as session:
        session.query(store.SQLEvent).filter_by(sender_id=conversation).delete()
        session.commit()
