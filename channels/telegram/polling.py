"""Asking Telegram for updates, for servers that it cannot call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from actions.storage.database import StorageError
from channels.leasing import this_process
from channels.store import ChannelStore
from channels.telegram.api import BotApi, BusyError, RefusedError, TelegramError
from channels.telegram.updates import ALLOWED_UPDATES, update_id

logger = logging.getLogger(__name__)

HELD_SECONDS = 25
"""How long Telegram holds its answer back when there is nothing to tell."""

MOST_UPDATES = 100

FIRST_PAUSE = 1.0
"""Seconds; each failure in a row doubles it."""

LONGEST_PAUSE = 60.0

CONFLICT = 409

UPDATES = "updates"
"""The name of the lease: of all processes, one asks."""

LEASE_SECONDS = 30.0
"""How long the lease of a process outlasts it that is gone without a word."""

LOOKS_EVERY = 2.0
"""Seconds between two tries to get the lease."""


class Poller:
    """Takes the updates in, one batch after the other.

    A batch is confirmed, by asking for what comes after it, only when all of it is written down.
    Nothing is remembered between two starts: what was not confirmed comes again, and what was
    written down already is known by its number.
    """

    def __init__(
        self,
        api: BotApi,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        ready: Callable[[], bool],
        store: ChannelStore,
    ) -> None:
        """Prepares; `start` begins.

        Args:
            api: The Bot API.
            take: Writes an update down; raises StorageError if it could not.
            ready: Whether updates can be read.
            store: Keeps the lease.
        """
        self._api = api
        self._take = take
        self._ready = ready
        self._store = store
        self._holder = this_process()
        self._pause = FIRST_PAUSE
        self._told = ""
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to ask, in the running loop."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends at once: what was not confirmed comes again."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                if self._ready() and await self._acquire():
                    await self._ask_while_held()
            except StorageError as error:
                self._complain(f"the channels' database: {error}")
            except Exception:
                logger.exception("telegram: fetching updates failed, this is tried again.")
            await asyncio.sleep(LOOKS_EVERY)

    async def _ask_while_held(self) -> None:
        asking = asyncio.create_task(self._ask_on())
        try:
            while not asking.done():
                await asyncio.wait({asking}, timeout=LEASE_SECONDS / 3)
                if not asking.done() and not await self._acquire():
                    # This process was held up for too long, and another one asks by now.
                    return
            await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            with suppress(StorageError):
                await asyncio.to_thread(self._store.release, UPDATES, self._holder)

    async def _acquire(self) -> bool:
        return await asyncio.to_thread(self._store.acquire, UPDATES, self._holder, LEASE_SECONDS)

    async def _ask_on(self) -> None:
        offset: int | None = None
        while True:
            try:
                updates = await self._ask(offset)
            except TelegramError as error:
                await self._wait_after(error)
                continue
            for update in updates:
                await self._take(update)
                offset = update_id(update) + 1
            if self._told:
                logger.info("telegram: updates are fetched again.")
            self._told, self._pause = "", FIRST_PAUSE

    async def _ask(self, offset: int | None) -> list[Mapping[str, Any]]:
        fields = {
            "offset": offset,
            "limit": MOST_UPDATES,
            "timeout": HELD_SECONDS,
            "allowed_updates": ALLOWED_UPDATES,
        }
        updates: list[Mapping[str, Any]] = await self._api.call(
            "getUpdates", fields, held=HELD_SECONDS
        )
        return updates

    async def _wait_after(self, error: TelegramError) -> None:
        self._complain(_in_words(error))
        if isinstance(error, BusyError):
            await asyncio.sleep(error.after)
            return
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _complain(self, told: str) -> None:
        """Says a trouble once, however long it lasts."""
        if told != self._told:
            logger.error("telegram: %s", told)
        self._told = told


def _in_words(error: TelegramError) -> str:
    if not isinstance(error, RefusedError) or error.code != CONFLICT:
        return f"updates could not be fetched, this is tried again: {error}"
    if "webhook" in error.description:
        return (
            "another program has set a webhook for this bot (409), so nothing can be fetched. "
            "Stop that program, then start this one again: each bot is one program's."
        )
    return (
        "another program fetches this bot's updates (409). Stop it: each bot is one program's, and "
        "messages go to either of the two until then."
    )
