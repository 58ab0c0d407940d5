"""How far an answer's probability can be believed, measured by leaving examples out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

USUAL = 0.035
"""The temperature where there are too few examples to measure one: what Parley's own small
talk comes to."""

_FEWEST = 20
"""Examples that it takes to measure a temperature."""

_GRID = np.geomspace(0.01, 0.5, 60)


def fit_temperature(scores: NDArray[Any], answers: NDArray[np.int64]) -> float:
    """Returns the temperature at which probabilities are calibrated.

    The one with the smallest negative log-likelihood (Guo et al. 2017, arXiv 1706.04599), out of
    a grid. The encoder is not trained on the examples, so each of them, left out of the others,
    is as good as new.

    Args:
        scores: Of N examples, each left out in turn, (N, answers).
        answers: Their answers' places, (N,).
    """
    # An answer's only example, left out, leaves nothing that it could be known by.
    known = np.bincount(answers, minlength=scores.shape[-1])[answers] > 1
    scores, answers = scores[known], answers[known]
    if len(scores) < _FEWEST:
        return USUAL
    losses = [_negative_log_likelihood(scores / temperature, answers) for temperature in _GRID]
    return float(_GRID[int(np.argmin(losses))])


def _negative_log_likelihood(logits: NDArray[Any], answers: NDArray[np.int64]) -> float:
    highest = logits.max(-1, keepdims=True)
    normalizer = highest[:, 0] + np.log(np.exp(logits - highest).sum(-1))
    return float((normalizer - logits[np.arange(len(answers)), answers]).mean())
