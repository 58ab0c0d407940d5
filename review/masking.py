"""Personal data in messages, masked before anybody sees them or they are written anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import phonenumbers

from review.messages import Message


@dataclass(frozen=True)
class Finding:
    """A part of a text."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Masked:
    """A text with masks in it."""

    text: str
    findings: tuple[Finding, ...]
    """What was masked, by its place in the original, in order."""

    def moved(self, offset: int) -> int:
        """Where a place of the original is now; within a mask, at its beginning."""
        shift = 0
        for found in self.findings:
            if offset >= found.end:
                shift += len(found.kind) + 2 - (found.end - found.start)
            elif offset > found.start:
                return found.start + shift
        return offset + shift


_PATTERNS = {
    "email": re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    "account": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b"),
    "card": re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"),
    "name": re.compile(r"\b(?i:my name is|my name's|i am called|i'm called)\s+([\w'-]+)"),
}
_REGIONS = ("GB", "US", "DE")

MASK = re.compile(r"\[(?:email|phone|card|account|name|address)\](?!\()")
"""What stands in the place of personal data; an entity has brackets behind."""


def redact(text: str) -> Masked:
    """Masks mail addresses, telephone, card and account numbers, and names that are given."""
    found = [
        Finding(*match.span(match.lastindex or 0), kind)
        for kind, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    if sum(letter.isdigit() for letter in text) > 5:
        found += [
            Finding(match.start, match.end, "phone")
            for region in _REGIONS
            for match in phonenumbers.PhoneNumberMatcher(text, region)
        ]
    chosen: list[Finding] = []
    for one in sorted(found, key=lambda each: (each.start - each.end, each.start)):
        if all(one.end <= other.start or one.start >= other.end for other in chosen):
            chosen.append(one)
    chosen.sort(key=lambda each: each.start)
    masked = text
    for one in reversed(chosen):
        masked = f"{masked[: one.start]}[{one.kind}]{masked[one.end :]}"
    return Masked(masked, tuple(chosen))


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
