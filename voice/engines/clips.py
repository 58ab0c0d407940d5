"""What engines have in common that decode an utterance as a whole, and know all words."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from voice import vad
from voice.asr import NOTHING_HEARD, Hypothesis, Recognition, Source, Word
from voice.audio import RATE, Samples, seconds
from voice.speakable import spoken

ACCEPTED = math.exp(-1.0)
"""The least confidence of what is believed: Whisper's own threshold, a mean of -1 a token. These
engines do not know what the assistant can do: nonsense that was well heard is for its NLU."""

MOST_ALTERNATIVES = 10

_FRAMES = 100
"""A second, for scores."""


@dataclass(frozen=True)
class Guess:
    """What an engine makes of an utterance, as its model writes it."""

    text: str
    likelihood: float
    """Logarithm, of the whole text given the sound."""
    confidence: float
    """From 0 to 1."""
    words: tuple[Word, ...] = ()
    """As written, from the beginning of what the engine was given."""
    source: Source = Source.OPEN


class ClipRecognizer(ABC):
    """An engine that is given an utterance as a whole."""

    def __init__(self, endpointing: vad.Endpointing | None = None) -> None:
        """Takes how speech is told from silence."""
        self._endpointing = endpointing

    @abstractmethod
    def guess(self, samples: Samples) -> Sequence[Guess]:
        """What was said, the best first; samples begin and end with somebody speaking."""

    def recognize(self, samples: Samples) -> Recognition:
        """What is said in a clip."""
        part = vad.spoken_part(samples, self._endpointing)
        if part.start == part.stop:
            return NOTHING_HEARD
        heard = self.recognize_spoken(samples[part])
        shift = part.start / RATE
        return replace(
            heard,
            words=tuple(Word(one.text, one.begin + shift, one.end + shift) for one in heard.words),
        )

    def recognize_spoken(self, samples: Samples) -> Recognition:
        """What is said in audio that begins and ends with somebody speaking."""
        guesses = [one for one in self.guess(samples) if spoken(one.text)]
        if not guesses:
            return NOTHING_HEARD
        frames = max(1.0, seconds(samples) * _FRAMES)
        # What is written in different ways may be spoken in the same.
        alternatives: dict[str, Hypothesis] = {}
        for one in guesses:
            text = " ".join(spoken(one.text))
            alternatives.setdefault(text, Hypothesis(text, one.likelihood / frames))
        best = guesses[0]
        return Recognition(
            " ".join(spoken(best.text)),
            best.confidence,
            best.confidence >= ACCEPTED,
            spoken_words(best.words),
            tuple(alternatives.values())[:MOST_ALTERNATIVES],
            best.source,
        )

    def stream(self) -> ClipStream:
        """Begins an utterance."""
        return ClipStream(self)


class ClipStream:
    """An utterance that is still being spoken, decoded anew from its beginning for captions.

    A caption is made when at least as much was said since the last one as that one took: so
    captions take half of the time at most, and a slow engine has fewer of them.
    """

    def __init__(self, recognizer: ClipRecognizer) -> None:
        """Begins it."""
        self._recognizer = recognizer
        self._pieces: list[Samples] = []
        self._caption = ""
        self._since = 0.0
        self._took = 0.5

    def feed(self, samples: Samples) -> str:
        """Takes more of it; what was said so far."""
        self._pieces.append(samples)
        self._since += seconds(samples)
        if self._since >= self._took:
            begin = time.perf_counter()
            self._caption = self.finish().text
            self._since, self._took = 0.0, time.perf_counter() - begin
        return self._caption

    def finish(self) -> Recognition:
        """What was said."""
        if not self._pieces:
            return NOTHING_HEARD
        return self._recognizer.recognize(np.concatenate(self._pieces))


def as_floats(samples: Samples) -> npt.NDArray[np.float32]:
    """Samples from -1 to 1."""
    return samples.astype(np.float32) / 2**15


def spoken_words(written: Sequence[Word]) -> tuple[Word, ...]:
    """Written words as they are spoken: one may become several, which share its time."""
    found: list[Word] = []
    texts = [one.text for one in written]
    counted = 0
    # From the beginning each time: how a word is spoken hangs on the one before it, "7 am".
    for place, one in enumerate(written, 1):
        words = spoken(" ".join(texts[:place]))
        new = words[counted:]
        counted = max(counted, len(words))
        step = (one.end - one.begin) / max(1, len(new))
        for number, text in enumerate(new):
            begin = one.begin + number * step
            found.append(Word(text, begin, begin + step))
    return tuple(found)
