"""The systems that are compared: pipelines as a Rasa user would write them, and a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Config = dict[str, Any]

COMPONENT = "custom_components.joint_bert.JointBertClassifier"

# As in the project's config.yml.
PARLEY: list[Config] = [
    {"name": COMPONENT},
    {"name": "EntitySynonymMapper"},
    {"name": "FallbackClassifier", "threshold": 0.5, "ambiguity_threshold": 0.0},
]

# What `rasa init` writes and Rasa's documentation calls the default for English, without its
# ResponseSelector, which has nothing to learn here.
DIET: list[Config] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    {"name": "EntitySynonymMapper"},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]

# The component's sentiment head by itself. Rasa keeps no training example without an intent, so
# there is one intent for all: what would learn from it, or answer for it, is switched off.
SENTIMENT: list[Config] = [
    {
        "name": COMPONENT,
        "sentiment_loss_weight": 1.0,
        "intent_loss_weight": 0.0,
        "contrastive_loss_weight": 0.0,
        "neighbour_weight": 0.0,
        "ngram_weight": 0.0,
        "learn_intent_names": False,
    }
]

PIPELINES: dict[str, list[Config]] = {
    "parley": PARLEY,
    "diet": DIET,
    "parley-sentiment": SENTIMENT,
}

BASELINE = "tfidf"
"""TF-IDF and logistic regression (`benchmarks.tfidf`): no Rasa, no fallback, no seed."""

_SEED_KEYS = {COMPONENT: "seed", "DIETClassifier": "random_seed"}
_IN_COMMON = {"epochs"}
"""Settings of Parley's component that mean the same to DIET."""


def settings_for(system: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Returns what concerns a system out of other settings for Parley's component."""
    if system == BASELINE:
        return {}
    return {key: value for key, value in changes.items() if system != "diet" or key in _IN_COMMON}


def pipeline(system: str, seed: int, changes: dict[str, Any] | None = None) -> list[Config]:
    """Returns a system's pipeline.

    Args:
        system: A key of `PIPELINES`.
        seed: For the component that learns.
        changes: Other settings for Parley's component; DIET takes those that it has in common.
    """
    changes = settings_for(system, changes or {})
    found: list[Config] = []
    for component in PIPELINES[system]:
        key = _SEED_KEYS.get(component["name"])
        found.append({**component, **({key: seed, **changes} if key else {})})
    return found


def names(text: str, known: Sequence[str]) -> list[str]:
    """Reads a list of systems, parted by commas.

    Raises:
        ValueError: One of them is unknown.
    """
    found = [name.strip() for name in text.split(",") if name.strip()]
    for name in found:
        if name not in known:
            raise ValueError(f"There is no system '{name}'; there are {', '.join(known)}.")
    return found
