"""Working through conversations: one worker at a time for each, in however many processes.

The right to work at a conversation is a lease in the database. It is renewed while the work goes
on and runs out by itself if the process is gone; the leases of a process of this machine that is
known to be gone are taken at once.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import psutil

from actions.storage.database import StorageError
from channels.store import ChannelStore

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

LEASE_SECONDS = 30.0

LOOKS_EVERY = 2.0
"""Seconds between two looks for what another process left; one's own work is told at once."""


class Worker:
    """Goes through the conversations of a channel in which there is something to do."""

    purpose = ""
    """Names the leases: what is done in a conversation."""

    @dataclass(frozen=True)
    class Arguments:
        """What all workers need."""

        store: ChannelStore
        channel: str
        """The channel's name."""

        at_once: int = 8
        """Conversations worked at at the same time."""

    def __init__(self, arguments: Worker.Arguments) -> None:
        """Prepares; `start` begins."""
        self.store = arguments.store
        self.channel = arguments.channel
        self.stopping = False
        self._at_once = arguments.at_once
        self._holder = this_process()
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None

    async def look(self) -> list[str]:
        """The conversations in which there is something to do."""
        raise NotImplementedError

    async def work(self, conversation: str) -> None:
        """Does all there is to do in a conversation."""
        raise NotImplementedError

    async def ready(self) -> bool:
        """Whether work can be done now."""
        return True

    def start(self) -> None:
        """Begins to work, in the running loop."""
        self._loop = asyncio.create_task(self._run())

    async def stop(self, patience: float = 10.0) -> None:
        """Lets what was begun come to its end, and begins nothing new.

        Args:
            patience: Seconds; what takes longer is left to the next start.
        """
        self.stopping = True
        self._stopped.set()
        self._woken.set()
        if self._loop is not None:
            await self._loop
        if self._busy:
            await asyncio.wait(list(self._busy.values()), timeout=patience)
        for task in list(self._busy.values()):
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def wake(self) -> None:
        """Says that there is something to do."""
        self._woken.set()

    async def pause(self, seconds: float) -> None:
        """Waits, but not longer than until the worker is stopped."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    async def ask(self, question: Callable[..., Result], *about: Any) -> Result:
        """Asks the store in a thread."""
        return await asyncio.to_thread(question, *about)

    async def _run(self) -> None:
        await self._take_over()
        told = ""
        while not self.stopping:
            self._woken.clear()
            try:
                if len(self._busy) < self._at_once and await self.ready():
                    await self._begin()
                told = ""
            except StorageError as error:
                if str(error) != told:
                    logger.error("%s: the channels' database: %s", self.channel, error)
                told = str(error)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOKS_EVERY)

    async def _begin(self) -> None:
        for conversation in await self.look():
            if len(self._busy) >= self._at_once:
                return
            if conversation not in self._busy:
                task = asyncio.create_task(self._work_alone(conversation))
                self._busy[conversation] = task

    async def _work_alone(self, conversation: str) -> None:
        name = f"{self.purpose}:{conversation}"
        renewing: asyncio.Task[None] | None = None
        try:
            if not await self._acquire(name):
                return
            renewing = asyncio.create_task(self._renew(name))
            await self.work(conversation)
        except StorageError as error:
            logger.error("%s: the channels' database: %s", self.channel, error)
            await self.pause(LOOKS_EVERY)
        except Exception:
            logger.exception("%s: the work at %s failed.", self.channel, conversation)
            await self.pause(LOOKS_EVERY)
        finally:
            if renewing is not None:
                renewing.cancel()
                with suppress(StorageError):
                    await self.ask(self.store.release, name, self._holder)
                # What came in after the last look, or a conversation that found no place. Where
                # another process holds the lease, the next look is soon enough.
                self.wake()
            del self._busy[conversation]

    async def _acquire(self, name: str) -> bool:
        return await self.ask(self.store.acquire, name, self._holder, LEASE_SECONDS)

    async def _renew(self, name: str) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with suppress(StorageError):
                await self._acquire(name)

    async def _take_over(self) -> None:
        with suppress(StorageError):
            gone = [holder for holder in await self.ask(self.store.holders) if is_gone(holder)]
            if gone:
                await self.ask(self.store.release_all_of, gone)


def this_process() -> str:
    """A name of this process, that no later one has."""
    process = psutil.Process()
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}"


def is_gone(holder: str) -> bool:
    """Whether a process is known to have ended; of another machine's, nothing is known."""
    host, _, rest = holder.rpartition("/")[0].rpartition("/")
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(rest))
        return f"{process.create_time():.2f}" != holder.rpartition("/")[2]
    except (psutil.NoSuchProcess, ValueError):
        return True
