"""How likely a passage is to answer a question."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """What is measured of a passage for a question, each about 0 to 1."""

    meaning: float
    """Cosine of the question and the whole passage."""

    sentence: float
    """Cosine of the question and the sentence that is nearest to it."""

    words: float
    """Share of the question's words that the passage has, weighted by how rare they are."""


WEIGHTS = Evidence(meaning=0.44, sentence=17.3, words=3.56)
BIAS = -11.3
"""A logistic regression's, of whether the best passage answers its question: on questions with and
without an answer, in a small and a larger collection (benchmarks/knowledge.py fits it anew;
docs/decisions/0011-knowledge.md has the figures)."""


def score(evidence: Evidence) -> float:
    """Returns the log-odds of answering the question."""
    return (
        BIAS
        + WEIGHTS.meaning * evidence.meaning
        + WEIGHTS.sentence * evidence.sentence
        + WEIGHTS.words * evidence.words
    )


def probability(evidence: Evidence) -> float:
    """Returns the probability that the best passage of all answers the question."""
    return 1.0 / (1.0 + math.exp(-score(evidence)))
