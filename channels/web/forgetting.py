"""Deleting conversations whose session has ended: what was said, and what was kept of it.

A session that has ended opens nothing any more. Its row stays until all the rest is deleted, so
that what a stopped server left is deleted by the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from rasa.core.agent import Agent
from rasa.core.tracker_store import (
    AwaitableTrackerStore,
    FailSafeTrackerStore,
    InMemoryTrackerStore,
    SQLTrackerStore,
)

from actions.storage.database import StorageError
from channels.handling import Handler
from channels.leasing import LEASE_SECONDS, this_process
from channels.store import ChannelStore
from channels.web.history import History
from channels.web.sessions import Sessions

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
        store: ChannelStore,
        agent: Callable[[], Agent | None],
    ) -> None:
        """Prepares; `start` begins.

        Args:
            sessions: The sessions.
            history: What was said.
            store: For the right to work at a conversation.
            agent: Gives Rasa's agent, None while there is none.
        """
        self._sessions = sessions
        self._history = history
        self._store = store
        self._agent = agent
        # Not the name that the handler of this process works under: it would be let in.
        self._holder = f"{this_process()}+"
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
            left = True
            try:
                await asyncio.to_thread(self._sessions.end_silent)
                left = not await self._forget_all()
            except StorageError as error:
                logger.error("web: the channels' database: %s", error)
            except Exception:
                logger.exception("web: ended conversations could not be deleted.")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._told.wait(), AGAIN_AFTER if left else LOOKS_EVERY)
            # One who is told wakes at once, and a fault does not make this a busy loop.
            await asyncio.sleep(0.1)

    async def _forget_all(self) -> bool:
        """Deletes what can be deleted now; whether that was all."""
        all_done = True
        for conversation in await asyncio.to_thread(self._sessions.ended):
            all_done = await self._forget(conversation) and all_done
        return all_done

    async def _forget(self, conversation: str) -> bool:
        # What was said is gone at once, messages that wait included. The turn that goes on is
        # waited for: it would write its tracker anew.
        await asyncio.to_thread(self._history.delete, conversation)
        agent = self._agent()
        if agent is None or not agent.is_ready():
            return False
        lease = f"{Handler.purpose}:{conversation}"
        if not await asyncio.to_thread(self._store.acquire, lease, self._holder, LEASE_SECONDS):
            return False
        try:
            async with agent.lock_store.lock(conversation):
                await _delete_tracker(agent, conversation)
            await asyncio.to_thread(self._history.delete, conversation)
            await asyncio.to_thread(self._sessions.delete, conversation)
        finally:
            await asyncio.to_thread(self._store.release, lease, self._holder)
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
