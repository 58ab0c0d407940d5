"""What was found where, and which of two finds that overlap is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "invalid",
    "recurrence",
    "time",
    "duration",
    "temperature",
    "percentage",
    "money",
    "amount",
    "ordinal",
    "number",
)
"""The entities there are; of two that cover the same text, the earlier is kept."""

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Found:
    """A value, and the words it was read from."""

    kind: str
    """One of `KINDS`."""

    start: int
    """Index of the first word."""

    end: int
    """Index behind the last word."""

    value: Any
    info: Mapping[str, Any] = field(default_factory=dict)


def choose(found: Iterable[Found]) -> list[Found]:
    """Keeps the longest of those that overlap, in the order of the text."""
    kept: list[Found] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda f: (f.start - f.end, _RANK[f.kind], f.start)):
        covered = range(one.start, one.end)
        if taken.isdisjoint(covered):
            taken.update(covered)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
