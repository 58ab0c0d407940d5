"""Training sentences with other entity values: so that the words around a value are learnt too.

A head that sees "add milk to my list" twelve times learns that milk is an item. What it should
learn is that what is added to a list is one, whatever its name.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from custom_components.joint_bert.labels import Example, Span

LEAST_UNSEEN = 0.05
"""Probability of a new value from which an entity's values are exchanged."""

Values = Mapping[str, Sequence[str]]
"""The different values of each entity, whatever the role or group."""


def known_values(
    examples: Iterable[Example], more: Mapping[str, Iterable[str]] | None = None
) -> Values:
    """Collects the values of entities of which more are to be expected.

    Where all there are have been seen, often and in their places, a strange one teaches nothing.

    Args:
        examples: Training examples.
        more: More values of entities, such as lookup tables; those of entities that no example
            has are left out.
    """
    mentions: dict[str, list[str]] = {}
    for example in examples:
        for span in example.spans or ():
            value = example.text[span.start : span.end]
            mentions.setdefault(span.label.entity, []).append(value)
    return {
        entity: sorted({*own, *(more or {}).get(entity, ())})
        for entity, own in mentions.items()
        if _unseen(own) >= LEAST_UNSEEN or not set(own).issuperset((more or {}).get(entity, ()))
    }


def _unseen(values: Sequence[str]) -> float:
    """Estimates the probability that the next value is a new one (Good 1953, after Turing).

    It is the share of the values that were seen once.
    """
    return sum(count == 1 for count in Counter(values).values()) / len(values)


def exchange(example: Example, values: Values, share: float, source: random.Random) -> Example:
    """Returns the example with some of its entities' values replaced, spans moved along.

    Args:
        example: Any example; one without entities comes back as it is.
        values: What may be put in.
        share: Probability for each entity to get another value of its kind.
        source: Of chance.
    """
    spans = sorted(example.spans or (), key=lambda span: span.start)
    if any(one.end > other.start for one, other in pairwise(spans)):
        return example
    text = ""
    done = 0
    moved: list[Span] = []
    for span in spans:
        value = example.text[span.start : span.end]
        if source.random() < share and values.get(span.label.entity):
            value = source.choice(values[span.label.entity])
        text += example.text[done : span.start]
        moved.append(Span(len(text), len(text) + len(value), span.label))
        text += value
        done = span.end
    text += example.text[done:]
    return example if text == example.text else replace(example, text=text, spans=tuple(moved))
