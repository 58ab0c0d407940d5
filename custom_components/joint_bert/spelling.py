"""Words mistyped by one letter, read as the training data's word that they stand for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Letters below which a word is left alone: one letter more or less makes too many others."""

_WORD = re.compile(r"[^\W\d_]+")


class Speller:
    """The words of the training data, and which of them a misspelt word stands for.

    An encoder pretrained on clean text cuts a misspelt word into pieces that mean nothing. What
    the user meant is most likely a word that the assistant was taught, so those are the only
    ones that are ever put in: a name that nobody has heard of stays as it is, unless it is one
    letter away from a known word (optimal string alignment distance 1: a letter added, lost,
    exchanged, or two neighbours swapped).
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Takes words in lower case and how often each was written."""
        self.counts = dict(counts)
        self._candidates = [word for word in self.counts if len(word) >= SHORTEST]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Speller:
        """Learns the words of texts."""
        return cls(Counter(word for text in texts for word in _WORD.findall(text.lower())))

    def correct(self, word: str) -> str | None:
        """Returns the known word that a word stands for, or None to leave it alone.

        Of several, it is the one that begins alike (slips of the finger seldom hit the first
        letter), and of these the one written most often.
        """
        lower = word.lower()
        if len(lower) < SHORTEST or lower in self.counts or not _WORD.fullmatch(lower):
            return None
        near = process.extract(
            lower, self._candidates, scorer=OSA.distance, score_cutoff=1, limit=None
        )
        if not near:
            return None
        return max(
            (candidate for candidate, _, _ in near),
            key=lambda known: (known[0] == lower[0], self.counts[known], known),
        )
