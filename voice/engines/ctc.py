"""Connectionist temporal classification (Graves et al. 2006): letters out of a model's frames.

A frame is a letter or the blank; letters that follow each other without a blank between them are
one. So a text has many ways to be said, and the same letters are found by the best way (Viterbi) or
by all ways together (the forward sum).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Frames: TypeAlias = "npt.NDArray[np.float64]"
"""(frame, letter): logarithms of probabilities."""

Letters: TypeAlias = "tuple[int, ...]"

_LETTERS_A_FRAME = 8
"""That are tried; the rest of them have no part in what is found."""
_IMPROBABLE = -12.0


def best_letters(frames: Frames, blank: int) -> Letters:
    """The letters of the best way: the most probable one of each frame."""
    path = frames.argmax(axis=1)
    return tuple(
        int(letter)
        for place, letter in enumerate(path)
        if letter != blank and (not place or letter != path[place - 1])
    )


def best_score(frames: Frames) -> float:
    """The logarithm of the best way's probability: no text's is higher."""
    return float(frames.max(axis=1).sum())


def search(frames: Frames, blank: int, beams: int) -> list[tuple[Letters, float]]:
    """The most probable letters, all their ways together: prefix beam search (Graves 2012).

    Returns:
        Letters and the logarithm of their probability, the best first.
    """
    none = (-np.inf, -np.inf)
    # Of each prefix: the logarithms of all ways that end in a blank, and of those that do not.
    found: dict[Letters, tuple[float, float]] = {(): (0.0, -np.inf)}
    for frame in frames:
        likely = np.argsort(frame)[-_LETTERS_A_FRAME:]
        grown: defaultdict[Letters, tuple[float, float]] = defaultdict(lambda: none)
        for prefix, (ended, going) in found.items():
            either = float(np.logaddexp(ended, going))
            for letter in map(int, likely):
                chance = float(frame[letter])
                if chance < _IMPROBABLE:
                    continue
                if letter == blank:
                    one, other = grown[prefix]
                    grown[prefix] = float(np.logaddexp(one, either + chance)), other
                    continue
                begun = either
                if prefix and prefix[-1] == letter:
                    one, other = grown[prefix]
                    grown[prefix] = one, float(np.logaddexp(other, going + chance))
                    begun = ended
                longer = (*prefix, letter)
                one, other = grown[longer]
                grown[longer] = one, float(np.logaddexp(other, begun + chance))
        best = sorted(grown.items(), key=lambda item: -np.logaddexp(*item[1]))
        found = dict(best[:beams])
    return [(prefix, float(np.logaddexp(*ways))) for prefix, ways in found.items()]


def align(
    frames: Frames, letters: Sequence[int], blank: int
) -> tuple[list[tuple[int, int]], float]:
    """When each letter was said, on the best of a text's ways.

    Returns:
        Each letter's first frame and the one behind its last; and the logarithm of the way's
        probability, which is nothing where there are too few frames.
    """
    states = [blank]
    for letter in letters:
        states += [letter, blank]
    count = len(states)
    # A blank between two letters may be left out, unless they are the same.
    skips = np.zeros(count, bool)
    skips[3::2] = [states[place] != states[place - 2] for place in range(3, count, 2)]
    score = np.full(count, -np.inf)
    score[:2] = frames[0, states[:2]]
    came = np.zeros((len(frames), count), np.int8)
    for number in range(1, len(frames)):
        ways = np.full((3, count), -np.inf)
        ways[0], ways[1, 1:] = score, score[:-1]
        ways[2, 2:] = np.where(skips[2:], score[:-2], -np.inf)
        came[number] = ways.argmax(axis=0)
        score = ways.max(axis=0) + frames[number, states]
    place = count - 1 if count == 1 or score[-1] >= score[-2] else count - 2
    total = float(score[place])
    spans = [(0, 0)] * len(letters)
    for number in range(len(frames) - 1, -1, -1):
        if place % 2:
            spans[place // 2] = (number, spans[place // 2][1] or number + 1)
        place -= came[number, place]
    return spans, total
