"""Personal data in messages, masked before anybody sees them or they are written anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from privacy.names import names_finder
from privacy.redaction import ACCOUNT, ADDRESS, CARD, EMAIL, NAME, PHONE, Finder, Masked
from privacy.redaction import redact as redact_text
from privacy.settings import read_masking_settings
from review.messages import Message

MASK = re.compile(rf"\[(?:{'|'.join((EMAIL, PHONE, CARD, ACCOUNT, NAME, ADDRESS))})\](?!\()")
"""What stands in the place of personal data; an entity has brackets behind."""


def redact(text: str) -> Masked:
    """Masks personal data in a text, whether or not it is masked elsewhere."""
    return redact_text(text, _names())


def masked_message(message: Message) -> Message:
    """A message without personal data; of its entities those that no mask touches."""
    masked = redact(message.text)
    if not masked.findings:
        return message
    entities = []
    for entity in message.entities:
        start, end = entity.get("start"), entity.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            continue
        if all(end <= found.start or start >= found.end for found in masked.findings):
            moved: Mapping[str, Any] = {
                **entity,
                "start": masked.moved(start),
                "end": masked.moved(end),
            }
            entities.append(moved)
    return replace(message, text=masked.text, entities=entities)


def has_masks(text: str) -> bool:
    """Whether something is masked: such a sentence is no example until words take its place."""
    return bool(MASK.search(text))


@cache
def _names() -> Finder | None:
    """What finds names, where a model for them is set up (PARLEY_REDACT_NAMES)."""
    model = read_masking_settings().names
    return names_finder(model) if model else None
