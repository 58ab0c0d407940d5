"""How much the confidences have to be toned down so that they can be believed."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

USUAL = 0.8
"""The untouched encoder's temperature where there are too few examples to measure it."""

_FEWEST = 50
"""Examples that it takes to measure a temperature."""

_GRID = torch.linspace(0.4, 1.6, 49)
"""The temperatures that are tried: nothing outside of this was ever best."""


_LEAST = 2.05
"""What the opinions' sum is divided by at least: below that no data has had its best value."""


def untouched_temperature(scores: Tensor, classes: Tensor) -> Tensor:
    """Returns the temperature at which the untouched encoder's opinion is calibrated.

    The one that gives the smallest negative log-likelihood (Guo et al. 2017, arXiv 1706.04599),
    out of a grid. An encoder that was not trained on the examples says of each, left out of the
    neighbours, exactly what it would say if it were new; so this measures how hard the data are
    without holding any of them back.

    Args:
        scores: Of M examples, each left out in turn, (M, intents).
        classes: Their intents, (M,).
    """
    # An intent's only example, left out, leaves nothing that it could be known by.
    known = torch.bincount(classes, minlength=scores.shape[-1])[classes] > 1
    scores, classes = scores[known], classes[known]
    if len(scores) < _FEWEST:
        return scores.new_tensor(USUAL)
    losses = torch.stack(
        [functional.cross_entropy(scores / temperature, classes) for temperature in _GRID]
    )
    return _GRID.to(scores.device)[losses.argmin()]


def final_temperature(of_untouched: Tensor, has_neighbours: bool) -> Tensor:
    """Returns what the sum of the opinions is divided by.

    What the trained encoder says of its own examples is far too sure to measure this on (its
    best temperature there is 0.6 to 1.8, on new messages 2.0 to 2.6). But the harder the data
    are for the untouched encoder, the higher it has to be: on validation parts of two sets with
    5, 10 and all examples an intent, 1.1 + 1.4 × the untouched encoder's is within 0.2 of the
    best; where examples are many it would fall too low. The head alone is calibrated as it is.
    """
    if not has_neighbours:
        return torch.ones_like(of_untouched)
    return (1.1 + 1.4 * of_untouched).clamp(min=_LEAST)
