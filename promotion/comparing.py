"""Two models, side by side on the same sentences and conversations: what got better, what worse.

Pure: what both read goes in, a comparison comes out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Wanted:
    """A held-out sentence, and how it is to be read."""

    text: str
    intent: str
    entities: frozenset[tuple[int, int, str]] = frozenset()
    """From where to where, and what."""
    sentiment: str | None = None


@dataclass(frozen=True)
class Read:
    """How a model reads a sentence."""

    intent: str
    """What it decides on, the fallback too."""
    confidence: float = 0.0
    entities: frozenset[tuple[int, int, str]] = frozenset()
    sentiment: str | None = None

    @classmethod
    def of(cls, parsed: Mapping[str, Any], learnt: frozenset[str]) -> Read:
        """Out of Rasa's parse.

        Args:
            parsed: What the pipeline found.
            learnt: The entities that are annotated; typed values are none of them.
        """
        intent = parsed.get("intent") or {}
        name = str(intent.get("name") or "")
        for selector in (parsed.get("response_selector") or {}).values():
            response = selector.get("response") if isinstance(selector, dict) else None
            key = str((response or {}).get("intent_response_key") or "")
            name = key if key.startswith(f"{name}/") else name
        return cls(
            intent=name,
            confidence=float(intent.get("confidence") or 0.0),
            entities=frozenset(
                (int(one["start"]), int(one["end"]), str(one["entity"]))
                for one in parsed.get("entities") or []
                if one.get("entity") in learnt and "start" in one
            ),
            sentiment=(parsed.get("sentiment") or {}).get("name"),
        )


@dataclass(frozen=True)
class Reading:
    """All that a model made of the held-out sentences and the test conversations."""

    sentences: Sequence[Read]
    broken: frozenset[str] = frozenset()
    """Test conversations that do not go as they are written."""


@dataclass(frozen=True)
class Change:
    """A sentence or conversation that one of two models gets right, and the other wrong."""

    what: str
    wanted: str
    before: str
    after: str


@dataclass(frozen=True)
class Measure:
    """One thing that is compared."""

    name: str
    total: int
    before: int
    """Right by the old model."""
    after: int
    better: Sequence[Change]
    worse: Sequence[Change]

    @property
    def gained(self) -> int:
        """How many more are right."""
        return self.after - self.before

    @property
    def chance(self) -> float:
        """How likely so uneven a change, or a more uneven one, is where the models are alike.

        The exact two-sided sign test over what changed (McNemar).
        """
        changed = len(self.better) + len(self.worse)
        most = max(len(self.better), len(self.worse))
        tail = sum(math.comb(changed, count) for count in range(most, changed + 1))
        return min(1.0, float(2 * tail / 2**changed))


@dataclass(frozen=True)
class Comparison:
    """All that is compared."""

    measures: Sequence[Measure]

    @property
    def objections(self) -> list[str]:
        """Why the new model is not to replace the old one; none where it is as good or better.

        Intents and conversations decide. Entities and moods count where intents did not gain.
        """
        by_name = {measure.name: measure for measure in self.measures}
        intents = by_name["intents"]
        found = []
        for measure in self.measures:
            decides = measure.name in ("intents", "conversations") or intents.gained <= 0
            if measure.gained < 0 and decides:
                found.append(
                    f"{measure.name}: {-measure.gained} fewer right "
                    f"({measure.before} before, {measure.after} now, of {measure.total})"
                )
        return found


def compare(
    wanted: Sequence[Wanted], conversations: Sequence[str], old: Reading, new: Reading
) -> Comparison:
    """Compares two models.

    Args:
        wanted: The held-out sentences.
        conversations: The names of the test conversations.
        old: What the model in use makes of them.
        new: What the candidate makes of them.
    """
    rows = list(zip(wanted, old.sentences, new.sentences, strict=True))
    intents = [
        _Row(one.text, one.intent, before.intent, after.intent, _sure(before), _sure(after))
        for one, before, after in rows
    ]
    entities = [
        _Row(one.text, *(_entities(one.text, read.entities) for read in (one, before, after)))
        for one, before, after in rows
    ]
    moods = [
        _Row(one.text, one.sentiment, before.sentiment or "none", after.sentiment or "none")
        for one, before, after in rows
        if one.sentiment is not None
    ]
    talks = [
        _Row(name, _AS_WRITTEN, _course(name, old), _course(name, new)) for name in conversations
    ]
    return Comparison(
        [
            _measure("intents", intents),
            _measure("entities", entities),
            _measure("sentiment", moods),
            _measure("conversations", talks),
        ]
    )


_AS_WRITTEN = "as written"


class _Row(NamedTuple):
    """One thing as it is wanted, and as both models have it."""

    what: str
    wanted: str
    before: str
    after: str
    beside_before: str = ""
    """What is told with it, and not judged."""
    beside_after: str = ""


def _measure(name: str, rows: Sequence[_Row]) -> Measure:
    better: list[Change] = []
    worse: list[Change] = []
    for row in rows:
        was, is_now = row.before == row.wanted, row.after == row.wanted
        if was != is_now:
            change = Change(
                row.what,
                row.wanted,
                f"{row.before or 'nothing'}{row.beside_before}",
                f"{row.after or 'nothing'}{row.beside_after}",
            )
            (better if is_now else worse).append(change)
    before = sum(row.before == row.wanted for row in rows)
    after = sum(row.after == row.wanted for row in rows)
    return Measure(name, len(rows), before, after, better, worse)


def _course(name: str, reading: Reading) -> str:
    return "otherwise" if name in reading.broken else _AS_WRITTEN


def _sure(read: Read) -> str:
    return f" {read.confidence:.2f}"


def _entities(text: str, entities: frozenset[tuple[int, int, str]]) -> str:
    told = ", ".join(f"{name} '{text[start:end]}'" for start, end, name in sorted(entities))
    return told or "none"
