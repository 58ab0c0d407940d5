"""What was done last, so that it can be undone, corrected, or done once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rasa_sdk.events import SlotSet

LAST_EFFECT = "last_effect"
"""The slot: {"skill": …, "undo": {…}, "again": {…}}; None where there is nothing to undo."""


def note_effect(
    skill: str,
    undo: Mapping[str, Any],
    intent: str | None = None,
    entities: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The event that notes an effect.

    Args:
        skill: Whose handler in `actions/undo.py` undoes it.
        undo: All that the handler needs, in plain JSON.
        intent: With `entities`, how the same would be said in one message: what a correction
            ("no, on the packing list") changes. Of use where a form asked for some of it;
            otherwise the user's own message serves.
        entities: As in a parsed message.
    """
    value: dict[str, Any] = {"skill": skill, "undo": dict(undo)}
    if intent:
        value["again"] = {"intent": intent, "entities": [dict(entity) for entity in entities]}
    event: dict[str, Any] = SlotSet(LAST_EFFECT, value)
    return event
