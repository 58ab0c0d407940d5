"""What a model makes of the sentences: each is read once."""

import asyncio
import logging
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entity:
    """An entity that was found."""

    type: str
    """With its role and its group, where it has them."""
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """What a model made of a sentence."""

    text: str
    intent: str
    """With the answer that was chosen, where it is a retrieval intent: `faq/privacy`."""
    confidence: float
    sentiment: str | None
    """None where the model tells none."""
    valence: float
    """The probability of positive less that of negative; 0 where the model tells none."""
    entities: tuple[Entity, ...]
    """In the order of the sentence."""


def read_all(
    model: Path, texts: Iterable[str], told: Callable[[int, int], None] = lambda done, of: None
) -> dict[str, Reading]:
    """Load a model, once, and have it read sentences.

    Args:
        model: An archive of Rasa's.
        texts: The sentences.
        told: Called with how many are read, and of how many, now and then.
    """
    # Here, as loading Rasa takes seconds.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa.core.agent import Agent
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(logging.ERROR)
        agent = Agent.load(str(model))
        return asyncio.run(_read(agent, sorted(set(texts)), told))


async def _read(
    agent: Any, texts: Sequence[str], told: Callable[[int, int], None]
) -> dict[str, Reading]:
    readings = {}
    for number, text in enumerate(texts, 1):
        readings[text] = reading_of(text, await agent.parse_message(text))
        if number % 100 == 0 or number == len(texts):
            told(number, len(texts))
    return readings


def reading_of(text: str, parsed: Mapping[str, Any]) -> Reading:
    """Take what is compared from what Rasa's pipeline returned."""
    intent = parsed.get("intent") or {}
    sentiment = parsed.get("sentiment") or {}
    shares = {one["name"]: one["confidence"] for one in sentiment.get("ranking") or ()}
    entities = [
        Entity(_type(entity), int(entity["start"]), int(entity["end"]))
        for entity in parsed.get("entities") or ()
    ]
    return Reading(
        text=text,
        intent=_with_answer(str(intent.get("name")), parsed),
        confidence=float(intent.get("confidence") or 0.0),
        sentiment=sentiment.get("name"),
        valence=shares.get("positive", 0.0) - shares.get("negative", 0.0),
        entities=tuple(sorted(entities, key=lambda one: (one.start, one.end, one.type))),
    )


def _type(entity: Mapping[str, Any]) -> str:
    parts = (entity["entity"], entity.get("role"), entity.get("group"))
    return "/".join(str(part) for part in parts if part)


def _with_answer(intent: str, parsed: Mapping[str, Any]) -> str:
    selectors = parsed.get("response_selector") or {}
    if intent not in selectors.get("all_retrieval_intents", ()):
        return intent
    found = selectors.get(intent) or selectors.get("default") or {}
    return str((found.get("response") or {}).get("intent_response_key") or intent)
