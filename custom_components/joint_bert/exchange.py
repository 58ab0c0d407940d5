"""Training sentences with other entity values: so that the words around a value are learnt too.

A head that sees "add milk to my list" twelve times learns that milk is an item. What it should
learn is that what is added to a list is one, whatever its name.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from custom_components.joint_bert.labels import Example, Span

FEWEST_VALUES = 8
"""Different values that an entity needs before it is taken for one of an open class."""
LEAST_UNSEEN = 0.05
"""Probability that the next value is a new one, from which an entity's class counts as open."""
_LENGTHS = (1, 1, 1, 2, 2, 3)
"""Words of invented values."""


@dataclass(frozen=True)
class Values:
    """What each entity may be called."""

    known: Mapping[str, Sequence[str]]
    """The different values of each entity, whatever the role or group."""
    open: frozenset[str] = frozenset()
    """Entities that may be called anything: most of their values are seldom."""
    words: Sequence[str] = ()
    """Words that values of such entities may be made of."""

    @classmethod
    def of(
        cls,
        examples: Iterable[Example],
        lists: Mapping[str, Iterable[str]] | None = None,
        words: Sequence[str] = (),
    ) -> Values:
        """Collects the values in examples.

        Args:
            examples: Training examples.
            lists: More values of entities, such as lookup tables; of entities that no example
                has they are left out.
            words: See the field.
        """
        mentions: dict[str, list[str]] = {}
        for example in examples:
            for span in example.spans or ():
                mentions.setdefault(span.label.entity, []).append(example.text[slice(*span[:2])])
        different = {entity: sorted(set(values)) for entity, values in mentions.items()}
        open_classes = frozenset(
            entity
            for entity, values in mentions.items()
            if len(different[entity]) >= FEWEST_VALUES and _unseen(values) >= LEAST_UNSEEN
        )
        known = {
            entity: sorted({*values, *(lists or {}).get(entity, ())})
            for entity, values in different.items()
        }
        return cls(known, open_classes, words)


def exchange(
    example: Example, values: Values, share: float, invented: float, source: random.Random
) -> Example:
    """Returns the example with some of its entities' values replaced, spans moved along.

    Args:
        example: Any example; one without entities comes back as it is.
        values: What may be put in.
        share: Probability for each entity to get another known value of its kind.
        invented: Probability for each entity of an open class to get words that are none.
        source: Of chance.
    """
    spans = sorted(example.spans or (), key=lambda span: span.start)
    if not spans or any(one.end > other.start for one, other in pairwise(spans)):
        return example
    text = ""
    done = 0
    moved: list[Span] = []
    for span in spans:
        value = _other(example.text[span.start : span.end], span, values, share, invented, source)
        text += example.text[done : span.start]
        moved.append(Span(len(text), len(text) + len(value), span.label))
        text += value
        done = span.end
    text += example.text[done:]
    return example if text == example.text else replace(example, text=text, spans=tuple(moved))


def _other(
    value: str,
    span: Span,
    values: Values,
    share: float,
    invented: float,
    source: random.Random,
) -> str:
    chance = source.random()
    entity = span.label.entity
    if chance < invented and entity in values.open and values.words:
        return " ".join(source.choice(values.words) for _ in range(source.choice(_LENGTHS)))
    if chance < invented + share and values.known.get(entity):
        return source.choice(values.known[entity])
    return value


def _unseen(values: Sequence[str]) -> float:
    """Estimates the probability that the next value is a new one (Good 1953, with Turing).

    It is the share of the values that were seen once.
    """
    return sum(count == 1 for count in Counter(values).values()) / len(values)
