"""Asking Telegram for updates, for servers that it cannot call."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.leasing import Worker
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
"""What there is one lease for: of all processes, one asks."""


class Poller(Worker):
    """Takes the updates in, one batch after the other.

    A batch is confirmed, by asking for what comes after it, only when all of it is written down.
    Nothing is remembered between two starts: what was not confirmed comes again, and what was
    written down already is known by its number.
    """

    purpose = "poll"

    def __init__(
        self,
        api: BotApi,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        ready: Callable[[], bool],
        worker: Worker.Arguments,
    ) -> None:
        """Prepares.

        Args:
            api: The Bot API.
            take: Writes an update down; raises StorageError if it could not.
            ready: Whether updates can be read.
            worker: What all workers need.
        """
        super().__init__(worker)
        self._api = api
        self._take = take
        self._is_ready = ready
        self._pause = FIRST_PAUSE
        self._told = ""

    async def ready(self) -> bool:
        """Whether it is known who the bot is."""
        return self._is_ready()

    async def look(self) -> list[str]:
        """There is always something to ask."""
        return [UPDATES]

    async def stop(self, patience: float = 0.0) -> None:
        """Ends at once: what was not confirmed comes again."""
        await super().stop(patience)

    async def work(self, _conversation: str) -> None:
        """Asks until stopped."""
        offset: int | None = None
        while not self.stopping:
            try:
                updates = await self._ask(offset)
            except TelegramError as error:
                await self._wait_after(error)
                continue
            if self._told:
                logger.info("telegram: updates are fetched again.")
            self._told, self._pause = "", FIRST_PAUSE
            for update in updates:
                await self._take(update)
                offset = update_id(update) + 1

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
        told = _in_words(error)
        if told != self._told:
            logger.error("telegram: %s", told)
        self._told = told
        if isinstance(error, BusyError):
            await self.pause(error.after)
            return
        await self.pause(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


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
