"""The pipelines that are compared, as a Rasa user would write them."""

from __future__ import annotations

from typing import Any

Config = dict[str, Any]

FALLBACK: Config = {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1}

PARLEY: list[Config] = [
    {"name": "custom_components.joint_bert.JointBertClassifier"},
    {"name": "EntitySynonymMapper"},
    {**FALLBACK},
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
    {**FALLBACK},
]

SYSTEMS: dict[str, list[Config]] = {"parley": PARLEY, "diet": DIET}

_SEED_KEYS = {
    "custom_components.joint_bert.JointBertClassifier": "seed",
    "DIETClassifier": "random_seed",
}


def pipeline(system: str, seed: int, changes: dict[str, Any] | None = None) -> list[Config]:
    """Returns a system's pipeline.

    Args:
        system: A key of `SYSTEMS`.
        seed: For the component that learns.
        changes: Other settings for that component.
    """
    found: list[Config] = []
    for component in SYSTEMS[system]:
        key = _SEED_KEYS.get(component["name"])
        found.append({**component, **({key: seed, **(changes or {})} if key else {})})
    return found
