"""Tags that belong together: a linear-chain conditional random field (Lafferty et al. 2001)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from custom_components.joint_bert.labels import OUTSIDE, may_follow

Array = NDArray[Any]

LEAST = 1e-12
"""What no probability of a tag is taken to be below."""
_IMPOSSIBLE = -1e4
_DOUBT = 5.0
"""Steps seen from a tag, up to which its general frequency says more of the next one."""


class TagChain(nn.Module):
    """What each step from one tag to the next is worth, learnt beside what each word says.

    A text begins as if an `OUTSIDE` tag stood before it. Steps that BIO forbids are impossible.
    """

    allowed: Tensor

    def __init__(self, tags: int) -> None:
        """Starts with all allowed steps worth the same."""
        super().__init__()
        self.steps = nn.Parameter(torch.zeros(tags, tags))
        allowed = [[may_follow(one, other) for other in range(tags)] for one in range(tags)]
        self.register_buffer(
            "allowed", torch.tensor(allowed, dtype=torch.bool).reshape(tags, tags), persistent=False
        )

    @torch.no_grad()
    def start_from(self, texts: Iterable[Sequence[int]]) -> None:
        """Starts each step at how much likelier it makes its tag than the tag is by itself.

        That is the log of P(tag | tag before) / P(tag), counted in the texts' tags; what was seldom
        seen stays near 0. Most of what an entity may follow is known before the first step of
        training, and few steps of training would not find it out.
        """
        pairs = torch.zeros_like(self.steps)
        for tags in texts:
            for before, after in zip([OUTSIDE, *tags[:-1]], tags, strict=True):
                pairs[before, after] += 1
        alone = (pairs.sum(0) + 1) / (pairs.sum() + len(pairs))
        rows = (pairs + _DOUBT * alone) / (pairs.sum(1, keepdim=True) + _DOUBT)
        self.steps.copy_((rows / alone).log())

    def scores(self) -> Tensor:
        """Returns the worth of each step, from row to column, (tags, tags)."""
        return self.steps.masked_fill(~self.allowed, _IMPOSSIBLE)

    def loss(self, logits: Tensor, counts: Sequence[int], tags: Tensor) -> Tensor:
        """Returns the negative log-likelihood of tag sequences, divided by the number of tags.

        Args:
            logits: What the words say, (U, tags), those of one text after those of another.
            counts: Words of each text, each above 0; their sum is U.
            tags: The right ones, (U,).
        """
        scores = self.scores()
        before = torch.cat([tags.new_full((1,), OUTSIDE), tags[:-1]])
        sizes = torch.tensor(counts, device=tags.device)
        before[sizes.cumsum(0) - sizes] = OUTSIDE
        right = logits.gather(1, tags[:, None]).sum() + scores[before, tags].sum()
        return (self.log_partition(logits, counts).sum() - right) / len(tags)

    def log_partition(self, logits: Tensor, counts: Sequence[int]) -> Tensor:
        """Returns the log of the sum over all paths of a text's tags, for each text, (N,)."""
        padded = nn.utils.rnn.pad_sequence(list(logits.split(list(counts))), batch_first=True)
        scores = self.scores()
        # One matrix product a step: exp(log-sum-exp) with the largest of each row taken out.
        factors = scores.exp()
        current = scores[OUTSIDE] + padded[:, 0]
        lengths = torch.tensor(counts, device=logits.device)[:, None]
        for place in range(1, padded.shape[1]):
            top = current.amax(-1, keepdim=True).detach()
            sums = ((current - top).exp() @ factors).clamp(min=1e-30).log() + top
            current = torch.where(place < lengths, sums + padded[:, place], current)
        return current.logsumexp(-1)


def marginals(probabilities: Array, factors: Array) -> Array:
    """Returns the probability of each tag at each word, all paths considered.

    The forward-backward algorithm, for one text.

    Args:
        probabilities: What each word says by itself, (U, tags).
        factors: What each step multiplies the probability of a path with, (tags, tags): the
            exponentials of `TagChain.scores`.

    Returns:
        (U, tags), each row with the sum one.
    """
    words = np.maximum(probabilities, LEAST)
    forward, backward = np.empty_like(words), np.ones_like(words)
    before = factors[OUTSIDE]
    for place, row in enumerate(words):
        forward[place] = _shares(before * row)
        before = forward[place] @ factors
    for place in range(len(words) - 2, -1, -1):
        backward[place] = _shares(factors @ (words[place + 1] * backward[place + 1]))
    both: Array = forward * backward
    return both / both.sum(-1, keepdims=True)


def _shares(row: Array) -> Array:
    # Never nothing: the outside may follow everything.
    shares: Array = row / row.sum()
    return shares
