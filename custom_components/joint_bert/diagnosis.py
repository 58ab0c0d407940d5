"""What a training can say about its data: figures for the report, cheap and without Rasa.

To cross-validate the fine-tuned BERT would cost as many trainings as there are folds. A
multinomial logistic regression on the untouched encoder's vectors takes seconds, and is near
enough to find what is wrong with the data: on BANKING77's test set, with 10 examples an intent,
it is right in 85.8 %, and the fine-tuned model in 86.5 to 88. It does not measure the latter.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_fscore_support
from sklearn.model_selection import StratifiedKFold
from torch import Tensor

from custom_components.joint_bert.labels import Example, Span

if TYPE_CHECKING:
    from custom_components.joint_bert.training import EpochReport

DIAGNOSIS_VERSION = 1
"""Counts the changes of what `diagnose` returns; the report reads one version only."""

FOLDS = 5
FEWEST_EXAMPLES = 10
"""With fewer, cross-validation says more about chance than about the data."""

_INVERSE_PENALTY = 100.0
"""scikit-learn's C. On BANKING77 at 10 examples an intent 30, 100 and 300 are equally accurate
(83.4, 83.3, 83.1 %), but their calibration errors are 0.19, 0.10 and 0.04; on all of it, those
of 30 and 100 are 0.03 and 0.01."""

_WORK = 5e9
"""Examples x intents x width x iterations that the estimate may cost: about 4 s on one core."""
_NARROWEST = 256
"""Narrower vectors than this cost no less: then the work is with the intents."""
_ITERATIONS = 15
"""Of the logistic regression. On BANKING77 at 10 examples an intent, 15, 25 and 50 are right in
83.4, 83.8 and 83.3 %, and take 0.6, 0.8 and 1.4 s."""

_BINS = 10
_MOST_LISTED = 2000
"""Examples that are written down; what is counted is counted over all of them."""
_LONGEST_TEXT = 400
_ALTERNATIVES = 3

Array = NDArray[Any]


class _Row(NamedTuple):
    """An example that has an intent, and where its vector is."""

    place: int
    text: str
    intent: str


def diagnose(
    vectors: Tensor | None,
    examples: Sequence[Example],
    reports: Sequence[EpochReport],
    seed: int,
    entities: Sequence[tuple[Sequence[Span], Sequence[Span]]] = (),
) -> dict[str, Any]:
    """Gathers what the training report shows, in JSON's types and finite numbers.

    Args:
        vectors: Unit vectors (M, H) of `examples` from the untouched encoder, in their order;
            None where there are none: then there is no estimate.
        examples: What was learnt from. Those without an intent are left out of the estimate.
        reports: The epochs.
        seed: Of the folds, and of the sample where there are too many examples.
        entities: For each held-out example its annotated and its found entities, if any were
            held out.

    Returns:
        `epochs` and `entities`, and either `estimate` or `no_estimate`, which says why.

    Raises:
        ValueError: There are not as many vectors as examples.
    """
    found: dict[str, Any] = {
        "version": DIAGNOSIS_VERSION,
        "epochs": [
            {
                "epoch": report.epoch,
                "losses": _finite(report.losses),
                "held_out": _finite(report.held_out),
            }
            for report in reports
        ],
        "entities": entity_scores(entities),
    }
    if vectors is None:
        found["no_estimate"] = "this training kept no vectors of the untouched encoder."
        return found
    if len(vectors) != len(examples):
        raise ValueError(f"{len(vectors)} vectors for {len(examples)} examples")
    all_rows = [
        _Row(place, example.text, example.intent)
        for place, example in enumerate(examples)
        if example.intent is not None
    ]
    rows, left_out = _countable(_without_repetitions(all_rows))
    intents = sorted({row.intent for row in rows})
    if len(intents) < 2 or len(rows) < FEWEST_EXAMPLES:
        found["no_estimate"] = (
            "there must be at least 2 intents with 2 different examples each, and "
            f"{FEWEST_EXAMPLES} such examples together; here are {len(intents)} intents "
            f"with {len(rows)} examples."
        )
        return found
    wanted = int(_WORK / (len(intents) * max(_NARROWEST, vectors.shape[1]) * _ITERATIONS))
    sample = _sample(rows, max(wanted, FOLDS * len(intents)), seed)
    chosen = vectors[[row.place for row in sample]].detach().float().cpu().numpy()
    given = np.searchsorted(intents, [row.intent for row in sample])
    probabilities = cross_validated_probabilities(chosen, given, seed)
    found["estimate"] = {
        "folds": _folds(given),
        "examples": len(sample),
        "examples_in_all": len(rows),
        "intents_left_out": left_out,
        "contradictions": _contradictions(all_rows),
        **_scores(given, probabilities, intents),
        "confusions": _confusions(given, probabilities),
        "reliability": reliability(probabilities, given),
        **_listed(sample, given, probabilities),
    }
    return found


def cross_validated_probabilities(vectors: Array, classes: Array, seed: int) -> Array:
    """Returns for each example what a model that never saw it says, (M, K).

    Args:
        vectors: (M, H).
        classes: (M,), numbers 0 … K-1, each at least twice: so none is ever unknown.
        seed: Of the folds.
    """
    count = int(classes.max()) + 1
    probabilities = np.zeros((len(vectors), count))
    with warnings.catch_warnings():
        # Both are meant: intents with fewer examples than folds, and an early end.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        folds = StratifiedKFold(_folds(classes), shuffle=True, random_state=seed)
        for learnt, asked in folds.split(vectors, classes):
            model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_ITERATIONS)
            model.fit(vectors[learnt], classes[learnt])
            probabilities[asked] = model.predict_proba(vectors[asked])
    return probabilities


def reliability(probabilities: Array, classes: Array) -> dict[str, Any]:
    """Compares confidence with accuracy, in bins of equal width (Guo et al. 2017).

    Returns:
        `bins`, the empty ones left out, each with its `count`, mean `confidence` and
        `accuracy`; and `ece`, the expected calibration error: the mean distance of the two.
    """
    confidences = probabilities.max(1)
    right = probabilities.argmax(1) == classes
    places = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    bins = [
        {
            "from": number / _BINS,
            "to": (number + 1) / _BINS,
            "count": int(inside.sum()),
            "confidence": float(confidences[inside].mean()),
            "accuracy": float(right[inside].mean()),
        }
        for number in range(_BINS)
        if (inside := places == number).any()
    ]
    ece = sum(one["count"] * abs(one["confidence"] - one["accuracy"]) for one in bins)
    return {"bins": bins, "ece": ece / len(classes)}


def label_errors(probabilities: Array, classes: Array) -> list[int]:
    """Returns the examples that probably carry a wrong label, the surest first.

    By confident learning (Northcutt et al. 2021, arXiv 1911.00068): a label is in doubt where the
    model is as sure of another class as it is, on average, of that class's own examples. Spelt
    out rather than taken from `cleanlab`, which brings pandas: TensorFlow then takes a second
    longer to import, at every start of Rasa.

    Args:
        probabilities: (M, classes), by a model that has not seen the example.
        classes: (M,) the labels given.
    """
    rows = np.arange(len(classes))
    own = probabilities[rows, classes]
    count = probabilities.shape[1]
    sizes = np.bincount(classes, minlength=count)
    # A class without examples is never sure of anything.
    usual = np.bincount(classes, weights=own, minlength=count) / np.maximum(sizes, 1)
    usual[sizes == 0] = np.inf
    sure = np.where(probabilities >= usual, probabilities, -1.0)
    sure[rows, classes] = np.where(own >= usual[classes], own, -1.0)
    best = sure.argmax(1)
    doubtful = (sure.max(1) >= 0.0) & (best != classes)
    others = probabilities.copy()
    others[rows, classes] = -1.0
    margins = own - others.max(1)
    return [int(row) for row in np.argsort(margins, kind="stable") if doubtful[row]]


def entity_scores(
    pairs: Iterable[tuple[Sequence[Span], Sequence[Span]]],
) -> list[dict[str, Any]]:
    """Scores annotated against found entities, by label; only exact matches count."""
    annotated: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for wanted, got in pairs:
        annotated.update(_entity_name(span) for span in wanted)
        found.update(_entity_name(span) for span in got)
        right.update(_entity_name(span) for span in set(wanted) & set(got))
    return [
        {
            "name": name,
            "precision": right[name] / max(1, found[name]),
            "recall": right[name] / max(1, annotated[name]),
            "f1": 2 * right[name] / (found[name] + annotated[name]),
            "support": annotated[name],
        }
        for name in sorted(annotated | found)
    ]


def _entity_name(span: Span) -> str:
    return " / ".join(part for part in span.label if part is not None)


def _finite(values: dict[str, float]) -> dict[str, float | None]:
    """Makes numbers fit for JSON, which knows neither infinity nor NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _without_repetitions(rows: Sequence[_Row]) -> list[_Row]:
    """Keeps one of equal sentences with equal intents: the other would give the answer away."""
    kept: dict[tuple[str, str], _Row] = {}
    for row in rows:
        kept.setdefault((_normalized(row.text), row.intent), row)
    return list(kept.values())


