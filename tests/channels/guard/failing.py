"""An action that fails, for the action server that is tested."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class FailingError(Exception):
    """What the action raises, with what was said in its text."""


class ActionFail(Action):
    """Fails."""

    def name(self) -> str:
        return "action_fail"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        del dispatcher, domain
        raise FailingError(tracker.get_slot("said"))
