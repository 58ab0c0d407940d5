"""What every recogniser of speech has in common: audio in, text with its doubts out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from voice.audio import Samples


class RecognizerError(Exception):
    """An engine cannot be used; the message says in one line what it lacks."""


class Source(Enum):
    """What a text was found with."""

    COMMANDS = "commands"
    """The grammar of the assistant's own sentences."""
    OPEN = "open"
    """A model of which words follow each other, for everything else."""
    WORDS = "words"
    """The same, where there is too much to say for a grammar: nothing tells commands apart."""
    NOTHING = "nothing"
    """Nobody spoke."""


@dataclass(frozen=True)
class Word:
    """A word and when it was said."""

    text: str
    begin: float
    """Seconds from the beginning of the audio."""
    end: float


@dataclass(frozen=True)
class Hypothesis:
    """Something that may have been said."""

    text: str
    score: float
    """Logarithm of its likelihood, per frame of 10 ms; the higher the better."""


@dataclass(frozen=True)
class Recognition:
    """What was heard."""

    text: str
    """In lower case, numbers in words, no punctuation; empty where nothing was heard."""
    confidence: float
    """From 0 to 1, that the text is what was said."""
    accepted: bool
    """Whether to act on it; otherwise the one who spoke is asked to say it again."""
    words: tuple[Word, ...] = ()
    alternatives: tuple[Hypothesis, ...] = ()
    """The best first; the text itself is one of them."""
    source: Source = Source.NOTHING


NOTHING_HEARD = Recognition("", 0.0, accepted=False)


class Stream(Protocol):
    """An utterance that is still being spoken."""

    def feed(self, samples: Samples) -> str:
        """Takes more of it; what was said so far, to be shown and not to be acted on."""

    def finish(self) -> Recognition:
        """Ends it; what was said."""


class Recognizer(Protocol):
    """An engine with its models loaded. Not to be shared by threads: one for each worker."""

    def recognize(self, samples: Samples) -> Recognition:
        """What is said in a clip. Silence around it is left out; nothing is an answer too."""

    def stream(self) -> Stream:
        """Begins an utterance. A recogniser has one at a time."""
