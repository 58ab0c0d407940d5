"""What a model keeps of its training examples: first class means, at the end neighbours."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from custom_components.joint_bert import layers, rules
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.neighbours import (
    Neighbours,
    UntouchedLayers,
    copies,
    remembered,
)
from custom_components.joint_bert.running import PartialRunner
from custom_components.joint_bert.sampling import IGNORED, EncodedExample
from custom_components.joint_bert.settings import JointBertSettings


def begin(
    runner: PartialRunner,
    encoded: Sequence[EncodedExample],
    settings: JointBertSettings,
    from_scratch: bool,
) -> Tensor | None:
    """Starts the intents' rows, and keeps the layers that are about to be trained as they are.

    Each row becomes the mean direction of its examples. Where training goes on from a trained
    model, its rows stay, and the untouched layers are those that it kept.

    Returns:
        What the untouched encoder says of the examples, (M, H); None where that is not used.
    """
    model = runner.model
    if not len(model.intent_prototypes):
        return None
    if not from_scratch:
        kept = model.untouched
        return None if kept is None else runner.pooled(encoded, list(kept.layers))
    pooled = runner.pooled(encoded)
    _start_from_class_means(model, pooled, _intents(encoded, pooled.device))
    model.untouched = None
    if settings.untouched_weight and layers.can_pack(model.encoder):
        upper = copies(model.stack()[runner.frozen_layers :])
        nobody = Neighbours(pooled[:0], torch.zeros(0, dtype=torch.long, device=pooled.device), 0)
        model.untouched = UntouchedLayers(upper, nobody).eval()
        model.shared_layers = runner.frozen_layers
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
    """Keeps the examples as neighbours, and finds the temperature and the scope's threshold.

    Args:
        runner: Of the trained model.
        encoded: The training examples.
        untouched: What `begin` returned for them.
        settings: How much weight neighbours have.
        source: Chooses among too many examples.
    """
    model = runner.model
    model.neighbours = None
    places = remembered(encoded, source)
    if not places:
        return
    kept = [encoded[place] for place in places]
    count = len(model.intent_prototypes)
    if settings.neighbour_weight:
        vectors = runner.pooled(kept)
        model.neighbours = Neighbours(vectors, _intents(kept, vectors.device), count)
    if model.untouched is not None and untouched is not None:
        intents = _intents(kept, untouched.device)
        model.untouched.neighbours = Neighbours(untouched[places], intents, count)
    per_intent = len(places) / count
    model.temperature.fill_(
        rules.derive_temperature(
            per_intent, model.neighbours is not None, model.untouched is not None
        )
    )
    _find_scope(model, per_intent)


@torch.no_grad()
def _find_scope(model: JointBert, per_intent: float) -> None:
    """Finds the threshold of what fits any intent, each example left out in turn."""
    if model.neighbours is None or model.untouched is None:
        return
    second = model.untouched.neighbours.leave_one_out()
    scores = model.intent_logits(model.neighbours.vectors)
    scores = scores + model.neighbour_weight * model.neighbours.leave_one_out()
    model.scope.fit(scores + model.untouched_weight * second, second, per_intent)


def _intents(encoded: Sequence[EncodedExample], device: torch.device) -> Tensor:
    return torch.tensor([one.intent for one in encoded], device=device)
