"""Whether a message fits any intent at all, by a threshold that training finds by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[Any]

REFUSED = 0.05
"""Share of new messages that fit an intent and may fall below the threshold all the same."""

SURE = 0.99
"""Probability of being in scope that the middle one of the training examples gets."""


class Scope(nn.Module):
    """Turns energies into the probability that a message fits some intent.

    The energy (Liu et al. 2020, arXiv 2010.03759) is the log of the sum of all intents'
    exponentiated scores: it falls for what is near to nothing known, where the largest softmax
    stays high. No out-of-scope examples are needed.
    """

    threshold: Tensor
    slope: Tensor

    def __init__(self) -> None:
        """Starts out unfitted, with everything in scope."""
        super().__init__()
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("slope", torch.zeros(()))

    @property
    def is_fitted(self) -> bool:
        """Whether training has found a threshold."""
        return float(self.slope) > 0.0

    def fit(self, scores: Tensor, per_intent: float) -> None:
        """Finds the threshold from the training examples' scores; too few examples find none.

        What `REFUSED` of the examples stay below is too high a threshold for new messages: the
        encoder has learnt the examples by heart, even if each is left out of the neighbours.
        By how much it is too high depends on how few there are of an intent, and hardly on what
        they say: on two sets of data with 5, 10, and more than 100 of each, new messages' lower
        quantile lies 2.4, 1.8 to 1.9, and 1.2 times as far below the median as the examples'.

        Args:
            scores: Of M examples, each left out in turn, (M, intents).
            per_intent: Examples an intent, in the mean.
        """
        if len(scores) < 1 / REFUSED:
            return
        energies = scores.logsumexp(-1)
        median = energies.median()
        spread = median - torch.quantile(energies, REFUSED)
        spread = (spread * (1.11 + 8.0 / per_intent)).clamp(min=1e-3)
        self.threshold.copy_(median - spread)
        self.slope.copy_(math.log(SURE / (1 - SURE)) / spread)

    def probability(self, scores: Array) -> Array:
        """Returns the probability of being in scope, (N,), of scores (N, intents)."""
        highest = scores.max(-1)
        energies = highest + np.log(np.exp(scores - highest[:, None]).sum(-1))
        distance = float(self.slope) * (energies - float(self.threshold))
        # The logistic function, which so never overflows.
        found: Array = 0.5 * (1.0 + np.tanh(0.5 * distance))
        return found
