"""Tags of a text as a whole: what may follow what, the best sequence, how sure it is.

A tag follows another more or less likely, whatever the words say. BIO forbids some steps. Of the
others one matters: an entity right behind another of its own label, as in "moving house" read as
two names of lists. A head that reads words one by one makes this error with names it has not
seen; how often it is right is counted in the training data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from custom_components.joint_bert.labels import OUTSIDE, begins, may_follow

Array = NDArray[Any]

_DOUBT = 5.0
"""Places behind an entity, up to which their number says less than what is so in general."""
_LEAST = 1e-12
"""What no probability of a tag is taken to be below."""


def restart_costs(texts: Iterable[Sequence[int]], labels: int) -> Tensor:
    """Counts how much seldomer than elsewhere an entity begins right behind one of its label.

    Args:
        texts: The tags of each training text.
        labels: Number of the entity labels.

    Returns:
        (labels,): log(P(begin | the same label before) / P(begin)), at most 0, and near 0 where
        hardly anything was counted.
    """
    begun, restarted, places = (np.zeros(labels) for _ in range(3))
    words = 0
    for tags in texts:
        words += len(tags)
        for before, tag in pairwise([OUTSIDE, *tags]):
            if before != OUTSIDE:
                places[(before - 1) // 2] += 1
            if begins(tag):
                begun[(tag - 1) // 2] += 1
                restarted[(tag - 1) // 2] += before in (tag, tag + 1)
    usual = (begun + 1) / (words + 1 + 2 * labels)
    behind = (restarted + _DOUBT * usual) / (places + _DOUBT)
    return torch.from_numpy(np.minimum(np.log(behind / usual), 0.0)).float()


def step_costs(restarts: Sequence[float]) -> Array:
    """Returns what each step from tag to tag costs, (tags, tags): nothing, or up to everything.

    Args:
        restarts: What `restart_costs` returns.
    """
    count = 1 + 2 * len(restarts)
    costs = np.zeros((count, count))
    for before in range(count):
        for after in range(count):
            if not may_follow(before, after):
                costs[before, after] = -np.inf
    for label, cost in enumerate(restarts):
        begin = 1 + 2 * label
        costs[begin : begin + 2, begin] = cost
    return costs


def best_path(probabilities: Array, steps: Array) -> list[int]:
    """Returns the most probable sequence of tags (Viterbi).

    Args:
        probabilities: What each word says by itself, (U, tags).
        steps: What `step_costs` returns.
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
        factors: The exponentials of what `step_costs` returns.

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
