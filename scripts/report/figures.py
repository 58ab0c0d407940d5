"""From the figures of a training to what the report tells: pairs, places, intervals."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MOST_ERRORS = 100
MOST_PAIRS = 40
MOST_OF_A_PAIR = 10
ALL_INTENTS = 15
"""Up to so many, the confusion matrix shows every intent."""
MOST_INTENTS = 24
"""With more, it shows so many of those that get confused."""
_SHARE_SHOWN = 0.05
_Z = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""


class Places(Protocol):
    """Where sentences stand."""

    def find(self, text: str, intent: str) -> str | None:
        """Returns `file:line` of an intent's sentence; None where it is not found."""


@dataclass(frozen=True)
class Sentence:
    """An example that the estimate misread, or whose label is in doubt."""

    text: str
    intent: str
    intent_confidence: float
    predicted: str
    confidence: float
    alternatives: list[tuple[str, float]]
    """Further intents that are worth a word."""
    place: str | None
    """`file:line`, where it was found."""


@dataclass(frozen=True)
class Pair:
    """Two intents that get taken for each other; the first more often for the second."""

    first: str
    second: str
    forth: int
    """Examples of the first that were read as the second."""
    back: int
    sentences: list[Sentence]

    @property
    def total(self) -> int:
        """Mistakes both ways."""
        return self.forth + self.back


@dataclass(frozen=True)
class Matrix:
    """The rows and columns of a confusion matrix that are worth showing."""

    names: list[str]
    counts: list[list[int]]
    """Given by predicted."""
    others: list[int] | None
    """For each row what was read as an intent that is not shown; None if all are."""
    supports: list[int]


@dataclass(frozen=True)
class Estimate:
    """What cross-validation says of the data."""

    folds: int
    examples: int
    examples_in_all: int
    accuracy: float
    interval: tuple[float, float]
    macro_f1: float
    ece: float
    bins: list[dict[str, Any]]
    intents: list[dict[str, Any]]
    intents_left_out: list[str]
    misread: int
    pairs: list[Pair]
    """The most confused first."""
    more_pairs: int
    errors: list[Sentence] | None
    """Labels in doubt, the surest first; None where nobody looked."""
    more_errors: int
    contradictions: list[dict[str, Any]]
    matrix: Matrix


@dataclass(frozen=True)
class Figures:
    """All that the report shows."""

    epochs: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    estimate: Estimate | None
    no_estimate: str = ""
    """Why there is no estimate."""


def figures_of(diagnosis: dict[str, Any], places: Places) -> Figures:
    """Reads what `diagnose` returned."""
    found = diagnosis.get("estimate")
    return Figures(
        epochs=list(diagnosis["epochs"]),
        entities=list(diagnosis["entities"]),
        estimate=None if found is None else _estimate(found, places),
        no_estimate=str(diagnosis.get("no_estimate", "")),
    )


def wilson_interval(share: float, count: float) -> tuple[float, float]:
    """Returns where the true share lies with 95 % certainty (Wilson 1927)."""
    square = _Z * _Z / count
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def _estimate(found: dict[str, Any], places: Places) -> Estimate:
    names = [intent["name"] for intent in found["intents"]]
    sentences = [_sentence(one, names, places) for one in found["listed"]]
    pairs = _pairs(found["confusions"], names, sentences)
    errors = None
    if found["label_errors"] is not None:
        errors = [sentences[number] for number in found["label_errors"]]
    return Estimate(
        folds=found["folds"],
        examples=found["examples"],
        examples_in_all=found["examples_in_all"],
        accuracy=found["accuracy"],
        interval=wilson_interval(found["accuracy"], found["examples"]),
        macro_f1=found["macro_f1"],
        ece=found["reliability"]["ece"],
        bins=found["reliability"]["bins"],
        intents=sorted(found["intents"], key=lambda intent: (intent["f1"], intent["name"])),
        intents_left_out=found["intents_left_out"],
        misread=found["misread"],
        pairs=pairs[:MOST_PAIRS],
        more_pairs=max(0, len(pairs) - MOST_PAIRS),
        errors=None if errors is None else errors[:MOST_ERRORS],
        more_errors=max(0, len(errors or []) - MOST_ERRORS),
        contradictions=[
            {
                **one,
                "places": [(intent, places.find(one["text"], intent)) for intent in one["intents"]],
            }
            for one in found["contradictions"][:MOST_ERRORS]
        ],
        matrix=_matrix(found, names, pairs),
    )


