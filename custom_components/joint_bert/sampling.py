"""Examples in numbers, and how they are dealt into batches."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from torch import Tensor

from custom_components.joint_bert.labels import Example, LabelSpace
from custom_components.joint_bert.tokenization import (
    EncodedText,
    TextEncoder,
    is_aligned,
    tags_for,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")

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


def number(
    examples: Sequence[Example], text_encoder: TextEncoder, labels: LabelSpace
) -> list[EncodedExample]:
    """Puts examples into numbers."""
    texts = text_encoder.encode([example.text for example in examples])
    return [
        EncodedExample(
            text=text,
            intent=_number(example.intent, labels.intents),
            sentiment=_number(example.sentiment, labels.sentiments),
            tags=[IGNORED] * len(text.unit_spans)
            if example.spans is None
            else tags_for(text, example.spans, labels),
        )
        for example, text in zip(examples, texts, strict=True)
    ]


def warn_of_misaligned(examples: Sequence[Example], encoded: Sequence[EncodedExample]) -> None:
    """Says once which annotated entities end in the middle of a word."""
    misaligned = [
        f"'{example.text[span.start : span.end]}' in '{example.text}'"
        for example, one in zip(examples, encoded, strict=True)
        for span in example.spans or ()
        if not is_aligned(one.text, span)
    ]
    if misaligned:
        logger.warning(
            "%d entities begin or end inside a word and are learnt as whole words: %s%s",
            len(misaligned),
            "; ".join(misaligned[:3]),
            " …" if len(misaligned) > 3 else "",
        )


def _number(label: str | None, known: Sequence[str]) -> int:
    return known.index(label) if label in known else IGNORED


GROUP = 4
"""Examples of one intent that stay together in a batch."""


def batches(
    examples: Sequence[EncodedExample], size: int, source: random.Random
) -> Iterator[list[EncodedExample]]:
    """Deals all examples into batches, each in a group of its intent.

    The contrastive loss needs partners; drawn one by one, few batches out of 77 intents would
    hold any.
    """
    by_intent: dict[int, list[EncodedExample]] = {}
    for one in examples:
        by_intent.setdefault(one.intent, []).append(one)
    groups: list[list[EncodedExample]] = []
    for intent, members in by_intent.items():
        members = source.sample(members, len(members))
        step = 1 if intent == IGNORED else min(GROUP, size)
        groups.extend(members[place : place + step] for place in range(0, len(members), step))
    source.shuffle(groups)
    batch: list[EncodedExample] = []
    for group in groups:
        if batch and len(batch) + len(group) > size:
            yield batch
            batch = []
        batch.extend(group)
    if batch:
        yield batch


def chunks(examples: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cuts a sequence into runs of at most `size`."""
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
