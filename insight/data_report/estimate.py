"""What a cross-validated model says of the examples: overlaps, and labels in doubt.

The figures are those of the training report: where a model is trained, they lie in its archive.
Where there is none, they are made here in the same way, unless that would take long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insight.data_report.findings import Finding, Related
from insight.training_data.elements import TrainingData
from scripts.freshness import digest_sources, judge, newest_model
from scripts.report.archive import UnreadableDiagnosisError, read_diagnosis
from scripts.report.figures import Estimate, Sentence, figures_of

MOST_ESTIMATED = 1000
"""Examples that are estimated without being asked: some 10 s on one core."""

FEWEST_MISTAKES = 3
LEAST_SHARE = 0.1
"""Of the smaller intent's examples, that the other is taken for."""

_SEED = 42
_SENTENCES = 6


@dataclass(frozen=True)
class Estimated:
    """An estimate, or why there is none."""

    estimate: Estimate | None
    told: str


class ExamplePlaces:
    """File and line of each example."""

    def __init__(self, data: TrainingData) -> None:
        """Takes the examples."""
        self._places = {
            (example.intent.split("/")[0], _normalized(example.text)): str(example.place)
            for example in reversed(data.examples)
        }

    def find(self, text: str, intent: str) -> str | None:
        """Returns `file:line` of an intent's sentence; None where it is not there any more."""
        return self._places.get((intent, _normalized(text)))


def estimate(data: TrainingData, models: Path, *, anew: bool = False) -> Estimated:
    """Finds an estimate, or makes one.

    Args:
        data: The training data.
        models: Where trained models are.
        anew: Make one of the data as they are now, however long it takes.
    """
    places = ExamplePlaces(data)
    model = None if anew else newest_model(models)
    if model is not None:
        try:
            found = read_diagnosis(model)
        except UnreadableDiagnosisError as error:
            found = None
            told = str(error)
        else:
            told = f"the model {model.name} holds no cross-validated predictions"
        if found is not None and "estimate" in found:
            told = f"Overlaps and doubts are those of the model {model.name}."
            if _changed_since(models, data):
                told += " The data have changed since; --estimate tells of them as they are now."
            return Estimated(figures_of(found, places).estimate, told)
    else:
        told = f"there is no trained model in {models.name}/"
    count = len(data.examples)
    if count > MOST_ESTIMATED and not anew:
        return Estimated(
            None,
            f"Left out: overlaps and labels in doubt, for {told}. ARGS=--estimate makes an "
            f"estimate from the {count} examples, in a minute or so.",
        )
    return _made(data, places)


def _changed_since(models: Path, data: TrainingData) -> bool:
    """Whether a file with examples is another one than when the newest model was trained."""
    files = {example.place.file for example in data.examples}
    reasons = judge(models, digest_sources(models.absolute().parent)).reasons
    return any(reason.split(" ")[0] in files for reason in reasons)


def _made(data: TrainingData, places: ExamplePlaces) -> Estimated:
    # torch and scikit-learn, when they are needed and not before.
    import torch

    from custom_components.joint_bert.diagnosis import diagnose
    from custom_components.joint_bert.labels import Example
    from custom_components.sentence_encoder import EncoderUnavailableError, SentenceEncoder

    examples = [Example(one.text, one.intent.split("/")[0]) for one in data.examples]
    try:
        vectors = SentenceEncoder().encode([example.text for example in examples])
    except EncoderUnavailableError as error:
        return Estimated(None, f"Left out: overlaps and labels in doubt. {error}")
    found: dict[str, Any] = diagnose(torch.from_numpy(vectors), examples, [], _SEED)
    figures = figures_of(found, places)
    if figures.estimate is None:
        return Estimated(
            None, f"Left out: overlaps and labels in doubt, because {figures.no_estimate}"
        )
    return Estimated(figures.estimate, "Overlaps and doubts were estimated from the examples.")


def check_estimate(found: Estimate, data: TrainingData) -> Iterator[Finding]:
    """Tells labels in doubt, and pairs of intents that are taken for each other."""
    intents = {intent.split("/")[0]: place for intent, place in reversed(data.intents.items())}
    for one in found.errors or []:
        if one.place is not None:
            yield Finding(
                "label",
                one.place,
                f"“{one.text}” is under {one.intent} ({one.intent_confidence:.0%}), and read as "
                f"{_read_as(one)}",
            )
    supports = {intent["name"]: intent["support"] for intent in found.intents}
    for pair in found.pairs:
        sizes = [supports.get(name, 0) for name in (pair.first, pair.second)]
        if pair.total < FEWEST_MISTAKES or pair.total < LEAST_SHARE * min(sizes):
            continue
        related: list[Related] = [
            (f"{one.text} ({one.intent}, read as {one.predicted})", one.place)
            for one in pair.sentences
            if one.place is not None
        ]
        if related and pair.first in intents:
            what = (
                f"{pair.first} and {pair.second}: {pair.total} of their {sum(sizes)} examples "
                "are taken for the other"
            )
            yield Finding("overlap", str(intents[pair.first]), what, related[:_SENTENCES])


def _read_as(one: Sentence) -> str:
    if one.predicted != one.intent:
        return f"{one.predicted} ({one.confidence:.0%})"
    others = " or ".join(f"{name} ({share:.0%})" for name, share in one.alternatives[:1])
    return others or one.predicted


def _normalized(text: str) -> str:
    return " ".join(text.casefold().split())
