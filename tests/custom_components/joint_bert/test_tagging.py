"""Tags of a text as a whole, against counting out all sequences."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from custom_components.joint_bert.labels import OUTSIDE, may_follow
from custom_components.joint_bert.tagging import (
    Array,
    best_path,
    marginals,
    restart_costs,
    step_costs,
)

RESTARTS = [-2.0, -0.5]
TAGS = 5


def sequences(length: int) -> list[tuple[int, ...]]:
    """Returns all sequences of tags that BIO allows."""
    return [
        path
        for path in itertools.product(range(TAGS), repeat=length)
        if all(
            may_follow(one, other) for one, other in zip((OUTSIDE, *path[:-1]), path, strict=True)
        )
    ]


def likelihood(probabilities: Array, path: tuple[int, ...]) -> float:
    product = 1.0
    for before, tag, row in zip((OUTSIDE, *path[:-1]), path, probabilities, strict=True):
        restarts = before != OUTSIDE and tag in (1, 3) and before in (tag, tag + 1)
        product *= row[tag] * (math.exp(RESTARTS[tag // 2]) if restarts else 1.0)
    return product


def some_probabilities(seed: int, words: int = 4) -> Array:
    return np.random.default_rng(seed).dirichlet([0.5] * TAGS, size=words)


@pytest.mark.parametrize("seed", range(20))
def test_the_best_path_is_the_best_of_all(seed: int) -> None:
    probabilities = some_probabilities(seed)

    found = tuple(best_path(probabilities, step_costs(RESTARTS)))

    best = max(likelihood(probabilities, path) for path in sequences(4))
    assert likelihood(probabilities, found) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(5))
def test_marginals_are_the_shares_of_the_sequences(seed: int) -> None:
    probabilities = some_probabilities(seed)
    shares = np.zeros((4, TAGS))
    for path in sequences(4):
        shares[np.arange(4), path] += likelihood(probabilities, path)

    found = marginals(probabilities, np.exp(step_costs(RESTARTS)))

    assert np.allclose(found, shares / shares.sum(-1, keepdims=True), atol=1e-6)


def test_one_word_and_none() -> None:
    assert best_path(np.zeros((0, TAGS)), step_costs(RESTARTS)) == []
    assert best_path(np.array([[0.1, 0.2, 0.6, 0.05, 0.05]]), step_costs(RESTARTS)) == [1]


def test_what_never_restarts_costs_much() -> None:
    # Label 0 has two words and never touches itself; label 1 often does.
    texts = [[1, 2, 0, 0], [0, 3, 3, 3]] * 50

    costs = restart_costs(texts, 2).tolist()

    assert costs[0] < -2.0
    assert costs[1] == 0.0
    two_names = np.array([[0.1, 0.8, 0.0, 0.1, 0.0], [0.1, 0.6, 0.3, 0.0, 0.0]])
    assert best_path(two_names, step_costs([0.0, 0.0])) == [1, 1]
    assert best_path(two_names, step_costs(costs)) == [1, 2]


def test_little_evidence_costs_little() -> None:
    assert -0.5 < restart_costs([[1, 0, 0]], 1).item() < 0.0
    assert restart_costs([[0, 0], []], 1).tolist() == [0.0]
    assert restart_costs([[0]], 0).tolist() == []
