"""What a written conversation may expect to have really changed, by skill."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.conversations.conftest import Assistant
from tests.services.handoff import HandoffService
from tests.services.mosquitto import Mosquitto

Effect = Callable[[Assistant, str, Any], None]
"""Compares what there is (assistant, sender) with what is written; asserts."""


def lists(assistant: Assistant, sender: str, expected: dict[str, list[str]]) -> None:
    """The things on each list of the database, by their names."""
    there = {
        name: [item for item, _, _ in things] for name, things in assistant.items(sender).items()
    }
    assert there == expected


def handoff(assistant: Assistant, sender: str, expected: dict[str, Any]) -> None:
    """How often a conversation has arrived at Slack (`sent`), and what it then held (`holds`)."""
    service = assistant.services["handoff"]
    assert isinstance(service, HandoffService)
    arrived = service.about(sender)
    assert len(arrived) == expected["sent"]
    for pattern in expected.get("holds", ()):
        told = "\n".join(block["text"]["text"] for block in arrived[-1]["blocks"])
        assert re.search(pattern, told), f"no {pattern!r} in:\n{told}"
# home
def home(assistant: Assistant, _sender: str, expected: dict[str, Any]) -> None:
    """What a subscriber got since the last look (`sent`), what devices have become (`is`)."""
    broker = assistant.services["mosquitto"]
    assert isinstance(broker, Mosquitto)
    sent = broker.house.take()
    if "sent" in expected:
        assert sent == expected["sent"]
    known = {**broker.house.zigbee, **broker.house.others}
    for name, values in (expected.get("is") or {}).items():
        assert {key: known[name].get(key) for key in values} == values, name


EFFECTS: dict[str, Effect] = {
    "lists": lists,
    "handoff": handoff,
    # home
    "home": home,
}