def _sentence(one: dict[str, Any], names: Sequence[str], places: Places) -> Sentence:
    intent = names[one["intent"]]
    return Sentence(
        text=one["text"],
        intent=intent,
        intent_confidence=one["intent_confidence"],
        predicted=names[one["predicted"]],
        confidence=one["confidence"],
        alternatives=[
            (names[number], share)
            for number, share in one["alternatives"]
            if share >= _SHARE_SHOWN and number != one["intent"]
        ],
        place=places.find(one["text"], intent),
    )


def _pairs(
    confusions: Sequence[Sequence[int]], names: Sequence[str], sentences: Sequence[Sentence]
) -> list[Pair]:
    counts = {
        (names[given], names[predicted]): count
        for given, predicted, count in confusions
        if given != predicted
    }
    causes: dict[tuple[str, str], list[Sentence]] = defaultdict(list)
    for one in sorted(sentences, key=lambda sentence: -sentence.confidence):
        causes[one.intent, one.predicted].append(one)
    pairs = []
    for (first, second), forth in counts.items():
        back = counts.get((second, first), 0)
        if (back, first) > (forth, second):
            continue  # told from the other side
        told = [causes[first, second], causes[second, first]]
        half = max(MOST_OF_A_PAIR // 2, MOST_OF_A_PAIR - len(told[1]))
        some = [*told[0][:half], *told[1]][:MOST_OF_A_PAIR]
        pairs.append(Pair(first, second, forth, back, some))
    return sorted(pairs, key=lambda pair: (-pair.total, pair.first, pair.second))


def _matrix(found: dict[str, Any], names: Sequence[str], pairs: Sequence[Pair]) -> Matrix:
    shown = list(names) if len(names) <= ALL_INTENTS else _confused(pairs)
    shown = _neighbourly(shown, pairs)
    place = {name: number for number, name in enumerate(shown)}
    counts = [[0] * len(shown) for _ in shown]
    others = [0] * len(shown)
    for given, predicted, count in found["confusions"]:
        row, column = place.get(names[given]), place.get(names[predicted])
        if row is None:
            continue
        if column is None:
            others[row] += count
        else:
            counts[row][column] = count
    supports = {intent["name"]: intent["support"] for intent in found["intents"]}
    return Matrix(
        names=shown,
        counts=counts,
        others=None if len(shown) == len(names) else others,
        supports=[supports[name] for name in shown],
    )


def _confused(pairs: Sequence[Pair]) -> list[str]:
    """Chooses intents by the pairs that they are in, the most confused first."""
    chosen: dict[str, None] = {}
    for pair in pairs:
        if len({*chosen, pair.first, pair.second}) <= MOST_INTENTS:
            chosen.update({pair.first: None, pair.second: None})
    return list(chosen)


def _neighbourly(names: Sequence[str], pairs: Sequence[Pair]) -> list[str]:
    """Orders intents so that those that get confused stand side by side."""
    bonds: dict[str, dict[str, int]] = defaultdict(dict)
    for pair in pairs:
        bonds[pair.first][pair.second] = bonds[pair.second][pair.first] = pair.total
    left = list(names)
    left.sort(key=lambda name: -max(bonds[name].values(), default=0))
    order: list[str] = []
    while left:
        recent = order[-3:]
        following = max(left, key=lambda name: sum(bonds[name].get(one, 0) for one in recent))
        left.remove(following)
        order.append(following)
    return order
