"""A room with a microphone and a loudspeaker in it, in its own time, faster than ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

import numpy as np

from voice.audio import RATE, Samples, to_samples
from voice.devices import MEMORY, PIECE, loudness
from voice.tts import Sound

_STEPS = 12
"""Turns of the event loop that a piece lasts: who waits for it gets to run."""


class Room:
    """Plays what it is given, and hears what is said in it and what it plays."""

    def __init__(self, echo: float = 0.0, delay: float = 0.09, noise: float = 30.0) -> None:
        """Prepares.

        Args:
            echo: How much of what is played comes back to the microphone.
            delay: Seconds until it does.
            noise: Of the room, its standard deviation.
        """
        self._echo, self._delay = echo, round(delay * RATE / PIECE)
        self._chance = np.random.default_rng(0)
        self._noise = noise
        self._said: list[tuple[float, Samples]] = []
        self._does: list[tuple[float, Callable[[], object]]] = []
        self._playing: Samples = np.empty(0, np.int16)
        self._done = asyncio.Event()
        self._closed = False
        self.length = 0.0
        self.now = 0.0
        self.played: list[Samples] = []
        """Pieces, whether they are silent or not."""

    def say(self, at: float, spoken: Samples, then: float = 3.0) -> float:
        """Somebody says something; when they are done.

        Args:
            at: Seconds from the beginning.
            spoken: What is said.
            then: Seconds that the room is listened to afterwards, at least.
        """
        self._said.append((at, spoken))
        end = at + len(spoken) / RATE
        self.length = max(self.length, end + then)
        return end

    def do(self, at: float, what: Callable[[], object]) -> None:
        """Something else happens."""
        self._does.append((at, what))
        self.length = max(self.length, at + 1)

    async def pieces(self) -> AsyncGenerator[Samples, None]:
        """What the microphone hears."""
        longest = max([self.length, *(at + len(one) / RATE for at, one in self._said)])
        speech = np.zeros(round(longest * RATE) + PIECE, np.float64)
        for at, spoken in self._said:
            begin = round(at * RATE)
            speech[begin : begin + len(spoken)] += spoken
        for number in range(round(self.length * RATE) // PIECE):
            self.now = number * PIECE / RATE
            for happening in [one for one in self._does if one[0] <= self.now]:
                self._does.remove(happening)
                happening[1]()
            self._play_piece()
            heard = speech[number * PIECE : (number + 1) * PIECE].copy()
            heard += self._chance.normal(0, self._noise, PIECE)
            if number >= self._delay:
                heard += self._echo * self.played[number - self._delay]
            yield np.clip(heard, -(2**15), 2**15 - 1).astype(np.int16)
            for _ in range(_STEPS):
                await asyncio.sleep(0)
        # Nobody listens any more: what is left is not waited for.
        self._closed = True
        self._done.set()

    async def play(self, sound: Sound) -> None:
        """Plays a sound; see `voice.devices.Loudspeaker`."""
        self._playing = to_samples(sound.samples / 2.0**15, sound.rate)
        self._done.clear()
        if self._closed:
            return
        try:
            await self._done.wait()
        finally:
            self._playing = self._playing[:0]

    def level(self) -> float:
        """How loud it was; see `voice.devices.Loudspeaker`."""
        recent = self.played[-round(MEMORY * RATE / PIECE) :]
        return max(map(loudness, recent), default=0.0)

    def heard_playing(self) -> list[float]:
        """Seconds at which something was played."""
        return [
            number * PIECE / RATE for number, one in enumerate(self.played) if loudness(one) > 30
        ]

    def _play_piece(self) -> None:
        part, self._playing = self._playing[:PIECE], self._playing[PIECE:]
        self.played.append(np.pad(part, (0, PIECE - len(part))))
        if not len(self._playing):
            self._done.set()
