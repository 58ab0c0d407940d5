"""A message's text in pieces, each with the entities that lie on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Entity = Mapping[str, Any]


def is_placed(entity: Entity, text: str) -> bool:
    """Whether an entity says where in the text it is."""
    start, end = entity.get("start"), entity.get("end")
    return (
        isinstance(start, int) and isinstance(end, int) and 0 <= start < end and start < len(text)
    )


def segments(text: str, entities: Sequence[Entity]) -> list[dict[str, Any]]:
    """Cuts a text where an entity begins or ends.

    Entities may overlap, lie within each other or on the same words, and come from several
    extractors.

    Returns:
        In order, `{"text": …, "entities": […]}`; the entities by their numbers. Joined, the texts
        are the whole.
    """
    placed = [
        (number, int(entity["start"]), min(int(entity["end"]), len(text)))
        for number, entity in enumerate(entities)
        if is_placed(entity, text)
    ]
    cuts = sorted({0, len(text), *(cut for _, start, end in placed for cut in (start, end))})
    return [
        {
            "text": text[start:end],
            "entities": [
                number for number, begin, finish in placed if begin <= start and end <= finish
            ],
        }
        for start, end in zip(cuts, cuts[1:], strict=False)
        if start < end
    ]
