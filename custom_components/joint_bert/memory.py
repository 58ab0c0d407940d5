"""What a model keeps of its training examples: class means to begin with, opinions in the end."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from custom_components.joint_bert import calibration
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.neighbours import Neighbours, remembered
from custom_components.joint_bert.ngrams import NgramClassifier
from custom_components.joint_bert.running import PartialRunner
from custom_components.joint_bert.sampling import IGNORED, EncodedExample
from custom_components.joint_bert.settings import JointBertSettings


def begin(
    runner: PartialRunner, encoded: Sequence[EncodedExample], from_scratch: bool
) -> Tensor | None:
    """Starts the intents' rows: each becomes the mean direction of its examples.

    Where training goes on from a trained model, its rows stay.

    Returns:
        What the untouched encoder says of the examples, (M, H); None where there are no intents
        or where the encoder was trained before.
    """
    model = runner.model
    if not len(model.intent_prototypes) or not from_scratch:
        return None
    pooled = runner.pooled(encoded)
    _start_from_class_means(model, pooled, _intents(encoded, pooled.device))
    return pooled


@torch.no_grad()
def _start_from_class_means(model: JointBert, pooled: Tensor, intents: Tensor) -> None:
    known = intents != IGNORED
    sums = torch.zeros_like(model.intent_prototypes).index_add(0, intents[known], pooled[known])
    model.intent_prototypes.copy_(functional.normalize(sums, dim=-1))


def finish(
    runner: PartialRunner,
    encoded: Sequence[EncodedExample],
    untouched: Tensor | None,
    settings: JointBertSettings,
    source: random.Random,
) -> None:
    """Keeps the examples as neighbours and as n-grams; finds temperature and scope.

    Args:
        runner: Of the trained model.
        encoded: The training examples.
        untouched: What `begin` returned for them.
        settings: How much weight these opinions have.
        source: Chooses among too many examples.
    """
    model = runner.model
    model.neighbours = model.ngrams = None
    places = remembered(encoded, source)
    if not places:
        return
    kept = [encoded[place] for place in places]
    count = len(model.intent_prototypes)
    if settings.ngram_weight:
        model.ngrams = NgramClassifier.fit(
            [one.text.text for one in kept], [one.intent for one in kept], count, settings.seed
        )
    if settings.neighbour_weight:
        vectors = runner.pooled(kept)
        model.neighbours = Neighbours(vectors, _intents(kept, vectors.device), count)
        _find_scope(model, model.neighbours)
    if untouched is not None:
        intents = _intents(kept, untouched.device)
        scores = Neighbours(untouched[places], intents, count).leave_one_out()
        model.temperature.copy_(
            calibration.final_temperature(
                calibration.untouched_temperature(scores, intents), model.neighbours is not None
            )
        )


@torch.no_grad()
def _find_scope(model: JointBert, neighbours: Neighbours) -> None:
    """Finds the threshold of what fits any intent, each example left out of the neighbours."""
    scores = model.intent_logits(neighbours.vectors)
    scores = scores + model.neighbour_weight * neighbours.leave_one_out()
    model.scope.fit(scores, len(neighbours.vectors) / neighbours.count)


def _intents(encoded: Sequence[EncodedExample], device: torch.device) -> Tensor:
    return torch.tensor([one.intent for one in encoded], device=device)
