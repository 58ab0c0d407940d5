"""Tags of a text as a whole, against counting out all sequences."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from custom_components.joint_bert.labels import OUTSIDE, may_follow
from custom_components.joint_bert.tagging import (
    Array,
    allowed_steps,
    best_path,
    marginals,
    step_worths,
)

TAGS = 5
WORTHS = np.random.default_rng(9).normal(size=(TAGS, TAGS))
STEPS = allowed_steps(WORTHS)


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
        product *= row[tag] * math.exp(WORTHS[before, tag])
    return product


def some_probabilities(seed: int, words: int = 4) -> Array:
    return np.random.default_rng(seed).dirichlet([0.5] * TAGS, size=words)


@pytest.mark.parametrize("seed", range(20))
def test_the_best_path_is_the_best_of_all(seed: int) -> None:
    probabilities = some_probabilities(seed)

    found = tuple(best_path(probabilities, STEPS))

    best = max(likelihood(probabilities, path) for path in sequences(4))
    assert likelihood(probabilities, found) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(5))
def test_marginals_are_the_shares_of_the_sequences(seed: int) -> None:
    probabilities = some_probabilities(seed)
    shares = np.zeros((4, TAGS))
    for path in sequences(4):
        shares[np.arange(4), path] += likelihood(probabilities, path)

    found = marginals(probabilities, np.exp(STEPS))

    assert np.allclose(found, shares / shares.sum(-1, keepdims=True), atol=1e-6)


def test_one_word_and_none() -> None:
    assert best_path(np.zeros((0, TAGS)), STEPS) == []
    assert best_path(np.array([[0.1, 0.2, 0.6, 0.05, 0.05]]), STEPS) == [1]


def test_what_never_follows_is_not_found() -> None:
    # Label 0 has names of two words and never touches itself; label 1 often does.
    texts = [[1, 2, 0, 0], [0, 3, 3, 3]] * 50

    worths = step_worths(texts, TAGS).numpy()

    assert worths[1, 1] < -2.0 and worths[2, 1] < -2.0
    assert worths[1, 2] > 0.5
    assert worths[3, 3] == 0.0
    two_names = np.array([[0.1, 0.8, 0.0, 0.1, 0.0], [0.1, 0.6, 0.3, 0.0, 0.0]])
    assert best_path(two_names, allowed_steps(np.zeros((TAGS, TAGS)))) == [1, 1]
    assert best_path(two_names, allowed_steps(worths)) == [1, 2]


def test_little_evidence_is_worth_little() -> None:
    assert -0.5 < step_worths([[1, 0, 0]], 3)[1, 1].item() < 0.0
    assert step_worths([[0, 0], []], 3).abs().max().item() < 0.2
    assert step_worths([[0]], 0 + 1).tolist() == [[0.0]]
