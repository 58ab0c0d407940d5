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

STRETCH = 4.0
"""How quickly the spread of what is new grows over the examples' own with what is memorised."""

MOST_STRETCH = 2.8
"""The most that it may: beyond, what fits no intent would pass. Rather ask back once more."""

ONES_OWN = 5.0
"""Examples at which an intent's mean energy counts half, next to that of all examples."""


class Scope(nn.Module):
    """Turns energies into the probability that a message fits some intent.

    The energy (Liu et al. 2020, arXiv 2010.03759) is the log of the sum of all intents'
    exponentiated scores: it falls for what is near to nothing known, where the largest softmax
    stays high. Each intent's scores count from what is usual for its own examples: those of a
    narrow intent lie closer together than those of a wide one. Intents that say "out of scope"
    are left out: what is near to their examples fits none of the others. No such intent, and no
    out-of-scope example, is needed.
    """

    usual: Tensor
    threshold: Tensor
    slope: Tensor
    stretch: Tensor

    def __init__(self, intents: int) -> None:
        """Starts out unfitted, with everything in scope."""
        super().__init__()
        # By how much an intent's examples lie above all examples; infinitely: it is left out.
        self.register_buffer("usual", torch.zeros(intents))
        self.register_buffer("threshold", torch.zeros(()))
        self.register_buffer("slope", torch.zeros(()))
        # By how much the examples' spread is too small for new messages.
        self.register_buffer("stretch", torch.ones(()))

    @property
    def is_fitted(self) -> bool:
        """Whether training has found a threshold."""
        return float(self.slope) > 0.0

    @property
    def beyond(self) -> Tensor:
        """Which intents say "out of scope", (intents,)."""
        return self.usual.isinf()

    def fit(self, scores: Tensor, classes: Tensor, beyond: Tensor, memorised: float | None) -> None:
        """Finds the threshold from the training examples' scores; too few examples find none.

        What `REFUSED` of the examples stay below is too high a threshold for new messages: the
        encoder has learnt the examples by heart, even if each is left out of the neighbours. How
        far they have come away from new messages shows in how much more of them it gets right
        than before: new messages' lower quantile lies about exp(`STRETCH` × `memorised`) times
        as far below the median as the examples' own.

        Args:
            scores: Of M examples, each left out in turn, (M, intents).
            classes: Their intents, (M,).
            beyond: Which intents say "out of scope", (intents,).
            memorised: By how much more of the examples the trained encoder gets right than the
                untouched one did; None where training went on from a trained model: then the
                former value holds.
        """
        inside = ~beyond[classes]
        if memorised is not None:
            self.stretch.fill_(min(math.exp(STRETCH * max(memorised, 0.0)), MOST_STRETCH))
        self.slope.zero_()
        self.usual.zero_()
        if int(inside.sum()) < 1 / REFUSED:
            return
        self.usual[beyond] = math.inf
        scores, classes = scores[inside], classes[inside]
        energies = (scores - self.usual).logsumexp(-1)
        counts = torch.bincount(classes, minlength=len(beyond))
        sums = torch.zeros_like(self.usual).index_add(0, classes, energies - energies.mean())
        # A sum over count + ONES_OWN: few examples say little of what is usual.
        self.usual += sums / (counts + ONES_OWN)
        energies = (scores - self.usual).logsumexp(-1)
        median = energies.median()
        spread = median - torch.quantile(energies, REFUSED)
        spread = (spread * self.stretch).clamp(min=1e-3)
        self.threshold.copy_(median - spread)
        self.slope.copy_(math.log(SURE / (1 - SURE)) / spread)

    def probability(self, scores: Array) -> Array:
        """Returns the probability of being in scope, (N,), of scores (N, intents)."""
        scores = scores - self.usual.cpu().numpy()
        highest = scores.max(-1)
        energies = highest + np.log(np.exp(scores - highest[:, None]).sum(-1))
        distance = float(self.slope) * (energies - float(self.threshold))
        # The logistic function, which so never overflows.
        found: Array = 0.5 * (1.0 + np.tanh(0.5 * distance))
        return found
