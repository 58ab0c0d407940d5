"""Answers of a trained model, in plain Python types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

_LARGEST_BATCH = 64

Array = NDArray[Any]


@dataclass(frozen=True)
class Ranked:
    """A label and its probability."""

    name: str
    confidence: float


@dataclass(frozen=True)
class FoundEntity:
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

        A compiled model answers a text at a time. With a speller, misspelt
        words are read as those that they stand for.
        """
        self.model = model.eval()
        self.text_encoder = text_encoder
        self.labels = labels
        self.device = device
        self.compiled = compiled
        self.speller = speller
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

    @torch.inference_mode()
    def _predict_batch(self, encoded: Sequence[EncodedText]) -> list[Prediction]:
        if self.compiled is not None:
            outputs = self.compiled.answer(encoded[0])
        else:
            outputs = self.model.answer(collate(encoded, self.device))
        likely = outputs.intent_logits.softmax(-1)
        scopes: list[float | None] = [None] * len(encoded)
        if outputs.in_scope is not None:
            scopes = outputs.in_scope.tolist()
            # Nothing is taken off from what is near enough to what is known. Beyond, confidence
            # falls with the root: steeper refuses hardly more of what does not fit, but doubts
            # too much of what does.
            likely = likely * (2.0 * outputs.in_scope).clamp(max=1.0).sqrt()[:, None]
        intents = likely.cpu().numpy()
        sentiments = outputs.sentiment_logits.softmax(-1).cpu().numpy()
        tags = outputs.tag_logits.softmax(-1).cpu().numpy()
        tags_of = np.split(tags, np.cumsum([len(one.unit_spans) for one in encoded])[:-1])
        return [
            Prediction(
                _ranked(intents[row], self.labels.intents),
                _ranked(sentiments[row], self.labels.sentiments),
                self._entities(one, tags_of[row]) if self.labels.entities else [],
                scopes[row],
            )
            for row, one in enumerate(encoded)
        ]

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
    order = np.argsort(-probabilities, kind="stable")
    return [Ranked(names[number], float(probabilities[number])) for number in order]
