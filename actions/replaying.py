"""Saying something on the user's behalf: what a yes, a choice or a correction amounts to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk.events import ActionExecuted, UserUttered

Events = list[dict[str, Any]]


def say_for_user(
    intent: str,
    entities: Iterable[Mapping[str, Any]] = (),
    text: str | None = None,
    sentiment: Mapping[str, Any] | None = None,
    selected: Mapping[str, Any] | None = None,
) -> Events:
    """The events after which the rules go on as if the user had said it.

    Args:
        intent: What is meant; it is taken for certain.
        entities: What it is about, as in a parsed message.
        text: The words, where there are any.
        sentiment: The mood that it was said in, if known.
        selected: What the response selector found in it, if it did.
    """
    words = text or f"/{intent}"
    parsed: dict[str, Any] = {
        "text": words,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [dict(entity) for entity in entities],
    }
    if sentiment:
        parsed["sentiment"] = dict(sentiment)
    if selected:
        parsed["response_selector"] = dict(selected)
    # Rules begin where Parley listens.
    return [ActionExecuted("action_listen"), UserUttered(text=words, parse_data=parsed)]
