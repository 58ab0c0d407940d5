"""A page's microphone: what comes from it is heard, shown while it is said, and taken as a message.

The socket's reader hands samples over and goes on; a task of its own listens. When the socket ends,
in the middle of a word or not, the task ends with it and gives its recogniser back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from enum import Enum
from typing import Any

import numpy as np

from channels import wording
from channels.voice.hearing import Ears, HearingError
from channels.web.serving import Closed
from voice.asr import Recognition, RecognizerError
from voice.audio import RATE, Samples
from voice.pool import PoolStream, RecognitionTimeoutError
from voice.vad import Endpointer

logger = logging.getLogger(__name__)

LONGEST = 30.0
"""Seconds of one utterance."""

NOBODY = 8.0
"""Seconds without a word after which one utterance is not waited for any more."""

GONE = 10.0
"""Seconds without a sample after which the microphone is gone."""

MOST_BEHIND = 20.0
"""Seconds of samples that may wait to be heard."""

BURST, SPEED = 5.0, 1.25
"""Seconds that may come at once, and how much faster than time what follows."""

BEFORE = 0.6
"""Seconds from before somebody was found to speak: first sounds are soft."""


class Mode(Enum):
    """When an utterance ends."""

    HOLD = "hold"
    """When the person says so: the button is let go."""

    ONCE = "once"
    """After a silence, and with it the listening."""

    FREE = "free"
    """After a silence; then the next one is listened for."""


class TooMuchError(Exception):
    """More samples than a microphone gives."""


Say = Callable[[dict[str, Any]], Awaitable[None]]
"""Tells the page."""

Take = Callable[[str], Awaitable[str]]
"""Takes what was heard as a message; why not, if it is not taken."""


class Microphone:
    """Listens to one page."""

    def __init__(
        self,
        ears: Ears,
        conversation: str,
        say: Say,
        take: Take,
        interrupt: Callable[[], None],
        may_speak: Callable[[], float],
    ) -> None:
        """Prepares.

        Args:
            ears: What hears.
            conversation: Whose it is.
            say: Tells the page.
            take: Takes what was heard as a message.
            interrupt: Called when the person begins to speak: the answer before is broken off.
            may_speak: Counts an utterance; seconds until there may be another, 0 where it may.
        """
        self._ears = ears
        self._conversation = conversation
        self._say, self._take = say, take
        self._interrupt, self._may_speak = interrupt, may_speak
        self._mode: Mode | None = None
        self._inbox = _Inbox()
        self._task: asyncio.Task[None] | None = None
        self._allowed = BURST
        self._counted_at = time.monotonic()

    @property
    def mode(self) -> Mode | None:
        """How it listens; None where it does not."""
        return self._mode

    def listen(self, mode: Mode) -> None:
        """Begins to listen; where it does already, another mode from now on."""
        self._interrupt()
        self._mode = mode
        if self._task is None or self._task.done() or self._inbox.ending is not None:
            self._inbox = _Inbox()
            self._task = asyncio.create_task(self._run(self._inbox, self._task))

    def hear(self, content: bytes) -> None:
        """Takes samples: 16-bit integers, little end first, 16,000 a second.

        Raises:
            TooMuchError: They come faster than anybody speaks.
            ValueError: They are none.
        """
        if len(content) % 2:
            raise ValueError("Half of a sample is missing.")
        now = time.monotonic()
        self._allowed = min(BURST, self._allowed + SPEED * (now - self._counted_at))
        self._counted_at = now
        self._allowed -= len(content) / 2 / RATE
        if self._allowed < 0:
            raise TooMuchError("Samples come faster than anybody speaks.")
        # The last ones are on their way when the page is told that nobody listens any more.
        if self._mode is not None and self._inbox.ending is None:
            self._inbox.waiting.append(np.frombuffer(content, "<i2").astype(np.int16))
            self._inbox.arrived.set()

    def end(self, keep: bool) -> None:
        """Listens no more; what was said until now is heard, or is not."""
        self._inbox.ending = keep
        self._inbox.arrived.set()

    async def close(self) -> None:
        """Ends it all."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # ----------------------------------------------------------------- listening

    async def _run(self, inbox: _Inbox, former: asyncio.Task[None] | None) -> None:
        if former is not None:
            await asyncio.gather(former, return_exceptions=True)
        told = ""
        try:
            await self._tell("preparing")
            await self._ears.open()
            await self._tell("listening")
            async with AsyncExitStack() as held:
                told = await self._listen(inbox, held)
        except HearingError as error:
            told = str(error)
        except Closed:
            raise
        except Exception:
            logger.exception("web: listening failed.")
            told = wording.NO_EARS
        # Somebody who has pressed the button again already is not told of the end.
        if self._inbox is inbox:
            self._mode = None
            await self._tell("off", text=told)

    async def _listen(self, inbox: _Inbox, held: AsyncExitStack) -> str:
        """Listens until it is ended; what the person is to be told."""
        endpointer = Endpointer()
        before: deque[Samples] = deque()
        current: _Utterance | None = None
        silent = 0.0
        while (piece := await _next(inbox)) is not None:
            utterances = list(endpointer.feed(piece))
            held_down = self._mode is Mode.HOLD
            if current is not None:
                await current.add(piece)
            elif held_down or endpointer.speaking or utterances:
                stream = await held.enter_async_context(self._ears.follow())
                current = _Utterance(self._tell, stream)
                self._interrupt()
                await self._tell("hearing")
                await current.add(np.concatenate([*before, piece]))
            before.append(piece)
            while sum(map(len, before)) - len(before[0]) > BEFORE * RATE:
                before.popleft()
            if current is None:
                silent += len(piece) / RATE
                if self._mode is Mode.ONCE and silent > NOBODY:
                    return wording.NOTHING_SAID
                continue
            if (utterances and not held_down) or current.seconds > LONGEST:
                told = await self._finish(current)
                await held.aclose()
                current, silent = None, 0.0
                if self._mode is not Mode.FREE or inbox.ending is not None:
                    return told
                await self._tell("listening", text=told)
                before.clear()
        if current is not None and inbox.ending:
            return await self._finish(current)
        return "" if inbox.ending is not None else wording.MICROPHONE_GONE

    async def _finish(self, utterance: _Utterance) -> str:
        await self._tell("understanding", caption=utterance.caption)
        if self._may_speak():
            return wording.TOO_MANY
        try:
            heard = await self._heard(utterance)
        except HearingError as error:
            return str(error)
        if not heard.accepted:
            return wording.NOT_CAUGHT if heard.text else wording.NOTHING_SAID
        return await self._take(heard.text)

    async def _heard(self, utterance: _Utterance) -> Recognition:
        samples = utterance.samples
        found = await utterance.finish()
        if found is None:
            return await self._ears.hear(samples, self._conversation)
        return await self._ears.understand(found, samples, self._conversation)

    async def _tell(self, state: str, **more: str) -> None:
        mode = self._mode.value if self._mode is not None and state != "off" else None
        await self._say({"type": "voice", "state": state, "mode": mode, **more})


