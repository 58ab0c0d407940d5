"""What of a question's words a passage has, the rare ones counting for more."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "er")
_LEAST_STEM = 3

# Words that say how something is asked, not what about; and those that name documents as such.
_EMPTY = frozenset(
    """
    a about above after again all also am an and any are as ask at be because been before being
    below between both but by can could did do does doing done down during each else erm for from
    further get give had has have having he her here hers him his how i if in into is it its just
    know let like long look me mean means more most much many must my need no nor not now of off
    often on once only or other our out over own please say says should so some such tell than that
    the their them then there these they thing this those through to too under until up us very want
    was we were what what's when where whether which while who whom whose why will with would you
    your according anything check consult document documentation documents documentations file files
    find handbook instructions manual note notes paper papers search written
    """.split()
)


def terms(text: str) -> list[str]:
    """The words of a text that carry meaning, without their endings."""
    return [
        _stem(word)
        for word in _WORD.findall(text.lower().replace("’", "'").replace("'s", ""))
        if word not in _EMPTY and (len(word) > 1 or word.isdigit())
    ]


def _stem(word: str) -> str:
    """Cuts the usual endings off; both sides are cut alike, so it need not be a word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            word = word[: -len(ending)]
            break
    if len(word) > _LEAST_STEM and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > _LEAST_STEM and word[-1] in "eyi" else word


class WordIndex:
    """How rare each word is among passages, and which words they have."""

    def __init__(self, passages: Iterable[str]) -> None:
        """Counts the words of passages, their headings included."""
        self._terms = [frozenset(terms(text)) for text in passages]
        counts = Counter(term for found in self._terms for term in found)
        number = len(self._terms)
        # As in BM25 (Robertson and Zaragoza 2009), but never below zero.
        self._weights = {
            term: math.log(1 + (number - count + 0.5) / (count + 0.5))
            for term, count in counts.items()
        }
        self._unknown = math.log(1 + (number + 0.5) / 0.5)

    def knows_any(self, question: str) -> bool:
        """Whether any passage has any word of a question."""
        return any(term in self._weights for term in terms(question))

    def coverage(self, question: str) -> list[float]:
        """Each passage's share of the question's words, weighted by how rare they are.

        Within 0 and 1: no passage is better for being long, or for saying a word twice, which is
        what BM25's other factors are for and a probability has no use for.
        """
        asked = set(terms(question))
        whole = sum(self._weight(term) for term in asked)
        return [
            sum(self._weight(term) for term in asked & found) / whole if whole else 0.0
            for found in self._terms
        ]

    def _weight(self, term: str) -> float:
        return self._weights.get(term, self._unknown)


def coverage_of(question: str, texts: Sequence[str]) -> list[float]:
    """As `WordIndex.coverage`, among a few texts."""
    return WordIndex(texts).coverage(question)
