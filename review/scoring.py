"""Which messages are worth a person's time: how likely each was misread, and in what order to look.

Pure: numbers in, numbers out. `benchmarks.review` measures this very module.

The order is that of a weighted facility location (Krause and Golovin 2014): each message stands for
the ones that are like it, and the next to look at is the one by which most of what was probably
misread would come to stand near a message that somebody has looked at. So what is unsure and alone
comes after what is unsure and frequent, and a second message of the same kind after a first of
another, without any of this being a rule of its own.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

LIKENESS_FLOOR = 0.5
"""Cosine below which two messages tell nothing of each other."""


@dataclass(frozen=True)
class Signals:
    """What speaks for a message having been misread."""

    confidence: float = 1.0
    """Of the best intent, the fallback's own name aside."""
    fallback: bool = False
    """Parley asked back."""
    out_of_scope: bool = False
    """It was taken for something that Parley does not do."""
    corrected: bool = False
    """The person put it right afterwards ("no, I meant …"), or took back what was done."""
    repeated: bool = False
    """The person said it again, in the same or other words."""
    mood_dropped: bool = False
    """The next message was in a worse mood."""
    form_abandoned: bool = False
    """It began or answered a form that was broken off."""


CHANCES = {
    "fallback": 0.5,
    "out_of_scope": 0.3,
    "corrected": 0.6,
    "repeated": 0.5,
    "mood_dropped": 0.25,
    "form_abandoned": 0.35,
}
"""How likely each signal, by itself, means that the message was misread.

Estimates, to be ordered by and nothing else: a correction is nearly an admission, while who is out
of temper may be so for reasons of their own."""

LEAST = 0.01
"""No model is surer than this."""


def misreading(signals: Signals) -> float:
    """The chance that a message was misread, 0 to 1: each signal is an independent cause of it."""
    right = min(max(signals.confidence, 0.0), 1.0 - LEAST)
    for name, chance in CHANCES.items():
        if getattr(signals, name):
            right *= 1.0 - chance
    return 1.0 - right


def order(
    worth: Sequence[float],
    vectors: Vectors,
    *,
    most: int | None = None,
    known: Vectors | None = None,
    floor: float = LIKENESS_FLOOR,
) -> list[int]:
    """Orders messages, the one to look at first in front.

    Args:
        worth: Of each message, how much would be gained if it were read rightly: `misreading`,
            times how often it was said.
        vectors: Their unit vectors, (messages, width).
        most: How many are wanted; None: all.
        known: Unit vectors of messages that have been looked at already, and are stood for.
        floor: Cosine below which two messages tell nothing of each other.

    Returns:
        Positions; of equals, the earlier first.
    """
    weights = np.asarray(worth, dtype=np.float32)
    if weights.ndim != 1 or len(weights) != len(vectors):
        raise ValueError(f"{len(weights)} worths for {len(vectors)} vectors.")
    covered = np.zeros(len(weights), dtype=np.float32)
    if known is not None and len(known):
        covered = likeness(vectors, known, floor).max(axis=1)
    alike = likeness(vectors, vectors, floor)
    gains = np.maximum(alike - covered, 0.0) @ weights
    queue = [(-float(gain), position) for position, gain in enumerate(gains)]
    heapq.heapify(queue)
    chosen: list[int] = []
    wanted = len(weights) if most is None else min(most, len(weights))
    while len(chosen) < wanted:
        _, position = heapq.heappop(queue)
        # What one gains only falls as others are chosen: the first that stays ahead is the best.
        gain = float(np.maximum(alike[position] - covered, 0.0) @ weights)
        if queue and (-gain, position) > queue[0]:
            heapq.heappush(queue, (-gain, position))
            continue
        chosen.append(position)
        np.maximum(covered, alike[position], out=covered)
    return chosen


def likeness(one: Vectors, other: Vectors, floor: float = LIKENESS_FLOOR) -> Vectors:
    """How far messages stand for others, 0 to 1: their cosine above the floor."""
    cosines = np.asarray(one @ other.T, dtype=np.float32)
    return np.clip((cosines - floor) / (1.0 - floor), 0.0, 1.0)