class _Inbox:
    """Samples that have come, from when the button is pressed to when it is let go."""

    def __init__(self) -> None:
        self.waiting: deque[Samples] = deque()
        self.arrived = asyncio.Event()
        self.ending: bool | None = None
        """Whether what was said until the end counts; None before the end."""


async def _next(inbox: _Inbox) -> Samples | None:
    """All that came meanwhile; None at the end.

    Raises:
        HearingError: So much has come that it cannot be listened to in time.
    """
    if not inbox.waiting and inbox.ending is None:
        inbox.arrived.clear()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(inbox.arrived.wait(), GONE)
    if not inbox.waiting or inbox.ending is False:
        return None
    pieces = list(inbox.waiting)
    inbox.waiting.clear()
    behind = sum(map(len, pieces)) / RATE
    if behind > MOST_BEHIND:
        logger.info("web: %.0f s of speech could not be listened to in time.", behind)
        raise HearingError(wording.MANY_SPEAK)
    return np.concatenate(pieces)


class _Utterance:
    """What is being said, with its caption as long as somebody is free to make it."""

    def __init__(self, tell: Callable[..., Awaitable[None]], stream: PoolStream | None) -> None:
        self.caption = ""
        self._tell, self._stream = tell, stream
        self._pieces: list[Samples] = []

    @property
    def samples(self) -> Samples:
        return np.concatenate(self._pieces)

    @property
    def seconds(self) -> float:
        return sum(map(len, self._pieces)) / RATE

    async def add(self, samples: Samples) -> None:
        """Takes more of it, and shows what was said so far."""
        self._pieces.append(samples)
        if self._stream is None:
            return
        try:
            caption = await self._stream.feed(samples)
        except (RecognizerError, RecognitionTimeoutError, ValueError):
            # It is heard as a whole at its end.
            self._stream = None
            return
        if caption != self.caption:
            self.caption = caption
            await self._tell("hearing", caption=caption)

    async def finish(self) -> Recognition | None:
        """What was said; None where it is yet to be heard as a whole."""
        if self._stream is None:
            return None
        try:
            return await self._stream.finish()
        except (RecognizerError, RecognitionTimeoutError):
            return None