def _countable(rows: Sequence[_Row]) -> tuple[list[_Row], list[str]]:
    """Parts rows into those of intents with 2 examples or more, and the other intents' names."""
    counts = Counter(row.intent for row in rows)
    kept = [row for row in rows if counts[row.intent] > 1]
    return kept, sorted(_shown(intent) for intent, count in counts.items() if count == 1)


def _folds(classes: Array) -> int:
    """As many as wanted, or as the largest intent has examples to put into."""
    return min(FOLDS, int(np.bincount(classes).max()))


def _sample(rows: Sequence[_Row], size: int, seed: int) -> list[_Row]:
    """Draws rows, of each intent at least as many as there are folds where it has them."""
    if len(rows) <= size:
        return list(rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    seen: Counter[str] = Counter()
    first: list[int] = []
    others: list[int] = []
    for number in order.tolist():
        intent = rows[number].intent
        (first if seen[intent] < FOLDS else others).append(number)
        seen[intent] += 1
    return [rows[number] for number in sorted([*first, *others][:size])]


def _contradictions(rows: Sequence[_Row]) -> list[dict[str, Any]]:
    """Finds sentences that stand under more than one intent: no model can learn them."""
    intents: dict[str, set[str]] = {}
    texts: dict[str, str] = {}
    for row in rows:
        key = _normalized(row.text)
        texts.setdefault(key, row.text)
        intents.setdefault(key, set()).add(row.intent)
    return [
        {"text": _shown(texts[key]), "intents": sorted(map(_shown, names))}
        for key, names in intents.items()
        if len(names) > 1
    ][:_MOST_LISTED]


def _scores(given: Array, probabilities: Array, intents: Sequence[str]) -> dict[str, Any]:
    predicted = probabilities.argmax(1)
    precision, recall, f1, support = precision_recall_fscore_support(
        given, predicted, labels=range(len(intents)), zero_division=0
    )
    return {
        "accuracy": float((predicted == given).mean()),
        "macro_f1": float(f1.mean()),
        "intents": [
            {
                "name": _shown(name),
                "precision": float(precision[number]),
                "recall": float(recall[number]),
                "f1": float(f1[number]),
                "support": int(support[number]),
            }
            for number, name in enumerate(intents)
        ],
    }


def _confusions(given: Array, probabilities: Array) -> list[list[int]]:
    """Returns `[given, predicted, count]` of all pairs that occur, most frequent first."""
    counts = Counter(zip(given.tolist(), probabilities.argmax(1).tolist(), strict=True))
    return [[*pair, count] for pair, count in sorted(counts.items(), key=lambda one: -one[1])]


def _listed(rows: Sequence[_Row], given: Array, probabilities: Array) -> dict[str, Any]:
    """Returns the examples worth reading: misread ones, and those whose label is in doubt.

    `label_errors` are places in `listed`. The surest mistakes come first.
    """
    errors = label_errors(probabilities, given)
    predicted = probabilities.argmax(1)
    misread = np.flatnonzero(predicted != given)
    misread = misread[np.argsort(-probabilities[misread].max(1), kind="stable")]
    listed = list(dict.fromkeys([*(errors or []), *misread.tolist()]))[:_MOST_LISTED]
    examples = []
    for number in listed:
        ranking = np.argsort(-probabilities[number], kind="stable")[: _ALTERNATIVES + 1]
        own = int(given[number])
        examples.append(
            {
                "text": _shown(rows[number].text),
                "intent": own,
                "intent_confidence": round(float(probabilities[number, own]), 4),
                "predicted": int(ranking[0]),
                "confidence": round(float(probabilities[number, ranking[0]]), 4),
                "alternatives": [
                    [int(other), round(float(probabilities[number, other]), 4)]
                    for other in ranking[1:]
                ],
            }
        )
    return {
        "listed": examples,
        "misread": len(misread),
        "label_errors": list(range(min(len(errors), _MOST_LISTED))),
    }


def _normalized(text: str) -> str:
    return " ".join(text.casefold().split())


def _shown(text: str) -> str:
    """Cuts a text to a length, and mends halves of characters, which no file can hold."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
