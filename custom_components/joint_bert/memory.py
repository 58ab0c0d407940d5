"""What a model keeps of its training examples: class means to begin with, opinions in the end."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from custom_components.joint_bert import calibration
from custom_components.joint_bert.labels import LabelSpace
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
    labels: LabelSpace,
    settings: JointBertSettings,
    source: random.Random,
) -> None:
    """Keeps the examples as neighbours and as n-grams; finds temperature and scope.

    Args:
        runner: Of the trained model.
        encoded: The training examples.
        untouched: What `begin` returned for them.
        labels: Names of the intents.
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
    intents = _intents(kept, model.intent_prototypes.device)
    before: Tensor | None = None
    if untouched is not None:
        before = Neighbours(untouched[places], intents, count).leave_one_out()
    if settings.neighbour_weight:
        model.neighbours = Neighbours(runner.pooled(kept), intents, count)
        beyond = [name in settings.out_of_scope_intents for name in labels.intents]
        _find_scope(model, model.neighbours, before, torch.tensor(beyond, device=intents.device))
    if before is not None:
        model.temperature.copy_(
            calibration.final_temperature(
                calibration.untouched_temperature(before, intents), model.neighbours is not None
            )
        )


@torch.no_grad()
def _find_scope(
    model: JointBert, neighbours: Neighbours, before: Tensor | None, beyond: Tensor
) -> None:
    """Finds the threshold of what fits any intent, each example left out of the neighbours."""
    scores = model.intent_logits(neighbours.vectors)
    scores = scores + model.neighbour_weight * neighbours.leave_one_out()
    memorised = None
    if before is not None:
        memorised = _share_right(scores, neighbours.classes)
        memorised -= _share_right(before, neighbours.classes)
    model.scope.fit(scores, neighbours.classes, beyond, memorised)


def _share_right(scores: Tensor, classes: Tensor) -> float:
    """Returns the share of examples that are read rightly; an intent's only one does not count."""
    known = torch.bincount(classes, minlength=scores.shape[-1])[classes] > 1
    return float((scores.argmax(-1) == classes)[known].float().mean()) if known.any() else 1.0


def _intents(encoded: Sequence[EncodedExample], device: torch.device) -> Tensor:
    return torch.tensor([one.intent for one in encoded], device=device)
