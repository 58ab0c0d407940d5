"""A conversation by voice: who listens when, and what becomes of it.

It knows nothing of terminals and of where speech is recognised. It takes pieces of sound from a
microphone, cuts utterances out of them, has them answered, and plays the answers.

    hands-free    always listening; whoever speaks up while an answer is played interrupts it
    wake phrase   listening once the phrase was heard, and for some seconds after an answer
    push to talk  listening once a key was pressed; a press in the middle of an answer interrupts it

A press works in all three: it begins an utterance, and ends one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

import numpy as np

from voice.asr import Recognition
from voice.audio import Samples, seconds
from voice.devices import DeviceError, Loudspeaker, Microphone, loudness
from voice.echo import Interruptions
from voice.speaking import speak
from voice.tts import Sound, Synthesizer, SynthesizerError
from voice.vad import Endpointer, Endpointing
from voice.wake import WakeSpotter

PATIENCE = 6.0
"""Seconds that are listened after a wake phrase, a press or an answer before one is awaited."""

SETTLING = 0.25
"""Seconds after an answer, or a key that stopped it, in which only its echo is heard."""

BEFORE = 0.6
"""Seconds before an interruption was noticed that belong to what was said."""


class State(Enum):
    """What goes on."""

    WAITING = "waiting"
    """For the wake phrase, or a press."""
    LISTENING = "listening"
    HEARING = "hearing"
    UNDERSTANDING = "understanding"
    SPEAKING = "speaking"


class Mode(Enum):
    """How somebody is known to speak to the assistant."""

    HANDS_FREE = "hands-free"
    WAKE = "wake phrase"
    PUSH = "push to talk"


class AskError(Exception):
    """An utterance could not be answered; the message says why in one line."""


Reply: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Replies:
    """What is answered, as text and buttons."""

    replies: tuple[Reply, ...]


Event: TypeAlias = "Recognition | Replies | Sound"
Ask: TypeAlias = Callable[[Samples], AsyncGenerator[Event, None]]
"""Has an utterance answered: what was heard, what is said to it, and its sound, bit by bit."""


class Display(Protocol):
    """Who is told what goes on."""

    def state(self, state: State) -> None:
        """Something else goes on."""

    def level(self, loudness: float) -> None:
        """How loud it is: the root mean square of a piece."""

    def heard(self, heard: Recognition) -> None:
        """What was heard."""

    def replied(self, replies: Replies) -> None:
        """What is answered."""

    def trouble(self, told: str) -> None:
        """Something failed, and the conversation goes on."""


class Talk:
    """One conversation."""

    def __init__(
        self,
        ask: Ask,
        loudspeaker: Loudspeaker,
        display: Display,
        spotter: WakeSpotter | None = None,
        hands_free: bool = True,
        endpointing: Endpointing | None = None,
    ) -> None:
        """Prepares.

        Args:
            ask: Answers utterances.
            loudspeaker: Plays answers.
            display: Is told what goes on.
            spotter: Waits for a wake phrase; without one, all that is said is for the assistant.
            hands_free: Otherwise, without a spotter, nothing is listened to before a press.
            endpointing: When an utterance begins and ends.
        """
        self._ask, self._loudspeaker, self._display = ask, loudspeaker, display
        self._spotter = spotter
        self.mode = Mode.WAKE if spotter else Mode.HANDS_FREE if hands_free else Mode.PUSH
        self._endpointer = Endpointer(endpointing)
        self._interruptions = Interruptions()
        self._turn: asyncio.Task[None] | None = None
        self._state: State | None = None
        self._deaf = self._left = 0.0
        self._recent: deque[Samples] = deque(maxlen=round(BEFORE / 0.03))
        self._pushed: list[Samples] | None = None
        self._presses = 0
        self._news: deque[Callable[[], AsyncGenerator[Event, None]]] = deque()

    async def run(self, microphone: Microphone) -> None:
        """Talks until it is cancelled, or the microphone has nothing more to say.

        Raises:
            DeviceError: The microphone cannot be used.
        """
        self._rest()
        try:
            async with aclosing(microphone.pieces()) as pieces:
                async for piece in pieces:
                    self._take(piece)
            if self._turn is not None:
                await self._turn
            elif (last := self._endpointer.close()) is not None:
                await self._answer(self._ask(last.samples))
        finally:
            await self._break_off()

    def press(self) -> None:
        """Somebody pressed the key; it is looked at with the next piece."""
        self._presses += 1

    def tell(self, events: Callable[[], AsyncGenerator[Event, None]]) -> None:
        """Says something unasked, as soon as nobody else speaks."""
        self._news.append(events)

    # ---------------------------------------------------------------- each piece

    def _take(self, piece: Samples) -> None:
        self._display.level(loudness(piece))
        self._recent.append(piece)
        if self._turn is not None and self._turn.done():
            self._end_turn()
        pressed, self._presses = self._presses > 0, 0
        if self._turn is not None:
            self._while_answering(piece, pressed)
        elif self._deaf > 0:
            self._deaf -= seconds(piece)
            self._presses += pressed
        elif self._news and self._state is not State.HEARING and not pressed:
            self._begin_turn(self._news.popleft()())
        elif self._state is State.WAITING:
            self._wait(piece, pressed)
        else:
            self._listen(piece, pressed)

    def _wait(self, piece: Samples, pressed: bool) -> None:
        if pressed:
            self._listen_now(pushed=True)
        elif self._spotter is not None and (rest := self._spotter.feed(piece)) is not None:
            self._listen_now()
            self._listen(rest, pressed=False)

    def _listen(self, piece: Samples, pressed: bool) -> None:
        if pressed and self._pushed is None and self._state is State.LISTENING:
            self._listen_now(pushed=True)
            pressed = False
        if self._pushed is not None:
            self._pushed.append(piece)
        for utterance in self._endpointer.feed(piece):
            # With a key, what was said before the voice was noticed counts as well.
            self._begin_turn(self._ask(self._all_of(utterance.samples)))
            return
        if pressed:
            spoken = self._all_of(self._endpointer.so_far)
            self._begin_turn(self._ask(spoken))
        elif self._endpointer.speaking:
            self._show(State.HEARING)
        elif self._left > 0:
            self._left -= seconds(piece)
            if self._left <= 0:
                self._rest()

    def _all_of(self, utterance: Samples) -> Samples:
        return np.concatenate(self._pushed) if self._pushed else utterance

    def _while_answering(self, piece: Samples, pressed: bool) -> None:
        if pressed:
            self._interrupt(pushed=True)
        elif self._state is not State.SPEAKING:
            return
        elif self._spotter is not None:
            if (rest := self._spotter.feed(piece)) is not None:
                self._interrupt()
                self._listen(rest, pressed=False)
        elif self.mode is Mode.HANDS_FREE and self._interruptions.feed(
            piece, self._loudspeaker.level()
        ):
            said = np.concatenate(self._recent)
            self._interrupt()
            self._listen(said, pressed=False)

    # --------------------------------------------------------------------- turns

    def _rest(self) -> None:
        """Listens, or waits to be spoken to."""
        self._endpointer.forget()
        self._pushed, self._left = None, 0.0
        if self._spotter is not None:
            self._spotter.forget()
        self._show(State.LISTENING if self.mode is Mode.HANDS_FREE else State.WAITING)

    def _listen_now(self, pushed: bool = False) -> None:
        self._endpointer.forget()
        self._pushed = [] if pushed else None
        self._left = 0.0 if self.mode is Mode.HANDS_FREE and not pushed else PATIENCE
        self._show(State.LISTENING)

    def _begin_turn(self, events: AsyncGenerator[Event, None]) -> None:
        self._endpointer.forget()
        self._pushed = None
        self._interruptions.begin()
        if self._spotter is not None:
            self._spotter.forget()
        self._turn = asyncio.ensure_future(self._answer(events))

    def _end_turn(self) -> None:
        assert self._turn is not None
        turn, self._turn = self._turn, None
        if not turn.cancelled():
            turn.result()
        self._deaf = SETTLING
        if self.mode is Mode.PUSH:
            self._rest()
        else:
            # A question may have been asked: no wake phrase is needed to answer it.
            self._listen_now()

    def _interrupt(self, pushed: bool = False) -> None:
        if self._turn is not None:
            self._turn.cancel()
            # Looked at, so that nobody misses what it failed with.
            self._turn.add_done_callback(lambda turn: turn.cancelled() or turn.exception())
        # Who pressed a key has not begun to speak, and what is still heard is the answer.
        self._turn, self._deaf = None, SETTLING if pushed else 0.0
        self._listen_now(pushed)

    async def _break_off(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            await asyncio.gather(self._turn, return_exceptions=True)

    async def _answer(self, events: AsyncGenerator[Event, None]) -> None:
        self._show(State.UNDERSTANDING)
        try:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Recognition):
                        self._display.heard(event)
                        if not event.text and self.mode is not Mode.PUSH:
                            # A noise: nobody waits for an answer.
                            return
                    elif isinstance(event, Replies):
                        self._display.replied(event)
                    else:
                        self._show(State.SPEAKING)
                        await self._loudspeaker.play(event)
        except (AskError, DeviceError, SynthesizerError) as error:
            self._display.trouble(str(error))

    def _show(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self._display.state(state)


async def unasked(replies: Replies, synthesizer: Synthesizer | None) -> AsyncGenerator[Event, None]:
    """What is said without having been asked: a reminder that is due."""
    yield replies
    if synthesizer is not None:
        text = "\n".join(str(reply.get("text") or "") for reply in replies.replies)
        async with aclosing(speak(synthesizer, text)) as sounds:
            async for sound in sounds:
                yield sound
