"""Whether somebody speaks while an answer is played, or the microphone hears the loudspeaker only.

There is no echo cancellation: what the microphone takes in is held against what is played. How much
of it comes back is learnt as the answer begins, and who interrupts has to be heard above that. With
headphones nothing comes back, and a usual voice is enough.
"""

from __future__ import annotations

import webrtcvad

from voice.audio import RATE, Samples
from voice.devices import loudness
from voice.vad import FRAME

ABOVE = 2.0
"""Times the loudest echo that is to be expected: 6 dB."""

QUIETEST = 300.0
"""Below this root mean square, of 32,768, nothing is an interruption: a murmur in the next room."""

LONG_ENOUGH = 0.24
"""Seconds of speech within `WITHIN`: a door that falls shut is shorter."""

WITHIN = 0.45

LEARNING = 0.6
"""Seconds at the first answer in which the echo is learnt, and nobody interrupts."""

_FORGETS = 0.998
"""By which the echo is taken to be smaller with each frame in which it was."""

_PLAYING = 30.0
"""Root mean square from which on something is played."""


class Interruptions:
    """Tells speech from echo."""

    def __init__(self) -> None:
        """Knows nothing of the room yet."""
        self._detector = webrtcvad.Vad(2)
        self._echo = 0.0
        self._learnt = 0
        self._recent: list[bool] = []

    def begin(self) -> None:
        """An answer begins."""
        self._recent.clear()

    def feed(self, heard: Samples, played: float) -> bool:
        """Takes a piece of what the microphone hears.

        Args:
            heard: A piece of 30 ms.
            played: How loud the loudspeaker was at its loudest in the last half second.

        Returns:
            Whether somebody is speaking.
        """
        level = loudness(heard)
        echo = played * self._echo
        if played > _PLAYING and self._learnt < LEARNING * RATE / FRAME:
            self._learnt += 1
            self._echo = max(self._echo, level / played)
            return False
        loud = level > max(QUIETEST, ABOVE * echo)
        if not loud and played > _PLAYING:
            self._echo = max(self._echo * _FORGETS, level / played)
        self._recent.append(loud and self._is_speech(heard))
        del self._recent[: -round(WITHIN * RATE / FRAME)]
        return sum(self._recent) >= LONG_ENOUGH * RATE / FRAME

    def _is_speech(self, heard: Samples) -> bool:
        return len(heard) == FRAME and bool(
            self._detector.is_speech(heard.astype("<i2").tobytes(), RATE)
        )
