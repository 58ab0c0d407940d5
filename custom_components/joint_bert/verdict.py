"""The last word on the intent: all opinions together, and how far they can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom_components.joint_bert.model import JointBert

Array = NDArray[Any]

FALL = 0.3
"""The power of the probability of being in scope that confidence falls with."""

HIGHEST_OUTSIDE = 0.49
"""The highest confidence of what is more likely out of scope than in: below one half, where
`FallbackClassifier` is to draw the line."""


class Verdict:
    """Makes confidences of scores.

    In numpy: of one text there is next to nothing to compute, and torch takes longer to begin.
    """

    def __init__(self, model: JointBert) -> None:
        """Takes over what training found out about a model's scores."""
        self._ngrams = model.ngrams
        self._ngram_weight = model.ngram_weight
        self._temperature = float(model.temperature)
        self._scope = model.scope if model.scope.is_fitted else None
        self._beyond = model.scope.beyond.cpu().numpy()

    def __call__(self, scores: Array, texts: Sequence[str]) -> tuple[Array, Array | None]:
        """Judges the scores of head and neighbours.

        What the n-grams say is added, and the sum divided by the temperature. Whether a text is
        in scope is for those opinions that know distance: n-grams do not.

        Args:
            scores: (N, intents).
            texts: What was read.

        Returns:
            The confidences, (N, intents), and the probabilities that the texts fit any intent,
            (N,), or None where training found no threshold.
        """
        if not scores.shape[-1]:
            return scores, None
        scores = scores.astype(np.float64)
        in_scope = None if self._scope is None else self._scope.probability(scores)
        if self._ngrams is not None:
            scores = scores + self._ngram_weight * self._ngrams.scores(texts)
        shares = softmax(scores / self._temperature)
        if in_scope is not None:
            shares *= self._belief(shares, in_scope)[:, None]
        return shares, in_scope

    def _belief(self, shares: Array, in_scope: Array) -> Array:
        """Returns what confidences are multiplied with, (N,), so that their order stays.

        Nothing is taken off from what is more likely in scope than not, and nothing from "out of
        scope", which is the right word for what fits nothing. All else must not be acted on:
        whatever its best intent, less than one half is left of it. Farther out confidence falls
        on, slowly: what is refused by mistake is right more often than not.
        """
        highest = shares.max(-1)
        belief = np.minimum(2.0 * in_scope, 1.0) ** FALL
        belief = np.minimum(belief, HIGHEST_OUTSIDE / highest)
        is_outside = (in_scope < 0.5) & ~self._beyond[shares.argmax(-1)]
        found: Array = np.where(is_outside, belief, 1.0)
        return found


def softmax(logits: Array) -> Array:
    """Returns the shares of each row's logits, (N, classes)."""
    if not logits.size:
        return logits
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    shares: Array = powers / powers.sum(-1, keepdims=True)
    return shares
