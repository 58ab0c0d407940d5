"""What a written conversation may expect to have really changed, by skill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conversations.conftest import Assistant

Effect = Callable[[Assistant, str, Any], None]
"""Compares what there is (assistant, sender) with what is written; asserts."""


def lists(assistant: Assistant, sender: str, expected: dict[str, list[str]]) -> None:
    """The things on each list of the database, by their names."""
    there = {
        name: [item for item, _, _ in things] for name, things in assistant.items(sender).items()
    }
    assert there == expected


EFFECTS: dict[str, Effect] = {"lists": lists}
