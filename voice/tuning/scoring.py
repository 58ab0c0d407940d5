"""How well a recogniser hears recordings whose words are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from voice.asr import Recognizer
from voice.tuning.recordings import Recording


@dataclass(frozen=True)
class Score:
    """What became of some recordings."""

    recordings: int
    words: int
    """That were said."""
    errors: int
    """Words replaced, added or lost, at the least."""
    right: int
    """Recordings of which each word was heard and the text was accepted."""

    @property
    def error_rate(self) -> float:
        """Word error rate."""
        return self.errors / max(1, self.words)

    @property
    def acceptance(self) -> float:
        """The share of recordings that were heard word for word and accepted."""
        return self.right / max(1, self.recordings)

    def __add__(self, other: Score) -> Score:
        """Both sets of recordings together."""
        return Score(
            self.recordings + other.recordings,
            self.words + other.words,
            self.errors + other.errors,
            self.right + other.right,
        )

    def __str__(self) -> str:
        """For people."""
        return (
            f"{100 * self.error_rate:.1f} % of {self.words} words wrong, "
            f"{self.right} of {self.recordings} commands accepted word for word"
        )

    def is_better_than(self, other: Score) -> bool:
        """Fewer words are wrong, and no fewer commands are right."""
        return self.errors < other.errors and self.right >= other.right


NOTHING = Score(0, 0, 0, 0)


def score(recognizer: Recognizer, recordings: Sequence[Recording]) -> Score:
    """Listens to recordings."""
    found = NOTHING
    for one in recordings:
        heard = recognizer.recognize(one.samples)
        errors = word_errors(one.words, heard.text.split())
        found += Score(1, len(one.words), errors, int(heard.accepted and not errors))
    return found


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The least number of words that must be replaced, added or taken away."""
    return int(Levenshtein.distance(said, heard))
