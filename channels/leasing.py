"""Working through conversations: one worker at a time for each, in however many processes.

Who works at a message claims it in the database, and nobody passes a message that another has
claimed. A claim is renewed while the work goes on and runs out by itself if the process is gone;
the claims of a process of this machine that is known to be gone are taken at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psutil

from actions.storage.database import StorageError
from channels.store import CLAIMED_FOR, ChannelStore

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

LOOKS_EVERY = 2.0
"""Seconds between two looks for what another process left; one's own work is told at once."""


class Worker:
    """Goes through the conversations of a channel in which there is something to do."""

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
        self.holder = this_process()
        self.stopping = False
        self._at_once = arguments.at_once
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        # Of a dictionary the keys keep their order: first told, first served.
        self._told: dict[str, None] = {}
        self._running: list[asyncio.Task[None]] = []

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
        self._running = [asyncio.create_task(self._run()), asyncio.create_task(self._renew())]

    async def stop(self, patience: float) -> None:
        """Lets what was begun come to its end, and begins nothing new.

        Args:
            patience: Seconds; what takes longer is left to the next start.
        """
        self.stopping = True
        self._stopped.set()
        self._woken.set()
        await asyncio.gather(*self._running)
        if self._busy:
            await asyncio.wait(list(self._busy.values()), timeout=patience)
        for task in list(self._busy.values()):
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def wake(self, conversation: str) -> None:
        """Says that there is something to do in a conversation."""
        self._told[conversation] = None
        self._woken.set()

    async def pause(self, seconds: float) -> None:
        """Waits, but not longer than until the worker is stopped."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)

    async def ask(self, question: Callable[..., Result], *about: Any) -> Result:
        """Asks the store in a thread."""
        return await asyncio.to_thread(question, *about)

    async def _run(self) -> None:
        with suppress(StorageError):
            await self._take_over()
        clock = asyncio.get_running_loop().time
        complained = ""
        looks_at = clock()
        while not self.stopping:
            self._woken.clear()
            ready = await self.ready()
            if clock() >= looks_at:
                if ready:
                    complained = await self._look(complained)
                looks_at = clock() + LOOKS_EVERY
            if ready:
                self._begin()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), max(0.0, looks_at - clock()))

    async def _look(self, complained: str) -> str:
        """Looks for what another process, or this one before it was stopped, has left.

        Args:
            complained: What was logged of the look before: the same is not logged again.

        Returns:
            What there was to complain of.
        """
        try:
            self._told.update(dict.fromkeys(await self.look()))
        except StorageError as error:
            if str(error) != complained:
                self._complain(error)
            return str(error)
        return ""

    def _begin(self) -> None:
        for conversation in [told for told in self._told if told not in self._busy]:
            if len(self._busy) >= self._at_once:
                return
            del self._told[conversation]
            self._busy[conversation] = asyncio.create_task(self._work(conversation))

    async def _work(self, conversation: str) -> None:
        try:
            await self.work(conversation)
        except StorageError as error:
            self._complain(error)
            await self.pause(LOOKS_EVERY)
        except Exception:
            # The next look finds what was left.
            logger.exception("%s: the work at %s failed.", self.channel, conversation)
            await self.pause(LOOKS_EVERY)
        finally:
            del self._busy[conversation]
            self._woken.set()

    async def _renew(self) -> None:
        while not self.stopping:
            await self.pause(CLAIMED_FOR.total_seconds() / 3)
            if self._busy:
                with suppress(StorageError):
                    await self.ask(self.store.renew, self.holder)

    async def _take_over(self) -> None:
        gone = [holder for holder in await self.ask(self.store.holders) if is_gone(holder)]
        if gone:
            await self.ask(self.store.release_all_of, gone)

    def _complain(self, error: StorageError) -> None:
        logger.error("%s: the channels' database: %s", self.channel, error)


def this_process() -> str:
    """A name of this process, that no later one has."""
    process = psutil.Process()
    return f"{this_system()}/{process.pid}/{process.create_time():.2f}"


@cache
def this_system() -> str:
    """Where this process's number means something: the host, its start, and the container.

    Two containers, or two machines, may have the same name: what is said of a process's number in
    one would be taken for true in the other, and living processes for gone.
    """
    marks = [socket.gethostname()]
    with suppress(OSError):
        marks.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with suppress(OSError):
        marks.append(os.readlink("/proc/self/ns/pid").strip("pid:[]"))
    return "~".join(marks).replace("/", "_")


def is_gone(holder: str) -> bool:
    """Whether a process is known to have ended; of another machine's, nothing is known."""
    system, _, rest = holder.rpartition("/")[0].rpartition("/")
    if system != this_system():
        return False
    try:
        process = psutil.Process(int(rest))
        return f"{process.create_time():.2f}" != holder.rpartition("/")[2]
    except (psutil.NoSuchProcess, ValueError):
        return True
