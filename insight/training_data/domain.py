"""The domain: what there is to understand, to remember, to do and to say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from insight.training_data.elements import Form, Place, Response, Slot, TrainingData
from insight.training_data.nodes import Node, entries, fields, items, named, plain, scalar

_NAMED_SLOT = re.compile(r"{([^{}\s]+)}")
_PAYLOAD = re.compile(r"/([\w/]+)(\{.*\})?", re.DOTALL)


def read_domain(parts: dict[str, Node], file: str, data: TrainingData) -> None:
    """Reads what a file has of a domain."""
    for name, line, _ in named(parts.get("intents")):
        data.domain_intents.setdefault(name, Place(file, line))
    for name, line, _ in named(parts.get("entities")):
        data.domain_entities.setdefault(name, Place(file, line))
    for name, line, _ in named(parts.get("actions")):
        data.actions.setdefault(name, Place(file, line))
    for name, line, value in entries(parts.get("slots")):
        mappings = [plain(one) for one in items(fields(value).get("mappings"))]
        data.slots.setdefault(
            name, Slot(Place(file, line), [one for one in mappings if isinstance(one, dict)])
        )
    for name, line, value in entries(parts.get("forms")):
        required = fields(value).get("required_slots")
        slots = {slot: Place(file, at) for slot, at, _ in named(required)}
        data.forms.setdefault(name, Form(Place(file, line), slots))
    for name, line, value in entries(parts.get("responses")):
        response = data.responses.setdefault(name, Response(Place(file, line)))
        for variation in items(value):
            _read_variation(variation, response)


def _read_variation(node: Node, response: Response) -> None:
    for text in _texts(node):
        response.slots.update(name.split(".")[0] for name in _NAMED_SLOT.findall(text))
        payload = _PAYLOAD.fullmatch(text.strip())
        if payload:
            response.intents.add(payload[1])
    for condition in items(fields(node).get("condition")):
        told = fields(condition)
        if scalar(told.get("type")) == "slot":
            response.slots.add(scalar(told.get("name")))


def _texts(node: Node) -> Iterator[str]:
    yield from _strings(plain(node))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def payload_entities(text: str) -> set[str]:
    """The entities that a payload such as `/inform{"city": "Rome"}` carries."""
    payload = _PAYLOAD.fullmatch(text.strip())
    if not payload or not payload[2]:
        return set()
    try:
        found = json.loads(payload[2])
    except ValueError:
        return set()
    return set(found) if isinstance(found, dict) else set()
