"""Whether a message fits any intent at all, by a threshold that training finds by itself."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

REFUSED = 0.05
"""Share of the training examples that may fall below the threshold, each left out in turn."""

SURE = 0.99
"""Probability of being in scope that the middle one of the training examples gets."""

FEW = 50
"""Examples an intent below which the trained layers know them too well to judge."""

Evidence = Literal["none", "untouched", "all"]


class Scope(nn.Module):
    """Turns energies into the probability that a message fits some intent.

    The energy (Liu et al. 2020, arXiv 2010.03759) is the log of the sum of all intents'
    exponentiated scores: it falls for what is near to nothing known, where the largest softmax
    stays high. The threshold is the energy that 5 % of the training examples stay below when
    each is left out of the neighbours: no out-of-scope examples are needed. With few examples
    an intent, the trained layers have learnt each one by heart, and only the untouched ones,
    which have seen none, can say how near a new message would be.
    """

    threshold: Tensor
    slope: Tensor

    def __init__(self, evidence: Evidence = "none") -> None:
        """Starts out with everything in scope; `fit` learns better."""
        super().__init__()
        self.evidence: Evidence = evidence
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("slope", torch.zeros(()))

    def fit(self, scores: Tensor, untouched: Tensor | None, per_intent: float) -> None:
        """Finds the threshold from the examples' leave-one-out scores.

        Args:
            scores: All opinions' sum, (M, intents).
            untouched: The untouched layers' alone, (M, intents), if there are any.
            per_intent: Examples an intent.
        """
        if untouched is None or len(scores) < 1 / REFUSED:
            self.evidence = "none"
            return
        self.evidence = "all" if per_intent >= FEW else "untouched"
        energies = (scores if self.evidence == "all" else untouched).logsumexp(-1)
        threshold = torch.quantile(energies, REFUSED)
        spread = float(energies.median() - threshold)
        self.threshold.copy_(threshold)
        self.slope.fill_(math.log(SURE / (1 - SURE)) / max(spread, 1e-3))

    def forward(self, scores: Tensor, untouched: Tensor | None) -> Tensor:
        """Returns the probability of being in scope, (N,): one half at the threshold."""
        if self.evidence == "none":
            return scores.new_ones(len(scores))
        chosen = untouched if self.evidence == "untouched" and untouched is not None else scores
        return torch.sigmoid(self.slope * (chosen.logsumexp(-1) - self.threshold))
