"""Actions of the small bot, in an action server of the SDK's own."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

logger = logging.getLogger("actions.doing")


class ActionCount(Action):
    """Counts a conversation's calls, and logs more than it should."""

    def name(self) -> str:
        """As the small bot's domain calls it."""
        return "action_count"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[Any]:
        """Counts."""
        number = (tracker.get_slot("counted") or 0) + 1
        logger.warning("Counting, as asked: %s", tracker.latest_message["text"])
        dispatcher.utter_message(text=f"That makes {number}.")
        return [SlotSet("counted", number)]


class ActionWait(Action):
    """Fails, in words of the person's."""

    def name(self) -> str:
        """As the small bot's domain calls it."""
        return "action_wait"

    def run(self, _dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[Any]:
        """Fails."""
        raise ValueError(f"cannot {tracker.latest_message['text']}")
