"""Answers of a trained model, in plain Python types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from custom_components.joint_bert.compiled import CompiledModel
from custom_components.joint_bert.labels import (
    OUTSIDE,
    EntityLabel,
    LabelSpace,
    begins,
)
from custom_components.joint_bert.model import JointBert
from custom_components.joint_bert.spelling import Speller
from custom_components.joint_bert.tagging import allowed_steps, best_path, marginals
from custom_components.joint_bert.tokenization import EncodedText, TextEncoder, collate
from custom_components.joint_bert.verdict import Verdict, softmax

_LARGEST_BATCH = 64

Array = NDArray[Any]


class Ranked(NamedTuple):
    """A label and its probability."""

    name: str
    confidence: float


class FoundEntity(NamedTuple):
    """An entity, `text[start:end]`, and the mean probability of its tags among all sequences."""

    start: int
    end: int
    label: EntityLabel
    confidence: float


@dataclass(frozen=True)
class Prediction:
    """What the model reads in a text; rankings are sorted, most probable first.

    Rankings are empty for a text that says nothing to the model (empty, or only signs that its
    vocabulary lacks): there is no honest probability to give.
    """

    intents: list[Ranked]
    sentiments: list[Ranked]
    entities: list[FoundEntity]
    in_scope: float | None = None
    """How well the text fits any intent at all: one half at the threshold that training found.
    None for a text that says nothing, or where training found no threshold."""


class Predictor:
    """A trained model with its tokenizer and labels, ready to answer."""

    def __init__(
        self,
        model: JointBert,
        text_encoder: TextEncoder,
        labels: LabelSpace,
        device: torch.device,
        compiled: CompiledModel | None = None,
        speller: Speller | None = None,
    ) -> None:
        """Takes over a trained model; it is switched to evaluation and must not be trained on.

        A compiled model answers a text at a time. With a speller, misspelt words are read as
        those that they stand for.
        """
        self.model = model.eval()
        self.text_encoder = text_encoder
        self.labels = labels
        self.device = device
        self.compiled = compiled
        self.speller = speller
        self._verdict = Verdict(model)
        self._steps = allowed_steps(model.step_worths.cpu().numpy())
        self._factors = np.exp(self._steps)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Reads texts, in batches of similar length; the answers are in the texts' order."""
        encoded = self.text_encoder.encode(texts, self.speller)
        predictions = [Prediction([], [], []) for _ in texts]
        known = [number for number, one in enumerate(encoded) if one.is_known]
        known.sort(key=lambda number: len(encoded[number].piece_ids))
        size = 1 if self.compiled is not None else _LARGEST_BATCH
        for start in range(0, len(known), size):
            chosen = known[start : start + size]
            for number, prediction in zip(
                chosen, self._predict_batch([encoded[n] for n in chosen]), strict=True
            ):
                predictions[number] = prediction
        return predictions

    def _predict_batch(self, encoded: Sequence[EncodedText]) -> list[Prediction]:
        scores, sentiments, tags = self._opinions(encoded)
        intents, in_scope = self._verdict(scores, [one.text for one in encoded])
        sentiments, tags = softmax(sentiments), softmax(tags)
        ends = [0, *accumulate(len(one.unit_spans) for one in encoded)]
        return [
            Prediction(
                _ranked(intents[row], self.labels.intents),
                _ranked(sentiments[row], self.labels.sentiments),
                self._entities(one, tags[ends[row] : ends[row + 1]])
                if self.labels.entities
                else [],
                None if in_scope is None else float(in_scope[row]),
            )
            for row, one in enumerate(encoded)
        ]

    @torch.inference_mode()
    def _opinions(self, encoded: Sequence[EncodedText]) -> tuple[Array, Array, Array]:
        """Returns scores of the intents, logits of the sentiments and of all units' tags."""
        if self.compiled is not None:
            return self.compiled.answer(encoded[0])
        outputs = self.model.answer(collate(encoded, self.device))
        logits = outputs.intent_logits, outputs.sentiment_logits, outputs.tag_logits
        intents, sentiments, tags = (one.cpu().numpy() for one in logits)
        return intents, sentiments, tags

    def _entities(self, encoded: EncodedText, probabilities: Array) -> list[FoundEntity]:
        tags = best_path(probabilities, self._steps)
        if not any(tags):
            return []
        shares = marginals(probabilities, self._factors)
        found: list[FoundEntity] = []
        place = 0
        while place < len(tags):
            first = place
            place += 1
            if tags[first] == OUTSIDE:
                continue
            while place < len(tags) and tags[place] != OUTSIDE and not begins(tags[place]):
                place += 1
            confidences = [float(shares[unit, tags[unit]]) for unit in range(first, place)]
            found.append(
                FoundEntity(
                    start=encoded.unit_spans[first][0],
                    end=encoded.unit_spans[place - 1][1],
                    label=self.labels.entity_of(tags[first]),
                    confidence=sum(confidences) / len(confidences),
                )
            )
        return found


def _ranked(probabilities: Array, names: Sequence[str]) -> list[Ranked]:
    found = [Ranked(name, one) for name, one in zip(names, probabilities.tolist(), strict=True)]
    return sorted(found, key=lambda ranked: -ranked.confidence)
