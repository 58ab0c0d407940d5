"""Examples in numbers, and how they are dealt into batches."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from custom_components.joint_bert.labels import Example
from custom_components.joint_bert.tokenization import EncodedText

IGNORED = -100
"""The target of what a head has nothing to learn from (torch's own default)."""


@dataclass(eq=False)
class EncodedExample:
    """An example in numbers."""

    text: EncodedText
    intent: int
    sentiment: int
    tags: list[int]
    lower: Tensor | None = None
    """(T, H): what the frozen layers make of the text, once they have run."""


def batches(
    examples: Sequence[EncodedExample], size: int, source: random.Random
) -> Iterator[list[EncodedExample]]:
    """Deals all examples into batches, each example beside another one of its intent.

    The contrastive loss needs partners; drawn one by one, few batches of 32 out of 77 classes
    would hold any.
    """
    by_intent: dict[int, list[EncodedExample]] = {}
    for one in examples:
        by_intent.setdefault(one.intent, []).append(one)
    pairs: list[list[EncodedExample]] = []
    for intent, members in by_intent.items():
        members = source.sample(members, len(members))
        step = 1 if intent == IGNORED else 2
        pairs.extend(members[place : place + step] for place in range(0, len(members), step))
    source.shuffle(pairs)
    batch: list[EncodedExample] = []
    for pair in pairs:
        if batch and len(batch) + len(pair) > size:
            yield batch
            batch = []
        batch.extend(pair)
    if batch:
        yield batch


def chunks(examples: Sequence[EncodedExample], size: int) -> Iterator[Sequence[EncodedExample]]:
    """Cuts examples into runs of at most `size`."""
    for start in range(0, len(examples), size):
        yield examples[start : start + size]


def hold_out(
    examples: Sequence[Example], fraction: float, source: random.Random
) -> tuple[list[Example], list[Example]]:
    """Parts examples into those to learn from and a share of each intent's to test on."""
    by_intent: dict[str | None, list[Example]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example)
    learnt: list[Example] = []
    held_out: list[Example] = []
    for members in by_intent.values():
        members = source.sample(members, len(members))
        count = min(round(len(members) * fraction), len(members) - 1)
        held_out.extend(members[:count])
        learnt.extend(members[count:])
    return learnt, held_out
