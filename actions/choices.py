"""What "the second one" can mean: the things that Parley has just enumerated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rasa_sdk.events import SlotSet

CHOICES = "choices"
"""The slot: the things enumerated last, in their order; None where nothing was."""


@dataclass(frozen=True)
class Choice:
    """One of several things to choose from."""

    title: str
    """As it was said."""

    intent: str
    """What somebody wants who chooses it without another word."""

    entities: list[dict[str, Any]] = field(default_factory=list)
    """What the choice says: entities as in a parsed message (`entity`, `value`)."""


def offer(choices: Sequence[Choice]) -> dict[str, Any]:
    """The event that remembers what was enumerated."""
    event: dict[str, Any] = SlotSet(CHOICES, [asdict(choice) for choice in choices] or None)
    return event
