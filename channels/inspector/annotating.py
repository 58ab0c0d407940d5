"""A message as test stories have it: its text, with the entities written into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rasa.shared.nlu.training_data.entities_parser import (
    find_entities_in_training_example,
    replace_entities,
)
from rasa.shared.nlu.training_data.formats.readerwriter import TrainingDataWriter

from channels.inspector.marking import Entity, is_placed

SYNONYMS = "EntitySynonymMapper"


def annotated(event: Mapping[str, Any], intent: str) -> tuple[str, list[str]]:
    """The text of a message for `user:`, and what could not be written as it was.

    Args:
        event: The message.
        intent: What it was taken for.
    """
    text = " ".join(str(event.get("text") or "").split())
    parsed = event.get("parse_data") or {}
    entities = parsed.get("entities") or []
    if (event.get("metadata") or {}).get("is_external") or not event.get("message_id"):
        # Nobody wrote it: an event from outside, or an action on the person's behalf.
        if not text or text.startswith(("/", "EXTERNAL: ")):
            return _payload(intent, entities), []
    if text.startswith("/"):
        return text, []
    if text != event.get("text"):
        # White space was lost, and with it the places of the entities.
        entities = []
    notes = []
    if replace_entities(text) != text:
        text, entities = text.replace("[", "(").replace("]", ")"), []
        notes.append("Square brackets in a message are round ones here: they would be read.")
    chosen = _apart([entity for entity in entities if _can_be_written(entity, text)])
    written: str = TrainingDataWriter.generate_message({"text": text, "entities": chosen})
    if replace_entities(written) != text or _found(written) != [
        (entity["start"], entity["end"], entity["entity"]) for entity in chosen
    ]:
        notes.append("The entities of a message could not be written into it: mark them by hand.")
        written = text
    return written, notes


def _payload(intent: str, entities: list[Entity]) -> str:
    values: dict[str, Any] = {}
    for entity in entities:
        values.setdefault(str(entity["entity"]), []).append(entity.get("value"))
    plain = {name: found[0] if len(found) == 1 else found for name, found in values.items()}
    return f"/{intent}{json.dumps(plain, ensure_ascii=False) if plain else ''}"


def _can_be_written(entity: Entity, text: str) -> bool:
    """Whether it is marked in training data: it is its words, or what a synonym makes of them.

    Typed values are computed, and another day others: "tomorrow" is a date.
    """
    if not is_placed(entity, text) or not isinstance(entity.get("value"), str):
        return False
    is_its_words = entity["value"] == text[entity["start"] : entity["end"]]
    return is_its_words or SYNONYMS in (entity.get("processors") or ())


def _apart(entities: list[Entity]) -> list[Entity]:
    """The entities less those that overlap longer ones: a text can be marked once."""
    chosen: list[Entity] = []
    for entity in sorted(entities, key=lambda e: (e["start"] - e["end"], e["start"])):
        if all(entity["end"] <= e["start"] or e["end"] <= entity["start"] for e in chosen):
            chosen.append(entity)
    return sorted(chosen, key=lambda e: int(e["start"]))


def _found(written: str) -> list[tuple[int, int, str]]:
    return [
        (entity["start"], entity["end"], entity["entity"])
        for entity in find_entities_in_training_example(written)
    ]
