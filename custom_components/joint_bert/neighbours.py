"""What the nearest training examples say: a second opinion on the intent."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from custom_components.joint_bert.sampling import IGNORED, EncodedExample

TEMPERATURE = 0.05
"""How quickly a neighbour's word loses weight with its distance (in cosines)."""

FARTHEST = 1e-17
"""What two opposite vectors come to: nothing is farther away than that."""

_ROWS = 1024
"""Examples that are compared with all others at once."""

LARGEST = 20_000
"""Examples that are remembered at most; beyond that each intent gives up its share."""


class Neighbours(nn.Module):
    """Training examples as unit vectors, and how near a text is to those of each intent."""

    vectors: Tensor
    classes: Tensor

    def __init__(self, vectors: Tensor, classes: Tensor, count: int) -> None:
        """Keeps examples' vectors (M, H), of length one, and their intents (M,) of `count`."""
        super().__init__()
        self.register_buffer("vectors", vectors)
        self.register_buffer("classes", classes)
        self.count = count

    def forward(self, pooled: Tensor) -> Tensor:
        """Scores of unit vectors (N, H) by intent: (N, count).

        log of the sum over the intent's examples of exp((cosine - 1) / TEMPERATURE): 0 for a
        text that is one of them, lower the farther it is from all of them.
        """
        return self._scores(self.nearness(pooled))

    def leave_one_out(self) -> Tensor:
        """Scores of the examples themselves, each as if it were not remembered: (M, count)."""
        found = []
        for rows in torch.arange(len(self.vectors), device=self.vectors.device).split(_ROWS):
            nearness = self.nearness(self.vectors[rows])
            nearness[torch.arange(len(rows), device=rows.device), rows] = 0.0
            found.append(self._scores(nearness))
        return torch.cat(found)

    def nearness(self, pooled: Tensor) -> Tensor:
        """Returns how near unit vectors (N, H) are to each example, from 0 to 1: (N, M)."""
        return ((pooled @ self.vectors.T - 1.0) / TEMPERATURE).exp()

    def _scores(self, nearness: Tensor) -> Tensor:
        sums = nearness.new_zeros(len(nearness), self.count).index_add(1, self.classes, nearness)
        return sums.clamp(min=FARTHEST).log()


def remembered(encoded: Sequence[EncodedExample], source: random.Random) -> list[int]:
    """Chooses the examples to remember: all that have an intent, as long as they are few."""
    places = [place for place, one in enumerate(encoded) if one.intent != IGNORED]
    if len(places) <= LARGEST:
        return places
    by_intent: dict[int, list[int]] = {}
    for place in places:
        by_intent.setdefault(encoded[place].intent, []).append(place)
    share = LARGEST // len(by_intent)
    return sorted(
        place
        for members in by_intent.values()
        for place in source.sample(members, min(share, len(members)))
    )
