"""A message as an example: its entities marked in it, as the training data's conventions want."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rasa.shared.nlu.training_data.entities_parser import (
    find_entities_in_training_example,
    replace_entities,
)

Entity = Mapping[str, Any]


def marked(text: str, entities: Sequence[Entity], known: Collection[str]) -> str:
    """Marks entities in a text.

    Args:
        text: What was said.
        entities: As they were found. Typed values ("tomorrow" is a date) are computed, and not
            learnt: entities that no example has are left out. Of those that overlap, the longer.
        known: The entities that the training data has.

    Returns:
        The text with entities marked; as it was, where it would be read otherwise then.
    """
    chosen: list[Entity] = []
    for one in sorted(entities, key=_length, reverse=True):
        start, end = one.get("start"), one.get("end")
        if one.get("entity") not in known or not isinstance(start, int) or not isinstance(end, int):
            continue
        if not 0 <= start < end <= len(text):
            continue
        if all(end <= other["start"] or other["end"] <= start for other in chosen):
            chosen.append(one)
    written = text
    for one in sorted(chosen, key=lambda other: -int(other["start"])):
        start, end = int(one["start"]), int(one["end"])
        written = f"{written[:start]}[{written[start:end]}]{_label(one)}{written[end:]}"
    return written if replace_entities(written) == text else text


def entities_in(example: str) -> list[tuple[str, str]]:
    """The entities that are marked in an example, and their words."""
    return [
        (str(one["entity"]), replace_entities(example)[one["start"] : one["end"]])
        for one in find_entities_in_training_example(example)
    ]


def _label(entity: Entity) -> str:
    more = {key: entity[key] for key in ("role", "group") if entity.get(key)}
    if not more:
        return f"({entity['entity']})"
    told = ", ".join(f'"{key}": "{value}"' for key, value in more.items())
    return f'{{"entity": "{entity["entity"]}", {told}}}'


def _length(entity: Entity) -> int:
    start, end = entity.get("start"), entity.get("end")
    return end - start if isinstance(start, int) and isinstance(end, int) else 0
