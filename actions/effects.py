"""What was done last, so that it can be undone, corrected, or done once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet

LAST_EFFECT = "last_effect"
"""The slot: {"skill": …, "undo": {…}}; None where there is nothing to undo."""


def note_effect(skill: str, undo: Mapping[str, Any]) -> dict[str, Any]:
    """The event that notes an effect.

    Args:
        skill: Whose handler in `actions/undo.py` undoes it.
        undo: All that the handler needs, in plain JSON.
    """
    event: dict[str, Any] = SlotSet(LAST_EFFECT, {"skill": skill, "undo": dict(undo)})
    return event
