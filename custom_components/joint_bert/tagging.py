"""Tags of a text as a whole: what may follow what, the best sequence, how sure it is.

A tag follows another more or less likely, whatever the words say. BIO forbids some steps; how
likely the others are is counted in the training data. A head that reads words one by one errs
where it has not seen a name: it takes "moving house" for two names of lists, although nobody
ever wrote two without a word between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from custom_components.joint_bert.labels import OUTSIDE, may_follow

Array = NDArray[Any]

_DOUBT = 5.0
"""Steps seen from a tag, up to which its frequency in general says more of the next one."""
_SHARE = 0.5
"""How much of what was counted is believed: the words' vectors know of their neighbours too."""
_LEAST = 1e-12
"""What no probability of a tag is taken to be below."""


def step_worths(texts: Iterable[Sequence[int]], count: int) -> Tensor:
    """Counts how much likelier each tag is behind each other than it is in general.

    Args:
        texts: The tags of each training text.
        count: Number of the tags.

    Returns:
        (count, count), from row to column: a share of log(P(tag | tag before) / P(tag)); near 0
        where little was counted. It is whole, and at most 0, for an entity right behind another
        of its own label.
    """
    pairs = np.zeros((count, count))
    for tags in texts:
        for before, tag in pairwise([OUTSIDE, *tags]):
            pairs[before, tag] += 1
    usual = (pairs.sum(0) + 1) / (pairs.sum() + count)
    behind = (pairs + _DOUBT * usual) / (pairs.sum(1, keepdims=True) + _DOUBT)
    likelier = np.log(behind / usual)
    worths = _SHARE * likelier
    for begin in range(1, count, 2):
        again = slice(begin, begin + 2), begin
        worths[again] = np.minimum(likelier[again], 0.0)
    return torch.from_numpy(worths).float()


def allowed_steps(worths: Array) -> Array:
    """Returns what steps are worth, (tags, tags), with those that BIO forbids made impossible.

    Args:
        worths: What `step_worths` returns.
    """
    tags = range(len(worths))
    allowed = [[may_follow(before, after) for after in tags] for before in tags]
    return np.where(np.array(allowed, dtype=bool).reshape(worths.shape), worths, -np.inf)


def best_path(probabilities: Array, steps: Array) -> list[int]:
    """Returns the most probable sequence of tags (Viterbi).

    Args:
        probabilities: What each word says by itself, (U, tags).
        steps: What `allowed_steps` returns.
    """
    if not len(probabilities):
        return []
    scores = np.log(np.maximum(probabilities, _LEAST))
    # Before the first unit there is the outside: nothing can go on there.
    best = scores[0] + steps[OUTSIDE]
    backward: list[Array] = []
    for score in scores[1:]:
        ways = best[:, None] + steps
        backward.append(ways.argmax(0))
        best = ways.max(0) + score
    path = [int(best.argmax())]
    for previous in reversed(backward):
        path.append(int(previous[path[-1]]))
    return path[::-1]


def marginals(probabilities: Array, factors: Array) -> Array:
    """Returns the probability of each tag at each word, all sequences considered.

    The forward-backward algorithm, for one text.

    Args:
        probabilities: What each word says by itself, (U, tags).
        factors: The exponentials of what `allowed_steps` returns.

    Returns:
        (U, tags), each row with the sum one.
    """
    words = np.maximum(probabilities, _LEAST)
    forward, backward = np.empty_like(words), np.ones_like(words)
    before = factors[OUTSIDE]
    for place, row in enumerate(words):
        forward[place] = _shares(before * row)
        before = forward[place] @ factors
    for place in range(len(words) - 2, -1, -1):
        backward[place] = _shares(factors @ (words[place + 1] * backward[place + 1]))
    both = forward * backward
    found: Array = both / both.sum(-1, keepdims=True)
    return found


def _shares(row: Array) -> Array:
    # Never nothing: the outside may follow everything.
    shares: Array = row / row.sum()
    return shares
