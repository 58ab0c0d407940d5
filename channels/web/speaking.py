"""Answers as sound, for a page that was spoken to: sentence by sentence, until it is broken off."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from channels.voice.speech import Voice

HEAD = struct.Struct("<I")
"""Before the samples: how many there are in a second."""

AHEAD = 20.0
"""Seconds of sound that the page may have before it plays them."""

MOST_WAITING = 10
"""Answers; who says more than that aloud is not listened to."""


class Speaking:
    """Speaks to one page."""

    def __init__(self, voice: Voice, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Prepares.

        Args:
            voice: The server's.
            send: Sends the page a sound.
        """
        self._voice, self._send = voice, send
        self._waiting: list[str] = []
        self._task: asyncio.Task[None] | None = None

    def say(self, text: str) -> None:
        """Says something when all before it is said."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(text)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Says no more of it."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        """Ends it."""
        self.stop()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        begun = time.monotonic()
        sent = 0.0
        while self._waiting:
            async with aclosing(self._voice.speak(self._waiting.pop(0))) as sounds:
                async for sound in sounds:
                    await self._send(HEAD.pack(sound.rate) + sound.samples.astype("<i2").tobytes())
                    sent += sound.seconds
                    await asyncio.sleep(max(0.0, sent - (time.monotonic() - begun) - AHEAD))
