"""What every voice has in common: a sentence in, its sound out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voice.audio import Samples


class SynthesizerError(Exception):
    """A voice cannot be used, or failed; the message says in one line what it lacks."""


@dataclass(frozen=True)
class Sound:
    """Something to be played."""

    samples: Samples
    """Mono, 16 bits."""
    rate: int
    """Samples a second; voices differ in it."""

    @property
    def seconds(self) -> float:
        """How long it takes to play."""
        return len(self.samples) / self.rate


class Synthesizer(Protocol):
    """A voice. May be shared by callers: each sentence stands by itself."""

    async def say(self, sentence: str) -> Sound:
        """The sound of a sentence, which is speakable already.

        Raises:
            SynthesizerError: The engine or its voice is missing, or it failed.
        """
