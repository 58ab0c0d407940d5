"""What a user says in tests about times: the values in it are found by the real extractor."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rasa.shared.nlu.training_data.message import Message

from custom_components.value_extraction import ValueExtractor

NOW = "2026-11-20T15:00:00+01:00"
"""A Friday afternoon."""

ZONE = "Europe/Berlin"


def hear(
    talk: Any, text: str, intent: str, *entities: tuple[str, str], at: str = NOW, channel: str = "x"
) -> Any:
    """The user says something, through a channel and at a time of its own."""
    talk.user(text, intent, *entities)
    event = talk.events[-1]
    event["metadata"] = {"reference_time": at, "timezone": ZONE}
    event["input_channel"] = channel
    event["parse_data"]["entities"] += values_in(text, at)
    return talk


def values_in(text: str, at: str = NOW) -> list[dict[str, Any]]:
    """The typed values in a text."""
    message = Message.build(text)
    message.set("metadata", {"reference_time": at, "timezone": ZONE})
    _extractor().process([message])
    return list(message.get("entities") or [])


@lru_cache(maxsize=1)
def _extractor() -> ValueExtractor:
    nothing: Any = None
    config = ValueExtractor.get_default_config()
    return ValueExtractor.create(config, nothing, nothing, nothing)
