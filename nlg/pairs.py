"""What a wording model learns from: the assistant's own responses, in the project's own talks.

The variations of a response say the same thing: each is the other's target. What the user said
before comes from the stories and rules, in the words of `data/nlu`; values that are filled in
are those of the training data's entities.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.nlu.training_data.loading import load_data

from nlg.prompt import Request

_PLACEHOLDER = re.compile(r"{([^{}\n]+?)}")
_MOODS = ("negative", "neutral", "positive")


@dataclass(frozen=True)
class Pair:
    """A response in its context, and other words for it."""

    action: str
    """The response's name."""

    request: Request
    target: str


def make_pairs(project: Path, per_response: int = 24, seed: int = 0) -> list[Pair]:
    """Makes pairs of a project's responses.

    Args:
        project: The folder with domain.yml and data/.
        per_response: At most this many for each response.
        seed: Of what is drawn: sentences, values, pairs where there are more.

    Returns:
        The pairs, in the order of the responses.
    """
    draw = random.Random(seed)
    responses = yaml.safe_load((project / "domain.yml").read_text(encoding="utf-8"))["responses"]
    sentences, values = _read_nlu(project / "data" / "nlu")
    before = _intents_before(project)
    pairs: list[Pair] = []
    for action, variations in responses.items():
        found = []
        for source, target in _alike(variations):
            intent = draw.choice(sorted(before[action])) if before[action] else ""
            mood, message = draw.choice(sentences.get(intent) or [("neutral", "")])
            filling = _filling(source, values, draw)
            request = Request(_filled(source, filling), message, mood)
            found.append(Pair(action, request, _filled(target, filling)))
        pairs += draw.sample(found, min(per_response, len(found)))
    return pairs


def _alike(variations: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """All pairs of variations for the same circumstances with the same placeholders."""
    groups: dict[str, list[str]] = defaultdict(list)
    for variation in variations:
        text = str(variation.get("text") or "")
        circumstances = (variation.get("condition"), variation.get("channel"))
        if text and "\n" not in text:
            groups[f"{circumstances}{sorted(_PLACEHOLDER.findall(text))}"].append(text)
    return [(a, b) for group in groups.values() for a in group for b in group if a != b]


def _read_nlu(folder: Path) -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[str]]]:
    """Sentences with their moods by intent, and values by entity."""
    sentences: dict[str, list[tuple[str, str]]] = defaultdict(list)
    values: dict[str, list[str]] = defaultdict(list)
    for example in load_data(str(folder)).training_examples:
        metadata = (example.get("metadata") or {}).get("intent") or {}
        mood = str(metadata.get("sentiment", "neutral"))
        sentences[str(example.get("intent"))].append(
            (mood if mood in _MOODS else "neutral", str(example.get("text") or ""))
        )
        for entity in example.get("entities") or []:
            values[str(entity["entity"])].append(str(entity["value"]))
    return sentences, values


def _intents_before(project: Path) -> dict[str, set[str]]:
    """The intents after which each response is said, in stories and rules."""
    before: dict[str, set[str]] = defaultdict(set)
    for path in sorted((project / "data").rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for told in [*(content.get("stories") or []), *(content.get("rules") or [])]:
            intent = ""
            for step in told.get("steps") or []:
                intent = str(step.get("intent") or intent)
                action = str(step.get("action") or "")
                if intent and action.startswith("utter_"):
                    before[action].add(intent)
    return before


def _filling(text: str, values: Mapping[str, Sequence[str]], draw: random.Random) -> dict[str, str]:
    """A value for each placeholder: of the entity of that name, else of any."""
    anything = sorted({value for found in values.values() for value in found}) or ["something"]
    filling = {}
    for name in _PLACEHOLDER.findall(text):
        fitting = values.get(name) or values.get(name.removesuffix("s")) or anything
        filling[name] = draw.choice(list(fitting))
    return filling


def _filled(text: str, filling: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: filling.get(found[1], found[0]), text)
