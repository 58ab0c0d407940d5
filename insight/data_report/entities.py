"""Entities that training data show in one value only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from insight.data_report.findings import Finding
from insight.training_data.elements import Example, TrainingData

_FEWEST = 2
"""Annotations. What is there once is new, not always the same."""


def check_entities(data: TrainingData) -> Iterator[Finding]:
    """Looks at the values of each entity; lookup tables and patterns count as many."""
    values: dict[str, set[str]] = defaultdict(set)
    examples: dict[str, list[Example]] = defaultdict(list)
    for example in data.examples:
        for annotation in example.annotations:
            name = annotation.entity
            if annotation.role:
                name += f" (role {annotation.role})"
            values[name].add(annotation.value.casefold())
            examples[name].append(example)
    for name, found in values.items():
        entity = name.split(" (")[0]
        if len(found) > 1 or len(examples[name]) < _FEWEST or entity in data.listed_entities:
            continue
        first = examples[name][0]
        yield Finding(
            "one_value",
            str(first.place),
            f"{name} is “{next(iter(found))}” in all of its {len(examples[name])} annotations",
            [(one.text, str(one.place)) for one in examples[name][:3]],
        )
